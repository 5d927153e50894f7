/* 04 - Advise a household of today with agents that were trained before.
 *
 * The strategist is asked for a goal, the executor for what to do with next month's income.
 *
 * Usage: 04_advise [MODEL [CASH [MONTHS_REMAINING]]], after 01_train or hrl-train */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

/* Present state of the household: its scenario and its accounts. */
static hrl_status describe(const hrl_scenario *scenario, double cash, double months,
                           hrl_observation *now, hrl_error *error) {
  *now = (hrl_observation){.cash = cash, .months_remaining = months, .portfolio = 0.0};
  hrl_status status =
      hrl_scenario_get(scenario, "environment.fixed_expenses", &now->fixed_expenses, error);
  if (status == HRL_OK)
    status = hrl_scenario_get(scenario, "environment.variable_expense_mean",
                              &now->variable_expense, error);
  if (status == HRL_OK)
    status = hrl_scenario_get(scenario, "environment.income", &now->income, error);
  return status;
}

static hrl_status advise(const hrl_policy *policy, double cash, double months,
                         hrl_error *error) {
  hrl_observation now;
  hrl_goal goal;
  hrl_allocation advice;
  hrl_status status =
      describe(hrl_policy_scenario(policy), cash, months, &now, error);
  if (status == HRL_OK)
    status = hrl_policy_goal(policy, 1, &now, NULL, &goal, error);
  if (status == HRL_OK)
    status = hrl_policy_allocate(policy, 1, &now, &goal, hrl_policy_period(policy), &advice,
                                 error);
  if (status != HRL_OK) return status;
  printf("household: income %.2f, cash %.2f, %.0f months to go\n", now.income, cash, months);
  printf("goal for %zu months: invest %.1f %%, keep %.2f euro, aggressiveness %.2f\n",
         hrl_policy_period(policy), 100.0 * goal.target_invest_ratio, goal.safety_buffer,
         goal.aggressiveness);
  printf("next month: invest %.2f, save %.2f, consume %.2f euro\n",
         advice.invest * now.income, advice.save * now.income, advice.consume * now.income);
  return HRL_OK;
}

int main(int argc, char **argv) {
  double cash = argc > 2 ? atof(argv[2]) : 4000.0;
  double months = argc > 3 ? atof(argv[3]) : 60.0;
  hrl_error error = HRL_ERROR_INIT;
  hrl_policy *policy = NULL;
  hrl_status status =
      hrl_policy_load(argc > 1 ? argv[1] : "bologna_coppia", &policy, &error);
  if (status == HRL_OK) status = advise(policy, cash, months, &error);
  if (status != HRL_OK) fprintf(stderr, "04_advise: %s\n", error.message);
  hrl_policy_destroy(policy);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
