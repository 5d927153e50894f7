#include "scenario/value.h"

#include <math.h>
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
  /* U+0080..U+009F can steer a terminal; the rest is replaced when messages are made */
  for (char *c = shown; *c != '\0'; c++)
    if ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] < 0xa0) c[0] = c[1] = '?';
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

/* "2%" or "2 %": a number and the sign behind it. */
static bool is_percentage(const char *text, double *value) {
  char copy[HRLP_FOUND_SIZE];
  size_t length = strlen(text);
  if (length < 2 || length >= sizeof copy || text[length - 1] != '%') return false;
  memcpy(copy, text, length - 1);
  for (length--; length > 0 && copy[length - 1] == ' ';) length--;
  copy[length] = '\0';
  return parse_plain(copy, value);
}

static void hint_fraction(double percents, struct hrlp_value_fault *fault) {
  snprintf(fault->hint, sizeof fault->hint, "; %g %% is %g", percents, percents / 100.0);
}

/* The unit's sign or name around a number. */
static bool has_currency(const char *text) {
  return strstr(text, "\xe2\x82\xac") != NULL || strcasestr(text, "eur") != NULL ||
         strchr(text, '$') != NULL;
}

static void explain_text(const char *text, bool quoted, struct hrlp_value_fault *fault) {
  double value = 0.0;
  if (quoted) {
    if (parse_plain(text, &value))
      snprintf(fault->hint, sizeof fault->hint, "; remove the quotes");
  } else if (is_octal_like(text)) {
    snprintf(fault->hint, sizeof fault->hint, "; remove the leading zero");
  } else if (is_percentage(text, &value)) {
    hint_fraction(value, fault);
  } else if (has_currency(text)) {
    snprintf(fault->hint, sizeof fault->hint, "; write the number alone");
  } else if (strchr(text, ',') != NULL &&
             strspn(text, "+-0123456789.,") == strlen(text)) {
    snprintf(fault->hint, sizeof fault->hint,
             "; write '.' before decimals and nothing between thousands");
  }
}

static hrl_status parse_number(size_t index, const char *text, bool quoted, double *value,
                               struct hrlp_value_fault *fault) {
  if (quoted || !parse_plain(text, value)) {
    explain_text(text, quoted, fault);
    return HRL_ERROR_TYPE;
  }
  const hrl_scenario_key *key = hrl_scenario_key_at(index);
  hrl_status status = hrlp_key_check(index, *value);
  bool is_fraction = key->maximum == 1.0 && strncmp(key->unit, "1/", 2) == 0;
  if (status == HRL_ERROR_RANGE && is_fraction && fabs(*value) > 1.0 &&
      fabs(*value) <= 100.0)
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

hrl_status hrlp_value_parse(size_t index, const char *text, bool quoted, double *value,
                            struct hrlp_value_fault *fault) {
  const hrl_scenario_key *key = hrl_scenario_key_at(index);
  fault->hint[0] = '\0';
  if (hrlp_value_is_null(text, quoted)) {
    snprintf(fault->found, sizeof fault->found, "no value");
    return HRL_ERROR_TYPE;
  }
  hrlp_value_show(text, fault->found);
  if (key->type == HRL_KEY_CHOICE) return parse_choice(key->choices, text, value, fault);
  return parse_number(index, text, quoted, value, fault);
}
