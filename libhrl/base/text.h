/* base/text.h - growing text, numbers as text, and the nearest known word. */
#ifndef HRLP_TEXT_H
#define HRLP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <hrl/export.h>

/* A growing text. Zero-initialised is empty. `failed` stays true once memory ran out,
 * so a writer may append many times and check once. */
struct hrlp_text {
  char *data; /* terminated by zero, or NULL while empty */
  size_t length;
  size_t capacity;
  bool failed;
};

void hrlp_text_append(struct hrlp_text *text, const char *bytes, size_t count);
void hrlp_text_format(struct hrlp_text *text, const char *format, ...) HRL_PRINTF(2, 3);
void hrlp_text_free(struct hrlp_text *text);

/* Writes the shortest decimal form that reads back as exactly `value`, whole numbers
 * below 10^15 without an exponent; always with '.' as decimal point, whatever the
 * locale. `value` must be finite. */
#define HRLP_NUMBER_SIZE 32
void hrlp_format_number(char target[HRLP_NUMBER_SIZE], double value);

/* Reads a whole text as a decimal number, whatever the locale; false where anything is
 * left over. Accepts what JSON and YAML 1.1 decimal forms have in common ("1", "-0.5",
 * "1e-05", "+3.", ".5"); no hexadecimal, no "inf", no "nan". May give infinity for
 * "1e999". */
bool hrlp_parse_number(const char *text, double *value);

/* Length of the UTF-8 sequence at `bytes`, 0 where there is none. Refuses zero, overlong
 * forms, surrogates and what lies above U+10FFFF. */
size_t hrlp_sequence_length(const char *bytes, size_t length);

/* Whether a sequence of `count` bytes of UTF-8 steers a terminal: control characters,
 * line and paragraph separators, and what changes the direction of writing, so that a
 * line shows something else than it says. */
bool hrlp_sequence_steers(const char *bytes, size_t count);

/* True where all of it is UTF-8 without a zero. */
bool hrlp_is_text(const char *bytes, size_t length);

/* The entry of words[0..count) with the least edit distance to `word`, or NULL where
 * none is near enough to be a likely slip of the fingers. */
const char *hrlp_nearest_word(const char *word, const char *const *words, size_t count);

#endif
