/* rl/ppo_gradient.h - the gradient of a network's loss over a part of a minibatch. */
#ifndef HRLP_PPO_GRADIENT_H
#define HRLP_PPO_GRADIENT_H

#include <stdatomic.h>

#include "rl/actor_critic.h"
#include "rl/ppo_loss.h"

/* What one thread works in: the same one again and again, where there is one thread, so
 * that it stays in the caches. A network has as many as shards, so one is always free. */
struct hrlp_ppo_workspace {
  atomic_bool taken;
  float *observations; /* [HRLP_PPO_SHARD_ROWS, observations] gathered */
  float *layers;       /* forward and backward of the network */
  float *precision;    /* [actions] of the policy */
  float *deviations;   /* [actions, rows] of actions from means, in deviations */
  float *d_outputs;    /* [HRLP_PPO_SHARD_ROWS, actions], for the critic
                          [HRLP_PPO_SHARD_ROWS] */
};

/* Lays a workspace's arrays over `memory`, or only counts their floats where it is NULL.
 */
size_t hrlp_ppo_workspace_lay(struct hrlp_ppo_workspace *workspace,
                              const struct hrlp_actor_critic *agent,
                              enum hrlp_network which, float *memory);

/* A shard of a minibatch, and where its results go. */
struct hrlp_ppo_rows {
  const struct hrlp_actor_critic *agent;
  const struct hrlp_ppo_config *config;
  const struct hrlp_samples *samples;
  const uint32_t *order; /* [count] */
  size_t count;
  float share; /* of the minibatch, that a row has */
  float *gradients;
  struct hrlp_ppo_sums *sums;
};

/* Sets the network's part of `gradients`, and `sums`. */
void hrlp_ppo_rows_gradient(const struct hrlp_ppo_rows *rows, enum hrlp_network which,
                            struct hrlp_ppo_workspace *workspace);

#endif
