#include <math.h>

#include "base/memory.h"
#include "evaluate/evaluate.h"
#include "evaluate/percentiles.h"
#include "evaluate/tally.h"
#include "policy/policy.h"
#include "scenario/definition.h"
#include "scenario/family.h"

/* The policy's agents in another scenario: the same weights, that household's task, which
 * is to be destroyed. */
static hrl_status transplant(const struct hrl_policy *policy,
                             const hrl_scenario *scenario, struct hrlp_agents *agents,
                             hrl_error *error) {
  *agents = policy->agents;
  if (scenario == NULL) scenario = policy->scenario;
  agents->family = hrl_scenario_is_family(scenario) ? scenario : NULL;
  struct hrl_scenario middle = hrlp_family_middle(scenario);
  if (!hrlp_scenario_is_like(policy->scenario, scenario))
    return hrlp_policy_fail_other(policy, scenario, error);
  return hrlp_task_create(&middle, &agents->task, error);
}

/* Appends in which values `task`, of `scenario`, lies outside what the pair was trained
 * on: outside the ranges of a family, or far from a single household. */
static void differ(const struct hrl_policy *policy, const struct hrl_scenario *scenario,
                   const struct hrlp_task *task, struct hrlp_text *text) {
  if (policy->scenario->family == NULL)
    task->environment->differences(policy->agents.task, task, text);
  else if (scenario->family == NULL)
    hrlp_family_outside(policy->scenario, scenario, text);
}

hrl_status hrl_policy_differences(const hrl_policy *policy, const hrl_scenario *scenario,
                                  char **differences, hrl_error *error) {
  if (differences != NULL) *differences = NULL;
  if (policy == NULL || scenario == NULL || differences == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_policy_differences: expected a policy, a scenario and room for "
                     "the text");
  struct hrlp_agents agents;
  struct hrlp_text text = {0};
  hrl_status status = transplant(policy, scenario, &agents, error);
  if (status != HRL_OK) return status;
  hrlp_text_append(&text, "", 0);
  differ(policy, scenario, agents.task, &text);
  hrlp_task_destroy(agents.task);
  if (text.failed || text.data == NULL) {
    hrlp_text_free(&text);
    return hrlp_fail_memory(error, "a comparison of households");
  }
  *differences = text.data;
  return HRL_OK;
}

/* Tells the caller's log where the household is not of the kind that the pair knows. */
static hrl_status log_differences(const struct hrl_policy *policy,
                                  const struct hrl_scenario *scenario,
                                  const struct hrlp_task *task,
                                  const hrl_evaluate_options *options, hrl_error *error) {
  struct hrlp_text text = {0};
  struct hrlp_text line = {0};
  if (options->log == NULL) return HRL_OK;
  differ(policy, scenario == NULL ? policy->scenario : scenario, task, &text);
  if (text.length > 0)
    hrlp_text_format(&line,
                     "the household lies outside what the agents were trained on: %s; "
                     "they may do worse than a simple rule",
                     text.data);
  bool failed = text.failed || line.failed;
  if (!failed && line.length > 0) options->log(line.data, options->log_data);
  hrlp_text_free(&text);
  hrlp_text_free(&line);
  return failed ? hrlp_fail_memory(error, "a comparison of households") : HRL_OK;
}

hrl_status hrl_evaluate_policy(const hrl_policy *policy, const hrl_scenario *scenario,
                               const hrl_evaluate_options *options,
                               hrl_evaluation *result, hrl_error *error) {
  if (policy == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_policy: expected a policy and a result");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  struct hrlp_agents agents;
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  if (status != HRL_OK) return status;
  status = transplant(policy, scenario, &agents, error);
  if (status == HRL_OK) {
    status = log_differences(policy, scenario, agents.task, &checked, error);
    if (status == HRL_OK)
      status = hrlp_evaluate_agents(&agents, checked.episodes, checked.seed, pool, result,
                                    NULL, error);
    hrlp_task_destroy(agents.task);
  }
  hrlp_pool_destroy(pool);
  return status;
}

/* Passes months on to the caller's function until that wants no more. */
struct watcher {
  hrl_trajectory_fn function;
  void *data;
  bool ended;
};

static void observe_month(void *context, const hrl_trajectory_month *month) {
  struct watcher *watcher = context;
  if (watcher->ended) return;
  watcher->ended = watcher->function(month, watcher->data) != 0;
}

hrl_status hrl_evaluate_trajectory(const hrl_policy *policy, const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options,
                                   hrl_trajectory_fn watch, void *data,
                                   hrl_error *error) {
  if (policy == NULL || watch == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_trajectory: expected a policy and a function");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  struct hrlp_agents agents;
  struct hrlp_rollout *rollout = NULL;
  struct watcher watcher = {watch, data, false};
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  hrlp_pool_destroy(pool); /* one episode after the other: no use for it */
  if (status != HRL_OK) return status;
  status = transplant(policy, scenario, &agents, error);
  if (status != HRL_OK) return status;
  status = hrlp_rollout_create(&agents, 1, 1, &rollout, error);
  for (uint64_t i = 0; i < checked.episodes && status == HRL_OK && !watcher.ended; i++) {
    struct hrlp_episode episode;
    status = hrlp_rollout_run(
        rollout,
        &(struct hrlp_rollout_request){.agents = &agents,
                                       .seed = checked.seed,
                                       .first_episode = i,
                                       .count = 1,
                                       .episodes = &episode,
                                       .observer = {observe_month, &watcher}},
        NULL, error);
  }
  hrlp_rollout_destroy(rollout);
  hrlp_task_destroy(agents.task);
  if (status == HRL_OK && watcher.ended)
    status = hrlp_fail(error, HRL_ERROR_STATE, "the callback ended the trajectory");
  return status;
}

/* Plays one pair; `returns` receives what each episode came to, and `percentiles`, where
 * it is not NULL, hears those of every month. */
static hrl_status play_returns(const struct hrl_policy *policy,
                               const hrl_scenario *scenario,
                               const hrl_evaluate_options *options,
                               struct hrlp_pool *pool,
                               const hrl_percentiles_request *percentiles,
                               hrl_evaluation *result, double *returns,
                               hrl_error *error) {
  struct hrlp_agents agents;
  hrl_status status = transplant(policy, scenario, &agents, error);
  if (status != HRL_OK) return status;
  struct hrlp_player player = {.task = agents.task, .agents = &agents};
  status = percentiles != NULL
               ? hrlp_percentiles(&player, options, pool, percentiles,
                                  HRLP_PERCENTILES_MEMORY, result, returns, error)
               : hrlp_evaluate_agents(&agents, options->episodes, options->seed, pool,
                                      result, returns, error);
  hrlp_task_destroy(agents.task);
  return status;
}

hrl_status hrl_evaluate_difference(const hrl_policy *first, const hrl_policy *second,
                                   const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options,
                                   double *difference, double *standard_error,
                                   hrl_error *error) {
  if (first == NULL || second == NULL || difference == NULL || standard_error == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_difference: expected two policies and two results");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  if (status != HRL_OK) return status;
  if (scenario == NULL) scenario = first->scenario;
  const size_t count = (size_t)checked.episodes;
  hrl_evaluation ignored = {.size = sizeof ignored};
  double *returns = hrlp_alloc(2 * count, sizeof *returns);
  if (returns == NULL) status = hrlp_fail_memory(error, "an evaluation");
  if (status == HRL_OK)
    status =
        play_returns(first, scenario, &checked, pool, NULL, &ignored, returns, error);
  if (status == HRL_OK)
    status = play_returns(second, scenario, &checked, pool, NULL, &ignored,
                          returns + count, error);
  if (status == HRL_OK)
    hrlp_tally_difference(returns, returns + count, count, difference, standard_error);
  hrlp_free(returns);
  hrlp_pool_destroy(pool);
  return status;
}

hrl_status hrl_evaluate_against_rule(const hrl_policy *policy,
                                     const hrl_scenario *scenario, const hrl_rule *rule,
                                     const hrl_evaluate_options *options,
                                     const hrl_percentiles_request *percentiles,
                                     hrl_evaluation *of_policy, hrl_evaluation *of_rule,
                                     double *difference, double *standard_error,
                                     hrl_error *error) {
  if (policy == NULL || difference == NULL || standard_error == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_against_rule: expected a policy and two results");
  if (scenario == NULL) scenario = policy->scenario;
  struct hrlp_evaluation evaluation;
  struct hrlp_plan plan;
  hrl_evaluation ignored = {.size = sizeof ignored};
  double *returns = NULL;
  hrl_status status =
      hrlp_scenario_check_household(scenario, "hrl_evaluate_against_rule", error);
  if (status == HRL_OK) status = hrlp_rule_check(rule, &plan, error);
  if (status != HRL_OK) return status;
  status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  const size_t count = (size_t)evaluation.options.episodes;
  if (status == HRL_OK) {
    returns = hrlp_alloc(2 * count, sizeof *returns);
    if (returns == NULL) status = hrlp_fail_memory(error, "an evaluation");
  }
  if (status == HRL_OK) {
    struct hrlp_player player = {.task = evaluation.task, .plan = &plan};
    struct hrlp_audience audience = {.returns = returns};
    status =
        hrlp_evaluate_player(&player, count, evaluation.options.seed, evaluation.pool,
                             &audience, of_rule != NULL ? of_rule : &ignored, error);
  }
  if (status == HRL_OK)
    status =
        play_returns(policy, scenario, &evaluation.options, evaluation.pool, percentiles,
                     of_policy != NULL ? of_policy : &ignored, returns + count, error);
  if (status == HRL_OK)
    hrlp_tally_difference(returns, returns + count, count, difference, standard_error);
  hrlp_free(returns);
  hrlp_evaluation_end(&evaluation);
  return status;
}

hrl_status hrl_percentiles_policy(const hrl_policy *policy, const hrl_scenario *scenario,
                                  const hrl_evaluate_options *options,
                                  const hrl_percentiles_request *request,
                                  hrl_error *error) {
  if (policy == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_percentiles_policy: expected a policy");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  struct hrlp_agents agents;
  hrl_status status =
      hrlp_scenario_check_household(policy->scenario, "hrl_percentiles_policy", error);
  if (status == HRL_OK) status = hrlp_evaluate_begin(options, &checked, &pool, error);
  if (status != HRL_OK) return status;
  status = transplant(policy, scenario, &agents, error);
  if (status == HRL_OK) {
    struct hrlp_player player = {.task = agents.task, .agents = &agents};
    status = log_differences(policy, scenario, agents.task, &checked, error);
    if (status == HRL_OK)
      status = hrlp_percentiles(&player, &checked, pool, request, HRLP_PERCENTILES_MEMORY,
                                NULL, NULL, error);
    hrlp_task_destroy(agents.task);
  }
  hrlp_pool_destroy(pool);
  return status;
}
