/* scenario/family.h - a scenario that stands for many households: keys that are ranges,
 * and conditions between keys.
 *
 * The scenario's own value of such a key is the middle of its range. */
#ifndef HRLP_SCENARIO_FAMILY_H
#define HRLP_SCENARIO_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>

#include "base/text.h"

struct hrl_scenario;

/* A key that each household draws, uniformly or with a uniform logarithm. */
struct hrlp_range {
  size_t key; /* place among the model's */
  double from, to;
  bool is_log;
  double
      chance;  /* that a household draws it: the others have the key's default; 1: all */
  size_t base; /* from and to are shares of this key's value; HRLP_KEY_NONE: values */
};

/* sum of factor * key + constant <= 0 (< 0 where strict) */
#define HRLP_CONDITION_TERMS_MAX 8
struct hrlp_condition {
  char *text; /* as the file has it */
  double constant;
  size_t count;
  struct {
    double factor;
    size_t key;
  } terms[HRLP_CONDITION_TERMS_MAX];
  bool is_strict;
};

#define HRLP_CONDITIONS_MAX 32
struct hrlp_family {
  size_t range_count;
  struct hrlp_range *ranges; /* one a key at most */
  size_t condition_count;
  struct hrlp_condition conditions[HRLP_CONDITIONS_MAX];
};

/* Makes the scenario a family, without ranges as yet, where it is none. */
hrl_status hrlp_family_begin(struct hrl_scenario *scenario, hrl_error *error);

/* Adds a range. */
hrl_status hrlp_family_add_range(struct hrl_scenario *scenario,
                                 const struct hrlp_range *range, hrl_error *error);

/* Adds the condition (to a family that was begun) that `text` says:
 * "variable_expense_mean + 2 * fixed_expenses <= 1.02 * income". A failure has no place:
 * `error` tells what is wrong. */
hrl_status hrlp_family_add_condition(struct hrl_scenario *scenario, const char *text,
                                     hrl_error *error);

/* Puts the ranges in the order in which they are drawn, the same however the file has
 * them, and the middle of each in the scenario. Gives HRLP_KEY_NONE, or a key that is a
 * share of itself. */
size_t hrlp_family_arrange(struct hrl_scenario *scenario);

/* Fails where next to no household that the ranges give meets the conditions and has
 * values that go together. `*key`: the key of `environment` to mend, or NULL: it is the
 * conditions. */
hrl_status hrlp_family_check(const struct hrl_scenario *scenario, const char **key,
                             hrl_error *error);

/* Fails where a range gives values that its key does not accept. */
hrl_status hrlp_family_check_ends(const struct hrl_scenario *scenario,
                                  const struct hrlp_range *range, hrl_error *error);

/* After a key of a family was given one value: drops its range, and checks what is left.
 * Without any range the scenario is no family any more. After a failure the scenario is
 * only good for being destroyed. */
hrl_status hrlp_family_fix(struct hrl_scenario *scenario, size_t key, hrl_error *error);

hrl_status hrlp_family_copy(const struct hrlp_family *family, struct hrlp_family **copy,
                            hrl_error *error);
void hrlp_family_destroy(struct hrlp_family *family);

/* Which households are drawn: those of training are never those of an evaluation. */
enum hrlp_family_part { HRLP_FAMILY_TRAINING = 0, HRLP_FAMILY_EVALUATION = 1 };

/* Puts household `number` of a family, a function of (seed, part, number), in
 * `household`, a copy of the scenario that is no family any more. */
hrl_status hrlp_family_draw(const struct hrl_scenario *scenario, uint64_t seed,
                            enum hrlp_family_part part, uint64_t number,
                            struct hrl_scenario *household, hrl_error *error);

/* The least and the greatest value that households have for a key. */
void hrlp_family_bounds(const struct hrl_scenario *scenario, size_t key, double *low,
                        double *high);

/* Appends in which values a household lies outside a family of its model: "income is 900,
 * below 1200; ...", or nothing. */
void hrlp_family_outside(const struct hrl_scenario *family,
                         const struct hrl_scenario *household, struct hrlp_text *text);

/* The middle household of a family with its longest horizon, which no other needs more
 * memory than; of a scenario that is no family, itself. It borrows all but its values. */
struct hrl_scenario hrlp_family_middle(const struct hrl_scenario *scenario);

/* Whether two scenarios of one model stand for the same households; NULL is one that is
 * no family. */
bool hrlp_family_equals(const struct hrlp_family *a, const struct hrlp_family *b);

/* The range of a key, or NULL. */
const struct hrlp_range *hrlp_family_range(const struct hrl_scenario *scenario,
                                           size_t key);

#endif
