/* PPO's update: the same for any number of threads, what it does with numbers that are
 * not finite, and that it learns. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "nn/gaussian.h"
#include "rl/ppo.h"
#include "agent_sample.h"
#include "near.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

START_TEST(threads_do_not_change_a_bit) {
  static const size_t threads[] = {1, 2, 3, 8};
  struct hrlp_samples samples = make_samples(MOST_ROWS, 60);
  struct hrlp_actor_critic first = {0};
  struct hrlp_ppo_report first_report = {0};
  for (size_t t = 0; t < COUNT(threads); t++) {
    struct hrlp_pool *pool = NULL;
    ck_assert_int_eq(hrlp_pool_create(threads[t], &pool, NULL), HRL_OK);
    struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 32, HRLP_TANH);
    draw_log_probabilities(&agent, MOST_ROWS);
    struct hrlp_ppo_config config = plain_config;
    config.epochs = 4;
    config.minibatch = 300; /* four minibatches of 250, each of two shards */
    struct hrlp_ppo *ppo = make_ppo(&agent, config.minibatch);
    struct hrlp_ppo_report report;
    for (uint64_t update = 0; update < 3; update++)
      ck_assert_int_eq(
          hrlp_ppo_update(ppo, &agent, &config, &samples, 9, update, pool, &report, NULL),
          HRL_OK);
    ck_assert_uint_eq(agent.steps, 3 * 4 * 4);
    hrlp_ppo_destroy(ppo);
    hrlp_pool_destroy(pool);
    if (t == 0) {
      first = agent;
      first_report = report;
      continue;
    }
    ck_assert_mem_eq(agent.parameters, first.parameters, agent.count * sizeof(float));
    ck_assert_mem_eq(agent.moment1, first.moment1, agent.count * sizeof(float));
    ck_assert_mem_eq(agent.moment2, first.moment2, agent.count * sizeof(float));
    ck_assert_mem_eq(&report, &first_report, sizeof report);
    hrlp_actor_critic_destroy(&agent);
  }
  hrlp_actor_critic_destroy(&first);
}
END_TEST

/* A minibatch of four shards, of samples that all differ, beside the sum of its samples
 * one by one: the first moments are a tenth of the gradient, the report has the means. */
START_TEST(shards_are_the_whole_minibatch) {
  enum { ROWS = 500 };
  static double sum[2000];
  struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
  struct hrlp_samples samples = make_samples(ROWS, 66);
  struct hrlp_ppo_config config = plain_config;
  struct hrlp_ppo_sums means = {0};
  struct hrlp_ppo_report report;
  draw_log_probabilities(&agent, ROWS);
  config.minibatch = ROWS;
  config.gradient_norm = 1e6f;
  struct hrlp_ppo *ppo = make_ppo(&agent, ROWS);
  for (size_t i = 0; i < ROWS; i++) {
    hrlp_ppo_gradient(ppo, HRLP_ACTOR, 0, &agent, &config, &samples, in_order + i, 1,
                      ROWS);
    hrlp_ppo_gradient(ppo, HRLP_CRITIC, 0, &agent, &config, &samples, in_order + i, 1,
                      ROWS);
    for (size_t k = 0; k < agent.count; k++)
      sum[k] += (double)hrlp_ppo_shard_gradients(ppo, 0)[k];
    struct hrlp_ppo_sums actor = hrlp_ppo_shard_sums(ppo, HRLP_ACTOR, 0);
    means.policy_loss += actor.policy_loss;
    means.divergence += actor.divergence;
    means.clipped += actor.clipped;
    means.value_loss += hrlp_ppo_shard_sums(ppo, HRLP_CRITIC, 0).value_loss;
  }
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &config, &samples, 1, 0, NULL, &report, NULL), HRL_OK);
  for (size_t k = 0; k < agent.count; k++) NEAR(10.0f * agent.moment1[k], sum[k], 2e-5);
  NEAR(report.policy_loss, means.policy_loss, 1e-5);
  NEAR(report.value_loss, means.value_loss, 1e-5);
  NEAR(report.divergence, means.divergence, 1e-5);
  NEAR(report.clip_fraction, means.clipped, 1e-5);
  ck_assert_double_gt(means.clipped, 0.1);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

START_TEST(order_follows_from_seed_and_update) {
  static float results[3][2000];
  static const uint64_t coordinates[3][2] = {{9, 0}, {9, 1}, {8, 0}};
  struct hrlp_samples samples = make_samples(100, 61);
  for (int i = 0; i < 3; i++) {
    struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
    draw_log_probabilities(&agent, 100);
    struct hrlp_ppo_config config = plain_config;
    config.minibatch = 10;
    struct hrlp_ppo *ppo = make_ppo(&agent, 10);
    struct hrlp_ppo_report report;
    ck_assert_int_eq(hrlp_ppo_update(ppo, &agent, &config, &samples, coordinates[i][0],
                                     coordinates[i][1], NULL, &report, NULL),
                     HRL_OK);
    memcpy(results[i], agent.parameters, agent.count * sizeof(float));
    hrlp_ppo_destroy(ppo);
    hrlp_actor_critic_destroy(&agent);
  }
  ck_assert_mem_ne(results[0], results[1], 100 * sizeof(float));
  ck_assert_mem_ne(results[0], results[2], 100 * sizeof(float));
}
END_TEST

START_TEST(a_batch_without_samples_changes_nothing) {
  struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
  struct hrlp_ppo *ppo = make_ppo(&agent, 10);
  struct hrlp_samples samples = make_samples(0, 1);
  struct hrlp_ppo_report report;
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &plain_config, &samples, 1, 0, NULL, &report, NULL),
      HRL_OK);
  ck_assert_uint_eq(agent.steps, 0);
  hrlp_ppo_destroy(ppo);
  hrlp_ppo_destroy(NULL);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

START_TEST(deviations_stay_within_their_bounds) {
  struct hrlp_samples samples = make_samples(50, 62);
  for (int way = 0; way < 2; way++) {
    struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
    draw_log_probabilities(&agent, 50);
    struct hrlp_ppo_config config = plain_config;
    config.epochs = 100;
    config.learning_rate = 0.1f;
    config.entropy_weight = way == 0 ? 10.0f : -10.0f; /* pulls them up, or down */
    config.log_std_minimum = -0.75f;
    config.log_std_maximum = 0.25f;
    struct hrlp_ppo *ppo = make_ppo(&agent, 50);
    struct hrlp_ppo_report report;
    ck_assert_int_eq(
        hrlp_ppo_update(ppo, &agent, &config, &samples, 1, 0, NULL, &report, NULL),
        HRL_OK);
    for (size_t j = 0; j < ACTIONS; j++)
      NEAR(agent.parameters[agent.log_std_offset + j], way == 0 ? 0.25 : -0.75, 0.0);
    hrlp_ppo_destroy(ppo);
    hrlp_actor_critic_destroy(&agent);
  }
}
END_TEST

/* One sample gets a number that is not finite; the update must say so and not move. */
static void check_refusal(float *array, float bad) {
  struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
  struct hrlp_samples samples = make_samples(50, 63);
  static float before[2000];
  draw_log_probabilities(&agent, 50);
  array[7] = bad;
  struct hrlp_ppo *ppo = make_ppo(&agent, 50);
  struct hrlp_ppo_report report;
  hrl_error error = HRL_ERROR_INIT;
  memcpy(before, agent.parameters, agent.count * sizeof(float));
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &plain_config, &samples, 1, 0, NULL, &report, &error),
      HRL_ERROR_NUMERIC);
  ck_assert_int_eq(error.status, HRL_ERROR_NUMERIC);
  ck_assert_mem_eq(before, agent.parameters, agent.count * sizeof(float));
  for (size_t i = 0; i < agent.count; i++)
    CHECK(agent.moment1[i] == 0.0f && agent.moment2[i] == 0.0f, "a moment moved");
  ck_assert_uint_eq(agent.steps, 0);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}

START_TEST(what_is_not_finite_is_refused) {
  float *const arrays[] = {advantages, returns, log_probabilities,
                           actions,    offsets, observations};
  for (size_t i = 0; i < COUNT(arrays); i++) check_refusal(arrays[i], NAN);
  check_refusal(advantages, INFINITY);
  check_refusal(advantages, -INFINITY);
  check_refusal(returns, INFINITY);
}
END_TEST

/* A bad sample after minibatches that went well, in one network only: nothing of the
 * update is left in either. */
START_TEST(a_late_failure_takes_all_back) {
  float *const arrays[] = {advantages, returns};
  for (size_t threads = 1; threads <= 3; threads += 2)
    for (size_t i = 0; i < COUNT(arrays); i++) {
      struct hrlp_pool *pool = NULL;
      ck_assert_int_eq(hrlp_pool_create(threads, &pool, NULL), HRL_OK);
      struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
      struct hrlp_samples samples = make_samples(600, 65);
      struct hrlp_ppo_config config = plain_config;
      config.epochs = 2;
      config.minibatch = 20;
      draw_log_probabilities(&agent, 600);
      struct hrlp_ppo *ppo = make_ppo(&agent, 20);
      struct hrlp_ppo_report report;
      ck_assert_int_eq(
          hrlp_ppo_update(ppo, &agent, &config, &samples, 1, 0, pool, &report, NULL),
          HRL_OK);
      size_t size = agent.count * sizeof(float);
      static float before[3][2000];
      ck_assert_uint_le(agent.count, COUNT(before[0]));
      memcpy(before[0], agent.parameters, size);
      memcpy(before[1], agent.moment1, size);
      memcpy(before[2], agent.moment2, size);
      arrays[i][7] = NAN;
      hrl_error error = HRL_ERROR_INIT;
      ck_assert_int_eq(
          hrlp_ppo_update(ppo, &agent, &config, &samples, 1, 1, pool, &report, &error),
          HRL_ERROR_NUMERIC);
      ck_assert_mem_eq(before[0], agent.parameters, size);
      ck_assert_mem_eq(before[1], agent.moment1, size);
      ck_assert_mem_eq(before[2], agent.moment2, size);
      ck_assert_uint_eq(agent.steps, 2 * 30);
      hrlp_ppo_destroy(ppo);
      hrlp_actor_critic_destroy(&agent);
      hrlp_pool_destroy(pool);
    }
}
END_TEST

START_TEST(a_ratio_beyond_all_numbers_is_no_infinity) {
  struct hrlp_actor_critic agent = make_agent(WIDTH, ACTIONS, 8, HRLP_TANH);
  struct hrlp_samples samples = make_samples(50, 64);
  draw_log_probabilities(&agent, 50);
  log_probabilities[3] = -500.0f; /* exp(500) is not a float */
  advantages[3] = -1.0f;          /* and this way round it is not clipped */
  struct hrlp_ppo *ppo = make_ppo(&agent, 50);
  struct hrlp_ppo_report report;
  ck_assert_int_eq(
      hrlp_ppo_update(ppo, &agent, &plain_config, &samples, 1, 0, NULL, &report, NULL),
      HRL_OK);
  for (size_t i = 0; i < agent.count; i++)
    CHECK(isfinite(agent.parameters[i]), "a parameter is not finite");
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

/* ---- learning ---- */

#define BANDIT_ROWS 512

/* Context x is -1 or 1 and the best action 0.6 x + 0.1, which pays 0 and others less. */
static void play_bandit(const struct hrlp_actor_critic *agent, uint64_t update) {
  float work[2 * 200];
  float deviation = expf(agent->parameters[agent->log_std_offset]);
  for (uint32_t i = 0; i < BANDIT_ROWS; i++) {
    double normals[4];
    hrlp_random_normals(7, HRLP_RANDOM_EXECUTOR, update, i, normals);
    observations[i] = i % 2 == 0 ? 1.0f : -1.0f;
    offsets[i] = 0.0f;
    float mean =
        hrlp_mlp_forward(&agent->actor, agent->parameters, observations + i, 1, work)[0];
    float value =
        hrlp_mlp_forward(&agent->critic, agent->parameters + agent->critic_offset,
                         observations + i, 1, work)[0];
    actions[i] = mean + deviation * (float)normals[0];
    log_probabilities[i] =
        log_density(actions + i, &mean, agent->parameters + agent->log_std_offset, 1);
    float distance = actions[i] - (0.6f * observations[i] + 0.1f);
    returns[i] = -distance * distance;
    advantages[i] = returns[i] - value;
  }
}

START_TEST(a_bandit_is_learned) {
  struct hrlp_actor_critic agent = make_agent(1, 1, 16, HRLP_TANH);
  struct hrlp_ppo_config config = plain_config;
  config.epochs = 4;
  config.minibatch = 128;
  config.entropy_weight = 0.0f;
  struct hrlp_ppo *ppo = make_ppo(&agent, config.minibatch);
  struct hrlp_ppo_report report;
  struct hrlp_samples samples = make_samples(BANDIT_ROWS, 1);
  for (uint64_t update = 0; update < 150; update++) {
    play_bandit(&agent, update);
    ck_assert_int_eq(
        hrlp_ppo_update(ppo, &agent, &config, &samples, 7, update, NULL, &report, NULL),
        HRL_OK);
  }
  float work[2 * 200];
  for (int side = -1; side <= 1; side += 2) {
    const float x[] = {(float)side};
    NEAR(hrlp_mlp_forward(&agent.actor, agent.parameters, x, 1, work)[0],
         0.6 * side + 0.1, 0.02);
    /* and the critic knows that what is left is the noise */
    double deviation = exp((double)agent.parameters[agent.log_std_offset]);
    NEAR(hrlp_mlp_forward(&agent.critic, agent.parameters + agent.critic_offset, x, 1,
                          work)[0],
         -deviation * deviation, 0.02);
  }
  /* exploration is given up where it does not pay */
  ck_assert(agent.parameters[agent.log_std_offset] < -1.5f);
  hrlp_ppo_destroy(ppo);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ppo update");
  TCase *update = tcase_create("update");
  tcase_set_timeout(update, 120);
  tcase_add_test(update, threads_do_not_change_a_bit);
  tcase_add_test(update, shards_are_the_whole_minibatch);
  tcase_add_test(update, order_follows_from_seed_and_update);
  tcase_add_test(update, a_batch_without_samples_changes_nothing);
  tcase_add_test(update, deviations_stay_within_their_bounds);
  tcase_add_test(update, what_is_not_finite_is_refused);
  tcase_add_test(update, a_late_failure_takes_all_back);
  tcase_add_test(update, a_ratio_beyond_all_numbers_is_no_infinity);
  tcase_add_test(update, a_bandit_is_learned);
  suite_add_tcase(suite, update);
  return run_suite(suite);
}
