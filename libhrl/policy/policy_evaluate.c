#include <math.h>

#include "base/memory.h"
#include "evaluate/evaluate.h"
#include "policy/policy.h"

/* The policy's agents in another scenario: the same weights, that household's outlook. */
static hrl_status transplant(const struct hrl_policy *policy, const hrl_scenario *scenario,
                             struct hrlp_agents *agents, hrl_error *error) {
  *agents = policy->agents;
  if (scenario == NULL) scenario = policy->scenario;
  agents->config.period = policy->agents.config.period;
  return hrlp_outlook_create(&agents->outlook, &scenario->environment, &scenario->reward,
                             error);
}

hrl_status hrl_evaluate_policy(const hrl_policy *policy, const hrl_scenario *scenario,
                               const hrl_evaluate_options *options, hrl_evaluation *result,
                               hrl_error *error) {
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
    status = hrlp_evaluate_agents(&agents, checked.episodes, checked.seed, pool, result,
                                  error);
    hrlp_outlook_destroy(&agents.outlook);
  }
  hrlp_pool_destroy(pool);
  return status;
}

/* Passes months on to the caller's function until that wants no more. */
struct watcher {
  hrl_trajectory_fn watch;
  void *data;
  bool ended;
};

static void watch_month(void *context, const struct hrlp_watched_month *month) {
  struct watcher *watcher = context;
  if (watcher->ended) return;
  hrl_trajectory_month told = {
      .size = sizeof told,
      .episode = month->episode,
      .month = (uint64_t)month->month,
      .goal = {month->goal.target_invest_ratio, month->goal.safety_buffer,
               month->goal.aggressiveness},
      .allocation = {month->shares[0], month->shares[1], month->shares[2]},
      .fixed = month->fixed,
      .variable = month->variable,
      .cash = month->cash,
      .portfolio = month->portfolio,
      .reward = month->reward,
      .insolvent = month->insolvent};
  watcher->ended = watcher->watch(&told, watcher->data) != 0;
}

hrl_status hrl_evaluate_trajectory(const hrl_policy *policy, const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options,
                                   hrl_trajectory_fn watch, void *data, hrl_error *error) {
  if (policy == NULL || watch == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_trajectory: expected a policy and a function");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  struct hrlp_agents agents;
  struct hrlp_player *player = NULL;
  struct watcher watcher = {watch, data, false};
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  hrlp_pool_destroy(pool); /* one episode after the other: no use for it */
  if (status != HRL_OK) return status;
  status = transplant(policy, scenario, &agents, error);
  if (status != HRL_OK) return status;
  status = hrlp_player_create(&agents, 1, 1, &player, error);
  for (uint64_t i = 0; i < checked.episodes && status == HRL_OK && !watcher.ended; i++) {
    struct hrlp_episode episode;
    hrlp_play(player,
              &(struct hrlp_play){.agents = &agents,
                                  .seed = checked.seed,
                                  .first_episode = i,
                                  .count = 1,
                                  .episodes = &episode,
                                  .watch = watch_month,
                                  .watch_context = &watcher},
              NULL);
  }
  hrlp_player_destroy(player);
  hrlp_outlook_destroy(&agents.outlook);
  if (status == HRL_OK && watcher.ended)
    status = hrlp_fail(error, HRL_ERROR_STATE,
                       "the function that watches the trajectory ended it");
  return status;
}
