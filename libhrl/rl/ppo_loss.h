/* rl/ppo_loss.h - the actor's loss and its gradient, as loops over arrays for every
 * vector width. */
#ifndef HRLP_PPO_LOSS_H
#define HRLP_PPO_LOSS_H

#include "rl/ppo_types.h"

/* Rows of a minibatch that one thread takes at a time. Part of what makes a run
 * reproducible: sums are cut here. */
#define HRLP_PPO_SHARD_ROWS 128

/* PPO's clipped loss of `count` samples, at most HRLP_PPO_SHARD_ROWS, each with `share`
 * of the minibatch: minus the smaller of ratio x advantage and the same with the ratio
 * clipped. Gives factor[i], what sample i's log-probability's gradient is multiplied by,
 * and sets `sums`. `log_ratio` is the logarithm of `ratio`: how much likelier the action
 * is now than when it was drawn.
 */
void hrlp_ppo_policy_loss(const struct hrlp_ppo_config *config, size_t count, float share,
                          const float *advantage, const float *log_ratio,
                          const float *ratio, float *factor, struct hrlp_ppo_sums *sums);

/* The loss' gradient in one of the actions: by the means, d_mean[i * actions], and,
 * returned, by the logarithm of the standard deviation. z[i] = (action - mean) *
 * precision, and precision = 1 / standard deviation. */
float hrlp_ppo_policy_gradient(size_t count, const float *factor, const float *z,
                               float precision, float *d_mean, size_t actions);

#endif
