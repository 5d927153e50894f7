/* Files that are no archive, or damaged, or made to harm. */
#include "suite.h"

#include <stdio.h>

#include "archive_sample.h"
#include "archive_zip.h"
#include "base/file.h"
#include "storage/archive.h"

/* Reads what must fail with a status and a message that holds `part`. The bytes are
 * copied to a block of exactly their size, so that sanitizers see any step beyond. */
static void refused(hrl_status status, const char *part, const char *bytes,
                    size_t length) {
  char *copy = malloc(length == 0 ? 1 : length);
  ck_assert_ptr_nonnull(copy);
  if (length > 0) memcpy(copy, bytes, length);
  struct hrlp_value *root = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status got = hrlp_archive_read("test.pt", copy, length, &root, &error);
  ck_assert_msg(got == status, "%s, expected %s: %s", hrl_status_name(got),
                hrl_status_name(status), error.message);
  ck_assert_ptr_null(root);
  ck_assert_msg(strncmp(error.message, "test.pt: ", 9) == 0, "%s", error.message);
  ck_assert_msg(strstr(error.message, part) != NULL, "'%s' is not in '%s'", part,
                error.message);
  free(copy);
}

#define PICKLE(literal) .data = literal, .length = sizeof literal - 1
#define GOOD_PICKLE PICKLE("\200\2}.")
#define VERSION \
  { .name = "t/version", .data = "3\n", .length = 2 }

static void zip_refused(hrl_status status, const char *part,
                        const struct zip_entry *entries, size_t count) {
  struct hrlp_text zip = {0};
  zip_build(&zip, entries, count);
  refused(status, part, zip.data, zip.length);
  hrlp_text_free(&zip);
}
#define ZIP_REFUSED(status, part, ...)                                    \
  do {                                                                    \
    const struct zip_entry entries[] = {__VA_ARGS__};                     \
    zip_refused(status, part, entries, sizeof entries / sizeof *entries); \
  } while (0)

START_TEST(the_builder_makes_good_archives) {
  const struct zip_entry entries[] = {{.name = "t/data.pkl", GOOD_PICKLE},
                                      VERSION,
                                      {.name = "t/byteorder", PICKLE("little")},
                                      {.name = "t/.x", PICKLE("unknown, ignored")}};
  struct hrlp_text zip = {0};
  zip_build(&zip, entries, 4);
  struct hrlp_value *root = NULL;
  ck_assert_int_eq(hrlp_archive_read("good.pt", zip.data, zip.length, &root, NULL),
                   HRL_OK);
  ck_assert_int_eq(root->kind, HRLP_DICT);
  hrlp_value_free(root);
  hrlp_text_free(&zip);
}
END_TEST

START_TEST(foreign_files_are_refused) {
  refused(HRL_ERROR_FORMAT, "empty", NULL, 0);
  refused(HRL_ERROR_FORMAT, "not a PyTorch archive", "x", 1);
  refused(HRL_ERROR_FORMAT, "not a PyTorch archive", "{\"format\": \"json\"}", 18);
  refused(HRL_ERROR_FORMAT, "not a PyTorch archive",
          "\200\2\212\12l\374\234F\371 j\250P\31.", 15);
  refused(HRL_ERROR_CORRUPT, "cut short", "PK\3\4 and no more than that", 25);
  static const char empty_zip[22] = "PK\5\6";
  refused(HRL_ERROR_FORMAT, "", empty_zip, sizeof empty_zip);
  struct hrlp_value *root = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrlp_archive_load("/nowhere/a.pt", &root, &error),
                   HRL_ERROR_NOT_FOUND);
  ck_assert_ptr_null(root);
  /* refused by its length alone, the bytes are not looked at */
  ck_assert_int_eq(
      hrlp_archive_read("large.pt", "", HRLP_ARCHIVE_MAX_BYTES + 1, &root, NULL),
      HRL_ERROR_LIMIT);
}
END_TEST

START_TEST(missing_and_wrong_entries_are_refused) {
  ZIP_REFUSED(HRL_ERROR_FORMAT, "'data.pkl' is missing", VERSION);
  ZIP_REFUSED(HRL_ERROR_FORMAT, "'version' is missing",
              {.name = "t/data.pkl", GOOD_PICKLE});
  ZIP_REFUSED(HRL_ERROR_VERSION, "entry 't/version' names another version",
              {.name = "t/data.pkl", GOOD_PICKLE}, {.name = "t/version", PICKLE("4\n")});
  ZIP_REFUSED(HRL_ERROR_FORMAT, "entry 't/byteorder' names another byte order",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/byteorder", PICKLE("big")});
  ZIP_REFUSED(HRL_ERROR_FORMAT, "lies outside the folder",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "u/data/0", PICKLE("")});
  ZIP_REFUSED(HRL_ERROR_FORMAT, "lies outside a folder",
              {.name = "data.pkl", GOOD_PICKLE});
  ZIP_REFUSED(HRL_ERROR_FORMAT, "data.pkl: byte 13: global 'os.system' is not allowed",
              {.name = "t/data.pkl", PICKLE("\200\2cos\nsystem\nX\2\0\0\0id\205R.")},
              VERSION);
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "the storage 'data/0' is not in the archive",
              {.name = "t/data.pkl",
               PICKLE("\200\2(X\7\0\0\0storagectorch\nFloatStorage\n"
                      "X\1\0\0\0"
                      "0X\3\0\0\0cpuK\6tQ.")},
              VERSION, {.name = "t/data/1", PICKLE("four")});
}
END_TEST

START_TEST(names_that_leave_the_folder_are_refused) {
  static const char *const names[] = {"/t/data.pkl", "t/../../x", "../x",   "t/..",
                                      "t\\data.pkl", "C:/x",      "t/a/..", ".."};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    ZIP_REFUSED(HRL_ERROR_FORMAT, "has a name that leaves its folder",
                {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
                {.name = names[i], PICKLE("x")});
  }
}
END_TEST

START_TEST(packed_entries_are_refused) {
  ZIP_REFUSED(HRL_ERROR_FORMAT, "entry 't/data/0' is compressed",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data/0", PICKLE("\3\0"), .method = 8, .size = 0xfffffff0});
  ZIP_REFUSED(HRL_ERROR_FORMAT, "entry 't/data/0' is compressed",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data/0", PICKLE("xx"), .method = 12});
  ZIP_REFUSED(HRL_ERROR_FORMAT, "entry 't/data.pkl' is encrypted",
              {.name = "t/data.pkl", GOOD_PICKLE, .flags = 1}, VERSION);
}
END_TEST

START_TEST(entries_that_share_names_or_bytes_are_refused) {
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "two entries have the same name",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data.pkl", GOOD_PICKLE});
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "two entries have the same name",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data.pkl", GOOD_PICKLE, .offset = 1});
  /* two directory entries for one header: names differ, so the header disagrees */
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "damaged ZIP structure",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data/0", PICKLE("xx"), .offset = 1});
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "", {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data/0", PICKLE("xx"), .stored = 0x7fffffff});
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "", {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data/0", PICKLE("xx"), .size = 1000});
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "entry 't/data/0' overlaps others or is larger",
              {.name = "t/data.pkl", GOOD_PICKLE}, VERSION,
              {.name = "t/data/0", PICKLE("xx"), .size = 1});
  ZIP_REFUSED(HRL_ERROR_CORRUPT, "entry 't/data.pkl' is damaged",
              {.name = "t/data.pkl", GOOD_PICKLE, .crc = 1}, VERSION);
}
END_TEST

START_TEST(an_entry_inside_another_is_refused) {
  /* "t/data/0" holds the header and the content of "t/data/1" */
  const struct zip_entry last = {.name = "t/data/1", PICKLE("0123456789abcdef")};
  struct hrlp_text inner = {0};
  zip_build(&inner, &last, 1);
  size_t inner_length = 30 + strlen(last.name) + last.length;
  const struct zip_entry outer[] = {
      {.name = "t/data/0", .data = inner.data, .length = inner_length},
      {.name = "t/data.pkl", GOOD_PICKLE},
      VERSION,
      last};
  struct hrlp_text zip = {0};
  zip_build(&zip, outer, 4);
  /* the header that is there besides, and its content, are cut out; the directory
   * entry is pointed at the inner one */
  char *found = memmem(zip.data + 30 + 8 + inner_length, zip.length - 38 - inner_length,
                       inner.data, inner_length);
  ck_assert_ptr_nonnull(found);
  size_t at = (size_t)(found - zip.data);
  memmove(found, found + inner_length, zip.length - at - inner_length);
  zip.length -= inner_length;
  uint32_t offset = 30 + 8;
  memcpy(zip.data + zip.length - 22 - 8 - 4, &offset, 4);
  uint32_t directory = (uint32_t)at;
  memcpy(zip.data + zip.length - 6, &directory, 4);
  refused(HRL_ERROR_CORRUPT, "overlaps others or is larger than the file", zip.data,
          zip.length);
  hrlp_text_free(&inner);
  hrlp_text_free(&zip);
}
END_TEST

START_TEST(too_many_entries_are_refused) {
  enum { COUNT = HRLP_ARCHIVE_MAX_ENTRIES + 1 };
  static char names[COUNT][8];
  static struct zip_entry entries[COUNT];
  for (int i = 0; i < COUNT; i++) {
    snprintf(names[i], sizeof names[i], "t/%d", i);
    entries[i] = (struct zip_entry){.name = names[i], .data = ""};
  }
  zip_refused(HRL_ERROR_LIMIT, "4097 entries, at most 4096", entries, COUNT);
}
END_TEST

/* Every length and every flipped bit of one file. A flip in a field that does not matter,
 * such as a date, gives the same tree; all else must fail. */
static void damage(const struct hrlp_value *sample, const char *bytes, size_t length) {
  struct hrlp_value *root = NULL;
  for (size_t i = 0; i < length; i++) {
    char *cut = malloc(i + 1);
    ck_assert_ptr_nonnull(cut);
    memcpy(cut, bytes, i);
    ck_assert_int_ne(hrlp_archive_read("cut.pt", cut, i, &root, NULL), HRL_OK);
    ck_assert_ptr_null(root);
    free(cut);
  }
  char *flipped = malloc(length);
  ck_assert_ptr_nonnull(flipped);
  memcpy(flipped, bytes, length);
  size_t accepted = 0;
  for (size_t bit = 0; bit < 8 * length; bit++) {
    flipped[bit / 8] ^= (char)(1 << bit % 8);
    if (hrlp_archive_read("flipped.pt", flipped, length, &root, NULL) == HRL_OK) {
      accepted++;
      ck_assert_msg(same_tree(sample, root), "bit %zu makes another tree", bit);
      hrlp_value_free(root);
    }
    flipped[bit / 8] ^= (char)(1 << bit % 8);
  }
  ck_assert_uint_lt(accepted, 8 * length / 4); /* padding and unused header fields */
  free(flipped);
}

START_TEST(damaged_archives_never_load) {
  struct hrlp_value *sample = hrlp_value_dict(false);
  hrlp_value_set(sample, "network", sample_network());
  char *bytes = NULL;
  size_t length = 0;
  ck_assert_int_eq(hrlp_archive_write(sample, "t", &bytes, &length, NULL), HRL_OK);
  damage(sample, bytes, length);
  free(bytes);
  hrlp_value_free(sample);
}
END_TEST

START_TEST(damaged_archives_of_torch_never_load) {
  char *bytes = NULL;
  size_t length = 0;
  struct hrlp_value *sample = NULL;
  const char *path = TEST_DATA "/archives/plain.pt";
  ck_assert_int_eq(hrlp_file_read(path, 1 << 20, &bytes, &length, NULL), HRL_OK);
  ck_assert_int_eq(hrlp_archive_read(path, bytes, length, &sample, NULL), HRL_OK);
  damage(sample, bytes, length);
  free(bytes);
  hrlp_value_free(sample);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("archive_hostile");
  TCase *test = tcase_create("hostile");
  tcase_set_timeout(test, 240);
  tcase_add_test(test, the_builder_makes_good_archives);
  tcase_add_test(test, foreign_files_are_refused);
  tcase_add_test(test, missing_and_wrong_entries_are_refused);
  tcase_add_test(test, names_that_leave_the_folder_are_refused);
  tcase_add_test(test, packed_entries_are_refused);
  tcase_add_test(test, entries_that_share_names_or_bytes_are_refused);
  tcase_add_test(test, an_entry_inside_another_is_refused);
  tcase_add_test(test, too_many_entries_are_refused);
  tcase_add_test(test, damaged_archives_never_load);
  tcase_add_test(test, damaged_archives_of_torch_never_load);
  suite_add_tcase(suite, test);
  return run_suite(suite);
}
