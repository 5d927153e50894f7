/* Asking a pair of households. */
#include <math.h>

#include "policy/ask.h"

static hrl_status fail_large(hrl_error *error) {
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "a household's cash, expenses or portfolio are too large");
}

/* Agents that know many households are told which one it is. */
static void add_context(const struct hrl_policy *policy, struct hrlp_ask *ask,
                        const struct hrlp_actor_critic *agent, size_t count) {
  const struct hrlp_task *task = policy->agents.task;
  size_t context = policy->agents.context;
  for (size_t i = 0; i < count && context > 0; i++)
    task->environment->context(task, ask->x + (i + 1) * agent->observations - context);
}

hrl_status hrl_policy_goal(const hrl_policy *policy, size_t count,
                           const hrl_observation *observations,
                           const hrl_observation *previous, hrl_goal *goals,
                           hrl_error *error) {
  if (policy == NULL || (count > 0 && (observations == NULL || goals == NULL)))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_policy_goal: expected a policy, observations and goals");
  const struct hrlp_task *task = policy->agents.task;
  const struct hrlp_environment *environment = task->environment;
  const struct hrlp_actor_critic *agent = &policy->agents.strategist;
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    status = environment->check(task, &observations[i], i, error);
    if (status == HRL_OK && previous != NULL)
      status = environment->check(task, &previous[i], i, error);
  }
  struct hrlp_ask ask = {NULL, NULL, NULL};
  if (status == HRL_OK) status = hrlp_ask_begin(&ask, agent, error);
  for (size_t first = 0; first < count && status == HRL_OK; first += HRLP_ASK_ROWS) {
    size_t some = count - first < HRLP_ASK_ROWS ? count - first : HRLP_ASK_ROWS;
    for (size_t i = 0; i < some; i++)
      environment->strategist_advise(
          task, &observations[first + i], previous == NULL ? NULL : &previous[first + i],
          policy->agents.config.period, ask.x + i * agent->observations,
          ask.action + i * agent->actions);
    add_context(policy, &ask, agent, some);
    if (!hrlp_ask_run(&ask, agent, some)) status = fail_large(error);
    for (size_t i = 0; i < some && status == HRL_OK; i++)
      goals[first + i] = environment->goal(task, ask.action + i * agent->actions);
  }
  hrlp_ask_end(&ask);
  return status;
}

static hrl_status check_goal(const hrl_goal *goal, size_t index, hrl_error *error) {
  if (goal->target_invest_ratio >= 0.0 && goal->target_invest_ratio <= 1.0 &&
      goal->safety_buffer >= 0.0 && isfinite(goal->safety_buffer) &&
      goal->aggressiveness >= 0.0 && goal->aggressiveness <= 1.0)
    return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "goal %zu: expected a target and an aggressiveness within 0..1 and a "
                   "buffer of at least 0",
                   index);
}

hrl_status hrl_policy_allocate(const hrl_policy *policy, size_t count,
                               const hrl_observation *observations, const hrl_goal *goals,
                               size_t months_to_next_goal, hrl_allocation *allocations,
                               hrl_error *error) {
  if (policy == NULL ||
      (count > 0 && (observations == NULL || goals == NULL || allocations == NULL)))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_policy_allocate: expected a policy, observations, goals and "
                     "allocations");
  int64_t period = policy->agents.config.period;
  if (months_to_next_goal < 1 || months_to_next_goal > (size_t)period)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "months_to_next_goal: found %zu, expected 1 to %lld",
                     months_to_next_goal, (long long)period);
  const struct hrlp_task *task = policy->agents.task;
  const struct hrlp_environment *environment = task->environment;
  const struct hrlp_actor_critic *agent = &policy->agents.executor;
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    status = environment->check(task, &observations[i], i, error);
    if (status == HRL_OK) status = check_goal(&goals[i], i, error);
  }
  struct hrlp_ask ask = {NULL, NULL, NULL};
  if (status == HRL_OK) status = hrlp_ask_begin(&ask, agent, error);
  for (size_t first = 0; first < count && status == HRL_OK; first += HRLP_ASK_ROWS) {
    size_t some = count - first < HRLP_ASK_ROWS ? count - first : HRLP_ASK_ROWS;
    for (size_t i = 0; i < some; i++)
      environment->executor_advise(
          task, &observations[first + i], &goals[first + i], (int64_t)months_to_next_goal,
          period, ask.x + i * agent->observations, ask.action + i * agent->actions);
    add_context(policy, &ask, agent, some);
    if (!hrlp_ask_run(&ask, agent, some)) status = fail_large(error);
    for (size_t i = 0; i < some && status == HRL_OK; i++)
      allocations[first + i] =
          environment->allocation(task, &observations[first + i], &goals[first + i],
                                  ask.action + i * agent->actions);
  }
  hrlp_ask_end(&ask);
  return status;
}
