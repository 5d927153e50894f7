/* The base household as its agents see it: what it can know in advance, what is observed,
 * and what actions mean. */
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

/* Plays `months` of one household with a constant share and gives the sum of the agents'
 * rewards, the strategic return, and the potential at the start. */
struct played {
  double shaped, strategic, potential;
};

static struct played play_share(const struct hrlp_budget_config *environment,
                                double share, uint64_t episode) {
  struct hrlp_forecast forecast;
  struct hrlp_household batch;
  void *memory = calloc(1, hrlp_household_memory(1));
  double reward, change;
  uint8_t insolvent, finished = 0;
  struct hrlp_month month = {&reward, &change, &insolvent, &finished};
  struct played played = {0};
  ck_assert(hrlp_forecast_create(&forecast, environment, &bologna_weights, NULL) ==
            HRL_OK);
  hrlp_household_attach(&batch, memory, 1, environment, &bologna_weights, 5);
  hrlp_household_reset(&batch, 0, episode);
  played.potential = hrlp_forecast_potential(&forecast, 0, batch.cash[0], 0.0);
  for (int64_t t = 0; !finished; t++) {
    struct hrlp_transition transition = {
        .month = t, .cash_before = batch.cash[0], .portfolio_before = batch.portfolio[0]};
    hrlp_household_step(&batch, 0, 1, NULL, &share, &month);
    transition.reward = reward;
    transition.wealth_change = change;
    transition.cash_after = batch.cash[0];
    transition.portfolio_after = batch.portfolio[0];
    transition.fixed = batch.fixed[0];
    transition.variable = batch.variable[0];
    transition.invested = share * environment->income;
    transition.finished = finished != 0;
    played.shaped += hrlp_forecast_shape(&forecast, &transition);
    played.strategic += reward + bologna_weights.lambda * change / 1000.0 +
                        (batch.cash[0] > 0.0 ? bologna_weights.mu : 0.0);
  }
  hrlp_forecast_destroy(&forecast);
  free(memory);
  return played;
}

START_TEST(without_noise_rewards_add_up_to_the_return_less_the_potential) {
  struct hrlp_budget_config sure = bologna;
  sure.variable_expense_std = 0.0;
  const double shares[] = {0.0, 0.05, 0.13, 0.3, 1.0}; /* the last ones end in ruin */
  for (size_t i = 0; i < 5; i++) {
    struct played played = play_share(&sure, shares[i], 1);
    ck_assert_double_eq_tol(played.shaped, played.strategic - played.potential,
                            sum_tolerance);
  }
  sure.investment_return_type = HRLP_RETURN_FIXED;
  sure.investment_return_mean = 0.004;
  struct played played = play_share(&sure, 0.1, 1);
  ck_assert_double_eq_tol(played.shaped, played.strategic - played.potential,
                          sum_tolerance);
}
END_TEST

START_TEST(what_noise_removal_takes_out_has_mean_zero) {
  struct hrlp_budget_config returns = bologna;
  returns.investment_return_type = HRLP_RETURN_STOCHASTIC;
  returns.investment_return_mean = 0.005;
  returns.investment_return_std = 0.02;
  enum { EPISODES = 4000 };
  /* a share that never ruins the household, and one that does */
  const double shares[] = {0.1, 0.16};
  for (int k = 0; k < 2; k++) {
    double mean = 0.0, square = 0.0;
    for (uint64_t i = 0; i < EPISODES; i++) {
      struct played played = play_share(&returns, shares[k], i);
      double taken = played.strategic - played.potential - played.shaped;
      mean += taken / EPISODES;
      square += taken * taken / EPISODES;
    }
    ck_assert_double_gt(square, 100.0);
    ck_assert_double_lt(fabs(mean), 4.0 * sqrt(square / EPISODES));
  }
}
END_TEST

START_TEST(a_forecast_counts_the_months_that_pay) {
  struct hrlp_forecast forecast;
  struct hrlp_budget_config poor = bologna;
  poor.variable_expense_std = 0.0;
  poor.inflation = 0.0;
  ck_assert(hrlp_forecast_create(&forecast, &poor, &bologna_weights, NULL) == HRL_OK);
  /* 600 euro of surplus in each of 120 months, worth (10 + 1) 0.6 + 0.5 each */
  ck_assert(forecast.months_ahead[0] == 120.0);
  ck_assert_double_eq_tol(forecast.money[0], 120 * 600.0, sum_tolerance);
  ck_assert_double_eq_tol(forecast.future[0], 120 * 7.1, sum_tolerance);
  ck_assert_double_eq_tol(forecast.future[119], 7.1, sum_tolerance);
  ck_assert(forecast.future[120] == 0.0);
  hrlp_forecast_destroy(&forecast);
  /* a deficit of 100 euro a month: -(11 + 5) 0.1 + 0.5 a month never pays */
  poor.fixed_expenses = 2500;
  ck_assert(hrlp_forecast_create(&forecast, &poor, &bologna_weights, NULL) == HRL_OK);
  ck_assert(forecast.months_ahead[0] == 0.0);
  ck_assert(forecast.future[0] == 0.0);
  hrlp_forecast_destroy(&forecast);
}
END_TEST

START_TEST(a_forecast_refuses_what_overflows) {
  struct hrlp_forecast forecast;
  struct hrlp_budget_config wild = bologna;
  hrl_error error = HRL_ERROR_INIT;
  wild.investment_return_type = HRLP_RETURN_FIXED;
  wild.investment_return_mean = 1.0;
  wild.max_months = 12000;
  ck_assert(hrlp_forecast_create(&forecast, &wild, &bologna_weights, &error) ==
            HRL_ERROR_NUMERIC);
  ck_assert_ptr_nonnull(strstr(error.message, "investment_return_mean"));
}
END_TEST

START_TEST(a_goal_is_followed_as_far_as_its_buffer_allows) {
  struct hrlp_forecast forecast;
  ck_assert(hrlp_forecast_create(&forecast, &bologna, &bologna_weights, NULL) == HRL_OK);
  struct hrlp_budget_state state = {.month = 0, .cash = 4000, .fixed = 1800};
  double surplus = hrlp_forecast_surplus(&forecast, 0, 1800.0);
  ck_assert_double_eq_tol(surplus, 3200 - 2600 * pow(1.02, 1.0 / 12.0), sum_tolerance);
  hrl_goal goal = {.target_invest_ratio = 0.2, .safety_buffer = 3000};
  ck_assert_double_eq_tol(hrlp_budget_goal_share(&forecast, &state, &goal), 0.2,
                          sum_tolerance);
  goal.safety_buffer = 4400; /* leaves what is above 4400 of cash and surplus */
  ck_assert_double_eq_tol(hrlp_budget_goal_share(&forecast, &state, &goal),
                          (4000 + surplus - 4400) / 3200, sum_tolerance);
  goal.safety_buffer = 9000;
  ck_assert(hrlp_budget_goal_share(&forecast, &state, &goal) == 0.0);
  hrlp_forecast_destroy(&forecast);
}
END_TEST

START_TEST(actions_are_bounded_goals) {
  struct hrlp_forecast forecast;
  ck_assert(hrlp_forecast_create(&forecast, &bologna, &bologna_weights, NULL) == HRL_OK);
  const float high[] = {7.0f, 1.0f, 7.0f};
  const float low[] = {-7.0f, -1.0f, -7.0f};
  hrl_goal goal = hrlp_budget_goal_from_action(&forecast, high);
  ck_assert(goal.target_invest_ratio == 1.0);
  ck_assert_double_eq_tol(goal.safety_buffer, 2 * 3200.0, sum_tolerance);
  ck_assert(goal.aggressiveness == 1.0);
  goal = hrlp_budget_goal_from_action(&forecast, low);
  ck_assert(goal.target_invest_ratio == 0.0);
  ck_assert(goal.safety_buffer == 0.0);
  ck_assert(goal.aggressiveness == 0.0);
  hrlp_forecast_destroy(&forecast);
}
END_TEST

START_TEST(a_household_ten_times_as_rich_looks_the_same) {
  struct hrlp_forecast small, large;
  struct hrlp_budget_config rich = bologna;
  rich.income *= 10, rich.fixed_expenses *= 10, rich.variable_expense_mean *= 10;
  rich.variable_expense_std *= 10, rich.safety_threshold *= 10;
  /* a month is worth mu whatever the income: leave it out of the comparison */
  struct hrlp_budget_weights money = bologna_weights;
  money.mu = 0.0;
  ck_assert(hrlp_forecast_create(&small, &bologna, &money, NULL) == HRL_OK);
  ck_assert(hrlp_forecast_create(&large, &rich, &money, NULL) == HRL_OK);
  struct hrlp_budget_state state = {.month = 30,
                                    .cash = 4321,
                                    .portfolio = 999,
                                    .fixed = 1850,
                                    .variable = 820,
                                    .average_cash = 4000,
                                    .average_change = -50,
                                    .spending_trend = 0.1};
  struct hrlp_budget_state tenfold = state;
  tenfold.cash *= 10, tenfold.portfolio *= 10, tenfold.fixed *= 10,
      tenfold.variable *= 10;
  tenfold.average_cash *= 10, tenfold.average_change *= 10;
  hrl_goal goal = {0.2, 3000, 0.5}, tenfold_goal = {0.2, 30000, 0.5};
  float x[HRLP_BUDGET_EXECUTOR_OBSERVATIONS], y[HRLP_BUDGET_EXECUTOR_OBSERVATIONS];
  float a[HRLP_BUDGET_STRATEGIST_ACTIONS], b[HRLP_BUDGET_STRATEGIST_ACTIONS];
  hrlp_budget_executor_observe(&small, &state, &goal, 3, 6, x, a);
  hrlp_budget_executor_observe(&large, &tenfold, &tenfold_goal, 3, 6, y, b);
  for (size_t i = 0; i < HRLP_BUDGET_EXECUTOR_OBSERVATIONS; i++)
    ck_assert_float_eq_tol(x[i], y[i], 1e-5f);
  hrlp_budget_strategist_observe(&small, &state, 6, x, a);
  hrlp_budget_strategist_observe(&large, &tenfold, 6, y, b);
  for (size_t i = 0; i < HRLP_BUDGET_STRATEGIST_OBSERVATIONS; i++)
    ck_assert_float_eq_tol(x[i], y[i], 1e-5f);
  for (size_t i = 0; i < HRLP_BUDGET_STRATEGIST_ACTIONS; i++)
    ck_assert_float_eq_tol(a[i], b[i], 1e-5f);
  hrlp_forecast_destroy(&small);
  hrlp_forecast_destroy(&large);
}
END_TEST

START_TEST(an_allocation_adds_up_and_covers_expenses_first) {
  struct hrlp_forecast forecast;
  ck_assert(hrlp_forecast_create(&forecast, &bologna, &bologna_weights, NULL) == HRL_OK);
  struct hrlp_budget_state state = {.month = 0, .cash = 4000, .fixed = 1800};
  double needed = 1.0 - hrlp_forecast_surplus(&forecast, 0, 1800.0) / 3200.0;
  for (int i = 0; i <= 20; i++) {
    double invest = i / 20.0;
    double shares[3];
    hrlp_budget_allocation(&forecast, &state, invest, shares);
    ck_assert_double_eq_tol(shares[0] + shares[1] + shares[2], 1.0, 1e-12);
    ck_assert(shares[0] == invest && shares[1] >= 0.0 && shares[2] >= 0.0);
    ck_assert_double_eq_tol(shares[2], fmin(needed, 1.0 - invest), 1e-12);
  }
  hrlp_forecast_destroy(&forecast);
}
END_TEST

static double soft(double x, double limit) {
  return x / sqrt(1.0 + x * x / (limit * limit));
}

/* Every feature by the table of docs/algorithm.md. */
START_TEST(features_are_those_of_the_table) {
  struct hrlp_forecast forecast;
  struct hrlp_budget_config config = bologna;
  config.investment_return_type = HRLP_RETURN_FIXED;
  config.investment_return_mean = 0.004;
  ck_assert(hrlp_forecast_create(&forecast, &config, &bologna_weights, NULL) == HRL_OK);
  const struct hrlp_budget_state state = {.month = 117,
                                          .cash = 5200,
                                          .portfolio = 7000,
                                          .fixed = 2100,
                                          .variable = 950,
                                          .average_cash = 4100,
                                          .average_change = 120,
                                          .spending_trend = 0.07};
  const hrl_goal goal = {0.21, 2600, 0.35};
  const double month_price = pow(1.02, 118.0 / 12.0);
  const double surplus = 3200 - 2100 * pow(1.02, 1.0 / 12.0) - 800 * month_price;
  const double available = (5200 + surplus) / 3200;
  const double risk = 150 * month_price / 3200;
  const double threshold = 3500.0 / 3200;
  double money = 0.0; /* three months are left, all of which pay */
  for (int t = 118; t <= 120; t++) money += 3200 - 2600 * pow(1.02, t / 12.0);
  const double share = fmin(0.21, (5200 + surplus - 2600) / 3200);
  const double growth = pow(1.004, 3.0) - 1.0;
  const double common[12] = {soft(available, 1),
                             soft(available / 4, 1.5),
                             soft(available - threshold, 1),
                             soft(available / (4 * risk + 0.02), 1.5),
                             soft(4 * surplus / 3200, 2),
                             2.0 * 3 / 120 - 1,
                             exp(-2 / 1.5),
                             exp(-2.0 / 6),
                             exp(-3.0 / 6),
                             exp(-3 / 1.5),
                             soft(3 * (5200 + money) / 3200 / 3, 2),
                             soft(7000.0 / 3200 * growth, 4)};
  const double high[6] = {soft((5200.0 - 4100) / 3200, 1),
                          soft(4 * 120.0 / 3200, 1.5),
                          soft(3 * 0.07, 1.5),
                          0.5,
                          10 * risk,
                          0.55};
  const double low[8] = {0.21,      soft(2600.0 / 3200, 2),
                         0.35,      soft(available - 2600.0 / 3200, 1),
                         share,     4.0 / 6,
                         10 * risk, 0.55};
  float x[HRLP_BUDGET_EXECUTOR_OBSERVATIONS], offset[HRLP_BUDGET_STRATEGIST_ACTIONS];
  ck_assert(forecast.months_ahead[117] == 3.0);
  hrlp_budget_strategist_observe(&forecast, &state, 6, x, offset);
  for (size_t i = 0; i < HRLP_BUDGET_STRATEGIST_OBSERVATIONS; i++)
    ck_assert_double_eq_tol((double)x[i], i < 12 ? common[i] : high[i - 12], 1e-6);
  ck_assert_double_eq_tol((double)offset[0], surplus / 3200 > 0 ? surplus / 3200 : 0,
                          1e-6);
  ck_assert_double_eq_tol((double)offset[1], threshold / 2, 1e-6);
  ck_assert_double_eq_tol((double)offset[2], 0.55, 1e-6);
  hrlp_budget_executor_observe(&forecast, &state, &goal, 4, 6, x, offset);
  for (size_t i = 0; i < HRLP_BUDGET_EXECUTOR_OBSERVATIONS; i++)
    ck_assert_double_eq_tol((double)x[i], i < 12 ? common[i] : low[i - 12], 1e-6);
  ck_assert_double_eq_tol((double)offset[0], share, 1e-6);
  hrlp_forecast_destroy(&forecast);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("budget");
  TCase *forecast = tcase_create("forecast");
  tcase_add_test(forecast, without_noise_rewards_add_up_to_the_return_less_the_potential);
  tcase_add_test(forecast, what_noise_removal_takes_out_has_mean_zero);
  tcase_add_test(forecast, a_forecast_counts_the_months_that_pay);
  tcase_add_test(forecast, a_forecast_refuses_what_overflows);
  suite_add_tcase(suite, forecast);
  TCase *features = tcase_create("features");
  tcase_add_test(features, a_goal_is_followed_as_far_as_its_buffer_allows);
  tcase_add_test(features, actions_are_bounded_goals);
  tcase_add_test(features, a_household_ten_times_as_rich_looks_the_same);
  tcase_add_test(features, an_allocation_adds_up_and_covers_expenses_first);
  tcase_add_test(features, features_are_those_of_the_table);
  suite_add_tcase(suite, features);
  return run_suite(suite);
}
