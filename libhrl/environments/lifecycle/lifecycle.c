#include "environments/lifecycle/lifecycle.h"

#include "base/memory.h"
#include "environments/lifecycle/advice.h"
#include "environments/lifecycle/batch.h"
#include "environments/lifecycle/features.h"
#include "environments/lifecycle/figures.h"
#include "environments/lifecycle/nodes.h"
#include "environments/lifecycle/rules.h"
#include "environments/lifecycle/task.h"
#include "scenario/complete.h"
#include "scenario/scenario.h"

static hrl_status create(const hrl_scenario *scenario, struct hrlp_task **result,
                         hrl_error *error) {
  *result = NULL;
  const char *key;
  hrl_status status = hrlp_lifecycle_keys_check(&scenario->lifecycle, &key, error);
  if (status != HRL_OK) return status;
  struct hrlp_lifecycle_task *task = hrlp_alloc(1, sizeof *task);
  if (task == NULL) return hrlp_fail_memory(error, "the household");
  status = hrlp_lifecycle_forecast_create(&task->forecast, &scenario->lifecycle,
                                          &scenario->utility, error);
  if (status != HRL_OK) {
    hrlp_free(task);
    return status;
  }
  const struct hrlp_beginning *beginning = &scenario->lifecycle.beginning;
  task->task = (struct hrlp_task){.environment = &hrlp_lifecycle,
                                  .first_month = 1,
                                  .months = scenario->lifecycle.max_months,
                                  .initial_wealth = scenario->lifecycle.initial_cash,
                                  .nodes = hrlp_lifecycle_most_nodes(&task->forecast),
                                  .reward_unit = 1.0};
  if (beginning->month > 0) {
    task->task.first_month = beginning->month;
    task->task.initial_wealth = beginning->cash + beginning->portfolio;
  }
  *result = &task->task;
  return HRL_OK;
}

static void destroy(struct hrlp_task *task) {
  if (task == NULL) return;
  hrlp_lifecycle_forecast_destroy(&((struct hrlp_lifecycle_task *)task)->forecast);
  hrlp_free(task);
}

static void context(const struct hrlp_task *task, float *features) {
  hrlp_lifecycle_context(hrlp_lifecycle_forecast_of(task), features);
}

static double certainty_equivalent(const struct hrlp_task *task,
                                   double strategic_return) {
  return hrlp_life_certainty_equivalent(hrlp_lifecycle_forecast_of(task),
                                        strategic_return);
}

const struct hrlp_environment hrlp_lifecycle = {
    .model = "lifecycle",
    .strategist_observations = HRLP_LIFECYCLE_STRATEGIST_OBSERVATIONS,
    .strategist_actions = HRLP_LIFECYCLE_STRATEGIST_ACTIONS,
    .executor_observations = HRLP_LIFECYCLE_EXECUTOR_OBSERVATIONS,
    .executor_actions = HRLP_LIFECYCLE_EXECUTOR_ACTIONS,
    .context_features = HRLP_LIFECYCLE_CONTEXT,
    .has_reward_unit = false,
    .least_improvement = 0.001, /* of consumption */
    .create = create,
    .destroy = destroy,
    .batch_size = hrlp_lifecycle_batch_size,
    .batch_lay = hrlp_lifecycle_batch_lay,
    .reset = hrlp_lifecycle_reset,
    .strategist_observe = hrlp_lifecycle_observe_strategist,
    .goals_set = hrlp_lifecycle_set_goals,
    .executor_observe = hrlp_lifecycle_observe_executor,
    .step = hrlp_lifecycle_step,
    .nodes_observe = hrlp_lifecycle_observe_nodes,
    .context = context,
    .month = hrlp_lifecycle_month,
    .episode = hrlp_lifecycle_episode,
    .certainty_equivalent = certainty_equivalent,
    .start = hrlp_lifecycle_start,
    .check = hrlp_lifecycle_check,
    .strategist_advise = hrlp_lifecycle_advise_strategist,
    .goal = hrlp_lifecycle_advise_goal,
    .executor_advise = hrlp_lifecycle_advise_executor,
    .allocation = hrlp_lifecycle_advise_allocation,
    .differences = hrlp_lifecycle_differences,
    .rules = hrlp_lifecycle_rule_count,
    .rule = hrlp_lifecycle_rule,
    .optimum_create = hrlp_lifecycle_solve,
    .optimum_destroy = hrlp_lifecycle_unsolve,
    .plan_size = hrlp_lifecycle_plan_size,
    .plan_play = hrlp_lifecycle_plan_play,
};
