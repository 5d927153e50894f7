/* PPO's gradient against finite differences, and its gradient and steps against PyTorch.
 * test_ppo_update.c has the rest. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "rl/ppo.h"
#include "agent_sample.h"
#include "data/golden/golden.h"
#include "near.h"
#include "reference.h"

/* Gradients of a mean over some 20 samples, in single precision, near 1. */
#define GRADIENT_TOLERANCE 2e-5
/* Losses of the same. */
#define LOSS_TOLERANCE 1e-5
/* Step of central differences in double precision: its error is about 1e-9. */
#define DIFFERENCE 1e-5
/* A step of Adam divides gradients by their own size plus 1e-5: rounding of 1e-8 becomes
 * at most 1e-3 of the rate, 1/128. After 20 steps, ten times that. */
#define FIRST_STEP_TOLERANCE 1e-5
#define LAST_STEP_TOLERANCE 1e-4

#define COUNT(array) (sizeof(array) / sizeof *(array))
/* ---- the loss by its definition ---- */

static double reference_loss(const struct hrlp_actor_critic *agent,
                             const double *parameters,
                             const struct hrlp_ppo_config *config,
                             const struct hrlp_samples *samples, double parts[4]) {
  const double *log_std = parameters + agent->log_std_offset;
  double clip = (double)config->clip;
  double entropy = 0.0;
  memset(parts, 0, 4 * sizeof *parts);
  for (size_t j = 0; j < agent->actions; j++)
    entropy += log_std[j] + 0.5 * log(2.0 * M_PI * M_E);
  for (size_t i = 0; i < samples->count; i++) {
    double mean[REFERENCE_WIDEST];
    double value[1];
    const float *x = samples->observations + i * agent->observations;
    reference_mlp(&agent->actor, parameters, x, mean);
    reference_mlp(&agent->critic, parameters + agent->critic_offset, x, value);
    double log_ratio = -(double)samples->log_probabilities[i];
    for (size_t j = 0; j < agent->actions; j++) {
      size_t at = i * agent->actions + j;
      double z = ((double)samples->actions[at] - mean[j] - (double)samples->offsets[at]) /
                 exp(log_std[j]);
      log_ratio -= 0.5 * z * z + log_std[j] + 0.5 * log(2.0 * M_PI);
    }
    double ratio = exp(log_ratio);
    double advantage = (double)samples->advantages[i];
    double clamped = fmin(fmax(ratio, 1.0 - clip), 1.0 + clip);
    double difference = value[0] - (double)samples->returns[i];
    parts[0] -= fmin(ratio * advantage, clamped * advantage);
    parts[1] += 0.5 * difference * difference;
    parts[2] += ratio - 1.0 - log_ratio;
    parts[3] += ratio != clamped;
  }
  for (int i = 0; i < 4; i++) parts[i] /= (double)samples->count;
  return parts[0] + (double)config->value_weight * parts[1] -
         (double)config->entropy_weight * entropy;
}

/* The gradient of both networks. */
static void find_gradient(struct hrlp_ppo *ppo, size_t shard,
                          const struct hrlp_actor_critic *agent,
                          const struct hrlp_ppo_config *config,
                          const struct hrlp_samples *samples, const uint32_t *order,
                          size_t rows, size_t total) {
  for (enum hrlp_network which = HRLP_ACTOR; which < HRLP_NETWORKS; which++)
    hrlp_ppo_gradient(ppo, which, shard, agent, config, samples, order, rows, total);
}

static void check_gradient(enum hrlp_activation activation, size_t rows) {
  struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, activation);
  struct hrlp_samples samples = make_samples(rows, 40 + rows);
  uint64_t state = 41;
  noise_fill(agent.parameters, agent.log_std_offset, 0.6, &state);
  draw_log_probabilities(&agent, rows);
  struct hrlp_ppo *ppo = make_ppo(&agent, rows);
  find_gradient(ppo, 0, &agent, &plain_config, &samples, in_order, rows, rows);
  const float *gradients = hrlp_ppo_shard_gradients(ppo, 0);
  struct hrlp_ppo_sums sums = hrlp_ppo_shard_sums(ppo, HRLP_ACTOR, 0);
  struct hrlp_ppo_sums critic = hrlp_ppo_shard_sums(ppo, HRLP_CRITIC, 0);

  double *exact = hrlp_alloc(agent.count, sizeof *exact);
  double parts[4];
  double ignored[4];
  for (size_t i = 0; i < agent.count; i++) exact[i] = (double)agent.parameters[i];
  reference_loss(&agent, exact, &plain_config, &samples, parts);
  NEAR(sums.policy_loss, parts[0], LOSS_TOLERANCE);
  NEAR(critic.value_loss, parts[1], LOSS_TOLERANCE);
  NEAR(sums.divergence, parts[2], LOSS_TOLERANCE);
  NEAR(sums.clipped, parts[3], LOSS_TOLERANCE);
  if (rows > 10)
    ck_assert(parts[3] > 0.2 && parts[3] < 0.8); /* both branches are there */
  for (size_t i = 0; i < agent.count; i++) {
    double kept = exact[i];
    exact[i] = kept + DIFFERENCE;
    double above = reference_loss(&agent, exact, &plain_config, &samples, ignored);
    exact[i] = kept - DIFFERENCE;
    double below = reference_loss(&agent, exact, &plain_config, &samples, ignored);
    exact[i] = kept;
    NEAR(gradients[i], (above - below) / (2.0 * DIFFERENCE), GRADIENT_TOLERANCE);
  }
  hrlp_free(exact);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}

START_TEST(gradient_is_the_finite_difference) {
  check_gradient(HRLP_TANH, 1);
  check_gradient(HRLP_TANH, 23);
  check_gradient(HRLP_RELU, 23);
}
END_TEST

START_TEST(gradients_of_shards_add_up) {
  struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
  struct hrlp_samples samples = make_samples(120, 50);
  draw_log_probabilities(&agent, 120);
  struct hrlp_ppo *ppo = make_ppo(&agent, 500);
  /* three parts of unequal size, the first from the end, against the whole */
  find_gradient(ppo, 0, &agent, &plain_config, &samples, in_order + 100, 20, 120);
  find_gradient(ppo, 1, &agent, &plain_config, &samples, in_order, 99, 120);
  find_gradient(ppo, 2, &agent, &plain_config, &samples, in_order + 99, 1, 120);
  find_gradient(ppo, 3, &agent, &plain_config, &samples, in_order, 120, 120);
  double loss = 0.0;
  for (size_t s = 0; s < 3; s++)
    loss += hrlp_ppo_shard_sums(ppo, HRLP_ACTOR, s).policy_loss;
  NEAR(loss, hrlp_ppo_shard_sums(ppo, HRLP_ACTOR, 3).policy_loss, LOSS_TOLERANCE);
  for (size_t i = 0; i < agent.count; i++) {
    double sum = 0.0;
    for (size_t s = 0; s < 3; s++) sum += (double)hrlp_ppo_shard_gradients(ppo, s)[i];
    NEAR(sum, hrlp_ppo_shard_gradients(ppo, 3)[i], GRADIENT_TOLERANCE);
  }
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

/* ---- PyTorch ---- */

static const struct hrlp_samples golden_samples = {
    GOLDEN_PPO_ROWS,    golden_ppo_observations,      golden_ppo_offsets,
    golden_ppo_actions, golden_ppo_log_probabilities, golden_ppo_advantages,
    golden_ppo_returns};

static struct hrlp_ppo_config golden_config(size_t epochs) {
  return (struct hrlp_ppo_config){.epochs = epochs,
                                  .minibatch = GOLDEN_PPO_ROWS,
                                  .clip = (float)GOLDEN_PPO_CLIP,
                                  .value_weight = (float)GOLDEN_PPO_VALUE_WEIGHT,
                                  .entropy_weight = (float)GOLDEN_PPO_ENTROPY_WEIGHT,
                                  .gradient_norm = (float)GOLDEN_PPO_NORM,
                                  .learning_rate = (float)GOLDEN_PPO_RATE,
                                  .log_std_minimum = -10.0f,
                                  .log_std_maximum = 10.0f};
}

/* Where the agent keeps recorded parameter `i`: the recording has no gap between actor
 * and critic. */
static size_t golden_place(const struct hrlp_actor_critic *agent, size_t i) {
  size_t actor = hrlp_mlp_parameter_count(&agent->actor);
  return i < actor ? i : i - actor + agent->critic_offset;
}

static struct hrlp_actor_critic golden_agent(void) {
  struct hrlp_actor_critic agent = make_agent(GOLDEN_PPO_OBSERVATIONS, GOLDEN_PPO_ACTIONS,
                                              GOLDEN_PPO_HIDDEN, HRLP_TANH);
  size_t last = golden_place(&agent, COUNT(golden_ppo_parameters) - 1);
  ck_assert_uint_eq(agent.count, last + 1);
  for (size_t i = 0; i < COUNT(golden_ppo_parameters); i++)
    agent.parameters[golden_place(&agent, i)] = golden_ppo_parameters[i];
  return agent;
}

/* Compares all parameters, or gradients by them, with recorded ones; what only aligns the
 * critic must be 0. */
static void check_golden(const struct hrlp_actor_critic *agent, const float *found,
                         const double *expected, double tolerance) {
  for (size_t i = 0; i < COUNT(golden_ppo_parameters); i++)
    NEAR(found[golden_place(agent, i)], expected[i], tolerance);
  for (size_t i = hrlp_mlp_parameter_count(&agent->actor); i < agent->critic_offset; i++)
    NEAR(found[i], 0.0, 0.0);
}

START_TEST(loss_and_gradient_agree_with_pytorch) {
  struct hrlp_actor_critic agent = golden_agent();
  struct hrlp_ppo *ppo = make_ppo(&agent, GOLDEN_PPO_ROWS);
  struct hrlp_ppo_config config = golden_config(1);
  for (uint32_t i = 0; i < GOLDEN_PPO_ROWS; i++) in_order[i] = i;
  find_gradient(ppo, 0, &agent, &config, &golden_samples, in_order, GOLDEN_PPO_ROWS,
                GOLDEN_PPO_ROWS);
  check_golden(&agent, hrlp_ppo_shard_gradients(ppo, 0), golden_ppo_gradients,
               GRADIENT_TOLERANCE);
  struct hrlp_ppo_report report;
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &config, &golden_samples, 1, 0, NULL, &report, NULL),
      HRL_OK);
  NEAR(report.policy_loss, golden_ppo_losses[0], LOSS_TOLERANCE);
  NEAR(report.value_loss, golden_ppo_losses[1], LOSS_TOLERANCE);
  NEAR(report.entropy, golden_ppo_losses[2], LOSS_TOLERANCE);
  NEAR(report.divergence, golden_ppo_losses[3], LOSS_TOLERANCE);
  NEAR(report.clip_fraction, golden_ppo_losses[4], LOSS_TOLERANCE);
  NEAR(report.loss,
       golden_ppo_losses[0] + GOLDEN_PPO_VALUE_WEIGHT * golden_ppo_losses[1] -
           GOLDEN_PPO_ENTROPY_WEIGHT * golden_ppo_losses[2],
       LOSS_TOLERANCE);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

START_TEST(clipped_adam_steps_agree_with_pytorch) {
  /* one minibatch, so an epoch is a step; the recording clips actor and critic, but not
   * the deviations, each by its own norm */
  struct hrlp_actor_critic agent = golden_agent();
  struct hrlp_ppo *ppo = make_ppo(&agent, GOLDEN_PPO_ROWS);
  struct hrlp_ppo_report report;
  struct hrlp_ppo_config config = golden_config(1);
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &config, &golden_samples, 1, 0, NULL, &report, NULL),
      HRL_OK);
  check_golden(&agent, agent.parameters, golden_ppo_first_step, FIRST_STEP_TOLERANCE);
  config = golden_config(GOLDEN_PPO_STEPS - 1);
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &config, &golden_samples, 1, 1, NULL, &report, NULL),
      HRL_OK);
  ck_assert_uint_eq(agent.steps, GOLDEN_PPO_STEPS);
  check_golden(&agent, agent.parameters, golden_ppo_last_step, LAST_STEP_TOLERANCE);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

START_TEST(shards_are_parts_of_one_step) {
  /* the same samples 17 times over: four shards, and the same mean gradient */
  enum { TIMES = 17, ROWS = TIMES * GOLDEN_PPO_ROWS };
  ck_assert_uint_le(ROWS, MOST_ROWS);
  for (size_t i = 0; i < ROWS; i++) {
    size_t from = i % GOLDEN_PPO_ROWS;
    memcpy(observations + i * WIDTH, golden_ppo_observations + from * WIDTH,
           WIDTH * sizeof(float));
    memcpy(offsets + i * ACTIONS, golden_ppo_offsets + from * ACTIONS,
           ACTIONS * sizeof(float));
    memcpy(actions + i * ACTIONS, golden_ppo_actions + from * ACTIONS,
           ACTIONS * sizeof(float));
    log_probabilities[i] = golden_ppo_log_probabilities[from];
    advantages[i] = golden_ppo_advantages[from];
    returns[i] = golden_ppo_returns[from];
  }
  const struct hrlp_samples samples = {
      ROWS, observations, offsets, actions, log_probabilities, advantages, returns};
  struct hrlp_actor_critic agent = golden_agent();
  struct hrlp_ppo_config config = golden_config(1);
  config.minibatch = ROWS;
  struct hrlp_ppo *ppo = make_ppo(&agent, ROWS);
  struct hrlp_ppo_report report;
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &config, &samples, 1, 0, NULL, &report, NULL), HRL_OK);
  check_golden(&agent, agent.parameters, golden_ppo_first_step, FIRST_STEP_TOLERANCE);
  NEAR(report.policy_loss, golden_ppo_losses[0], LOSS_TOLERANCE);
  NEAR(report.value_loss, golden_ppo_losses[1], LOSS_TOLERANCE);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ppo");
  TCase *gradient = tcase_create("gradient");
  tcase_set_timeout(gradient, 120);
  tcase_add_test(gradient, gradient_is_the_finite_difference);
  tcase_add_test(gradient, gradients_of_shards_add_up);
  tcase_add_test(gradient, loss_and_gradient_agree_with_pytorch);
  tcase_add_test(gradient, clipped_adam_steps_agree_with_pytorch);
  tcase_add_test(gradient, shards_are_parts_of_one_step);
  suite_add_tcase(suite, gradient);
  return run_suite(suite);
}
