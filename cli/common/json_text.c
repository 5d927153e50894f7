#include "common/json_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

/* Puts the shortest number that reads back the same in the place of the one at `at`, of
 * `length` characters; gives its length. */
static size_t shorten_number(char *at, size_t length) {
  char shortest[40] = "";
  if (length >= sizeof shortest || memchr(at, '.', length) == NULL) return length;
  double value = strtod(at, NULL);
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(shortest, sizeof shortest, "%.*g", digits, value);
    if (strtod(shortest, NULL) == value) break;
  }
  /* what was a real stays one: 24.0, not 24 */
  size_t found = strlen(shortest);
  bool is_whole = strpbrk(shortest, ".e") == NULL;
  if (found + (is_whole ? 2 : 0) >= length) return length;
  /* NOLINTBEGIN(bugprone-not-null-terminated-result): a part of a text */
  memcpy(at, shortest, found);
  if (is_whole) memcpy(at + found, ".0", 2);
  /* NOLINTEND(bugprone-not-null-terminated-result) */
  return found + (is_whole ? 2 : 0);
}

char *json_print(const json_t *json, size_t flags) {
  char *text = json == NULL ? NULL : json_dumps(json, flags);
  char *to = text;
  bool quoted = false;
  for (char *from = text; from != NULL && *from != '\0';) {
    size_t length = quoted ? 0 : strspn(from, "-+.eE0123456789");
    bool is_number = length > 0 && (*from == '-' || (*from >= '0' && *from <= '9'));
    size_t kept = 1;
    if (is_number)
      kept = shorten_number(from, length);
    else
      length = quoted && *from == '\\' ? 2 : 1;
    if (!is_number && *from == '"') quoted = !quoted;
    if (!is_number) kept = length;
    memmove(to, from, kept);
    to += kept;
    from += length;
  }
  if (to != NULL) *to = '\0';
  return text;
}

/* The text with null in the place of what JSON does not have. NULL: memory is short. */
static char *replace_infinite(const char *text, size_t length, size_t *made) {
  static const char *const words[] = {"NaN", "-Infinity", "Infinity"};
  bool quoted = false;
  const char *end = text + length;
  char *copy = malloc(length + length / 3 + 1); /* "NaN" grows by one character */
  char *to = copy;
  while (copy != NULL && text < end) {
    size_t word = 0;
    for (size_t i = 0; !quoted && word == 0 && i < 3; i++)
      if (strncmp(text, words[i], strlen(words[i])) == 0) word = strlen(words[i]);
    if (word > 0) {
      to = stpcpy(to, "null");
      text += word;
      continue;
    }
    if (*text == '"') quoted = !quoted;
    if (quoted && *text == '\\' && text + 1 < end) *to++ = *text++;
    *to++ = *text++;
  }
  if (copy != NULL) *made = (size_t)(to - copy);
  return copy;
}

json_t *json_read(const char *text, size_t length) {
  json_t *json = json_loadb(text, length, 0, NULL);
  if (json != NULL) return json;
  size_t made = 0;
  char *copy = replace_infinite(text, length, &made);
  if (copy != NULL) json = json_loadb(copy, made, 0, NULL);
  free(copy);
  return json;
}

json_t *json_text(const char *text) {
  if (text == NULL) return json_null();
  json_t *value = json_string(text);
  if (value != NULL) return value;
  char *plain = strdup(text);
  if (plain == NULL) return NULL;
  for (char *c = plain; *c != '\0'; c++)
    if ((unsigned char)*c >= 0x80) *c = '?';
  value = json_string(plain);
  free(plain);
  return value;
}
