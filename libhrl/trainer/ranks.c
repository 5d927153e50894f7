#include "trainer/ranks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/group.h"
#include "base/memory.h"

/* FNV-1a, over words: it finds bits that differ, it need not withstand anybody. */
static uint64_t digest(uint64_t before, const void *data, size_t bytes) {
  const unsigned char *from = data;
  uint64_t hash = before;
  for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
    uint64_t word = 0;
    memcpy(&word, from + at, bytes - at < sizeof word ? bytes - at : sizeof word);
    hash = (hash ^ word) * 0x100000001b3ULL;
    hash ^= hash >> 32;
  }
  return hash;
}

static uint64_t digest_agents(const struct hrlp_agents *agents) {
  const struct hrlp_actor_critic *const both[] = {&agents->strategist, &agents->executor};
  uint64_t hash = agents->updates;
  for (size_t i = 0; i < 2; i++) {
    size_t bytes = both[i]->count * sizeof(float);
    hash = digest(hash, both[i]->parameters, bytes);
    hash = digest(hash, both[i]->moment1, bytes);
    hash = digest(hash, both[i]->moment2, bytes);
  }
  return hash;
}

static uint64_t bits_of(double value) {
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* What must be the same on all ranks before they begin. */
enum {
  SCENARIO,
  SEED,
  EPISODE,
  EPISODES,
  SAVE_INTERVAL,
  EVAL_EPISODES,
  PATIENCE,
  MIN_IMPROVEMENT,
  MIN_EPISODES,
  HAS_TARGET,
  TARGET,
  AGENTS,
  FACTS
};

static const char *const fact_names[FACTS] = {"scenario",
                                              "seed",
                                              "number of episodes done",
                                              "number of episodes wanted",
                                              "save_interval",
                                              "eval_episodes",
                                              "patience",
                                              "min_improvement",
                                              "min_episodes",
                                              "has_target",
                                              "target",
                                              "agents"};

/* Where `mine` is not rank 0's, which `facts` begins with, in the first rank that
 * differs. */
static hrl_status compare_facts(const hrl_trainer *trainer, const uint64_t *facts,
                                hrl_error *error) {
  for (size_t rank = 1; rank < hrlp_group_ranks(trainer->group); rank++)
    for (size_t i = 0; i < FACTS; i++)
      if (facts[rank * FACTS + i] != facts[i])
        return hrlp_fail(
            error, HRL_ERROR_MISMATCH,
            "%s: rank %zu has another %s than rank 0; give all ranks the same "
            "scenario, options and checkpoint",
            trainer->scenario->name, rank, fact_names[i]);
  return HRL_OK;
}

hrl_status hrlp_ranks_join(hrl_trainer *trainer, hrl_error *error) {
  hrl_status status =
      hrlp_group_create(trainer->options.communicator, &trainer->group, error);
  trainer->options.communicator = NULL; /* the group has its own copy */
  if (status != HRL_OK || trainer->group == NULL) return status;
  hrlp_pool_join(trainer->pool, trainer->group);
  if (hrlp_group_rank(trainer->group) == 0) return HRL_OK;
  free(trainer->output);
  trainer->output = NULL;
  trainer->options.output = NULL;
  free(trainer->tensorboard);
  trainer->tensorboard = NULL;
  trainer->options.tensorboard = NULL;
  return HRL_OK;
}

hrl_status hrlp_ranks_begin(hrl_trainer *trainer, hrl_error *error) {
  if (trainer->group == NULL) return HRL_OK;
  const hrl_trainer_options *options = &trainer->options;
  char *scenario = NULL;
  uint64_t *facts = hrlp_alloc(hrlp_group_ranks(trainer->group), FACTS * sizeof *facts);
  hrl_status status = facts == NULL
                          ? hrlp_fail_memory(error, "the ranks of a run")
                          : hrl_scenario_format(trainer->scenario, &scenario, error);
  if (status == HRL_OK && scenario != NULL) {
    const uint64_t mine[FACTS] = {
        [SCENARIO] =
            digest(digest(0, trainer->scenario->name, strlen(trainer->scenario->name)),
                   scenario, strlen(scenario)),
        [SEED] = trainer->run.seed,
        [EPISODE] = trainer->run.episode,
        [EPISODES] = trainer->run.total_episodes,
        [SAVE_INTERVAL] = options->save_interval,
        [EVAL_EPISODES] = options->eval_episodes,
        [PATIENCE] = options->patience,
        [MIN_IMPROVEMENT] = bits_of(options->min_improvement),
        [MIN_EPISODES] = options->min_episodes,
        [HAS_TARGET] = options->has_target != 0,
        [TARGET] = bits_of(options->target),
        [AGENTS] = digest_agents(&trainer->agents)};
    memcpy(facts + hrlp_group_rank(trainer->group) * FACTS, mine, sizeof mine);
    status = hrlp_group_gather(trainer->group, "what run they have", facts, sizeof mine,
                               error);
  }
  if (status == HRL_OK) status = compare_facts(trainer, facts, error);
  if (status == HRL_OK)
    status = hrlp_group_broadcast(trainer->group, "the time", 0, trainer->run.start_time,
                                  sizeof trainer->run.start_time, error);
  free(scenario);
  hrlp_free(facts);
  return status;
}

/* What ranks tell each other between two units of work. */
struct word {
  uint64_t stop;
  uint64_t agents;
};

hrl_status hrlp_ranks_agree(hrl_trainer *trainer, bool *stop, hrl_error *error) {
  struct hrlp_group *group = trainer->group;
  *stop = atomic_exchange(&trainer->stop, false);
  if (group == NULL) return HRL_OK;
  struct word *words = hrlp_group_reserve(group, sizeof *words);
  if (words == NULL) return hrlp_fail_memory(error, "the ranks of a run");
  words[hrlp_group_rank(group)] = (struct word){*stop, digest_agents(&trainer->agents)};
  hrl_status status =
      hrlp_group_gather(group, "whether to go on", words, sizeof *words, error);
  if (status != HRL_OK) return status;
  for (size_t rank = 0; rank < hrlp_group_ranks(group); rank++) {
    if (words[rank].agents != words[0].agents)
      return hrlp_fail(
          error, HRL_ERROR_MISMATCH,
          "%s: after episode %" PRIu64
          " the agents of rank %zu are not those "
          "of rank 0: its machine or build computes other bits; give all ranks "
          "the same build and kind of processor, and resume from a checkpoint",
          trainer->scenario->name, trainer->run.episode, rank);
    *stop = *stop || words[rank].stop;
  }
  return HRL_OK;
}

hrl_status hrlp_ranks_end(hrl_trainer *trainer, hrl_error *error) {
  return hrlp_group_barrier(trainer->group, "that all is saved", error);
}
