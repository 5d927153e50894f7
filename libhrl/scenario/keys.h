/* scenario/keys.h - what the files of this folder share about the tables of keys. */
#ifndef HRLP_SCENARIO_KEYS_H
#define HRLP_SCENARIO_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "scenario/content.h"

/* The place of what is not there. */
#define HRLP_KEY_NONE ((size_t)-1)

/* A model of a household: its sections, in the order of files, and their keys. */
struct hrlp_keys;
const char *hrlp_keys_name(const struct hrlp_keys *model);
const struct hrlp_keys *hrlp_keys_of(const struct hrl_scenario *scenario);

/* The place of a model in their list, the last of which is a program's own tasks;
 * HRLP_KEY_NONE where there is none of that name. */
size_t hrlp_keys_find_model(const char *name);

/* The name of section `place`; NULL past the end. */
const char *hrlp_keys_section(const struct hrlp_keys *model, size_t place);

/* The keys of all sections, one after the other; NULL past the end. */
size_t hrlp_keys_count(const struct hrlp_keys *model);
const hrl_scenario_key *hrlp_keys_at(const struct hrlp_keys *model, size_t index);

/* What may stand at the left margin of a model's file: three words of every model, then
 * the sections; NULL past the end. */
#define HRLP_TOP_MODEL 0
#define HRLP_TOP_DESCRIPTION 1
#define HRLP_TOP_REQUIRE 2
#define HRLP_TOP_SECTIONS 3
#define HRLP_TOP_WORDS_MAX 8
const char *hrlp_top_word_at(const struct hrlp_keys *model, size_t place);

/* Place of a top word, or the place past the end. */
size_t hrlp_top_word_find(const struct hrlp_keys *model, const char *word);

/* Place of a key among the model's, or HRLP_KEY_NONE. */
size_t hrlp_key_find(const struct hrlp_keys *model, const char *section,
                     const char *name);

/* Writes what an unknown key was probably meant to be, as the end of a message:
 * "; did you mean 'environment.income'?", or what there is. `section` may be unknown. */
#define HRLP_KEY_ADVICE_SIZE 768
void hrlp_key_advise(const struct hrlp_keys *model, const char *section, const char *name,
                     char advice[HRLP_KEY_ADVICE_SIZE]);

/* The same for an unknown word at the left margin. */
void hrlp_top_word_advise(const struct hrlp_keys *model, const char *word,
                          char advice[HRLP_KEY_ADVICE_SIZE]);

/* The value that a scenario has for a key of its model, by place; integers and choices as
 * numbers. */
double hrlp_key_get(const struct hrl_scenario *scenario, size_t index);

/* `value` must have passed hrlp_key_check. */
void hrlp_key_put(struct hrl_scenario *scenario, size_t index, double value);

/* HRL_OK, HRL_ERROR_TYPE (not a number, or a fraction where a whole number is needed)
 * or HRL_ERROR_RANGE. */
hrl_status hrlp_key_check(const hrl_scenario_key *key, double value);

/* A key's value as a file would have it: a choice by its name. */
void hrlp_key_show(const hrl_scenario_key *key, double value,
                   char shown[HRLP_NUMBER_SIZE]);

/* What is accepted, as the end of a message: "a number from 0 to 1". */
#define HRLP_KEY_EXPECTED_SIZE 256
void hrlp_key_expected(const hrl_scenario_key *key,
                       char expected[HRLP_KEY_EXPECTED_SIZE]);

/* Word `place` of a list separated by single spaces, and its length; NULL past the end.
 */
const char *hrlp_choice_at(const char *choices, size_t place, size_t *length);

#endif
