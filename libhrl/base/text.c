#include "base/text.h"

#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Makes room for `extra` more bytes and the terminating zero. */
static bool reserve(struct hrlp_text *text, size_t extra) {
  if (text->failed) return false;
  if (extra >= SIZE_MAX / 2 - text->length) {
    text->failed = true;
    return false;
  }
  size_t needed = text->length + extra + 1;
  if (needed <= text->capacity) return true;
  size_t capacity = text->capacity < 256 ? 256 : text->capacity;
  while (capacity < needed) capacity *= 2;
  char *data = hrlp_resize(text->data, capacity, 1);
  if (data == NULL) {
    text->failed = true;
    return false;
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

void hrlp_text_append(struct hrlp_text *text, const char *bytes, size_t count) {
  if (!reserve(text, count)) return;
  if (count > 0) memcpy(text->data + text->length, bytes, count);
  text->length += count;
  text->data[text->length] = '\0';
}

void hrlp_text_format(struct hrlp_text *text, const char *format, ...) {
  va_list arguments;
  va_list again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int count = vsnprintf(NULL, 0, format, arguments);
  if (count < 0) {
    text->failed = true;
  } else if (reserve(text, (size_t)count)) {
    vsnprintf(text->data + text->length, (size_t)count + 1, format, again);
    text->length += (size_t)count;
  }
  va_end(again);
  va_end(arguments);
}

void hrlp_text_free(struct hrlp_text *text) {
  free(text->data);
  *text = (struct hrlp_text){0};
}

/* The host program may have set a locale whose decimal point is a comma, or a character
 * of several bytes. */
static const char *decimal_point(void) {
  /* localeconv would write a struct that all threads share */
  const char *point = nl_langinfo(RADIXCHAR);
  return point[0] != '\0' ? point : ".";
}

void hrlp_format_number(char target[HRLP_NUMBER_SIZE], double value) {
  if (value == 0.0) value = 0.0; /* "0", never "-0" */
  const char *point = decimal_point();
  if (fabs(value) < 1e15 && value == trunc(value)) {
    snprintf(target, HRLP_NUMBER_SIZE, "%.0f", value); /* 1800, not 1.8e+03 */
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(target, HRLP_NUMBER_SIZE, "%.*g", digits, value);
    if (strtod(target, NULL) == value) break;
  }
  char *found = strstr(target, point);
  if (found == NULL) return;
  const char *rest = found + strlen(point);
  *found = '.';
  memmove(found + 1, rest, strlen(rest) + 1);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool hrlp_parse_number(const char *text, double *value) {
  const char *p = text;
  if (*p == '-' || *p == '+') p++;
  size_t digits = 0;
  while (is_digit(*p)) p++, digits++;
  const char *point = NULL;
  if (*p == '.') {
    point = p++;
    while (is_digit(*p)) p++, digits++;
  }
  if (digits == 0) return false;
  if (*p == 'e' || *p == 'E') {
    p++;
    if (*p == '-' || *p == '+') p++;
    if (!is_digit(*p)) return false;
    while (is_digit(*p)) p++;
  }
  if (*p != '\0') return false;
  const char *local = decimal_point();
  if (point == NULL || strcmp(local, ".") == 0) {
    *value = strtod(text, NULL);
    return true;
  }
  struct hrlp_text copy = {0};
  hrlp_text_append(&copy, text, (size_t)(point - text));
  hrlp_text_append(&copy, local, strlen(local));
  hrlp_text_append(&copy, point + 1, (size_t)(p - point - 1));
  bool copied = !copy.failed;
  if (copied) *value = strtod(copy.data, NULL);
  hrlp_text_free(&copy);
  return copied;
}

#define WORD_LIMIT 64

/* Levenshtein distance of two words of at most WORD_LIMIT characters. */
static size_t edit_distance(const char *a, size_t a_length, const char *b,
                            size_t b_length) {
  size_t row[WORD_LIMIT + 1];
  for (size_t j = 0; j <= b_length; j++) row[j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
      diagonal = row[j];
      row[j] = replaced < shorter ? replaced : shorter;
    }
  }
  return row[b_length];
}

const char *hrlp_nearest_word(const char *word, const char *const *words, size_t count) {
  size_t length = strlen(word);
  if (length > WORD_LIMIT) return NULL;
  const char *nearest = NULL;
  size_t least = SIZE_MAX;
  for (size_t i = 0; i < count; i++) {
    size_t other = strlen(words[i]);
    if (other > WORD_LIMIT) continue;
    size_t distance = edit_distance(word, length, words[i], other);
    /* a third of the letters wrong is still a slip; more is another word; a word that
     * was cut short ("bologna" for "bologna_coppia") is meant too, with a slip in it or
     * without */
    size_t beginning = length < other ? length : other;
    size_t slips = edit_distance(word, length, words[i], beginning);
    bool prefix = length >= 3 && slips <= (length < 5 ? 0 : (length + 1) / 4);
    size_t bound = 1 + beginning / 3;
    if (!prefix && distance > bound) continue;
    if (distance < least) {
      least = distance;
      nearest = words[i];
    }
  }
  return nearest;
}

size_t hrlp_sequence_length(const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  unsigned char first = length > 0 ? bytes[0] : 0;
  if (first >= 0x01 && first < 0x80) return 1;
  size_t count = first < 0xc2   ? 0
                 : first < 0xe0 ? 2
                 : first < 0xf0 ? 3
                 : first < 0xf5 ? 4
                                : 0;
  if (count == 0 || count > length) return 0;
  for (size_t i = 1; i < count; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && bytes[1] < 0xa0) return 0;
  if (first == 0xed && bytes[1] > 0x9f) return 0;
  if (first == 0xf0 && bytes[1] < 0x90) return 0;
  if (first == 0xf4 && bytes[1] > 0x8f) return 0;
  return count;
}

bool hrlp_sequence_steers(const char *bytes, size_t count) {
  const unsigned char *c = (const unsigned char *)bytes;
  if (count == 1) return c[0] < 0x20 || c[0] == 0x7f;
  if (count == 2) {
    unsigned point = (c[0] & 0x1fU) << 6 | (c[1] & 0x3fU);
    return point < 0xa0 || point == 0x61c;
  }
  if (count != 3) return false;
  unsigned point = (c[0] & 0x0fU) << 12 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3fU);
  return point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

bool hrlp_is_text(const char *bytes, size_t length) {
  size_t at = 0;
  while (at < length) {
    size_t count = hrlp_sequence_length(bytes + at, length - at);
    if (count == 0) return false;
    at += count;
  }
  return true;
}
