/* Advice for a household as it stands. */
#include <string.h>

#include "base/error.h"
#include "policy/policy.h"
#include "scenario/definition.h"

/* The euro that an allocation shares out. */
static double amount_of(const hrl_policy *policy, const hrl_observation *now) {
  bool lifecycle = policy->scenario->model == HRLP_MODEL_LIFECYCLE;
  return lifecycle ? now->cash + now->portfolio : now->income;
}

hrl_status hrl_policy_advise(const hrl_policy *policy, const hrl_scenario *scenario,
                             hrl_advice *result, hrl_error *error) {
  if (policy == NULL || scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_policy_advise: expected a policy, a scenario and room for the "
                     "advice");
  hrl_policy *adapted = NULL;
  hrl_status status =
      hrlp_scenario_check_household(policy->scenario, "hrl_policy_advise", error);
  if (status != HRL_OK) return status;
  status = hrl_policy_adapt(policy, scenario, &adapted, error);
  if (status != HRL_OK) return status;
  hrl_advice advice = {.size = sizeof advice};
  const struct hrlp_task *task = adapted->agents.task;
  task->environment->start(task, &advice.now);
  advice.months_of_goal = hrl_policy_period(adapted);
  if ((double)advice.months_of_goal > advice.now.months_remaining)
    advice.months_of_goal = (size_t)advice.now.months_remaining;
  status = hrl_policy_goal(adapted, 1, &advice.now, NULL, &advice.goal, error);
  if (status == HRL_OK)
    status = hrl_policy_allocate(adapted, 1, &advice.now, &advice.goal,
                                 hrl_policy_period(adapted), &advice.allocation, error);
  if (status == HRL_OK) {
    advice.amount = amount_of(adapted, &advice.now);
    advice.invest = advice.allocation.invest * advice.amount;
    advice.save = advice.allocation.save * advice.amount;
    advice.consume = advice.allocation.consume * advice.amount;
    size_t room = result->size < sizeof advice ? result->size : sizeof advice;
    advice.size = room;
    memcpy(result, &advice, room);
  }
  hrl_policy_destroy(adapted);
  return status;
}
