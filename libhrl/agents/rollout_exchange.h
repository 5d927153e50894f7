/* agents/rollout_exchange.h - ranks that played a part of a batch each get all of it. */
#ifndef HRLP_ROLLOUT_EXCHANGE_H
#define HRLP_ROLLOUT_EXCHANGE_H

#include "agents/rollout_types.h"
#include "base/group.h"

/* After this rank has played its `share` of the request's shards of `shard` episodes. */
hrl_status hrlp_rollout_exchange(const struct hrlp_rollout_request *request, size_t shard,
                                 struct hrlp_share share, struct hrlp_group *group,
                                 hrl_error *error);

#endif
