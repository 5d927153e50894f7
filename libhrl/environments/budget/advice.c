#include "environments/budget/advice.h"

#include <math.h>

#include "base/error.h"
#include "environments/budget/task.h"
#include "environments/budget/features.h"
#include "environments/remaining.h"

void hrlp_budget_start(const struct hrlp_task *task, hrl_observation *now) {
  const struct hrlp_budget_config *config = &hrlp_budget_forecast(task)->environment;
  *now = (hrl_observation){.income = config->income,
                           .fixed_expenses = config->fixed_expenses,
                           .variable_expense = config->variable_expense_mean,
                           .cash = config->initial_cash,
                           .inflation = config->inflation,
                           .risk_tolerance = config->risk_tolerance,
                           .months_remaining = (double)config->max_months};
  const struct hrlp_beginning *beginning = &config->beginning;
  if (beginning->month == 0) return;
  double price = pow(1.0 + config->inflation, (double)(beginning->month - 1) / 12.0);
  now->fixed_expenses *= price;
  now->variable_expense *= price;
  now->cash = beginning->cash;
  now->portfolio = beginning->portfolio;
  now->months_remaining -= (double)(beginning->month - 1);
}

hrl_status hrlp_budget_check(const struct hrlp_task *task, const hrl_observation *now,
                             size_t index, hrl_error *error) {
  if (!isfinite(now->cash) || !isfinite(now->fixed_expenses) ||
      !isfinite(now->variable_expense) || !isfinite(now->portfolio))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "household %zu: cash, expenses and portfolio must be finite numbers",
                     index);
  return hrlp_remaining_check(task, now, index, error);
}

static struct hrlp_budget_state make_state(const struct hrlp_task *task,
                                           const hrl_observation *now) {
  return (struct hrlp_budget_state){
      .month = task->months - (int64_t)now->months_remaining,
      .cash = now->cash,
      .portfolio = now->portfolio,
      .fixed = now->fixed_expenses,
      .variable = now->variable_expense,
      .average_cash = now->cash};
}

/* What the strategist remembers, as far as two observations can tell it. */
static void add_trend(const struct hrlp_forecast *forecast,
                      struct hrlp_budget_state *state, const hrl_observation *previous) {
  double months = previous->months_remaining - (double)(forecast->months - state->month);
  double expected =
      forecast->environment.variable_expense_mean * forecast->price[state->month];
  state->average_cash = (state->cash + previous->cash) / 2.0;
  state->average_change = months > 0.0 ? (state->cash - previous->cash) / months : 0.0;
  state->spending_trend = expected > 0.0 ? state->variable / expected - 1.0 : 0.0;
}

void hrlp_budget_advise_strategist(const struct hrlp_task *task,
                                   const hrl_observation *now,
                                   const hrl_observation *previous, int64_t period,
                                   float *observation, float *offset) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(task);
  struct hrlp_budget_state state = make_state(task, now);
  if (previous != NULL) add_trend(forecast, &state, previous);
  hrlp_budget_strategist_observe(forecast, &state, period, observation, offset);
}

hrl_goal hrlp_budget_goal(const struct hrlp_task *task, const float *action) {
  return hrlp_budget_goal_from_action(hrlp_budget_forecast(task), action);
}

void hrlp_budget_advise_executor(const struct hrlp_task *task, const hrl_observation *now,
                                 const hrl_goal *goal, int64_t months_to_next_goal,
                                 int64_t period, float *observation, float *offset) {
  struct hrlp_budget_state state = make_state(task, now);
  hrlp_budget_executor_observe(hrlp_budget_forecast(task), &state, goal,
                               months_to_next_goal, period, observation, offset);
}

hrl_allocation hrlp_budget_advise_allocation(const struct hrlp_task *task,
                                             const hrl_observation *now,
                                             const hrl_goal *goal, const float *action) {
  (void)goal; /* actions are shares of income, whatever the goal */
  struct hrlp_budget_state state = make_state(task, now);
  double shares[3];
  hrlp_budget_allocation(hrlp_budget_forecast(task), &state,
                         hrlp_budget_share_from_action(action), shares);
  return (hrl_allocation){shares[0], shares[1], shares[2]};
}
