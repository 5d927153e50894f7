/* scenario/keys.h - what the files of this folder share about the table of keys. */
#ifndef HRLP_SCENARIO_KEYS_H
#define HRLP_SCENARIO_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "scenario/content.h"

/* What may stand at the left margin of a scenario file: first the sections, in the order
 * in which they are written, then the rest. */
#define HRLP_SECTION_COUNT 3
#define HRLP_TOP_WORD_COUNT 4
extern const char *const hrlp_top_words[HRLP_TOP_WORD_COUNT];
#define HRLP_TOP_DESCRIPTION 3

/* Place of a top word in hrlp_top_words, or HRLP_TOP_WORD_COUNT. */
size_t hrlp_top_word_find(const char *word);

/* Place of a key in the table, or HRLP_KEY_NONE. */
#define HRLP_KEY_NONE ((size_t)-1)
size_t hrlp_key_find(const char *section, const char *name);

/* Writes what an unknown key was probably meant to be, as the end of a message:
 * "; did you mean 'environment.income'?", or what there is. `section` may be unknown. */
#define HRLP_KEY_ADVICE_SIZE 768
void hrlp_key_advise(const char *section, const char *name,
                     char advice[HRLP_KEY_ADVICE_SIZE]);

/* The same for an unknown word at the left margin. */
void hrlp_top_word_advise(const char *word, char advice[HRLP_KEY_ADVICE_SIZE]);

/* The value that a scenario has for a key; integers and choices as numbers. */
double hrlp_key_get(const struct hrl_scenario *scenario, size_t index);

/* `value` must have passed hrlp_key_check. */
void hrlp_key_put(struct hrl_scenario *scenario, size_t index, double value);

/* HRL_OK, HRL_ERROR_TYPE (not a number, or a fraction where a whole number is needed)
 * or HRL_ERROR_RANGE. */
hrl_status hrlp_key_check(size_t index, double value);

/* A key's value as a file would have it: a choice by its name. */
void hrlp_key_show(size_t index, double value, char shown[HRLP_NUMBER_SIZE]);

/* What is accepted, as the end of a message: "a number from 0 to 1". */
#define HRLP_KEY_EXPECTED_SIZE 256
void hrlp_key_expected(size_t index, char expected[HRLP_KEY_EXPECTED_SIZE]);

/* Word `place` of a list separated by single spaces, and its length; NULL past the end.
 */
const char *hrlp_choice_at(const char *choices, size_t place, size_t *length);

#endif
