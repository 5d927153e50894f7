/* The table of a program's own task. */
#include <string.h>

#include "base/memory.h"
#include "environments/custom/batch.h"
#include "environments/custom/call.h"
#include "environments/custom/play.h"
#include "scenario/content.h"

static void destroy(struct hrlp_task *task) {
  struct hrlp_custom_task *custom = (struct hrlp_custom_task *)task;
  if (custom == NULL) return;
  hrlp_definition_release(custom->definition);
  hrlp_free(custom->example);
  hrlp_free(custom);
}

/* Observations of an episode at its start, with the textbook goal. A task that cannot do
 * so much is refused before anything is trained. */
static hrl_status make_example(struct hrlp_custom_task *custom, hrl_error *error) {
  const hrl_task *task = hrlp_definition_task(custom->definition);
  uint64_t episode = 0;
  double goals[HRL_TASK_GOALS_MAX];
  size_t width = custom->environment.executor_observations;
  custom->example = hrlp_alloc(2 * width, sizeof(float));
  void *state = hrlp_alloc(1, task->state_size);
  hrl_task_batch batch = {.count = 1, .states = state, .episodes = &episode};
  hrl_status status = custom->example == NULL || state == NULL
                          ? hrlp_fail_memory(error, "a task")
                          : hrlp_call_reset(task, &batch, error);
  if (status == HRL_OK) status = hrlp_call_observe(task, &batch, custom->example, error);
  if (status == HRL_OK) status = hrlp_call_choose_goals(task, &batch, goals, error);
  if (status == HRL_OK)
    hrlp_custom_write_executor(task, custom->example, goals, 1, 1,
                               custom->example + width);
  hrlp_free(state);
  return status;
}

static void example(const struct hrlp_task *task, float *strategist, float *executor) {
  const struct hrlp_custom_task *custom = (const struct hrlp_custom_task *)task;
  size_t width = custom->environment.executor_observations;
  memcpy(strategist, custom->example,
         custom->environment.strategist_observations * sizeof(float));
  memcpy(executor, custom->example + width, width * sizeof(float));
}

static hrl_status create(const hrl_scenario *scenario, struct hrlp_task **result,
                         hrl_error *error) {
  *result = NULL;
  const hrl_task *task = hrlp_definition_task(scenario->definition);
  struct hrlp_custom_task *custom = hrlp_alloc(1, sizeof *custom);
  if (custom == NULL) return hrlp_fail_memory(error, "a task");
  custom->definition = hrlp_definition_share(scenario->definition);
  custom->environment = hrlp_custom;
  custom->environment.strategist_observations = task->observations;
  custom->environment.strategist_actions = task->goals;
  custom->environment.executor_observations = task->observations + task->goals + 1;
  custom->environment.executor_actions = task->actions;
  custom->task = (struct hrlp_task){.environment = &custom->environment,
                                    .months = (int64_t)task->steps,
                                    .reward_unit = 1.0};
  hrl_status status = make_example(custom, error);
  if (status == HRL_OK)
    *result = &custom->task;
  else
    destroy(&custom->task);
  return status;
}

/* What asks about households is refused by this before it asks for more. */
static hrl_status check(const struct hrlp_task *task, const hrl_observation *now,
                        size_t index, hrl_error *error) {
  (void)now;
  (void)index;
  return hrlp_fail(error, HRL_ERROR_MISMATCH,
                   "the pair was trained on the task '%s', not on a household; use "
                   "hrl_task_choose_goals and hrl_task_choose_actions",
                   hrlp_custom_definition(task)->name);
}

/* A pair plays its own task alone. */
static void differences(const struct hrlp_task *trained, const struct hrlp_task *other,
                        struct hrlp_text *text) {
  (void)trained;
  (void)other;
  (void)text;
}

const struct hrlp_environment hrlp_custom = {
    .model = "task",
    .least_improvement = 0.1,
    .create = create,
    .destroy = destroy,
    .batch_size = hrlp_custom_batch_size,
    .batch_lay = hrlp_custom_batch_lay,
    .reset = hrlp_custom_reset,
    .strategist_observe = hrlp_custom_observe_strategist,
    .goals_set = hrlp_custom_set_goals,
    .executor_observe = hrlp_custom_observe_executor,
    .step = hrlp_custom_step,
    .truncated = hrlp_custom_truncated,
    .problem = hrlp_custom_problem,
    .month = hrlp_custom_month,
    .episode = hrlp_custom_episode,
    .example = example,
    .check = check,
    .differences = differences,
    .rules = hrlp_custom_rules,
    .rule = hrlp_custom_rule,
    .optimum_create = hrlp_custom_solve,
    .optimum_destroy = hrlp_custom_unsolve,
    .plan_size = hrlp_custom_plan_size,
    .plan_play = hrlp_custom_plan_play,
};
