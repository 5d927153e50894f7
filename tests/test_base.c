/* Errors, memory, text and numbers as text. */
#include "suite.h"

#include <errno.h>
#include <float.h>
#include <ftw.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hrl/memory.h>
#include <hrl/version.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "noise.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- errors ---- */

START_TEST(status_codes_have_their_published_values) {
  /* written out: a value that changes breaks programs already compiled */
  static const struct {
    hrl_status status;
    int value;
    const char *name;
  } rows[] = {{HRL_OK, 0, "HRL_OK"},
              {HRL_ERROR_ARGUMENT, 10, "HRL_ERROR_ARGUMENT"},
              {HRL_ERROR_STATE, 11, "HRL_ERROR_STATE"},
              {HRL_ERROR_MEMORY, 20, "HRL_ERROR_MEMORY"},
              {HRL_ERROR_THREAD, 21, "HRL_ERROR_THREAD"},
              {HRL_ERROR_IO, 22, "HRL_ERROR_IO"},
              {HRL_ERROR_NOT_FOUND, 23, "HRL_ERROR_NOT_FOUND"},
              {HRL_ERROR_LOCKED, 24, "HRL_ERROR_LOCKED"},
              {HRL_ERROR_RANKS, 25, "HRL_ERROR_RANKS"},
              {HRL_ERROR_SYNTAX, 30, "HRL_ERROR_SYNTAX"},
              {HRL_ERROR_KEY, 31, "HRL_ERROR_KEY"},
              {HRL_ERROR_TYPE, 32, "HRL_ERROR_TYPE"},
              {HRL_ERROR_RANGE, 33, "HRL_ERROR_RANGE"},
              {HRL_ERROR_LIMIT, 34, "HRL_ERROR_LIMIT"},
              {HRL_ERROR_FORMAT, 40, "HRL_ERROR_FORMAT"},
              {HRL_ERROR_CORRUPT, 41, "HRL_ERROR_CORRUPT"},
              {HRL_ERROR_VERSION, 42, "HRL_ERROR_VERSION"},
              {HRL_ERROR_MISMATCH, 43, "HRL_ERROR_MISMATCH"},
              {HRL_ERROR_NUMERIC, 50, "HRL_ERROR_NUMERIC"},
              {HRL_ERROR_TASK, 60, "HRL_ERROR_TASK"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    ck_assert_int_eq((int)rows[i].status, rows[i].value);
    ck_assert_str_eq(hrl_status_name(rows[i].status), rows[i].name);
    ck_assert_str_ne(hrl_status_text(rows[i].status), "unknown status");
  }
  ck_assert_str_eq(hrl_status_name((hrl_status)12345), "HRL_ERROR_UNKNOWN");
  ck_assert_str_eq(hrl_status_text((hrl_status)12345), "unknown status");
}
END_TEST

START_TEST(first_error_wins) {
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrlp_fail(&error, HRL_ERROR_STATE, "first %d", 1), HRL_ERROR_STATE);
  ck_assert_int_eq(hrlp_fail(&error, HRL_ERROR_IO, "second"), HRL_ERROR_IO);
  ck_assert_int_eq(error.status, HRL_ERROR_STATE);
  ck_assert_str_eq(error.message, "first 1");
  hrl_error_clear(&error);
  ck_assert_int_eq(error.status, HRL_OK);
  ck_assert_str_eq(error.message, "");
  hrlp_fail(&error, HRL_ERROR_IO, "third");
  ck_assert_str_eq(error.message, "third");
  ck_assert_int_eq(hrlp_fail(NULL, HRL_ERROR_IO, "nowhere"), HRL_ERROR_IO);
  hrl_error_clear(NULL);
}
END_TEST

START_TEST(errors_name_their_place) {
  hrl_error error = HRL_ERROR_INIT;
  hrlp_fail_at(&error, HRL_ERROR_KEY, "a.yaml", 3, 7, "unknown '%s'", "x");
  ck_assert_str_eq(error.message, "a.yaml:3:7: unknown 'x'");
  ck_assert_str_eq(error.file, "a.yaml");
  ck_assert_int_eq(error.line, 3);
  ck_assert_int_eq(error.column, 7);
  hrl_error_clear(&error);
  ck_assert_int_eq(error.line, 0);
  hrlp_fail_at(&error, HRL_ERROR_KEY, "a.yaml", 3, 0, "unknown");
  ck_assert_str_eq(error.message, "a.yaml:3: unknown");
  hrl_error_clear(&error);
  hrlp_fail_at(&error, HRL_ERROR_KEY, "a.yaml", 0, 0, "unknown");
  ck_assert_str_eq(error.message, "a.yaml: unknown");
}
END_TEST

START_TEST(messages_are_one_line_and_cut_to_their_room) {
  hrl_error error = HRL_ERROR_INIT;
  hrlp_fail(&error, HRL_ERROR_IO, "a\nb\tc\033[1md\177e");
  ck_assert_str_eq(error.message, "a?b?c?[1md?e");
  hrl_error_clear(&error);
  char name[2000];
  memset(name, 'a', sizeof name - 1);
  memcpy(name + sizeof name - 5, ".pt", 4);
  name[sizeof name - 1] = '\0';
  hrlp_fail_at(&error, HRL_ERROR_IO, name, 1, 2, "%s", name);
  ck_assert_uint_eq(strlen(error.file), HRL_ERROR_FILE_SIZE - 1);
  ck_assert_str_eq(error.file + strlen(error.file) - 3, ".pt");
  ck_assert_uint_eq(strlen(error.message), HRL_ERROR_MESSAGE_SIZE - 1);
}
END_TEST

/* What changes the direction of writing makes a line show something else than it says. */
START_TEST(messages_keep_their_direction) {
  static const unsigned points[] = {0x80,   0x9f,   0x61c,  0x200e, 0x200f, 0x2028,
                                    0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066,
                                    0x2067, 0x2068, 0x2069};
  static const unsigned harmless[] = {0xa0,   0x61b,  0x61d,  0x200d, 0x2010,
                                      0x2027, 0x202f, 0x2065, 0x206a, 0x20ac};
  for (int bad = 0; bad < 2; bad++)
    for (size_t i = 0; i < (bad ? 15 : 10); i++) {
      unsigned point = bad ? points[i] : harmless[i];
      hrl_error error = HRL_ERROR_INIT;
      char bytes[4] = {(char)(0xe0 | point >> 12), (char)(0x80 | (point >> 6 & 0x3f)),
                       (char)(0x80 | (point & 0x3f))};
      char expected[16];
      if (point < 0x800)
        memcpy(bytes, (char[]){(char)(0xc0 | point >> 6), (char)(0x80 | (point & 0x3f)), 0},
               3);
      hrlp_fail(&error, HRL_ERROR_IO, "a%sb", bytes);
      snprintf(expected, sizeof expected, "a%sb",
               !bad ? bytes : point < 0x800 ? "??" : "???");
      ck_assert_msg(strcmp(error.message, expected) == 0, "U+%04X", point);
    }
}
END_TEST

START_TEST(messages_are_utf8) {
  hrl_error error = HRL_ERROR_INIT;
  hrlp_fail(&error, HRL_ERROR_IO, "Citt\xc3\xa0 \xe2\x82\xac: \xdd\x9e \xdd' \xe1\x8b \xc0\x80 \xff \xed\xa0\x80");
  ck_assert_str_eq(error.message, "Citt\xc3\xa0 \xe2\x82\xac: \xdd\x9e ?' ?? ?? ? ???");
  /* a sequence that the room cuts is left out */
  char name[HRL_ERROR_MESSAGE_SIZE + 8];
  for (size_t lead = 0; lead < 3; lead++) {
    memset(name, 'a', lead);
    for (size_t at = lead; at + 3 < sizeof name; at += 3) memcpy(name + at, "\xe2\x82\xac", 4);
    hrl_error_clear(&error);
    hrlp_fail(&error, HRL_ERROR_IO, "%s", name);
    size_t length = strlen(error.message);
    ck_assert_uint_gt(length, HRL_ERROR_MESSAGE_SIZE - 4);
    ck_assert(hrlp_is_text(error.message, length));
    ck_assert_mem_eq(error.message, name, length);
  }
}
END_TEST

START_TEST(system_errors_keep_their_kind) {
  static const struct {
    int reason;
    hrl_status status;
  } rows[] = {{ENOENT, HRL_ERROR_NOT_FOUND},
              {ENOMEM, HRL_ERROR_MEMORY},
              {EACCES, HRL_ERROR_IO},
              {ENOSPC, HRL_ERROR_IO}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    hrl_error error = HRL_ERROR_INIT;
    char expected[256];
    snprintf(expected, sizeof expected, "f.pt: cannot open: %s",
             strerror(rows[i].reason));
    ck_assert_int_eq(hrlp_fail_errno(&error, rows[i].reason, "f.pt", "cannot open"),
                     rows[i].status);
    ck_assert_str_eq(error.message, expected);
  }
}
END_TEST

START_TEST(version_of_headers_and_library_agree) {
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", HRL_VERSION_MAJOR, HRL_VERSION_MINOR,
           HRL_VERSION_PATCH);
  ck_assert_str_eq(hrl_version(), text);
  ck_assert_str_eq(HRL_VERSION_STRING, text);
  ck_assert_int_eq(hrl_version_number(), HRL_VERSION_NUMBER);
}
END_TEST

/* ---- memory ---- */

START_TEST(memory_is_zeroed_and_aligned) {
  static const size_t counts[] = {0, 1, 7, 8, 9, 1000};
  for (size_t i = 0; i < COUNT(counts); i++) {
    double *memory = hrlp_alloc(counts[i], sizeof *memory);
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_eq((uintptr_t)memory % 64, 0);
    for (size_t j = 0; j < counts[i]; j++) {
      ck_assert(memory[j] == 0.0);
      memory[j] = 1.0; /* a later block must not come with what this one held */
    }
    hrlp_free(memory);
  }
  hrlp_free(NULL);
  hrl_free(NULL);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused) {
  ck_assert_ptr_null(hrlp_alloc(SIZE_MAX / 8 + 2, 8));
  ck_assert_ptr_null(hrlp_alloc(SIZE_MAX, 1));
  ck_assert_ptr_null(hrlp_alloc(1, SIZE_MAX - 8));
  char *text = hrlp_copy_text("kept");
  ck_assert_ptr_null(hrlp_resize(text, SIZE_MAX / 2, 3));
  ck_assert_str_eq(text, "kept");
  text = hrlp_resize(text, 0, 3);
  ck_assert_ptr_nonnull(text);
  free(text);
}
END_TEST

/* ---- text ---- */

START_TEST(text_grows_and_formats) {
  struct hrlp_text text = {0};
  char expected[20001] = "";
  for (int i = 0; i < 1000; i++) {
    hrlp_text_format(&text, "%d,", i);
    snprintf(expected + strlen(expected), 8, "%d,", i);
  }
  ck_assert(!text.failed);
  ck_assert_uint_eq(text.length, strlen(expected));
  ck_assert_str_eq(text.data, expected);
  size_t before = text.length;
  hrlp_text_append(&text, "a\0b", 3);
  ck_assert_uint_eq(text.length, before + 3);
  ck_assert_mem_eq(text.data + before, "a\0b", 4);
  hrlp_text_append(&text, NULL, 0);
  ck_assert_uint_eq(text.length, before + 3);
  hrlp_text_append(&text, "x", SIZE_MAX / 2); /* never read: there is no room */
  ck_assert(text.failed);
  hrlp_text_append(&text, "y", 1);
  ck_assert_uint_eq(text.length, before + 3);
  hrlp_text_free(&text);
  ck_assert_ptr_null(text.data);
  ck_assert(!text.failed);
}
END_TEST

/* The shortest form that strtod, in the C locale, reads back. */
static void assert_round_trip(double value) {
  char text[HRLP_NUMBER_SIZE];
  hrlp_format_number(text, value);
  double parsed = NAN;
  ck_assert_msg(hrlp_parse_number(text, &parsed), "'%s' is not read", text);
  ck_assert_msg(parsed == value, "%a became '%s' and that %a", value, text, parsed);
}

START_TEST(numbers_round_trip) {
  static const double numbers[] = {0.0,
                                   1.0,
                                   -1.0,
                                   0.1,
                                   1.0 / 3.0,
                                   1e15,
                                   1e-5,
                                   DBL_MIN,
                                   DBL_MAX,
                                   -DBL_MAX,
                                   0x1p-53,
                                   1e22,
                                   1e23,
                                   9007199254740993.0,
                                   123456789012345.0,
                                   999999999999999.0,
                                   -0.02};
  for (size_t i = 0; i < COUNT(numbers); i++) assert_round_trip(numbers[i]);
  for (int exponent = -1074; exponent < 1024; exponent++) {
    assert_round_trip(ldexp(1.0, exponent));
    assert_round_trip(nextafter(ldexp(1.0, exponent), INFINITY));
    assert_round_trip(-nextafter(ldexp(1.0, exponent), 0.0));
  }
  uint64_t state = 1;
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = noise_bits(&state);
    double value = 0.0;
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value)) assert_round_trip(value);
  }
}
END_TEST

START_TEST(numbers_are_written_short) {
  static const struct {
    double value;
    const char *text;
  } rows[] = {{0.0, "0"},
              {-0.0, "0"},
              {1800.0, "1800"},
              {0.02, "0.02"},
              {-1.5, "-1.5"},
              {1e-05, "1e-05"},
              {0.1 + 0.2, "0.30000000000000004"},
              {1e15, "1e+15"},
              {999999999999999.0, "999999999999999"},
              {5e-324, "5e-324"},
              {1.7976931348623157e308, "1.7976931348623157e+308"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[HRLP_NUMBER_SIZE];
    hrlp_format_number(text, rows[i].value);
    ck_assert_str_eq(text, rows[i].text);
  }
}
END_TEST

START_TEST(number_forms_are_told_apart) {
  static const char *const good[] = {"1",  "-0.5", "1e-05",  "+3.",
                                     ".5", "1E5",  "-.5e+3", "007"};
  static const double values[] = {1, -0.5, 1e-05, 3, 0.5, 1e5, -500, 7};
  static const char *const bad[] = {
      "",     "-",   ".",   "e5",       "1e",  "1e+",   "1,5",   " 1",  "1 ", "1.2.3",
      "0x10", "inf", "nan", "infinity", "--1", "1_000", "1e5.5", "NaN", "1f", "0x1p3"};
  double value = 0.0;
  for (size_t i = 0; i < COUNT(good); i++) {
    ck_assert_msg(hrlp_parse_number(good[i], &value), "'%s' is refused", good[i]);
    ck_assert(value == values[i]);
  }
  for (size_t i = 0; i < COUNT(bad); i++)
    ck_assert_msg(!hrlp_parse_number(bad[i], &value), "'%s' is taken", bad[i]);
  ck_assert(hrlp_parse_number("1e999", &value));
  ck_assert(isinf(value));
}
END_TEST

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk) {
  (void)info, (void)kind, (void)walk;
  return remove(path);
}

/* Numbers as they should be, whatever decimal point the locale `name` has. */
static void check_locale(const char *name) {
  if (setlocale(LC_ALL, name) == NULL) return;
  char text[HRLP_NUMBER_SIZE];
  double value = 0.0;
  hrlp_format_number(text, -1234.5);
  ck_assert_str_eq(text, "-1234.5");
  hrlp_format_number(text, 1.25e-300);
  ck_assert_str_eq(text, "1.25e-300");
  ck_assert(hrlp_parse_number("-1234.5", &value));
  ck_assert(value == -1234.5);
  ck_assert(hrlp_parse_number("1.25e-300", &value));
  ck_assert(value == 1.25e-300);
  ck_assert(hrlp_parse_number("5", &value));
  ck_assert(value == 5.0);
  ck_assert(!hrlp_parse_number("1,5", &value));
  char many[1000] = "0.";
  memset(many + 2, '3', sizeof many - 3);
  ck_assert(hrlp_parse_number(many, &value));
  ck_assert(value == 1.0 / 3.0);
  setlocale(LC_ALL, "C");
}

START_TEST(locale_does_not_matter) {
  /* a comma, and a point of two bytes; built where the machine has their sources */
  char folder[] = "/tmp/hrl-locale-XXXXXX";
  ck_assert_ptr_nonnull(mkdtemp(folder));
  char command[512];
  snprintf(command, sizeof command,
           "localedef --no-archive -i it_IT -f UTF-8 %s/comma >%s/log 2>&1;"
           "localedef --no-archive -i ps_AF -f UTF-8 %s/arabic >>%s/log 2>&1",
           folder, folder, folder, folder);
  int ended = system(command);
  (void)ended; /* setlocale tells */
  setenv("LOCPATH", folder, 1);
  check_locale("comma");
  check_locale("arabic");
  unsetenv("LOCPATH");
  check_locale("de_DE.UTF-8");
  check_locale("it_IT.UTF-8");
  check_locale("C.UTF-8");
  nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
END_TEST

START_TEST(nearest_word_finds_a_slip) {
  static const char *const words[] = {"income", "inflation", "initial_cash",
                                      "bologna_coppia"};
  static const struct {
    const char *word;
    const char *nearest;
  } rows[] = {{"incom", "income"},
              {"imcome", "income"},
              {"inflaton", "inflation"},
              {"income", "income"},
              {"intial_cash", "initial_cash"},
              {"bologna", "bologna_coppia"},
              {"bolonga", "bologna_coppia"},
              {"zzzzzz", NULL},
              {"", NULL},
              {"in", NULL},
              {"outcomes", NULL}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    const char *nearest = hrlp_nearest_word(rows[i].word, words, COUNT(words));
    if (rows[i].nearest == NULL)
      ck_assert_msg(nearest == NULL, "'%s' gives '%s'", rows[i].word, nearest);
    else
      ck_assert_pstr_eq(nearest, rows[i].nearest);
  }
  ck_assert_ptr_null(hrlp_nearest_word("income", words, 0));
  char longest[70];
  memset(longest, 'i', 64);
  longest[64] = '\0';
  const char *const itself[] = {longest};
  ck_assert_ptr_eq(hrlp_nearest_word(longest, itself, 1), longest);
  longest[64] = 'i';
  longest[65] = '\0';
  ck_assert_ptr_null(hrlp_nearest_word(longest, itself, 1));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("base");
  TCase *errors = tcase_create("errors");
  tcase_add_test(errors, status_codes_have_their_published_values);
  tcase_add_test(errors, first_error_wins);
  tcase_add_test(errors, errors_name_their_place);
  tcase_add_test(errors, messages_are_one_line_and_cut_to_their_room);
  tcase_add_test(errors, messages_keep_their_direction);
  tcase_add_test(errors, messages_are_utf8);
  tcase_add_test(errors, system_errors_keep_their_kind);
  tcase_add_test(errors, version_of_headers_and_library_agree);
  suite_add_tcase(suite, errors);
  TCase *memory = tcase_create("memory");
  tcase_add_test(memory, memory_is_zeroed_and_aligned);
  tcase_add_test(memory, sizes_that_overflow_are_refused);
  suite_add_tcase(suite, memory);
  TCase *text = tcase_create("text");
  tcase_set_timeout(text, 120);
  tcase_add_test(text, text_grows_and_formats);
  tcase_add_test(text, numbers_round_trip);
  tcase_add_test(text, numbers_are_written_short);
  tcase_add_test(text, number_forms_are_told_apart);
  tcase_add_test(text, locale_does_not_matter);
  tcase_add_test(text, nearest_word_finds_a_slip);
  suite_add_tcase(suite, text);
  return run_suite(suite);
}
