/* The rewards of the base household's agents: noise taken out, the price of departing
 * from a goal, and the nodes that stand for the coming noise. */
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bologna.h"
#include "environments/budget/budget.h"
#include "environments/budget/features.h"
#include "environments/budget/task.h"
#include "environments/models.h"

/* Sums over a hundred months of rewards of up to a thousand, in double precision. */
static const double sum_tolerance = 1e-8;

/* One month of a household, with noise as given; nothing but the model's definitions. */
static double reward_with(const struct hrlp_forecast *forecast, int64_t month,
                          double variable, double yield, bool finished) {
  const struct hrlp_budget_config *config = &forecast->environment;
  const double cash = 9000.0;
  const double portfolio = 20000.0;
  const double fixed = config->fixed_expenses * forecast->price[month + 1];
  struct hrlp_transition transition = {.month = month,
                                       .cash_before = cash,
                                       .portfolio_before = portfolio,
                                       .fixed = fixed,
                                       .variable = variable,
                                       .invested = 300.0,
                                       .finished = finished};
  double overspent = fixed + variable - config->income;
  transition.cash_after = cash + config->income - fixed - variable - 300.0;
  transition.portfolio_after = portfolio * (1.0 + yield) + 300.0;
  transition.wealth_change =
      transition.cash_after + transition.portfolio_after - cash - portfolio;
  transition.reward = (forecast->reward.alpha * 300.0 -
                       forecast->reward.gamma * (overspent > 0.0 ? overspent : 0.0)) /
                      1000.0;
  return hrlp_forecast_shape(forecast, &transition);
}

/* Where cash is ample, no action can change what expenses and returns do: the rewards
 * that are learned from must not know of them, in the midst of an episode and at its end.
 */
START_TEST(noise_leaves_no_trace_in_rewards) {
  struct hrlp_forecast forecast;
  struct hrlp_budget_config returns = bologna;
  returns.investment_return_type = HRLP_RETURN_STOCHASTIC;
  returns.investment_return_mean = 0.005;
  returns.investment_return_std = 0.02;
  ck_assert(hrlp_forecast_create(&forecast, &returns, &bologna_weights, NULL) == HRL_OK);
  const int64_t months[] = {0, 57, 118, 119};
  for (size_t i = 0; i < 4; i++) {
    bool last = months[i] == 119;
    double expected = reward_with(&forecast, months[i], 800.0, 0.005, last);
    const double variables[] = {0.0, 500.0, 1100.0, 2500.0}; /* some beyond the income */
    const double yields[] = {-0.5, 0.0, 0.02, 0.3};
    for (size_t j = 0; j < 4; j++)
      for (size_t k = 0; k < 4; k++)
        ck_assert_double_eq_tol(
            reward_with(&forecast, months[i], variables[j], yields[k], last), expected,
            sum_tolerance);
  }
  hrlp_forecast_destroy(&forecast);
}
END_TEST

/* goal_weight (1 - aggressiveness) (alpha income / 1000) |invest - goal share| */
START_TEST(departing_from_a_goal_costs_what_it_should) {
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_task *task = NULL;
  const double goal_weight = 0.02;
  scenario.environment.variable_expense_std = 0.0; /* rewards are what was lived, then */
  const struct hrlp_batch_options options = {
      .seed = 3, .period = 6, .goal_weight = goal_weight};
  const size_t rows[] = {0, 1, 2, 3};
  /* target and aggressiveness differ, no buffer; two share an action beside the goal */
  const float goals[] = {0.2f, 0.0f, 0.0f, 0.2f, 0.0f, 0.75f,
                         0.2f, 0.0f, 1.0f, 0.4f, 0.0f, 0.5f};
  const float actions[] = {0.5f, 0.5f, 0.5f, 0.1f};
  const double expected[] = {0.3 * 1.0, 0.3 * 0.25, 0.0, 0.3 * 0.5};
  double strategist[4], executor[4];
  float observations[4 * HRLP_BUDGET_STRATEGIST_OBSERVATIONS], offsets[12];
  uint8_t finished[4];
  ck_assert(hrlp_task_create(&scenario, &task, NULL) == HRL_OK);
  void *memory = hrlp_alloc(1, hrlp_budget.batch_size(task, 4));
  struct hrlp_batch *batch = hrlp_budget.batch_lay(task, memory, 4, &options);
  hrlp_budget.reset(batch, 0);
  hrlp_budget.strategist_observe(batch, rows, 4, observations, offsets);
  hrlp_budget.goals_set(batch, rows, 4, goals);
  hrlp_budget.step(batch, rows, 4, actions, &(struct hrlp_rewards){strategist, executor},
                   finished);
  for (size_t i = 0; i < 4; i++)
    ck_assert_double_eq_tol(strategist[i] - executor[i],
                            goal_weight * 10.0 * 3200.0 / 1000.0 * expected[i], 1e-6);
  hrlp_free(memory);
  hrlp_task_destroy(task);
}
END_TEST

/* A batch of one household in its first month, which invests `share`. */
static struct hrlp_batch *live_a_month(const struct hrlp_task *task, void *memory,
                                       float share, double *strategist,
                                       double *executor) {
  const struct hrlp_batch_options options = {.seed = 3, .period = 6, .goal_weight = 0.0};
  const size_t row = 0;
  const float goal[] = {0.2f, 0.0f, 0.5f};
  float observations[HRLP_BUDGET_EXECUTOR_OBSERVATIONS], offsets[3];
  uint8_t finished;
  struct hrlp_batch *batch = hrlp_budget.batch_lay(task, memory, 1, &options);
  hrlp_budget.reset(batch, 0);
  hrlp_budget.strategist_observe(batch, &row, 1, observations, offsets);
  hrlp_budget.goals_set(batch, &row, 1, goal);
  hrlp_budget.step(batch, &row, 1, &share, &(struct hrlp_rewards){strategist, executor},
                   &finished);
  return batch;
}

/* Without noise every node is the month that was lived. */
START_TEST(sure_nodes_are_what_was_lived) {
  enum { NODES = 5, WIDTH = HRLP_BUDGET_EXECUTOR_OBSERVATIONS };
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_task *task = NULL;
  const size_t row = 0;
  double strategist, executor, sum = 0.0;
  float nodes[NODES * WIDTH], weights[NODES], lived[WIDTH], offset[1];
  scenario.environment.variable_expense_std = 0.0;
  ck_assert(hrlp_task_create(&scenario, &task, NULL) == HRL_OK);
  ck_assert_uint_eq(task->nodes, NODES);
  void *memory = hrlp_alloc(1, hrlp_budget.batch_size(task, 1));
  struct hrlp_batch *batch = live_a_month(task, memory, 0.3f, &strategist, &executor);
  ck_assert_double_eq_tol(executor, strategist, sum_tolerance);
  hrlp_budget.executor_observe(batch, &row, 1, 5, lived, offset);
  hrlp_budget.nodes_observe(batch, &row, 1, 5, nodes, weights);
  for (size_t k = 0; k < NODES; k++) {
    sum += (double)weights[k];
    for (size_t i = 0; i < WIDTH; i++)
      ck_assert_float_eq_tol(nodes[k * WIDTH + i], lived[i], 1e-6f);
  }
  ck_assert_double_eq_tol(sum, 1.0, 1e-6);
  hrlp_free(memory);
  hrlp_task_destroy(task);
}
END_TEST

/* With noise: the nodes' cash by hand, their moments, and the expected reward against a
 * fine sum over the normal distribution. What ends the episode has no weight. */
START_TEST(nodes_stand_for_the_coming_noise) {
  enum { NODES = 5, WIDTH = HRLP_BUDGET_EXECUTOR_OBSERVATIONS, FINE = 4001 };
  static const double z[NODES] = {-2.8569700138728056, -1.3556261799742659, 0.0,
                                  1.3556261799742659, 2.8569700138728056};
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_task *task = NULL;
  const size_t row = 0;
  double strategist, executor, moments[5] = {0}, fine = 0.0, whole = 0.0;
  float nodes[NODES * WIDTH], weights[NODES];
  const double price = pow(1.02, 1.0 / 12.0);
  scenario.environment.initial_cash = 4000; /* near the threshold: it counts */
  ck_assert(hrlp_task_create(&scenario, &task, NULL) == HRL_OK);
  void *memory = hrlp_alloc(1, hrlp_budget.batch_size(task, 1));
  struct hrlp_batch *batch = live_a_month(task, memory, 0.3f, &strategist, &executor);
  hrlp_budget.nodes_observe(batch, &row, 1, 5, nodes, weights);
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(task);
  const double invested = (double)0.3f * 3200.0;
  for (size_t k = 0; k < NODES; k++) {
    double cash = 4000 + 3200 - invested - (1800 + 800 + 150 * z[k]) * price;
    double available = (cash + 3200 - 2600 * price * price) / 3200;
    ck_assert_double_eq_tol((double)nodes[k * WIDTH],
                            available / sqrt(1 + available * available), 1e-6);
    for (int m = 0; m < 5; m++) moments[m] += (double)weights[k] * pow(z[k], m);
  }
  const double normal[5] = {1, 0, 1, 0, 3};
  for (int m = 0; m < 5; m++) ck_assert_double_eq_tol(moments[m], normal[m], 1e-5);
  for (int n = 0; n < FINE; n++) { /* rewards as the model says, point by point */
    double x = -6.0 + 12.0 * n / (FINE - 1);
    double density = exp(-0.5 * x * x);
    double variable = fmax(0.0, 800 + 150 * x) * price;
    double cash = 4000 + 3200 - invested - 1800 * price - variable;
    struct hrlp_transition transition = {
        .month = 0,
        .cash_before = 4000,
        .cash_after = cash,
        .portfolio_after = invested,
        .fixed = 1800 * price,
        .variable = variable,
        .invested = invested,
        .wealth_change = cash + invested - 4000,
        .reward = hrlp_household_reward(&forecast->environment, &forecast->reward,
                                        invested, cash, 1800 * price + variable)};
    fine += density * hrlp_forecast_shape(forecast, &transition);
    whole += density;
  }
  ck_assert_double_eq_tol(executor, fine / whole, 1e-3);
  hrlp_free(memory);
  hrlp_task_destroy(task);
  /* all but the cheapest month ruin this one */
  scenario.environment.initial_cash = 600;
  ck_assert(hrlp_task_create(&scenario, &task, NULL) == HRL_OK);
  memory = hrlp_alloc(1, hrlp_budget.batch_size(task, 1));
  batch = live_a_month(task, memory, 0.43f, &strategist, &executor);
  hrlp_budget.nodes_observe(batch, &row, 1, 5, nodes, weights);
  ck_assert(weights[0] > 0.0f && weights[1] > 0.0f);
  ck_assert(weights[2] == 0.0f && weights[3] == 0.0f && weights[4] == 0.0f);
  hrlp_free(memory);
  hrlp_task_destroy(task);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("budget rewards");
  TCase *rewards = tcase_create("rewards");
  tcase_add_test(rewards, noise_leaves_no_trace_in_rewards);
  tcase_add_test(rewards, departing_from_a_goal_costs_what_it_should);
  tcase_add_test(rewards, sure_nodes_are_what_was_lived);
  tcase_add_test(rewards, nodes_stand_for_the_coming_noise);
  suite_add_tcase(suite, rewards);
  return run_suite(suite);
}
