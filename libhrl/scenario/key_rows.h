/* scenario/key_rows.h - how the tables of keys are written: a new key is one row in the
 * table of its section and one member in the struct of that. */
#ifndef HRLP_SCENARIO_KEY_ROWS_H
#define HRLP_SCENARIO_KEY_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario/content.h"

struct hrlp_key_row {
  hrl_scenario_key key;
  size_t offset;   /* of the member in struct hrl_scenario */
  bool is_integer; /* the member is an int64_t, otherwise a double */
};

struct hrlp_section {
  const char *name;
  size_t count;
  const struct hrlp_key_row *rows;
};

/* Any other type of member does not compile. */
#define MEMBER(path)                                        \
  offsetof(struct hrl_scenario, path),                      \
      _Generic(((struct hrl_scenario *)NULL)->path, int64_t \
               : true, double                               \
               : false)

#define REQUIRED 1, 0.0
#define DEFAULT(value) 0, value
#define FROM(minimum, maximum) minimum, maximum, 0
#define ABOVE(minimum, maximum) minimum, maximum, 1

/* NOLINTBEGIN(bugprone-macro-parentheses): a member's name takes none */
#define NUMBER(section, group, member, need, bounds, unit, text)               \
  {                                                                            \
    {#section, #member, NULL, HRL_KEY_NUMBER, need, bounds, NULL, unit, text}, \
        MEMBER(group.member)                                                   \
  }
#define INTEGER(section, group, member, need, bounds, unit, text)               \
  {                                                                             \
    {#section, #member, NULL, HRL_KEY_INTEGER, need, bounds, NULL, unit, text}, \
        MEMBER(group.member)                                                    \
  }
/* NOLINTEND(bugprone-macro-parentheses) */

/* A billion a month is no household; what is larger is a slip. Sums that grow over the
 * months get more room. */
#define MOST_INCOME 1e9
#define MOST_MONEY 1e12
#define MOST_WEIGHT 1e6
/* a thousand years */
#define MOST_MONTHS 12000

#define SECTION(section_name, section_rows) \
  { section_name, sizeof(section_rows) / sizeof(section_rows)[0], section_rows }

/* The sections that there are. Every model has training. */
extern const struct hrlp_section hrlp_budget_environment_keys;
extern const struct hrlp_section hrlp_budget_reward_keys;
extern const struct hrlp_section hrlp_budget_training_keys;
extern const struct hrlp_section hrlp_lifecycle_environment_keys;
extern const struct hrlp_section hrlp_lifecycle_utility_keys;
extern const struct hrlp_section hrlp_lifecycle_training_keys;
extern const struct hrlp_section hrlp_task_training_keys;

#endif
