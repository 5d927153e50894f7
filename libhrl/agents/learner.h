/* agents/learner.h - one update: play a batch of episodes, improve both agents. */
#ifndef HRLP_LEARNER_H
#define HRLP_LEARNER_H

#include "agents/rollout.h"
#include "rl/ppo.h"

/* Memory for updates. */
struct hrlp_learner;

hrl_status hrlp_learner_create(const struct hrlp_agents *agents,
                               struct hrlp_learner **learner, hrl_error *error);
void hrlp_learner_destroy(struct hrlp_learner *learner);

/* What an update reports. */
struct hrlp_update_report {
  struct hrlp_ppo_report strategist;
  struct hrlp_ppo_report executor;
};

/* Plays episodes first_episode ... first_episode + count - 1 (count at most
 * config.households) with exploration, into episodes[0..count). Fails only where the
 * pool's group does. */
hrl_status hrlp_learner_collect(struct hrlp_learner *learner,
                                const struct hrlp_agents *agents, uint64_t first_episode,
                                size_t count, struct hrlp_episode *episodes,
                                struct hrlp_pool *pool, hrl_error *error);

/* Improves both agents by what was just played. `episodes_before` counts the episodes
 * played before these: learning rates and exploration fall with it. The number of
 * remaining episodes has no influence: a run of 500 episodes is the first half of one of
 * 1,000. */
hrl_status hrlp_learner_update(struct hrlp_learner *learner, struct hrlp_agents *agents,
                               uint64_t episodes_before, struct hrlp_pool *pool,
                               struct hrlp_update_report *report, hrl_error *error);

#endif
