/* evaluate/pick.c - finds a good simple rule without hindsight: rules play separate
 * futures; the best quarter continues with twice as many, until few remain. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "evaluate/evaluate.h"
#include "scenario/definition.h"
#include "scenario/scenario.h"

/* Rules that one thread plays at a time. */
#define SHARD 16

/* The first round plays this part of the episodes of the last one. */
#define FIRST_PART 16

/* So many of the rules go on, but never fewer than LEAST_LEFT. */
#define PART_LEFT 4
#define LEAST_LEFT 4

/* Noise of its own, which evaluations with the same seed do not meet. */
#define OTHER_SEED 0x9e3779b97f4a7c15ull

struct choice {
  const struct hrlp_task *task;
  uint64_t seed;
  uint64_t first_episode;              /* of this round */
  size_t episodes;                     /* of this round */
  size_t count;                        /* candidates left */
  struct hrlp_ranked_rule *candidates; /* by their returns so far, added up */
  struct hrlp_episode *played;         /* [shards, episodes] */
  uint8_t *memory;                     /* [shards] of shard_bytes */
  size_t shard_bytes;
};

static void play_candidates(void *context, size_t shard) {
  const struct choice *choice = context;
  const struct hrlp_task *task = choice->task;
  struct hrlp_episode *played = choice->played + shard * choice->episodes;
  size_t end = (shard + 1) * SHARD < choice->count ? (shard + 1) * SHARD : choice->count;
  for (size_t i = shard * SHARD; i < end; i++) {
    struct hrlp_ranked_rule *candidate = &choice->candidates[i];
    struct hrlp_plan plan;
    task->environment->rule(task, candidate->number, &plan);
    task->environment->plan_play(
        task, &plan,
        &(struct hrlp_plan_request){
            .seed = choice->seed,
            .first_episode = choice->first_episode,
            .count = choice->episodes,
            .memory = choice->memory + shard * choice->shard_bytes,
            .episodes = played});
    for (size_t k = 0; k < choice->episodes; k++)
      candidate->value += played[k].strategic_return;
  }
}

/* One round; the best come first. */
static hrl_status play_round(struct choice *choice, struct hrlp_pool *pool,
                             hrl_error *error) {
  size_t shards = (choice->count + SHARD - 1) / SHARD;
  choice->shard_bytes = hrlp_padded_bytes(
      choice->task->environment->plan_size(choice->task, choice->episodes));
  choice->played = hrlp_alloc(shards * choice->episodes, sizeof *choice->played);
  choice->memory = hrlp_alloc(shards, choice->shard_bytes);
  hrl_status status = HRL_OK;
  if (choice->played == NULL || choice->memory == NULL)
    status = hrlp_fail_memory(error, "the simple rules");
  else
    hrlp_pool_run(pool, play_candidates, choice, shards);
  hrlp_free(choice->memory);
  hrlp_free(choice->played);
  hrlp_rules_rank(choice->candidates, choice->count);
  return status;
}

static hrl_status choose(const struct hrlp_evaluation *evaluation, struct hrlp_plan *plan,
                         hrl_error *error) {
  const struct hrlp_task *task = evaluation->task;
  const size_t episodes = (size_t)evaluation->options.episodes;
  struct choice choice = {.task = task,
                          .seed = (evaluation->options.seed ^ OTHER_SEED) >> 1,
                          .count = task->environment->rules(task)};
  choice.candidates = hrlp_alloc(choice.count, sizeof *choice.candidates);
  if (choice.candidates == NULL) return hrlp_fail_memory(error, "the simple rules");
  for (size_t i = 0; i < choice.count; i++) choice.candidates[i].number = i;
  hrl_status status = HRL_OK;
  size_t reached = (episodes + FIRST_PART - 1) / FIRST_PART;
  while (status == HRL_OK && choice.first_episode < episodes) {
    choice.episodes = reached - (size_t)choice.first_episode;
    status = play_round(&choice, evaluation->pool, error);
    choice.first_episode = reached;
    reached = 2 * reached < episodes ? 2 * reached : episodes;
    if (choice.count / PART_LEFT >= LEAST_LEFT) choice.count /= PART_LEFT;
  }
  if (status == HRL_OK) task->environment->rule(task, choice.candidates[0].number, plan);
  hrlp_free(choice.candidates);
  return status;
}

hrl_status hrl_pick_rule(const hrl_scenario *scenario,
                         const hrl_evaluate_options *options, hrl_rule *rule,
                         hrl_error *error) {
  if (scenario == NULL || rule == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_pick_rule: expected a scenario and a rule");
  struct hrlp_evaluation evaluation;
  struct hrlp_plan plan = {.optimum = NULL};
  hrl_status status = hrlp_scenario_check_household(scenario, "hrl_pick_rule", error);
  if (status != HRL_OK) return status;
  status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  if (status == HRL_OK) status = choose(&evaluation, &plan, error);
  hrlp_evaluation_end(&evaluation);
  if (status != HRL_OK) return status;
  hrlp_rule_give(&plan, rule);
  return HRL_OK;
}
