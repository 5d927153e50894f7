/* scenario/value.h - from the text of a value in a file to its number. */
#ifndef HRLP_SCENARIO_VALUE_H
#define HRLP_SCENARIO_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include <hrl/scenario.h>

#include "base/error.h"

/* The value that a plain or quoted text of a file gives a key. On failure `found` says
 * what stands there ("'abc'", "no value") and `hint` what to do about it, or "". */
#define HRLP_FOUND_SIZE 64
struct hrlp_value_fault {
  char found[HRLP_FOUND_SIZE];
  char hint[HRLP_FOUND_SIZE * 2];
};
hrl_status hrlp_value_parse(const hrl_scenario_key *key, const char *text, bool quoted,
                            double *value, struct hrlp_value_fault *fault);

/* Whether a sum of money is written as 1.800: to many readers that is 1800. */
bool hrlp_value_seems_grouped(const hrl_scenario_key *key, const char *text);

/* Whether a growth is written as 1, which is 100 %: who means 1 % may write so, too. */
bool hrlp_value_seems_whole(const hrl_scenario_key *key, double value);

/* "" and the spellings of YAML for no value, where they are not quoted. */
bool hrlp_value_is_null(const char *text, bool quoted);

/* `text` fit for a message: short, in single quotes, without control characters. */
void hrlp_value_show(const char *text, char shown[HRLP_FOUND_SIZE]);

#endif
