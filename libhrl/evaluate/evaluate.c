#include "evaluate/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "evaluate/tally.h"
#include "environments/models.h"

/* Episodes played before they are tallied, and those that one thread plays at a time.
 * They bound memory, and are part of what makes results reproducible. */
#define ROUND 1024
#define SHARD 128

/* Of a family, those that one household plays. */
#define FAMILY_SHARD 4

/* What a player plays in, and a round of its episodes as threads see it. */
struct stage {
  const struct hrlp_player *player;
  const struct hrlp_audience *audience;
  uint64_t seed;
  struct hrlp_pool *pool;
  uint64_t first_episode;
  size_t count;
  struct hrlp_episode *episodes; /* [count] */
  struct hrlp_rollout *rollout;  /* of agents */
  uint8_t *memory;               /* of a plan: [shards] of shard_bytes */
  size_t shard_bytes;
  hrl_error *errors; /* [shards] of a plan, where the environment has problems */
};

static hrl_status set_stage(struct stage *stage, uint64_t episodes, hrl_error *error) {
  const struct hrlp_player *player = stage->player;
  stage->count = episodes < ROUND ? (size_t)episodes : ROUND;
  stage->episodes = hrlp_alloc(stage->count, sizeof *stage->episodes);
  if (stage->episodes == NULL) return hrlp_fail_memory(error, "an evaluation");
  if (player->agents != NULL)
    return hrlp_rollout_create(player->agents, stage->count,
                               player->agents->family != NULL ? FAMILY_SHARD : SHARD,
                               &stage->rollout, error);
  size_t shards = (stage->count + SHARD - 1) / SHARD;
  stage->shard_bytes =
      hrlp_padded_bytes(player->task->environment->plan_size(player->task, SHARD));
  stage->memory = hrlp_alloc(shards, stage->shard_bytes);
  if (player->task->environment->problem != NULL) {
    stage->errors = hrlp_alloc(shards, sizeof *stage->errors);
    if (stage->errors == NULL) return hrlp_fail_memory(error, "an evaluation");
  }
  return stage->memory == NULL ? hrlp_fail_memory(error, "an evaluation") : HRL_OK;
}

static void clear_stage(struct stage *stage) {
  hrlp_rollout_destroy(stage->rollout);
  hrlp_free(stage->memory);
  hrlp_free(stage->errors);
  hrlp_free(stage->episodes);
}

static void play_plan_shard(void *context, size_t shard) {
  const struct stage *stage = context;
  const struct hrlp_task *task = stage->player->task;
  size_t first = shard * SHARD;
  task->environment->plan_play(
      task, stage->player->plan,
      &(struct hrlp_plan_request){
          .seed = stage->seed,
          .first_episode = stage->first_episode + first,
          .count = stage->count - first < SHARD ? stage->count - first : SHARD,
          .memory = stage->memory + shard * stage->shard_bytes,
          .episodes = stage->episodes + first,
          .observer = stage->audience->observer,
          .error = stage->errors == NULL ? NULL : &stage->errors[shard]});
}

static hrl_status pass_on(const hrl_error *problem, hrl_error *error) {
  if (error != NULL && error->status == HRL_OK) *error = *problem;
  return problem->status;
}

static hrl_status play_round(struct stage *stage, hrl_error *error) {
  if (stage->player->agents == NULL) {
    size_t shards = (stage->count + SHARD - 1) / SHARD;
    hrlp_pool_run(stage->pool, play_plan_shard, stage, shards);
    for (size_t i = 0; i < shards && stage->errors != NULL; i++)
      if (stage->errors[i].status != HRL_OK) return pass_on(&stage->errors[i], error);
    return HRL_OK;
  }
  struct hrlp_rollout_request request = {.agents = stage->player->agents,
                                         .seed = stage->seed,
                                         .first_episode = stage->first_episode,
                                         .count = stage->count,
                                         .episodes = stage->episodes,
                                         .observer = stage->audience->observer};
  return hrlp_rollout_run(stage->rollout, &request, stage->pool, error);
}

hrl_status hrlp_evaluate_player(const struct hrlp_player *player, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                const struct hrlp_audience *audience,
                                hrl_evaluation *result, hrl_error *error) {
  struct stage stage = {
      .player = player, .audience = audience, .seed = seed, .pool = pool};
  struct hrlp_tally tally = {0};
  hrl_status status = set_stage(&stage, episodes, error);
  for (uint64_t done = 0; done < episodes && status == HRL_OK; done += stage.count) {
    stage.first_episode = done;
    if (episodes - done < stage.count) stage.count = (size_t)(episodes - done);
    status = play_round(&stage, error);
    if (status != HRL_OK) break;
    hrlp_tally_add(&tally, stage.episodes, stage.count);
    for (size_t i = 0; audience->returns != NULL && i < stage.count; i++)
      audience->returns[done + i] = stage.episodes[i].strategic_return;
  }
  /* what a return is worth differs from household to household */
  bool alike = player->agents == NULL || player->agents->family == NULL;
  if (status == HRL_OK)
    status = hrlp_tally_close(&tally, alike ? player->task : NULL, result, error);
  clear_stage(&stage);
  return status;
}

hrl_status hrlp_evaluate_agents(const struct hrlp_agents *agents, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                hrl_evaluation *result, double *returns,
                                hrl_error *error) {
  return hrlp_evaluate_player(
      &(struct hrlp_player){.task = agents->task, .agents = agents}, episodes, seed, pool,
      &(struct hrlp_audience){.returns = returns}, result, error);
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
                     "threads: found %u, expected 1 to 256, or 0 for one per processor",
                     (unsigned)filled.threads);
  if (checked != NULL) *checked = filled;
  hrl_status status = hrlp_stack_check(error);
  if (status != HRL_OK) return status;
  size_t threads = filled.threads == 0 ? hrlp_processor_count() : filled.threads;
  return hrlp_pool_create(threads, pool, error);
}

hrl_status hrlp_evaluation_begin(struct hrlp_evaluation *evaluation,
                                 const hrl_scenario *scenario,
                                 const hrl_evaluate_options *options, hrl_error *error) {
  *evaluation = (struct hrlp_evaluation){.options = HRL_EVALUATE_OPTIONS_INIT};
  hrl_status status =
      hrlp_evaluate_begin(options, &evaluation->options, &evaluation->pool, error);
  return status == HRL_OK ? hrlp_task_create(scenario, &evaluation->task, error) : status;
}

void hrlp_evaluation_end(struct hrlp_evaluation *evaluation) {
  hrlp_task_destroy(evaluation->task);
  hrlp_pool_destroy(evaluation->pool);
}

hrl_status hrlp_evaluate_plan(const struct hrlp_evaluation *evaluation,
                              const struct hrlp_plan *plan, uint64_t episodes,
                              hrl_evaluation *result, hrl_error *error) {
  return hrlp_evaluate_player(
      &(struct hrlp_player){.task = evaluation->task, .plan = plan}, episodes,
      evaluation->options.seed, evaluation->pool, &(struct hrlp_audience){0}, result,
      error);
}

hrl_status hrl_evaluate_optimum(const hrl_scenario *scenario,
                                const hrl_evaluate_options *options,
                                double *strategic_return, hrl_evaluation *result,
                                hrl_error *error) {
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_optimum: expected a scenario and a result");
  struct hrlp_evaluation evaluation;
  struct hrlp_plan plan = {.optimum = NULL};
  double value = NAN;
  hrl_status status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  if (status == HRL_OK)
    status = evaluation.task->environment->optimum_create(evaluation.task, &plan, &value,
                                                          error);
  if (status == HRL_OK) {
    status = hrlp_evaluate_plan(&evaluation, &plan, evaluation.options.episodes, result,
                                error);
    if (status == HRL_OK && strategic_return != NULL) *strategic_return = value;
    evaluation.task->environment->optimum_destroy(&plan);
  }
  hrlp_evaluation_end(&evaluation);
  return status;
}

double hrl_skill(double strategic_return, double constant_return, double optimum_return) {
  double room = optimum_return - constant_return;
  double size = fabs(optimum_return) + fabs(constant_return);
  /* on few episodes a rule chosen in hindsight may beat the optimum: below it there is
   * nothing to measure by, and a ratio of two losses would look like a gain */
  return room > 1e-9 * size ? (strategic_return - constant_return) / room : NAN;
}
