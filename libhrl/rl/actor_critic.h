/* rl/actor_critic.h - one agent's networks: an actor that gives the mean of a normal
 * distribution, its log standard deviations, and a critic. */
#ifndef HRLP_ACTOR_CRITIC_H
#define HRLP_ACTOR_CRITIC_H

#include <stdint.h>

#include "base/error.h"
#include "nn/mlp.h"

struct hrlp_actor_critic {
  struct hrlp_mlp actor;   /* observations -> actions */
  struct hrlp_mlp critic;  /* observations -> 1 */
  size_t observations;     /* width of an observation */
  size_t actions;          /* width of an action */
  size_t count;            /* of all parameters */
  size_t critic_offset;    /* where the critic's begin, a multiple of 16 */
  size_t log_std_offset;   /* where the log standard deviations begin; they are last */
  float *parameters;       /* [count] actor, critic, log_std */
  float *moment1, *moment2; /* [count] Adam's moments */
  uint64_t steps;          /* Adam steps taken */
};

/* Networks of two hidden layers, `hidden` wide, with orthogonal weights from
 * (seed, stream); every log standard deviation is `log_std`. Destroyed with
 * hrlp_actor_critic_destroy, also after a failure. */
hrl_status hrlp_actor_critic_create(struct hrlp_actor_critic *agent, size_t observations,
                                    size_t actions, size_t hidden,
                                    enum hrlp_activation activation, float log_std,
                                    uint64_t seed, uint64_t stream, hrl_error *error);

void hrlp_actor_critic_destroy(struct hrlp_actor_critic *agent);

#endif
