#include "report/yardsticks.h"

#include "common/worth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool is_lifecycle(const hrl_scenario *scenario) {
  return strcmp(hrl_scenario_model(scenario), "lifecycle") == 0;
}

/* True if the base model's optimum cannot serve as a baseline: with random portfolio
 * returns it is not solved exactly. */
static hrl_status has_random_returns(const hrl_scenario *scenario, bool *has,
                                     hrl_error *error) {
  static const char key[] = "environment.investment_return_type";
  const double stochastic = 2.0; /* its place among the key's choices */
  double returns = 0.0;
  hrl_status status = hrl_scenario_get(scenario, key, &returns, error);
  *has = returns == stochastic;
  return status;
}

static hrl_status play_optimum(struct yardsticks *yardsticks,
                               const hrl_scenario *scenario,
                               const hrl_evaluate_options *options, hrl_error *error) {
  const char *absent = NULL;
  hrl_error reason = HRL_ERROR_INIT;
  bool random = false;
  hrl_status status = HRL_OK;
  if (!is_lifecycle(scenario)) status = has_random_returns(scenario, &random, error);
  if (status != HRL_OK) return status;
  if (random) {
    absent = "the optimum is not computed for stochastic portfolio returns";
  } else {
    status = hrl_evaluate_optimum(scenario, options, NULL, &yardsticks->optimum, &reason);
    yardsticks->has_optimum = status == HRL_OK;
  }
  if (status == HRL_ERROR_LIMIT)
    absent = is_lifecycle(scenario)
                 ? reason.message
                 : "the scenario has too many months for the optimum to be solved";
  else if (status != HRL_OK && error != NULL)
    *error = reason;
  if (absent != NULL)
    snprintf(yardsticks->absent, sizeof yardsticks->absent, "%s", absent);
  return status == HRL_ERROR_LIMIT ? HRL_OK : status;
}

hrl_status yardsticks_play(struct yardsticks *yardsticks, const hrl_policy *policy,
                           const hrl_scenario *scenario,
                           const hrl_evaluate_options *options, hrl_error *error) {
  *yardsticks = (struct yardsticks){.policy = {.size = sizeof(hrl_evaluation)},
                                    .rule = {.size = sizeof(hrl_rule)},
                                    .best_rule = {.size = sizeof(hrl_evaluation)},
                                    .optimum = {.size = sizeof(hrl_evaluation)},
                                    .skill = NAN};
  hrl_status status =
      hrl_evaluate_policy(policy, scenario, options, &yardsticks->policy, error);
  if (status == HRL_OK)
    status = hrl_evaluate_best_rule(scenario, options, &yardsticks->rule,
                                    &yardsticks->best_rule, error);
  if (status == HRL_OK) status = play_optimum(yardsticks, scenario, options, error);
  if (status != HRL_OK || !yardsticks->has_optimum) return status;
  /* all three played the same noise, which so drops out of the comparison */
  yardsticks->skill = hrl_skill(evaluation_worth(&yardsticks->policy),
                                evaluation_worth(&yardsticks->best_rule),
                                evaluation_worth(&yardsticks->optimum));
  if (isnan(yardsticks->skill))
    snprintf(yardsticks->absent, sizeof yardsticks->absent,
             "on these episodes the optimum is no better than the best %s",
             is_lifecycle(scenario) ? "rule" : "constant share");
  return status;
}
