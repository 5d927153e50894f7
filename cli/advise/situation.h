/* advise/situation.h - the household asked about: a scenario, its present state, and
 * what-if changes. */
#ifndef CLI_ADVISE_SITUATION_H
#define CLI_ADVISE_SITUATION_H

#include <stdbool.h>
#include <stddef.h>

#include <hrl/scenario.h>

/* What is known of where it stands. */
struct situation {
  bool has_cash; /* otherwise the scenario's initial_cash, in month 1 */
  hrl_situation now;
};

/* A euro or another finite number as typed, and nothing else. */
bool situation_number(const char *text, double *value);

/* Changes one thing by its name: a key with or without its section, or `cash`,
 * `portfolio`, `month`. Errors: HRL_ERROR_KEY, those of hrl_scenario_set. */
hrl_status situation_change(hrl_scenario *scenario, struct situation *situation,
                            const char *name, double value, hrl_error *error);

/* The same by text, "key=value,key=value". */
hrl_status situation_change_by(hrl_scenario *scenario, struct situation *situation,
                               const char *text, hrl_error *error);

/* Lets the scenario begin there. HRL_ERROR_ARGUMENT where cash is missing, and those of
 * hrl_scenario_begin_at. */
hrl_status situation_apply(hrl_scenario *scenario, struct situation *situation,
                           hrl_error *error);

#endif
