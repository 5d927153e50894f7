/* base/group.h - the ranks of a run, by the host's hrl_communicator. NULL is a group of
 * one, whose calls do nothing. */
#ifndef HRLP_GROUP_H
#define HRLP_GROUP_H

#include <hrl/distributed.h>
#include <stdbool.h>

#include "base/error.h"

struct hrlp_group;

/* Checks and copies `communicator`. NULL, or one of a single rank, gives NULL. */
hrl_status hrlp_group_create(const hrl_communicator *communicator,
                             struct hrlp_group **group, hrl_error *error);
void hrlp_group_destroy(struct hrlp_group *group);

size_t hrlp_group_rank(const struct hrlp_group *group);
size_t hrlp_group_ranks(const struct hrlp_group *group);

/* This rank's block of `count` shards: [first, end). Blocks have equal size, so that the
 * last ranks may have fewer or none. A single shard is computed by every rank, which
 * takes no longer than waiting for it. */
struct hrlp_share {
  size_t first, end;
  size_t block;   /* of each rank, at most */
  bool exchanged; /* the other ranks have the rest */
};
struct hrlp_share hrlp_group_share(const struct hrlp_group *group, size_t count);

/* How many ranks have a shard of `count`: they are the first ones. */
size_t hrlp_group_sharers(const struct hrlp_group *group, size_t count);

/* As the functions of hrl_communicator. HRL_ERROR_RANKS where the others cannot be
 * reached; `what` names what was to be exchanged. */
hrl_status hrlp_group_gather(struct hrlp_group *group, const char *what, void *blocks,
                             size_t bytes, hrl_error *error);
hrl_status hrlp_group_broadcast(struct hrlp_group *group, const char *what, size_t root,
                                void *buffer, size_t bytes, hrl_error *error);
hrl_status hrlp_group_barrier(struct hrlp_group *group, const char *what,
                              hrl_error *error);

/* Memory of the group for at least `bytes` a rank, kept until a larger one is wanted or
 * the group ends. NULL where there is none. */
void *hrlp_group_reserve(struct hrlp_group *group, size_t bytes);

/* Tells the others that this rank has given up, once. */
void hrlp_group_abort(struct hrlp_group *group);

#endif
