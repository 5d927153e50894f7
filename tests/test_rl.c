/* Advantages, standardisation, the scale of returns and the agent's networks: closed
 * forms and sums by hand. test_ppo.c has the learning. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include "rl/actor_critic.h"
#include "rl/gae.h"
#include "rl/return_scale.h"
#include "near.h"
#include "noise.h"

/* Sums of up to 100 floats near 1, in single precision. */
#define SUM_TOLERANCE 2e-5
/* Results of double arithmetic stored as floats near 1. */
#define FLOAT_TOLERANCE 5e-7
/* Double arithmetic. */
#define DOUBLE_TOLERANCE 1e-12

#define STEPS 100

static float rewards[STEPS], values[STEPS], advantages[STEPS], returns[STEPS];

START_TEST(advantages_by_hand) {
  /* gamma 0.5, lambda 0.5, the state after worth 8:
   * delta3 = 3 + 0.5 * 8 - 2 = 5              A3 = 5
   * delta2 = 1 + 0.5 * 2 - 4 = -2             A2 = -2 + 0.25 * 5 = -0.75
   * delta1 = 2 + 0.5 * 4 - 1 = 3              A1 = 3 - 0.25 * 0.75 = 2.8125 */
  const float r[] = {2, 1, 3};
  const float v[] = {1, 4, 2};
  hrlp_gae(r, v, 3, 8, 0.5f, 0.5f, advantages, returns);
  const double a[] = {2.8125, -0.75, 5};
  for (int t = 0; t < 3; t++) {
    NEAR(advantages[t], a[t], 0.0);
    NEAR(returns[t], a[t] + (double)v[t], 0.0);
  }
}
END_TEST

START_TEST(without_discount_they_are_what_is_left_minus_the_value) {
  uint64_t state = 20;
  noise_fill(rewards, STEPS, 1.0, &state);
  noise_fill(values, STEPS, 1.0, &state);
  hrlp_gae(rewards, values, STEPS, 0.75f, 1.0f, 1.0f, advantages, returns);
  double left = 0.75;
  for (size_t t = STEPS; t-- > 0;) {
    left += (double)rewards[t];
    NEAR(advantages[t], left - (double)values[t], SUM_TOLERANCE);
    NEAR(returns[t], left, SUM_TOLERANCE);
  }
}
END_TEST

START_TEST(with_lambda_0_they_are_td_errors) {
  uint64_t state = 21;
  noise_fill(rewards, STEPS, 1.0, &state);
  noise_fill(values, STEPS, 1.0, &state);
  hrlp_gae(rewards, values, STEPS, -0.5f, 0.9f, 0.0f, advantages, returns);
  for (size_t t = 0; t < STEPS; t++) {
    double next = t + 1 < STEPS ? (double)values[t + 1] : -0.5;
    double target = (double)rewards[t] + 0.9 * next;
    NEAR(advantages[t], target - (double)values[t], FLOAT_TOLERANCE);
    NEAR(returns[t], target, FLOAT_TOLERANCE);
  }
}
END_TEST

START_TEST(constant_rewards_give_the_geometric_sum) {
  /* values 0: A[t] = sum over k of (gamma lambda)^k = (1 - q^(T - t)) / (1 - q) */
  for (size_t t = 0; t < STEPS; t++) rewards[t] = 1.0f, values[t] = 0.0f;
  hrlp_gae(rewards, values, STEPS, 0.0f, 0.95f, 0.9f, advantages, returns);
  double q = 0.95 * 0.9;
  for (size_t t = 0; t < STEPS; t++)
    NEAR(advantages[t], (1.0 - pow(q, (double)(STEPS - t))) / (1.0 - q), SUM_TOLERANCE);
}
END_TEST

START_TEST(true_values_leave_no_advantage) {
  /* V[t] = 1 + gamma V[t+1]: whatever lambda, nothing is better than expected */
  double value = 3.0;
  for (size_t t = STEPS; t-- > 0;) {
    value = 1.0 + 0.5 * value;
    rewards[t] = 1.0f;
    values[t] = (float)value;
  }
  hrlp_gae(rewards, values, STEPS, 3.0f, 0.5f, 0.97f, advantages, returns);
  for (size_t t = 0; t < STEPS; t++) {
    NEAR(advantages[t], 0.0, 4 * FLOAT_TOLERANCE);
    NEAR(returns[t], values[t], 4 * FLOAT_TOLERANCE);
  }
}
END_TEST

START_TEST(no_steps_are_no_work) {
  advantages[0] = 5.0f;
  hrlp_gae(rewards, values, 0, 1.0f, 0.9f, 0.9f, advantages, returns);
  ck_assert(advantages[0] == 5.0f);
}
END_TEST

START_TEST(rescaled_by_hand) {
  /* root mean square 5 */
  float x[] = {1, 7, -5, 5};
  hrlp_rescale(x, 4);
  for (int i = 0; i < 4; i++) {
    const float before[] = {1, 7, -5, 5};
    NEAR(x[i], before[i] / 5.001f, FLOAT_TOLERANCE);
  }
  float tiny[] = {1e-6f, -1e-6f}; /* of no size worth speaking of: they stay tiny */
  hrlp_rescale(tiny, 2);
  NEAR(tiny[0], 1e-3, 1e-5);
  float nothing[] = {0, 0};
  hrlp_rescale(nothing, 2);
  ck_assert(nothing[0] == 0.0f);
  hrlp_rescale(NULL, 0);
}
END_TEST

START_TEST(standardised_by_hand) {
  /* 2 4 4 4 5 5 7 9: mean 5, deviation 2 */
  float x[] = {2, 4, 4, 4, 5, 5, 7, 9};
  const double expected[] = {-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2};
  hrlp_standardize(x, 8);
  for (int i = 0; i < 8; i++) NEAR(x[i], expected[i], 0.0);
}
END_TEST

START_TEST(standardised_numbers_have_mean_0_and_deviation_1) {
  static float x[1001];
  uint64_t state = 22;
  for (double scale = 1e-4; scale < 1e6; scale *= 100.0) {
    noise_fill(x, 1001, scale, &state);
    for (int i = 0; i < 1001; i++) x[i] += (float)(3.0 * scale);
    hrlp_standardize(x, 1001);
    double sum = 0.0;
    double square = 0.0;
    for (int i = 0; i < 1001; i++)
      sum += (double)x[i], square += (double)x[i] * (double)x[i];
    NEAR(sum / 1001, 0.0, FLOAT_TOLERANCE);
    NEAR(square / 1001, 1.0, FLOAT_TOLERANCE);
  }
}
END_TEST

START_TEST(where_all_are_alike_nothing_is_left) {
  float x[100];
  for (int i = 0; i < 100; i++) x[i] = 0.1f;
  hrlp_standardize(x, 100);
  for (int i = 0; i < 100; i++) NEAR(x[i], 0.0, 0.0);
  float one[] = {7.0f};
  hrlp_standardize(one, 1); /* has no spread: left as it is */
  ck_assert(one[0] == 7.0f);
  hrlp_standardize(NULL, 0);
}
END_TEST

START_TEST(scale_of_returns_by_hand) {
  struct hrlp_return_scale scale = {0};
  NEAR(hrlp_return_scale_get(&scale), 1.0, 0.0);
  const float first[] = {3, -3, 3, 3};
  hrlp_return_scale_update(&scale, first, 4, 0.5);
  NEAR(hrlp_return_scale_get(&scale), 3.0, DOUBLE_TOLERANCE);
  /* the 4 squares of 9 count half: (18 + 2 * 1) / (2 + 2) = 5 */
  const float second[] = {1, -1};
  hrlp_return_scale_update(&scale, second, 2, 0.5);
  NEAR(hrlp_return_scale_get(&scale), sqrt(5.0), DOUBLE_TOLERANCE);
  hrlp_return_scale_update(&scale, NULL, 0, 1.0);
  NEAR(hrlp_return_scale_get(&scale), sqrt(5.0), DOUBLE_TOLERANCE);
  hrlp_return_scale_update(&scale, second, 2, 0.0); /* forgets all before */
  NEAR(hrlp_return_scale_get(&scale), 1.0, DOUBLE_TOLERANCE);
  const float zeros[5] = {0};
  hrlp_return_scale_update(&scale, zeros, 5, 0.0);
  ck_assert(hrlp_return_scale_get(&scale) > 0.0); /* it is divided by */
}
END_TEST

START_TEST(agent_has_its_parts_in_order) {
  struct hrlp_actor_critic agent;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(
      hrlp_actor_critic_create(&agent, 6, 2, 16, HRLP_TANH, -0.75f, 5, 1, &error),
      HRL_OK);
  size_t actor = 6 * 16 + 16 + 16 * 16 + 16 + 16 * 2 + 2 + 14; /* to a cache line */
  size_t critic = 6 * 16 + 16 + 16 * 16 + 16 + 16 + 1;
  ck_assert_uint_eq(agent.critic_offset, actor);
  ck_assert_uint_eq(agent.log_std_offset, actor + critic);
  ck_assert_uint_eq(agent.count, actor + critic + 2);
  ck_assert_uint_eq(agent.steps, 0);
  NEAR(agent.parameters[agent.log_std_offset], -0.75, 0.0);
  NEAR(agent.parameters[agent.log_std_offset + 1], -0.75, 0.0);
  for (size_t i = 0; i < agent.count; i++)
    CHECK(agent.moment1[i] == 0.0f && agent.moment2[i] == 0.0f, "a moment is not 0");
  /* actor and critic, and other agents, draw other weights */
  ck_assert_mem_ne(agent.parameters, agent.parameters + actor, 96 * sizeof(float));
  struct hrlp_actor_critic other;
  ck_assert_int_eq(
      hrlp_actor_critic_create(&other, 6, 2, 16, HRLP_TANH, 0.0f, 5, 2, &error), HRL_OK);
  ck_assert_mem_ne(agent.parameters, other.parameters, 96 * sizeof(float));
  ck_assert_mem_ne(agent.parameters + actor, other.parameters, 96 * sizeof(float));
  ck_assert_mem_ne(agent.parameters + actor, other.parameters + actor,
                   96 * sizeof(float));
  hrlp_actor_critic_destroy(&other);
  hrlp_actor_critic_destroy(&agent);
  ck_assert_ptr_null(agent.parameters);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

START_TEST(agent_begins_near_its_offset) {
  struct hrlp_actor_critic agent;
  ck_assert_int_eq(hrlp_actor_critic_create(&agent, 6, 2, 16, HRLP_TANH, 0, 5, 1, NULL),
                   HRL_OK);
  float x[6 * 50];
  static float work[50 * 100];
  uint64_t state = 23;
  noise_fill(x, 300, 2.0, &state);
  ck_assert_uint_le(hrlp_mlp_workspace_size(&agent.actor, 50), 5000);
  const float *y = hrlp_mlp_forward(&agent.actor, agent.parameters, x, 50, work);
  /* 16 units of size at most 1 through orthogonal weights of gain 0.01: at most 0.04 */
  for (int i = 0; i < 100; i++) NEAR(y[i], 0.0, 0.04);
  y = hrlp_mlp_forward(&agent.critic, agent.parameters + agent.critic_offset, x, 50,
                       work);
  for (int i = 0; i < 50; i++) NEAR(y[i], 0.0, 0.4);
  hrlp_actor_critic_destroy(&agent);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("rl");
  TCase *gae = tcase_create("gae");
  tcase_add_test(gae, advantages_by_hand);
  tcase_add_test(gae, without_discount_they_are_what_is_left_minus_the_value);
  tcase_add_test(gae, with_lambda_0_they_are_td_errors);
  tcase_add_test(gae, constant_rewards_give_the_geometric_sum);
  tcase_add_test(gae, true_values_leave_no_advantage);
  tcase_add_test(gae, no_steps_are_no_work);
  suite_add_tcase(suite, gae);
  TCase *scales = tcase_create("scales");
  tcase_add_test(scales, rescaled_by_hand);
  tcase_add_test(scales, standardised_by_hand);
  tcase_add_test(scales, standardised_numbers_have_mean_0_and_deviation_1);
  tcase_add_test(scales, where_all_are_alike_nothing_is_left);
  tcase_add_test(scales, scale_of_returns_by_hand);
  suite_add_tcase(suite, scales);
  TCase *agent = tcase_create("agent");
  tcase_add_test(agent, agent_has_its_parts_in_order);
  tcase_add_test(agent, agent_begins_near_its_offset);
  suite_add_tcase(suite, agent);
  return run_suite(suite);
}
