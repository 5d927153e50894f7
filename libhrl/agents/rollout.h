/* agents/rollout.h - how episodes are played: many side by side, goal by goal and month
 * by month, with or without exploration. */
#ifndef HRLP_ROLLOUT_H
#define HRLP_ROLLOUT_H

#include "agents/rollout_types.h"
#include "base/thread.h"

/* Memory to play in: made once, used again and again. */
struct hrlp_rollout;

/* For at most `episodes` at once, in shards of `shard` that threads take. The shard is
 * part of what makes a run reproducible. */
hrl_status hrlp_rollout_create(const struct hrlp_agents *agents, size_t episodes,
                               size_t shard, struct hrlp_rollout **rollout,
                               hrl_error *error);
void hrlp_rollout_destroy(struct hrlp_rollout *rollout);

/* Plays. Results do not depend on the pool, nor on its group, whose ranks play a part
 * each. Fails only where they cannot exchange it. */
hrl_status hrlp_rollout_run(struct hrlp_rollout *rollout,
                            const struct hrlp_rollout_request *request,
                            struct hrlp_pool *pool, hrl_error *error);

#endif
