#include "scenario/value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scenario/keys.h"

/* More digits than any number needs. */
#define NUMBER_LENGTH 100

void hrlp_value_show(const char *text, char shown[HRLP_FOUND_SIZE]) {
  const size_t limit = 40;
  size_t length = strlen(text);
  bool cut = length > limit;
  if (cut) {
    length = limit;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
  }
  snprintf(shown, HRLP_FOUND_SIZE, "'%.*s%s'", (int)length, text, cut ? "..." : "");
  /* messages are made printable as a whole; what is shown elsewhere is, too */
  size_t end = strlen(shown);
  for (size_t at = 0, count; at<end; at += count> 0 ? count : 1) {
    count = hrlp_sequence_length(shown + at, end - at);
    if (count > 1 && hrlp_sequence_steers(shown + at, count))
      memset(shown + at, '?', count);
  }
}

static bool is_one_of(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(text, words[i]) == 0) return true;
  return false;
}

#define IS_ONE_OF(text, words) is_one_of(text, words, sizeof(words) / sizeof(words)[0])

bool hrlp_value_is_null(const char *text, bool quoted) {
  static const char *const words[] = {"", "~", "null", "Null", "NULL"};
  return !quoted && IS_ONE_OF(text, words);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Copies `text` without the underscores that YAML 1.1 allows between digits; false where
 * it is too long or one stands elsewhere. */
static bool copy_digits(const char *text, char copy[NUMBER_LENGTH + 1]) {
  size_t used = 0;
  for (size_t i = 0; text[i] != '\0'; i++) {
    if (text[i] == '_') {
      if (i == 0 || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) return false;
      continue;
    }
    if (used == NUMBER_LENGTH) return false;
    copy[used++] = text[i];
  }
  copy[used] = '\0';
  return true;
}

/* YAML 1.1 reads 010 as octal 8, people read it as 10: neither is taken. */
static bool is_octal_like(const char *text) {
  if (*text == '-' || *text == '+') text++;
  return text[0] == '0' && text[1] != '\0' && text[strspn(text, "0123456789_")] == '\0';
}

/* YAML's own spellings of what is no finite number. */
static bool parse_special(const char *text, double *value) {
  static const char *const nans[] = {".nan", ".NaN", ".NAN"};
  static const char *const infinities[] = {".inf", ".Inf", ".INF"};
  if (IS_ONE_OF(text, nans)) {
    *value = NAN;
    return true;
  }
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  if (!IS_ONE_OF(text, infinities)) return false;
  *value = negative ? -INFINITY : INFINITY;
  return true;
}

static bool parse_plain(const char *text, double *value) {
  char copy[NUMBER_LENGTH + 1];
  if (parse_special(text, value)) return true;
  return !is_octal_like(text) && copy_digits(text, copy) &&
         hrlp_parse_number(copy, value);
}

bool hrlp_value_seems_grouped(const hrl_scenario_key *key, const char *text) {
  size_t before = strspn(text, "0123456789");
  return strncmp(key->unit, "euro", 4) == 0 && before >= 1 && before <= 3 &&
         text[0] != '0' && text[before] == '.' &&
         strspn(text + before + 1, "0123456789") == 3 && text[before + 4] == '\0';
}

bool hrlp_value_seems_whole(const hrl_scenario_key *key, double value) {
  return strcmp(key->section, "environment") == 0 && strncmp(key->unit, "1/", 2) == 0 &&
         fabs(value) == 1.0;
}

/* Room for a value that a hint is made of; what is longer gets no hint. */
#define HINT_TEXT 48

/* Signs and names of currencies, and what parts thousands: blanks of several widths and
 * apostrophes; in UTF-8. */
static const char *const currencies[] = {"\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "$",
                                         "euros",        "euro",     "eur",      "gbp",
                                         "usd",          "chf"};
static const char *const blanks[] = {" ", "\xc2\xa0",    "\xe2\x80\xaf", "\xe2\x80\x89",
                                     "'", "\xe2\x80\x99"};

#define COUNT(words) (sizeof(words) / sizeof(words)[0])

/* The length of the word that `text` begins with, 0 where it is none of them. */
static size_t begins_with(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strncasecmp(text, words[i], strlen(words[i])) == 0) return strlen(words[i]);
  return 0;
}

/* A value without its currency, its per-cent sign, and the blanks around it. */
struct bare {
  char text[HINT_TEXT];
  bool has_currency, has_percent;
  bool is_grouped; /* thousands are parted by blanks or apostrophes */
};

/* False where what is left is too long, or is parted otherwise than into thousands. */
static bool strip(const char *text, struct bare *bare) {
  size_t used = 0;
  size_t group = 0; /* digits since the last gap */
  bool gap = false; /* behind a digit, a blank or mark was left out */
  *bare = (struct bare){0};
  for (size_t length; *text != '\0'; text += length) {
    if ((length = begins_with(text, currencies, COUNT(currencies))) > 0) {
      bare->has_currency = true;
    } else if ((length = begins_with(text, blanks, COUNT(blanks))) > 0) {
      gap = used > 0;
    } else if (*text == '%') {
      bare->has_percent = true;
      length = 1;
    } else if (used + 1 < sizeof bare->text) {
      if (gap && (group > 3 || (bare->is_grouped && group != 3))) return false;
      if (gap) bare->is_grouped = true, group = 0;
      gap = false;
      group += is_digit(*text);
      bare->text[used++] = *text;
      length = 1;
    } else {
      return false;
    }
  }
  return used > 0 && (!bare->is_grouped || group == 3);
}

/* Whether thousands are parted, or decimals marked with a comma: no number of YAML. */
static bool is_other_notation(const char *text) {
  const char *point = strchr(text, '.');
  bool has_comma = strchr(text, ',') != NULL;
  bool has_points = point != NULL && strchr(point + 1, '.') != NULL;
  return (has_comma || has_points) && strspn(text, "+-0123456789.,") == strlen(text);
}

/* "2,5" as 2.5: one comma and no point, not three digits behind it. */
static bool parse_comma(const char *text, double *value) {
  char copy[HINT_TEXT];
  snprintf(copy, sizeof copy, "%s", text);
  char *comma = strchr(copy, ',');
  if (comma == NULL || strchr(copy, '.') != NULL) return false;
  *comma = '.';
  return strlen(comma + 1) != 3 && parse_plain(copy, value);
}

static void add_hint(struct hrlp_value_fault *fault, const char *format, ...)
    HRL_PRINTF(2, 3);
static void add_hint(struct hrlp_value_fault *fault, const char *format, ...) {
  size_t used = strlen(fault->hint);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(fault->hint + used, sizeof fault->hint - used, format, arguments);
  va_end(arguments);
}

static void hint_fraction(double percents, struct hrlp_value_fault *fault) {
  add_hint(fault, "; %g %% is %g", percents, percents / 100.0);
}

/* What to write instead of a text that is no number. */
static void explain_text(const char *text, bool quoted, struct hrlp_value_fault *fault) {
  struct bare bare;
  double value = 0.0;
  bool is_number = parse_plain(text, &value);
  if (!strip(text, &bare)) return;
  bool is_meant = parse_plain(bare.text, &value) || parse_comma(bare.text, &value);
  bool is_foreign = is_other_notation(bare.text) || (is_meant && bare.is_grouped);
  if (quoted && (is_number || is_meant || is_foreign))
    add_hint(fault, "; remove the quotes");
  if (is_number) return;
  if (is_octal_like(bare.text) && !bare.is_grouped) {
    add_hint(fault, "; remove the leading zero");
  } else if (bare.has_percent && is_meant && !bare.is_grouped) {
    hint_fraction(value, fault);
  } else if (is_foreign) {
    add_hint(fault, "; write %s'.' before decimals and nothing between thousands",
             bare.has_currency ? "the number alone, with " : "");
  } else if (bare.has_currency) {
    add_hint(fault, "; write the number alone");
  }
}

static hrl_status parse_number(const hrl_scenario_key *key, const char *text, bool quoted,
                               double *value, struct hrlp_value_fault *fault) {
  if (quoted || !parse_plain(text, value)) {
    explain_text(text, quoted, fault);
    return HRL_ERROR_TYPE;
  }
  hrl_status status = hrlp_key_check(key, *value);
  /* a growth of more than 1 is meant in per cent; a tolerance of 5 may be one of ten */
  bool is_growth = strncmp(key->unit, "1/", 2) == 0;
  bool is_share = strcmp(key->section, "environment") == 0 && key->unit[0] == '\0';
  if (status == HRL_ERROR_RANGE && key->maximum == 1.0 &&
      ((is_growth && fabs(*value) > 1.0) || (is_share && *value >= 10.0)) &&
      fabs(*value) <= 100.0 && *value / 100.0 >= key->minimum)
    hint_fraction(*value, fault);
  return status;
}

/* More choices than any key has. */
#define CHOICE_LIMIT 16
#define CHOICE_LENGTH 31

static hrl_status parse_choice(const char *choices, const char *text, double *value,
                               struct hrlp_value_fault *fault) {
  char words[CHOICE_LIMIT][CHOICE_LENGTH + 1];
  const char *list[CHOICE_LIMIT];
  size_t count = 0;
  size_t length = 0;
  const char *word;
  while (count < CHOICE_LIMIT &&
         (word = hrlp_choice_at(choices, count, &length)) != NULL) {
    snprintf(words[count], sizeof words[count], "%.*s", (int)length, word);
    list[count] = words[count];
    if (strcmp(text, words[count]) == 0) {
      *value = (double)count;
      return HRL_OK;
    }
    count++;
  }
  const char *nearest = hrlp_nearest_word(text, list, count);
  if (nearest != NULL)
    snprintf(fault->hint, sizeof fault->hint, "; did you mean '%s'?", nearest);
  return HRL_ERROR_RANGE;
}

hrl_status hrlp_value_parse(const hrl_scenario_key *key, const char *text, bool quoted,
                            double *value, struct hrlp_value_fault *fault) {
  fault->hint[0] = '\0';
  if (hrlp_value_is_null(text, quoted)) {
    snprintf(fault->found, sizeof fault->found, "no value");
    return HRL_ERROR_TYPE;
  }
  hrlp_value_show(text, fault->found);
  if (key->type == HRL_KEY_CHOICE) return parse_choice(key->choices, text, value, fault);
  return parse_number(key, text, quoted, value, fault);
}
