/* rl/ppo_types.h - what an update of PPO takes and gives. */
#ifndef HRLP_PPO_TYPES_H
#define HRLP_PPO_TYPES_H

#include <stddef.h>

struct hrlp_ppo_config {
  size_t epochs;
  size_t minibatch; /* samples for an Adam step */
  float clip;       /* of the ratio */
  float value_weight;
  float entropy_weight;
  float gradient_norm; /* greatest norm, for actor, critic and deviations each */
  float learning_rate;
  float log_std_minimum; /* bounds of the log standard deviations */
  float log_std_maximum;
};

/* A batch of `count` samples, borrowed. The policy's mean is offset + actor(observation).
 */
struct hrlp_samples {
  size_t count;
  const float *observations;      /* [count, observations] */
  const float *offsets;           /* [count, actions] */
  const float *actions;           /* [count, actions] */
  const float *log_probabilities; /* [count] under the policy that acted */
  const float *advantages;        /* [count] */
  const float *returns;           /* [count] the critic's targets */
};

/* Means over the samples of an update's last epoch. */
struct hrlp_ppo_report {
  double loss; /* policy_loss + value_weight value_loss - entropy_weight entropy */
  double policy_loss;
  double value_loss; /* half the mean squared error */
  double entropy;
  double divergence;    /* approximate KL of new from old: mean(ratio - 1 - log ratio) */
  double clip_fraction; /* share of samples with a clipped ratio */
};

/* Actor, with the deviations, and critic: neither needs the other's gradient. */
enum hrlp_network { HRLP_ACTOR, HRLP_CRITIC, HRLP_NETWORKS };

/* What is summed over the samples of a network's part of the loss. */
struct hrlp_ppo_sums {
  double policy_loss, value_loss, divergence, clipped; /* 0 where they are the other's */
};

#endif
