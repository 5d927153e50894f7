/* Pairs that were trained on a program's own task (hrl/task.h). */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "environments/custom/batch.h"
#include "environments/custom/call.h"
#include "policy/ask.h"
#include "scenario/definition.h"

hrl_status hrl_task_load_policy(const hrl_task *task, const char *model,
                                hrl_policy **policy, hrl_error *error) {
  if (policy != NULL) *policy = NULL;
  if (task == NULL || model == NULL || policy == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_task_load_policy: expected a task, a model and room for the "
                     "policy");
  struct hrlp_definition *definition = NULL;
  hrl_status status = hrlp_definition_create(task, &definition, error);
  if (status == HRL_OK) status = hrlp_policy_load(model, definition, policy, error);
  hrlp_definition_release(definition);
  return status;
}

/* What a pair is asked about, some states at a time, in memory of the library's. */
struct question {
  const hrl_policy *policy;
  const hrl_task *task;
  struct hrlp_ask ask;
  hrl_task_batch batch;
  uint64_t numbers[HRLP_ASK_ROWS]; /* the states have no episodes: their places */
  float *seen;                     /* [rows, observations] */
};

static hrl_status begin(struct question *question, const hrl_policy *policy,
                        const struct hrlp_actor_critic *agent, hrl_error *error) {
  const hrl_task *task = hrlp_definition_task(policy->scenario->definition);
  question->policy = policy;
  question->task = task;
  question->batch =
      (hrl_task_batch){.states = hrlp_alloc(HRLP_ASK_ROWS, task->state_size),
                       .episodes = question->numbers};
  question->seen = hrlp_alloc(HRLP_ASK_ROWS * task->observations, sizeof(float));
  if (question->batch.states == NULL || question->seen == NULL)
    return hrlp_fail_memory(error, "an agent's answer");
  return hrlp_ask_begin(&question->ask, agent, error);
}

static void end(struct question *question) {
  hrlp_ask_end(&question->ask);
  hrlp_free(question->batch.states);
  hrlp_free(question->seen);
}

/* Takes the states from number `first` on, and what is seen of them. */
static hrl_status take_states(struct question *question, const void *states, size_t first,
                              size_t count, size_t step, hrl_error *error) {
  hrl_task_batch *batch = &question->batch;
  size_t bytes = question->task->state_size;
  batch->count = count - first < HRLP_ASK_ROWS ? count - first : HRLP_ASK_ROWS;
  batch->step = step;
  for (size_t i = 0; i < batch->count; i++) question->numbers[i] = first + i;
  memcpy(batch->states, (const uint8_t *)states + first * bytes, batch->count * bytes);
  return hrlp_call_observe(question->task, batch, question->seen, error);
}

static hrl_status fail_answer(const struct question *question, hrl_error *error) {
  return hrlp_fail(error, HRL_ERROR_NUMERIC,
                   "the pair of the task '%s' gives no finite answer",
                   question->task->name);
}

/* The answers as real values within bounds. */
static void give(const struct question *question, const hrl_task_quantity *quantities,
                 size_t width, double *values) {
  for (size_t k = 0; k < question->batch.count * width; k++)
    values[k] =
        hrlp_quantity_value(&quantities[k % width], (double)question->ask.action[k]);
}

static hrl_status check_question(const hrl_policy *policy, size_t count,
                                 const void *states, size_t step, const void *answers,
                                 const char *function, hrl_error *error) {
  if (policy == NULL || (count > 0 && (states == NULL || answers == NULL)))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "%s: expected a policy, states and room for the answers", function);
  if (policy->scenario->definition == NULL)
    return hrlp_fail(error, HRL_ERROR_MISMATCH,
                     "%s: the pair was trained on households; use hrl_policy_goal "
                     "and hrl_policy_allocate",
                     function);
  size_t steps = hrlp_definition_task(policy->scenario->definition)->steps;
  if (step >= steps)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "%s: step: found %zu, expected 0 to %zu",
                     function, step, steps - 1);
  return HRL_OK;
}

hrl_status hrl_task_choose_goals(const hrl_policy *policy, size_t count,
                                 const void *states, size_t step, double *goals,
                                 hrl_error *error) {
  hrl_status status =
      check_question(policy, count, states, step, goals, "hrl_task_choose_goals", error);
  if (status != HRL_OK) return status;
  const struct hrlp_actor_critic *agent = &policy->agents.strategist;
  struct question question = {0};
  status = begin(&question, policy, agent, error);
  const hrl_task *task = question.task;
  for (size_t first = 0; first < count && status == HRL_OK; first += HRLP_ASK_ROWS) {
    double *answers = goals + first * task->goals;
    status = take_states(&question, states, first, count, step, error);
    if (status == HRL_OK)
      status = hrlp_call_choose_goals(task, &question.batch, answers, error);
    if (status != HRL_OK) break;
    size_t some = question.batch.count;
    for (size_t k = 0; k < some * task->goals; k++)
      question.ask.action[k] =
          (float)hrlp_quantity_place(&task->goal[k % task->goals], answers[k]);
    memcpy(question.ask.x, question.seen, some * task->observations * sizeof(float));
    if (!hrlp_ask_run(&question.ask, agent, some)) status = fail_answer(&question, error);
    give(&question, task->goal, task->goals, answers);
  }
  end(&question);
  return status;
}

static hrl_status check_goals(const hrl_task *task, size_t count, const double *goals,
                              hrl_error *error) {
  for (size_t k = 0; k < count * task->goals; k++) {
    const hrl_task_quantity *quantity = &task->goal[k % task->goals];
    if (goals[k] >= quantity->minimum && goals[k] <= quantity->maximum) continue;
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_task_choose_actions: goal %zu: %s: found %g, expected %g to %g",
                     k / task->goals, quantity->name, goals[k], quantity->minimum,
                     quantity->maximum);
  }
  return HRL_OK;
}

/* What only the executor is asked with. */
static hrl_status check_orders(const hrl_policy *policy, size_t count,
                               const double *goals, size_t steps_to_next_goal,
                               hrl_error *error) {
  int64_t period = policy->agents.config.period;
  if (count > 0 && goals == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_task_choose_actions: expected goals");
  if (steps_to_next_goal < 1 || steps_to_next_goal > (size_t)period)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_task_choose_actions: steps_to_next_goal: found %zu, expected 1 "
                     "to %lld",
                     steps_to_next_goal, (long long)period);
  return check_goals(hrlp_definition_task(policy->scenario->definition), count, goals,
                     error);
}

hrl_status hrl_task_choose_actions(const hrl_policy *policy, size_t count,
                                   const void *states, size_t step, const double *goals,
                                   size_t steps_to_next_goal, double *actions,
                                   hrl_error *error) {
  hrl_status status = check_question(policy, count, states, step, actions,
                                     "hrl_task_choose_actions", error);
  if (status == HRL_OK)
    status = check_orders(policy, count, goals, steps_to_next_goal, error);
  if (status != HRL_OK) return status;
  const struct hrlp_actor_critic *agent = &policy->agents.executor;
  int64_t period = policy->agents.config.period;
  struct question question = {0};
  status = begin(&question, policy, agent, error);
  const hrl_task *task = question.task;
  for (size_t first = 0; first < count && status == HRL_OK; first += HRLP_ASK_ROWS) {
    const double *asked = goals + first * task->goals;
    double *answers = actions + first * task->actions;
    status = take_states(&question, states, first, count, step, error);
    if (status == HRL_OK)
      status = hrlp_call_choose_actions(task, &question.batch, asked, answers, error);
    if (status != HRL_OK) break;
    size_t some = question.batch.count;
    for (size_t k = 0; k < some * task->actions; k++)
      question.ask.action[k] =
          (float)hrlp_quantity_place(&task->action[k % task->actions], answers[k]);
    for (size_t i = 0; i < some; i++)
      hrlp_custom_write_executor(task, question.seen + i * task->observations,
                                 asked + i * task->goals, (int64_t)steps_to_next_goal,
                                 period, question.ask.x + i * agent->observations);
    if (!hrlp_ask_run(&question.ask, agent, some)) status = fail_answer(&question, error);
    give(&question, task->action, task->actions, answers);
  }
  end(&question);
  return status;
}
