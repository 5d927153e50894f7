/* rl/ppo.h - proximal policy optimisation with a clipped objective (Schulman et al.
 * 2017).
 *
 * One update takes a batch of samples and, for some epochs, walks through it in shuffled
 * minibatches. For each sample, with ratio = exp(log pi(a|s) - log pi_old(a|s)):
 *
 *   loss = mean( -min(ratio A, clamp(ratio, 1 - clip, 1 + clip) A)
 *                + value_weight / 2 (V(s) - R)^2  -  entropy_weight H )
 *
 * then clips the gradient's norm and takes an Adam step. Minibatches are cut into fixed
 * shards whose gradients are added in order, so the result depends neither on the
 * number of threads nor on that of ranks. */
#ifndef HRLP_PPO_H
#define HRLP_PPO_H

#include "base/thread.h"
#include "rl/actor_critic.h"
#include "rl/ppo_types.h"

/* Memory for updates: made once, used again and again. */
struct hrlp_ppo;

/* For agents shaped like `agent` and minibatches of at most `minibatch`. */
hrl_status hrlp_ppo_create(const struct hrlp_actor_critic *agent, size_t minibatch,
                           struct hrlp_ppo **ppo, hrl_error *error);
void hrlp_ppo_destroy(struct hrlp_ppo *ppo);

/* One update of `agent`. The order of samples is determined by (seed, update).
 * HRL_ERROR_NUMERIC where a gradient is not finite, HRL_ERROR_RANKS where the pool's
 * group cannot exchange gradients; the agent is as before then. HRL_ERROR_MEMORY where a
 * larger batch than any before finds no room. */
hrl_status hrlp_ppo_update(struct hrlp_ppo *ppo, struct hrlp_actor_critic *agent,
                           const struct hrlp_ppo_config *config,
                           const struct hrlp_samples *samples, uint64_t seed,
                           uint64_t update, struct hrlp_pool *pool,
                           struct hrlp_ppo_report *report, hrl_error *error);

/* A network's part of the loss of samples[order[0..rows)] and, in the shard's gradients,
 * of its gradient: the part of the algorithm that tests compare with finite differences.
 * Mean over `total` samples, so that the results of shards add up. */
void hrlp_ppo_gradient(struct hrlp_ppo *ppo, enum hrlp_network which, size_t shard,
                       const struct hrlp_actor_critic *agent,
                       const struct hrlp_ppo_config *config,
                       const struct hrlp_samples *samples, const uint32_t *order,
                       size_t rows, size_t total);

/* What hrlp_ppo_gradient left in shard `shard`: of both networks [agent->count], and of
 * one. */
const float *hrlp_ppo_shard_gradients(const struct hrlp_ppo *ppo, size_t shard);
struct hrlp_ppo_sums hrlp_ppo_shard_sums(const struct hrlp_ppo *ppo,
                                         enum hrlp_network which, size_t shard);

#endif
