#include "evaluate/evaluate.h"

#include <math.h>
#include <stdlib.h>
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

hrl_status hrlp_evaluate_agents(const struct hrlp_agents *agents, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                hrl_evaluation *result, double *returns,
                                hrl_error *error) {
  size_t round = episodes < ROUND ? (size_t)episodes : ROUND;
  struct hrlp_episode *played = hrlp_alloc(round, sizeof *played);
  struct hrlp_rollout *rollout = NULL;
  hrl_status status =
      played == NULL ? hrlp_fail_memory(error, "an evaluation")
                     : hrlp_rollout_create(agents, round,
                                           agents->family != NULL ? FAMILY_SHARD : SHARD,
                                           &rollout, error);
  struct hrlp_tally tally = {0};
  for (uint64_t done = 0; played != NULL && done < episodes && status == HRL_OK;
       done += round) {
    size_t count = episodes - done < round ? (size_t)(episodes - done) : round;
    struct hrlp_rollout_request request = {.agents = agents,
                                           .seed = seed,
                                           .first_episode = done,
                                           .count = count,
                                           .episodes = played};
    status = hrlp_rollout_run(rollout, &request, pool, error);
    if (status != HRL_OK) break;
    hrlp_tally_add(&tally, played, count);
    for (size_t i = 0; returns != NULL && i < count; i++)
      returns[done + i] = played[i].strategic_return;
  }
  /* what a return is worth differs from household to household */
  const struct hrlp_task *task = agents->family == NULL ? agents->task : NULL;
  if (status == HRL_OK) status = hrlp_tally_close(&tally, task, result, error);
  hrlp_rollout_destroy(rollout);
  hrlp_free(played);
  return status;
}

/* A round of episodes that follow a plan, as threads see it. */
struct plan_round {
  const struct hrlp_task *task;
  const struct hrlp_plan *plan;
  uint64_t seed;
  uint64_t first_episode;
  size_t count;
  uint8_t *memory; /* [shards] of shard_bytes */
  size_t shard_bytes;
  struct hrlp_episode *episodes;
};

static void play_plan_shard(void *context, size_t shard) {
  const struct plan_round *round = context;
  size_t first = shard * SHARD;
  size_t count = round->count - first < SHARD ? round->count - first : SHARD;
  round->task->environment->plan_play(
      round->task, round->plan, round->seed, round->first_episode + first, count,
      round->memory + shard * round->shard_bytes, round->episodes + first);
}

hrl_status hrlp_evaluate_plan(const struct hrlp_task *task, const struct hrlp_plan *plan,
                              uint64_t episodes, uint64_t seed, struct hrlp_pool *pool,
                              hrl_evaluation *result, hrl_error *error) {
  size_t shard_bytes = task->environment->plan_size(task, SHARD);
  struct plan_round round = {.task = task,
                             .plan = plan,
                             .seed = seed,
                             .shard_bytes = hrlp_padded_bytes(shard_bytes)};
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
    hrlp_pool_run(pool, play_plan_shard, &round, (round.count + SHARD - 1) / SHARD);
    hrlp_tally_add(&tally, round.episodes, round.count);
  }
  if (status == HRL_OK) status = hrlp_tally_close(&tally, task, result, error);
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
  hrl_status status = hrlp_stack_check(error);
  if (status != HRL_OK) return status;
  size_t threads = filled.threads == 0 ? hrlp_processor_count() : filled.threads;
  return hrlp_pool_create(threads, pool, error);
}

/* What the functions below work with. */
struct evaluation {
  hrl_evaluate_options options;
  struct hrlp_pool *pool;
  struct hrlp_task *task;
};

static hrl_status begin_evaluation(struct evaluation *evaluation,
                                   const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options,
                                   hrl_error *error) {
  *evaluation = (struct evaluation){.options = HRL_EVALUATE_OPTIONS_INIT};
  hrl_status status =
      hrlp_evaluate_begin(options, &evaluation->options, &evaluation->pool, error);
  return status == HRL_OK ? hrlp_task_create(scenario, &evaluation->task, error) : status;
}

static void end_evaluation(struct evaluation *evaluation) {
  hrlp_task_destroy(evaluation->task);
  hrlp_pool_destroy(evaluation->pool);
}

static hrl_status play_plan(const struct evaluation *evaluation,
                            const struct hrlp_plan *plan, hrl_evaluation *result,
                            hrl_error *error) {
  return hrlp_evaluate_plan(evaluation->task, plan, evaluation->options.episodes,
                            evaluation->options.seed, evaluation->pool, result, error);
}

hrl_status hrl_evaluate_share(const hrl_scenario *scenario, double share,
                              const hrl_evaluate_options *options, hrl_evaluation *result,
                              hrl_error *error) {
  if (scenario == NULL || result == NULL || !(share >= 0.0 && share <= 1.0))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_share: expected a scenario, a share within 0..1 and a "
                     "result");
  hrl_rule rule = {sizeof rule, share, 0.0, 0.0, 0.0};
  return hrl_evaluate_rule(scenario, &rule, options, result, error);
}

hrl_status hrl_evaluate_rule(const hrl_scenario *scenario, const hrl_rule *rule,
                             const hrl_evaluate_options *options, hrl_evaluation *result,
                             hrl_error *error) {
  hrl_rule wanted = {0};
  if (rule != NULL)
    memcpy(&wanted, rule, rule->size < sizeof wanted ? rule->size : sizeof wanted);
  if (scenario == NULL || result == NULL || rule == NULL ||
      !(wanted.save >= 0.0 && wanted.save <= 1.0) ||
      !(wanted.share >= 0.0 && wanted.share <= 1.0) ||
      !(wanted.buffer >= 0.0 && wanted.buffer <= 1e6) ||
      !(wanted.target >= 0.0 && wanted.target <= 1e6))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_rule: expected a scenario, a rule with save and share "
                     "within 0..1 and months of 0 or more, and a result");
  struct evaluation evaluation;
  struct hrlp_plan plan = {
      .parameters = {wanted.save, wanted.share, wanted.buffer, wanted.target}};
  hrl_status status = begin_evaluation(&evaluation, scenario, options, error);
  if (status == HRL_OK) status = play_plan(&evaluation, &plan, result, error);
  end_evaluation(&evaluation);
  return status;
}

/* More rules than these are screened on fewer episodes, from which the best go on. */
#define RULES_UNSCREENED 128
#define SCREEN_EPISODES 256
#define SCREEN_LEFT 24

/* What a rule did on the episodes of the screening. */
struct screened {
  size_t number;
  double strategic_return;
};

static int compare_screened(const void *a, const void *b) {
  const struct screened *x = a;
  const struct screened *y = b;
  if (x->strategic_return != y->strategic_return)
    return x->strategic_return < y->strategic_return ? 1 : -1;
  return (x->number > y->number) - (x->number < y->number);
}

/* Plays rule `number` for so many episodes. */
static hrl_status play_rule(const struct evaluation *evaluation, size_t number,
                            uint64_t episodes, struct hrlp_plan *plan,
                            hrl_evaluation *result, hrl_error *error) {
  evaluation->task->environment->rule(evaluation->task, number, plan);
  return hrlp_evaluate_plan(evaluation->task, plan, episodes, evaluation->options.seed,
                            evaluation->pool, result, error);
}

/* Puts the rules that are worth playing in full first; `*count` of them are left. */
static hrl_status screen_rules(const struct evaluation *evaluation,
                               struct screened *rules, size_t *count, hrl_error *error) {
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < *count; i++) rules[i].number = i;
  if (*count <= RULES_UNSCREENED || evaluation->options.episodes <= SCREEN_EPISODES)
    return HRL_OK;
  for (size_t i = 0; i < *count && status == HRL_OK; i++) {
    hrl_evaluation tried = {.size = sizeof tried};
    struct hrlp_plan plan;
    status = play_rule(evaluation, i, SCREEN_EPISODES, &plan, &tried, error);
    rules[i].strategic_return = tried.strategic_return;
  }
  qsort(rules, *count, sizeof *rules, compare_screened);
  *count = SCREEN_LEFT;
  return status;
}

static hrl_status find_best_rule(const struct evaluation *evaluation,
                                 struct hrlp_plan *best_plan, hrl_evaluation *best,
                                 hrl_error *error) {
  size_t count = evaluation->task->environment->rules(evaluation->task);
  struct screened *rules = hrlp_alloc(count, sizeof *rules);
  if (rules == NULL) return hrlp_fail_memory(error, "the simple rules");
  hrl_status status = screen_rules(evaluation, rules, &count, error);
  *best = (hrl_evaluation){.strategic_return = -INFINITY};
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    hrl_evaluation tried = {.size = sizeof tried};
    struct hrlp_plan plan;
    status = play_rule(evaluation, rules[i].number, evaluation->options.episodes, &plan,
                       &tried, error);
    if (status != HRL_OK || tried.strategic_return <= best->strategic_return) continue;
    *best = tried;
    *best_plan = plan;
  }
  hrlp_free(rules);
  return status;
}

hrl_status hrl_evaluate_best_rule(const hrl_scenario *scenario,
                                  const hrl_evaluate_options *options, hrl_rule *rule,
                                  hrl_evaluation *result, hrl_error *error) {
  if (scenario == NULL || rule == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_best_rule: expected a scenario, a rule and a result");
  struct evaluation evaluation;
  hrl_evaluation best;
  struct hrlp_plan plan = {.optimum = NULL};
  hrl_status status = begin_evaluation(&evaluation, scenario, options, error);
  if (status == HRL_OK) status = find_best_rule(&evaluation, &plan, &best, error);
  end_evaluation(&evaluation);
  if (status != HRL_OK) return status;
  hrl_rule found = {rule->size, plan.parameters[0], plan.parameters[1],
                    plan.parameters[2], plan.parameters[3]};
  memcpy(rule, &found, rule->size < sizeof found ? rule->size : sizeof found);
  best.size = result->size;
  memcpy(result, &best, result->size < sizeof best ? result->size : sizeof best);
  return HRL_OK;
}

hrl_status hrl_evaluate_best_share(const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options, double *share,
                                   hrl_evaluation *result, hrl_error *error) {
  if (scenario == NULL || share == NULL || result == NULL)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "hrl_evaluate_best_share: expected a scenario, a share and a result");
  hrl_rule rule = {.size = sizeof rule};
  hrl_status status = hrl_evaluate_best_rule(scenario, options, &rule, result, error);
  if (status == HRL_OK) *share = rule.save;
  return status;
}

hrl_status hrl_evaluate_optimum(const hrl_scenario *scenario,
                                const hrl_evaluate_options *options,
                                double *strategic_return, hrl_evaluation *result,
                                hrl_error *error) {
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_optimum: expected a scenario and a result");
  struct evaluation evaluation;
  struct hrlp_plan plan = {.optimum = NULL};
  double value = NAN;
  hrl_status status = begin_evaluation(&evaluation, scenario, options, error);
  if (status == HRL_OK)
    status = evaluation.task->environment->optimum_create(evaluation.task, &plan, &value,
                                                          error);
  if (status == HRL_OK) {
    status = play_plan(&evaluation, &plan, result, error);
    if (status == HRL_OK && strategic_return != NULL) *strategic_return = value;
    evaluation.task->environment->optimum_destroy(&plan);
  }
  end_evaluation(&evaluation);
  return status;
}

double hrl_skill(double strategic_return, double constant_return, double optimum_return) {
  double room = optimum_return - constant_return;
  double size = fabs(optimum_return) + fabs(constant_return);
  return fabs(room) > 1e-9 * size ? (strategic_return - constant_return) / room : NAN;
}
