/* environments/lifecycle/nodes.h - the states that a decision can lead to, by the noise
 * of the coming month. */
#ifndef HRLP_LIFECYCLE_NODES_H
#define HRLP_LIFECYCLE_NODES_H

#include "environments/lifecycle/features.h"
#include "environments/lifecycle/household.h"

/* Rewards are counted in parts of lifetime consumption: so many to one. */
#define HRLP_LIFECYCLE_REWARD_UNIT 100.0

struct hrlp_lifecycle_node {
  struct hrlp_lifecycle_state state;
  double weight;
  struct hrlp_lifecycle_measures measures;
};

/* returns x steps of the level x points of income and expenses x jobs */
#define HRLP_LIFECYCLE_NODES_MAX \
  (HRLP_LIFECYCLE_SHOCKS * HRLP_LIFECYCLE_SHOCKS * HRLP_LIFECYCLE_GROUPS * 2)

/* The nodes after a decision of a month before the last. Returns how many, at most
 * hrlp_lifecycle_most_nodes. */
size_t hrlp_lifecycle_nodes(const struct hrlp_lifecycle_forecast *forecast,
                            const struct hrlp_life *decided,
                            struct hrlp_lifecycle_node *nodes);

/* The most of them that any month has. */
size_t hrlp_lifecycle_most_nodes(const struct hrlp_lifecycle_forecast *forecast);

#endif
