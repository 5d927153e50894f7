/* report/yardsticks.h - baselines: a trained pair, the best simple rule and the optimum
 * on the same noise. */
#ifndef CLI_REPORT_YARDSTICKS_H
#define CLI_REPORT_YARDSTICKS_H

#include <stdbool.h>

#include <hrl/evaluate.h>

struct yardsticks {
  hrl_evaluation policy;
  hrl_rule rule; /* the best by hindsight */
  hrl_evaluation best_rule;
  bool has_optimum;
  hrl_evaluation optimum;
  double skill;                        /* NaN where it is not defined */
  char absent[HRL_ERROR_MESSAGE_SIZE]; /* why it is not, or "" */
};

/* Plays all three. */
hrl_status yardsticks_play(struct yardsticks *yardsticks, const hrl_policy *policy,
                           const hrl_scenario *scenario,
                           const hrl_evaluate_options *options, hrl_error *error);

/* Whether the scenario is of the model `lifecycle`. */
bool is_lifecycle(const hrl_scenario *scenario);

#endif
