/* agents/rollout_types.h - requests for rollouts, and their trajectories. */
#ifndef HRLP_ROLLOUT_TYPES_H
#define HRLP_ROLLOUT_TYPES_H

#include "agents/agents.h"

/* Trajectories of a batch of episodes, for one agent. Row (episode i, step t) of an
 * array is i * steps + t. */
struct hrlp_trajectories {
  size_t steps;             /* rows of an episode */
  size_t *lengths;          /* [episodes] rows filled */
  float *observations;      /* [episodes * steps, observations] */
  float *offsets;           /* [episodes * steps, actions] */
  float *actions;           /* [episodes * steps, actions] */
  float *log_probabilities; /* [episodes * steps] */
  float *rewards;           /* [episodes * steps] */
  /* of the executor, where the environment has nodes: what each step could have led to */
  size_t nodes;             /* 0 otherwise, and the arrays are NULL */
  float *node_observations; /* [episodes * steps, nodes, observations] */
  float *node_weights;      /* [episodes * steps, nodes] */
  /* where the environment cuts episodes off: what was seen at the end of those */
  uint8_t *truncated;       /* [episodes] otherwise NULL, as the next */
  float *last_observations; /* [episodes, observations] */
};
struct hrlp_rollout_buffer {
  struct hrlp_trajectories strategist; /* a step is a decision */
  struct hrlp_trajectories executor;   /* a step is a month */
};

/* What to play. */
struct hrlp_rollout_request {
  const struct hrlp_agents *agents;
  uint64_t seed;          /* of the environment's noise and of exploration */
  uint64_t first_episode; /* number of the first; the others follow */
  size_t count;           /* episodes; at most what the rollout was made for */
  bool explore;           /* draw actions; otherwise take their mean */
  struct hrlp_rollout_buffer *buffer; /* or NULL */
  struct hrlp_episode *episodes;      /* [count] */
  struct hrlp_observer
      observer; /* called from one thread at a time only with pool NULL */
};

#endif
