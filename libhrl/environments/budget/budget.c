#include "environments/budget/budget.h"

#include "base/memory.h"
#include "environments/budget/advice.h"
#include "environments/budget/batch.h"
#include "environments/budget/features.h"
#include "environments/budget/fit.h"
#include "environments/budget/rules.h"
#include "environments/budget/task.h"
#include "scenario/scenario.h"

/* What it earns to invest a month's income: in this, households of all sizes and weights
 * are alike. */
static double reward_unit(const hrl_scenario *scenario) {
  const struct hrlp_budget_weights *reward = &scenario->reward;
  double weight = reward->alpha > 0.0 ? reward->alpha : reward->beta + reward->gamma;
  return (weight > 0.0 ? weight : 1.0) * scenario->environment.income / 1000.0;
}

static void context(const struct hrlp_task *task, float *features) {
  hrlp_budget_context(hrlp_budget_forecast(task), features);
}

static hrl_status create(const hrl_scenario *scenario, struct hrlp_task **result,
                         hrl_error *error) {
  *result = NULL;
  struct hrlp_budget_task *task = hrlp_alloc(1, sizeof *task);
  if (task == NULL) return hrlp_fail_memory(error, "the household");
  const struct hrlp_beginning *beginning = &scenario->environment.beginning;
  task->task = (struct hrlp_task){.environment = &hrlp_budget,
                                  .first_month = 1,
                                  .months = scenario->environment.max_months,
                                  .initial_wealth = scenario->environment.initial_cash,
                                  .nodes = HRLP_BUDGET_NODES,
                                  .reward_unit = reward_unit(scenario)};
  if (beginning->month > 0) {
    task->task.first_month = beginning->month;
    task->task.initial_wealth = beginning->cash + beginning->portfolio;
  }
  hrl_status status = hrlp_forecast_create(&task->forecast, &scenario->environment,
                                           &scenario->reward, error);
  if (status == HRL_OK)
    *result = &task->task;
  else
    hrlp_free(task);
  return status;
}

static void destroy(struct hrlp_task *task) {
  if (task == NULL) return;
  hrlp_forecast_destroy(&((struct hrlp_budget_task *)task)->forecast);
  hrlp_free(task);
}

const struct hrlp_environment hrlp_budget = {
    .model = "budget",
    .strategist_observations = HRLP_BUDGET_STRATEGIST_OBSERVATIONS,
    .strategist_actions = HRLP_BUDGET_STRATEGIST_ACTIONS,
    .executor_observations = HRLP_BUDGET_EXECUTOR_OBSERVATIONS,
    .executor_actions = HRLP_BUDGET_EXECUTOR_ACTIONS,
    .context_features = HRLP_BUDGET_CONTEXT,
    .has_reward_unit = true,
    .least_improvement = 0.1,
    .create = create,
    .destroy = destroy,
    .batch_size = hrlp_budget_batch_size,
    .batch_lay = hrlp_budget_batch_lay,
    .reset = hrlp_budget_reset,
    .strategist_observe = hrlp_budget_observe_strategist,
    .goals_set = hrlp_budget_set_goals,
    .executor_observe = hrlp_budget_observe_executor,
    .step = hrlp_budget_step,
    .nodes_observe = hrlp_budget_observe_nodes,
    .context = context,
    .month = hrlp_budget_month,
    .episode = hrlp_budget_episode,
    .start = hrlp_budget_start,
    .check = hrlp_budget_check,
    .strategist_advise = hrlp_budget_advise_strategist,
    .goal = hrlp_budget_goal,
    .executor_advise = hrlp_budget_advise_executor,
    .allocation = hrlp_budget_advise_allocation,
    .differences = hrlp_budget_differences,
    .rules = hrlp_budget_rule_count,
    .rule = hrlp_budget_rule,
    .optimum_create = hrlp_budget_solve,
    .optimum_destroy = hrlp_budget_unsolve,
    .plan_size = hrlp_budget_plan_size,
    .plan_play = hrlp_budget_plan_play,
};
