#include "evaluate/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "evaluate/tally.h"
#include "scenario/scenario.h"

/* Episodes played before they are tallied, and households that one thread plays at a time.
 * They bound memory, and are part of what makes results reproducible. */
#define ROUND 1024
#define SHARD 128

hrl_status hrlp_evaluate_agents(const struct hrlp_agents *agents, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                hrl_evaluation *result, hrl_error *error) {
  size_t round = episodes < ROUND ? (size_t)episodes : ROUND;
  struct hrlp_episode *played = hrlp_alloc(round, sizeof *played);
  struct hrlp_player *player = NULL;
  hrl_status status = played == NULL
                          ? hrlp_fail_memory(error, "an evaluation")
                          : hrlp_player_create(agents, round, SHARD, &player, error);
  struct hrlp_tally tally = {0};
  for (uint64_t done = 0; done < episodes && status == HRL_OK; done += round) {
    size_t count = episodes - done < round ? (size_t)(episodes - done) : round;
    struct hrlp_play play = {.agents = agents,
                             .seed = seed,
                             .first_episode = done,
                             .count = count,
                             .episodes = played};
    hrlp_play(player, &play, pool);
    hrlp_tally_add(&tally, played, count);
  }
  if (status == HRL_OK) status = hrlp_tally_close(&tally, result, error);
  hrlp_player_destroy(player);
  hrlp_free(played);
  return status;
}

/* A round of households that follow a rule, as threads see it. */
struct rule_round {
  const struct hrlp_environment *environment;
  const struct hrlp_reward *reward;
  const struct hrlp_optimum *optimum;
  double share;
  uint64_t seed;
  uint64_t first_episode;
  size_t count;
  uint8_t *memory; /* [shards] of shard_bytes */
  size_t shard_bytes;
  struct hrlp_episode *episodes;
};

/* What one thread works in, laid over its part of the round's memory. */
struct rule_stage {
  double reward[SHARD], wealth_change[SHARD], invest[SHARD];
  struct hrlp_episode_sums sums[SHARD];
  uint8_t active[SHARD], insolvent[SHARD], finished[SHARD];
};

static size_t rule_shard_bytes(void) {
  return hrlp_household_memory(SHARD) + (sizeof(struct rule_stage) + 63) / 64 * 64;
}

static void play_rule_shard(void *context, size_t shard) {
  const struct rule_round *round = context;
  size_t first = shard * SHARD;
  size_t count = round->count - first < SHARD ? round->count - first : SHARD;
  void *memory = round->memory + shard * round->shard_bytes;
  struct rule_stage *stage = (void *)((uint8_t *)memory + hrlp_household_memory(SHARD));
  struct hrlp_household batch;
  struct hrlp_month month = {stage->reward, stage->wealth_change, stage->insolvent,
                             stage->finished};
  hrlp_household_attach(&batch, memory, count, round->environment, round->reward,
                        round->seed);
  for (size_t i = 0; i < count; i++) {
    hrlp_household_reset(&batch, i, round->first_episode + first + i);
    stage->sums[i] = (struct hrlp_episode_sums){0};
    stage->active[i] = 1;
    stage->invest[i] = round->share;
  }
  size_t alive = count;
  for (int64_t t = 0; alive > 0; t++) {
    for (size_t i = 0; round->optimum != NULL && i < count; i++)
      stage->invest[i] =
          hrlp_optimum_share(round->optimum, round->environment, t, batch.cash[i]);
    hrlp_household_step(&batch, 0, count, stage->active, stage->invest, &month);
    for (size_t i = 0; i < count; i++) {
      if (!stage->active[i]) continue;
      double shares[3] = {stage->invest[i], 0.0, 1.0 - stage->invest[i]};
      hrlp_episode_add(&stage->sums[i], stage->reward[i], stage->wealth_change[i],
                       batch.cash[i], shares, NAN);
      if (!stage->finished[i]) continue;
      stage->active[i] = 0;
      alive--;
      round->episodes[first + i] =
          hrlp_episode_close(&stage->sums[i], round->reward->lambda, round->reward->mu,
                             batch.cash[i], batch.invested[i], batch.portfolio[i]);
    }
  }
}

hrl_status hrlp_evaluate_rule(const struct hrlp_environment *environment,
                              const struct hrlp_reward *reward, double share,
                              const struct hrlp_optimum *optimum, uint64_t episodes,
                              uint64_t seed, struct hrlp_pool *pool, hrl_evaluation *result,
                              hrl_error *error) {
  struct rule_round round = {.environment = environment,
                             .reward = reward,
                             .optimum = optimum,
                             .share = share,
                             .seed = seed,
                             .shard_bytes = rule_shard_bytes()};
  size_t most = episodes < ROUND ? (size_t)episodes : ROUND;
  size_t shards = (most + SHARD - 1) / SHARD;
  round.memory = hrlp_alloc(shards, round.shard_bytes);
  round.episodes = hrlp_alloc(most, sizeof *round.episodes);
  hrl_status status = HRL_OK;
  if (round.memory == NULL || round.episodes == NULL)
    status = hrlp_fail_memory(error, "an evaluation");
  struct hrlp_tally tally = {0};
  for (uint64_t done = 0; done < episodes && status == HRL_OK; done += most) {
    round.first_episode = done;
    round.count = episodes - done < most ? (size_t)(episodes - done) : most;
    hrlp_pool_run(pool, play_rule_shard, &round, (round.count + SHARD - 1) / SHARD);
    hrlp_tally_add(&tally, round.episodes, round.count);
  }
  if (status == HRL_OK) status = hrlp_tally_close(&tally, result, error);
  hrlp_free(round.episodes);
  hrlp_free(round.memory);
  return status;
}

hrl_status hrlp_evaluate_begin(const hrl_evaluate_options *options,
                               hrl_evaluate_options *checked, struct hrlp_pool **pool,
                               hrl_error *error) {
  hrl_evaluate_options filled = HRL_EVALUATE_OPTIONS_INIT;
  *pool = NULL;
  if (options != NULL)
    memcpy(&filled, options,
           options->size < sizeof filled ? options->size : sizeof filled);
  if (filled.episodes < 1 || filled.episodes > 1000000)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "episodes of an evaluation: found %llu, expected 1 to 1000000",
                     (unsigned long long)filled.episodes);
  if (filled.threads > 256)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "threads: found %u, expected 1 to 256, or 0 for one a processor",
                     (unsigned)filled.threads);
  if (checked != NULL) *checked = filled;
  size_t threads = filled.threads == 0 ? hrlp_processor_count() : filled.threads;
  return hrlp_pool_create(threads, pool, error);
}

hrl_status hrl_evaluate_share(const hrl_scenario *scenario, double share,
                              const hrl_evaluate_options *options, hrl_evaluation *result,
                              hrl_error *error) {
  if (scenario == NULL || result == NULL || !(share >= 0.0 && share <= 1.0))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_share: expected a scenario, a share within 0..1 and a "
                     "result");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  if (status == HRL_OK)
    status = hrlp_evaluate_rule(&scenario->environment, &scenario->reward, share, NULL,
                                checked.episodes, checked.seed, pool, result, error);
  hrlp_pool_destroy(pool);
  return status;
}

hrl_status hrl_evaluate_best_share(const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options, double *share,
                                   hrl_evaluation *result, hrl_error *error) {
  if (scenario == NULL || share == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_best_share: expected a scenario, a share and a result");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  hrl_evaluation best = {.strategic_return = -INFINITY};
  for (int hundredth = 0; hundredth <= 100 && status == HRL_OK; hundredth++) {
    hrl_evaluation tried = {.size = sizeof tried};
    status = hrlp_evaluate_rule(&scenario->environment, &scenario->reward,
                                hundredth / 100.0, NULL, checked.episodes, checked.seed,
                                pool, &tried, error);
    if (status != HRL_OK || tried.strategic_return <= best.strategic_return) continue;
    best = tried;
    *share = hundredth / 100.0;
  }
  hrlp_pool_destroy(pool);
  if (status != HRL_OK) return status;
  best.size = result->size;
  memcpy(result, &best, result->size < sizeof best ? result->size : sizeof best);
  return HRL_OK;
}

hrl_status hrl_evaluate_optimum(const hrl_scenario *scenario,
                                const hrl_evaluate_options *options,
                                double *strategic_return, hrl_evaluation *result,
                                hrl_error *error) {
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_optimum: expected a scenario and a result");
  hrl_evaluate_options checked = HRL_EVALUATE_OPTIONS_INIT;
  struct hrlp_pool *pool = NULL;
  struct hrlp_optimum optimum = {0};
  hrl_status status = hrlp_evaluate_begin(options, &checked, &pool, error);
  if (status == HRL_OK)
    status =
        hrlp_optimum_solve(&optimum, &scenario->environment, &scenario->reward, error);
  if (status == HRL_OK)
    status = hrlp_evaluate_rule(&scenario->environment, &scenario->reward, 0.0, &optimum,
                                checked.episodes, checked.seed, pool, result, error);
  if (status == HRL_OK && strategic_return != NULL)
    *strategic_return = optimum.strategic_return;
  hrlp_optimum_destroy(&optimum);
  hrlp_pool_destroy(pool);
  return status;
}

double hrl_skill(double strategic_return, double constant_return, double optimum_return) {
  double room = optimum_return - constant_return;
  double size = fabs(optimum_return) + fabs(constant_return);
  return fabs(room) > 1e-9 * size ? (strategic_return - constant_return) / room : NAN;
}
