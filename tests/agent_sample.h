/* agent_sample.h - an agent, a learner and samples for the tests of rl/ppo.h. */
#ifndef TEST_AGENT_SAMPLE_H
#define TEST_AGENT_SAMPLE_H

#include <check.h>

#include "rl/ppo.h"
#include "gaussian_density.h"
#include "noise.h"

#define MOST_ROWS 1000
#define WIDTH 5
#define ACTIONS 2

static float observations[MOST_ROWS * WIDTH], offsets[MOST_ROWS * ACTIONS];
static float actions[MOST_ROWS * ACTIONS], log_probabilities[MOST_ROWS];
static float advantages[MOST_ROWS], returns[MOST_ROWS];
static uint32_t in_order[MOST_ROWS];

static const struct hrlp_ppo_config plain_config = {.epochs = 1,
                                                    .minibatch = MOST_ROWS,
                                                    .clip = 0.2f,
                                                    .value_weight = 0.5f,
                                                    .entropy_weight = 0.01f,
                                                    .gradient_norm = 0.5f,
                                                    .learning_rate = 3e-3f,
                                                    .log_std_minimum = -5.0f,
                                                    .log_std_maximum = 2.0f};

static inline struct hrlp_actor_critic make_agent(size_t width, size_t action_count,
                                                  size_t hidden,
                                                  enum hrlp_activation activation) {
  struct hrlp_actor_critic agent;
  ck_assert_int_eq(hrlp_actor_critic_create(&agent, width, action_count, hidden,
                                            activation, -0.5f, 3, 1, NULL),
                   HRL_OK);
  return agent;
}

static inline struct hrlp_ppo *make_ppo(const struct hrlp_actor_critic *agent,
                                        size_t minibatch) {
  struct hrlp_ppo *ppo = NULL;
  ck_assert_int_eq(hrlp_ppo_create(agent, minibatch, &ppo, NULL), HRL_OK);
  return ppo;
}

static inline struct hrlp_samples make_samples(size_t count, uint64_t seed) {
  noise_fill(observations, count * WIDTH, 1.5, &seed);
  noise_fill(offsets, count * ACTIONS, 0.5, &seed);
  noise_fill(actions, count * ACTIONS, 1.5, &seed);
  noise_fill(advantages, count, 2.0, &seed);
  noise_fill(returns, count, 2.0, &seed);
  for (size_t i = 0; i < MOST_ROWS; i++) in_order[i] = (uint32_t)i;
  return (struct hrlp_samples){
      count, observations, offsets, actions, log_probabilities, advantages, returns};
}

/* Old log-probabilities near those of `agent`, so that ratios fall on both sides of both
 * ends of the clip range. */
static inline void draw_log_probabilities(const struct hrlp_actor_critic *agent,
                                          size_t count) {
  uint64_t state = 77;
  const float *log_std = agent->parameters + agent->log_std_offset;
  float work[200 * 2];
  for (size_t i = 0; i < count; i++) {
    const float *mean = hrlp_mlp_forward(&agent->actor, agent->parameters,
                                         observations + i * WIDTH, 1, work);
    float moved[ACTIONS];
    for (size_t j = 0; j < ACTIONS; j++) moved[j] = mean[j] + offsets[i * ACTIONS + j];
    log_probabilities[i] = log_density(actions + i * ACTIONS, moved, log_std, ACTIONS) +
                           (float)(0.5 * noise(&state));
  }
}

#endif
