#include "policy/policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "math/vector.h"
#include "storage/agent_file.h"
#include "storage/archive.h"
#include "storage/checkpoint.h"

/* Households whose networks run in one product. */
#define ROWS 64

/* The two files that a model's name, prefix or checkpoint folder stands for. */
static hrl_status find_files(const char *model, char **high, char **low,
                             hrl_error *error) {
  bool folder = hrlp_is_folder(model);
  const char *before = folder || strchr(model, '/') != NULL ? "" : "models/";
  const char *between = folder ? "/" : "_";
  size_t room = strlen(model) + 64;
  *high = malloc(room);
  *low = malloc(room);
  if (*high == NULL || *low == NULL) return hrlp_fail_memory(error, "a file name");
  snprintf(*high, room, "%s%s%shigh_agent.pt", before, model, between);
  snprintf(*low, room, "%s%s%slow_agent.pt", before, model, between);
  if (hrlp_is_file(*high) && hrlp_is_file(*low)) return HRL_OK;
  const char *missing = hrlp_is_file(*high) ? *low : *high;
  if (folder)
    return hrlp_fail_at(
        error, HRL_ERROR_FORMAT, model, 0, 0,
        "is not a checkpoint: it holds no high_agent.pt and low_agent.pt");
  return hrlp_fail(error, HRL_ERROR_NOT_FOUND,
                   "no model '%s': there is no file %s; expected a name in ./models, a "
                   "prefix DIR/NAME of NAME_high_agent.pt and NAME_low_agent.pt, or a "
                   "checkpoint folder; hrl-train makes them",
                   model, missing);
}

/* The scenario that an agent's file carries. */
static hrl_status read_scenario(const char *file, const struct hrlp_value *root,
                                struct hrl_scenario **scenario, hrl_error *error) {
  const char *name = NULL;
  const char *yaml = NULL;
  hrl_status status = hrlp_value_find_text(root, "config/scenario", file, &name, error);
  if (status == HRL_OK)
    status = hrlp_value_find_text(root, "config/scenario_yaml", file, &yaml, error);
  if (status == HRL_OK)
    status = hrl_scenario_parse(yaml, strlen(yaml), name, scenario, error);
  return status;
}

/* The two halves of a pair must have been trained together, as far as they say so. */
static hrl_status check_pair(const char *low, const struct hrlp_value *low_root,
                             const struct hrl_scenario *scenario, hrl_error *error) {
  const struct hrlp_value *name =
      hrlp_value_get(hrlp_value_get(low_root, "config"), "scenario");
  if (name == NULL || name->kind != HRLP_TEXT || strcmp(name->text, scenario->name) == 0)
    return HRL_OK;
  return hrlp_fail_at(
      error, HRL_ERROR_MISMATCH, low, 0, 0,
      "was trained on the scenario '%s', the strategist beside it on '%s'; "
      "take both files from one training",
      name->text, scenario->name);
}

static hrl_status read_policy(struct hrl_policy *policy, const char *high,
                              const char *low, hrl_error *error) {
  struct hrlp_value *high_root = NULL;
  struct hrlp_value *low_root = NULL;
  hrl_status status = hrlp_archive_load(high, &high_root, error);
  if (status == HRL_OK) status = hrlp_archive_load(low, &low_root, error);
  if (status == HRL_OK) status = read_scenario(high, high_root, &policy->scenario, error);
  if (status == HRL_OK) status = check_pair(low, low_root, policy->scenario, error);
  if (status == HRL_OK) {
    /* widths come from the weights: PyTorch may have written the file */
    struct hrlp_agents_config config = hrlp_agents_configure(&policy->scenario->training);
    status = hrlp_agent_file_hidden(high, high_root, &config.hidden_high, error);
    if (status == HRL_OK)
      status = hrlp_agent_file_hidden(low, low_root, &config.hidden_low, error);
    if (status == HRL_OK && (config.hidden_high > 4096 || config.hidden_low > 4096))
      status = hrlp_fail_at(error, HRL_ERROR_LIMIT, high, 0, 0,
                            "hidden layers wider than 4096 are not accepted");
    if (status == HRL_OK)
      status =
          hrlp_agents_create_for(&policy->agents, &config, policy->scenario, 0, error);
  }
  if (status == HRL_OK)
    status = hrlp_agent_file_read(high, high_root, HRLP_STRATEGIST,
                                  &policy->agents.strategist, false, error);
  if (status == HRL_OK)
    status = hrlp_agent_file_read(low, low_root, HRLP_EXECUTOR, &policy->agents.executor,
                                  false, error);
  hrlp_value_free(high_root);
  hrlp_value_free(low_root);
  return status;
}

hrl_status hrl_policy_load(const char *model, hrl_policy **result, hrl_error *error) {
  if (result != NULL) *result = NULL;
  if (model == NULL || model[0] == '\0' || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_policy_load: expected a model and room for the policy");
  struct hrl_policy *policy = hrlp_alloc(1, sizeof *policy);
  if (policy == NULL) return hrlp_fail_memory(error, "a policy");
  char *high = NULL;
  char *low = NULL;
  hrl_status status = find_files(model, &high, &low, error);
  if (status == HRL_OK) status = read_policy(policy, high, low, error);
  free(high);
  free(low);
  if (status != HRL_OK) {
    hrl_policy_destroy(policy);
    return status;
  }
  *result = policy;
  return HRL_OK;
}

void hrl_policy_destroy(hrl_policy *policy) {
  if (policy == NULL) return;
  hrlp_agents_destroy(&policy->agents);
  hrl_scenario_destroy(policy->scenario);
  hrlp_free(policy);
}

const hrl_scenario *hrl_policy_scenario(const hrl_policy *policy) {
  return policy->scenario;
}

size_t hrl_policy_period(const hrl_policy *policy) {
  return (size_t)policy->agents.config.period;
}

/* Room for one agent's rows. */
struct rows {
  float *x, *action, *work;
};

static bool make_rows(struct rows *rows, const struct hrlp_actor_critic *agent) {
  rows->x = hrlp_alloc(ROWS * agent->observations, sizeof(float));
  rows->action = hrlp_alloc(ROWS * agent->actions, sizeof(float));
  rows->work = hrlp_alloc(hrlp_mlp_workspace_size(&agent->actor, ROWS), sizeof(float));
  return rows->x != NULL && rows->action != NULL && rows->work != NULL;
}

static void free_rows(struct rows *rows) {
  hrlp_free(rows->x);
  hrlp_free(rows->action);
  hrlp_free(rows->work);
}

/* Adds the actor's outputs to the offsets in rows->action. Sums of money near the end of
 * the numbers may not have got as far as rows->x. */
static hrl_status run_actor(struct rows *rows, const struct hrlp_actor_critic *agent,
                            size_t count, hrl_error *error) {
  if (!hrlp_all_finite(rows->x, count * agent->observations) ||
      !hrlp_all_finite(rows->action, count * agent->actions))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a household's cash, expenses or portfolio are too large");
  const float *output =
      hrlp_mlp_forward(&agent->actor, agent->parameters, rows->x, count, rows->work);
  for (size_t i = 0; i < count * agent->actions; i++) rows->action[i] += output[i];
  return HRL_OK;
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
  struct rows rows;
  if (!make_rows(&rows, agent) && status == HRL_OK)
    status = hrlp_fail_memory(error, "an agent's answer");
  for (size_t first = 0; first < count && status == HRL_OK; first += ROWS) {
    size_t some = count - first < ROWS ? count - first : ROWS;
    for (size_t i = 0; i < some; i++)
      environment->strategist_advise(
          task, &observations[first + i], previous == NULL ? NULL : &previous[first + i],
          policy->agents.config.period, rows.x + i * agent->observations,
          rows.action + i * agent->actions);
    status = run_actor(&rows, agent, some, error);
    for (size_t i = 0; i < some && status == HRL_OK; i++)
      goals[first + i] = environment->goal(task, rows.action + i * agent->actions);
  }
  free_rows(&rows);
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
  struct rows rows;
  if (!make_rows(&rows, agent) && status == HRL_OK)
    status = hrlp_fail_memory(error, "an agent's answer");
  for (size_t first = 0; first < count && status == HRL_OK; first += ROWS) {
    size_t some = count - first < ROWS ? count - first : ROWS;
    for (size_t i = 0; i < some; i++)
      environment->executor_advise(
          task, &observations[first + i], &goals[first + i], (int64_t)months_to_next_goal,
          period, rows.x + i * agent->observations, rows.action + i * agent->actions);
    status = run_actor(&rows, agent, some, error);
    for (size_t i = 0; i < some && status == HRL_OK; i++)
      allocations[first + i] = environment->allocation(task, &observations[first + i],
                                                       rows.action + i * agent->actions);
  }
  free_rows(&rows);
  return status;
}
