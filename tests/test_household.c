/* One month of life, by hand from docs/model.md. */
#include "suite.h"

#include <math.h>

#include "environments/budget/household.h"
#include "household_batch.h"
#include "near.h"

/* Sums by hand, in double precision: amounts up to 1e4 with a few roundings. */
#define EURO_TOLERANCE 1e-9
#define REWARD_TOLERANCE 1e-12

/* A year at 1 % a month: 1.01^12 - 1. */
#define ONE_PERCENT_A_MONTH 0.126825030131969720661201

static const struct hrlp_budget_config easy = {.income = 2000,
                                             .fixed_expenses = 1000,
                                             .variable_expense_mean = 500,
                                             .variable_expense_std = 0,
                                             .inflation = ONE_PERCENT_A_MONTH,
                                             .safety_threshold = 1500,
                                             .max_months = 4,
                                             .initial_cash = 1000,
                                             .risk_tolerance = 0.5,
                                             .investment_return_mean = 0.02,
                                             .investment_return_std = 0,
                                             .investment_return_type = HRLP_RETURN_FIXED};
START_TEST(months_by_hand) {
  struct hrlp_household batch = make(1, &easy, 1);
  NEAR(batch.cash[0], 1000, 0);
  NEAR(batch.portfolio[0], 0, 0);
  NEAR(batch.fixed[0], 1000, 0);
  NEAR(batch.variable[0], 500, 0); /* the first state has one, at prices of the start */
  /* F = 1000 * 1.01 = 1010, V = 500 * 1.01 = 505, I = 0.25 * 2000 = 500
   * C = 1000 + 2000 - 1010 - 505 - 500 = 985, P = 0 * 1.02 + 500 = 500
   * r = (10 * 500 - 0.1 * (1500 - 985)) / 1000 = (5000 - 51.5) / 1000
   * W: 985 + 500 - 1000 = 485 */
  live(&batch, 0.25);
  NEAR(batch.fixed[0], 1010, EURO_TOLERANCE);
  NEAR(batch.variable[0], 505, EURO_TOLERANCE);
  NEAR(batch.cash[0], 985, EURO_TOLERANCE);
  NEAR(batch.portfolio[0], 500, EURO_TOLERANCE);
  NEAR(reward[0], 4.9485, REWARD_TOLERANCE);
  NEAR(wealth_change[0], 485, EURO_TOLERANCE);
  ck_assert_uint_eq(insolvent[0], 0);
  ck_assert_uint_eq(finished[0], 0);
  /* F = 1020.1, V = 510.05, I = 0; C = 985 + 2000 - 1530.15 = 1454.85
   * P = 500 * 1.02 = 510; r = -0.1 * (1500 - 1454.85) / 1000 = -0.004515
   * W: 1454.85 + 510 - 1485 = 479.85 */
  live(&batch, 0.0);
  NEAR(batch.fixed[0], 1020.1, EURO_TOLERANCE);
  NEAR(batch.variable[0], 510.05, EURO_TOLERANCE);
  NEAR(batch.cash[0], 1454.85, EURO_TOLERANCE);
  NEAR(batch.portfolio[0], 510, EURO_TOLERANCE);
  NEAR(reward[0], -0.004515, REWARD_TOLERANCE);
  NEAR(wealth_change[0], 479.85, EURO_TOLERANCE);
  /* F = 1030.301, V = 515.1505, I = 2000
   * C = 1454.85 + 2000 - 1545.4515 - 2000 = -90.6015
   * P = 510 * 1.02 + 2000 = 2520.2: the returns come before the new money
   * r = (20000 - 0.1 * 1590.6015 - 20 * 90.6015) / 1000 = 18.02890985
   * W: -90.6015 + 2520.2 - 1454.85 - 510 = 464.7485 */
  live(&batch, 1.0);
  NEAR(batch.cash[0], -90.6015, EURO_TOLERANCE);
  NEAR(batch.portfolio[0], 2520.2, EURO_TOLERANCE);
  NEAR(batch.invested[0], 2500, EURO_TOLERANCE);
  NEAR(reward[0], 18.02890985, REWARD_TOLERANCE);
  NEAR(wealth_change[0], 464.7485, EURO_TOLERANCE);
  ck_assert_uint_eq(insolvent[0], 1);
  ck_assert_uint_eq(finished[0], 1);
  ck_assert_int_eq(batch.month[0], 3);
  drop(&batch);
}
END_TEST

START_TEST(reward_term_by_term) {
  const struct hrlp_budget_config *e = &easy; /* income 2000, threshold 1500 */
  const struct {
    struct hrlp_budget_weights weights;
    double invested, cash, expenses, expected;
  } rows[] = {
      {{10, 0, 0, 0, 9, 9}, 300, -50, 5000, 3.0},      /* alpha: 10 * 300 / 1000 */
      {{0, 0.1, 0, 0, 9, 9}, 300, 500, 5000, -0.1},    /* beta: 0.1 * (1500 - 500) */
      {{0, 0.1, 0, 0, 9, 9}, 300, 1500, 5000, 0},      /* at the threshold */
      {{0, 0.1, 0, 0, 9, 9}, 300, 9000, 5000, 0},      /* above it */
      {{0, 0.1, 0, 0, 9, 9}, 300, -500, 5000, -0.2},   /* counts below 0 as well */
      {{0, 0, 5, 0, 9, 9}, 300, 500, 2100, -0.5},      /* gamma: 5 * (2100 - 2000) */
      {{0, 0, 5, 0, 9, 9}, 300, 500, 2000, 0},         /* within income */
      {{0, 0, 5, 0, 9, 9}, 300, 500, 100, 0},          /* what is saved is no reward */
      {{0, 0, 0, 20, 9, 9}, 300, -25, 5000, -0.5},     /* delta: 20 * 25 */
      {{0, 0, 0, 20, 9, 9}, 300, 25, 5000, 0},         /* nothing above 0 */
      {{10, 0.1, 5, 20, 9, 9}, 300, -25, 2100, 1.8475} /* 3 - 0.1525 - 0.5 - 0.5 */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    NEAR(hrlp_household_reward(e, &rows[i].weights, rows[i].invested, rows[i].cash,
                               rows[i].expenses),
         rows[i].expected, REWARD_TOLERANCE);
}
END_TEST

START_TEST(overspending_is_told_from_investing) {
  /* F + V = 1515 against an income of 1000: overspent by 515 whatever is invested
   * r = (10 * 100 - 0.1 * (1500 - 385) - 5 * 515) / 1000, C = 1000 + 1000 - 1515 - 100 */
  struct hrlp_budget_config poor = easy;
  poor.income = 1000;
  struct hrlp_household batch = make(1, &poor, 1);
  live(&batch, 0.1);
  NEAR(batch.cash[0], 385, EURO_TOLERANCE);
  NEAR(reward[0], (1000 - 111.5 - 2575) / 1000.0, REWARD_TOLERANCE);
  drop(&batch);
}
END_TEST

START_TEST(inflation_is_a_year_s) {
  struct hrlp_budget_config e = easy;
  e.inflation = 0.5;
  e.max_months = 36;
  e.income = 1e6;
  struct hrlp_household batch = make(1, &e, 1);
  for (int t = 0; t < 24; t++) live(&batch, 0.0);
  NEAR(batch.fixed[0], 1000 * 1.5 * 1.5,
       1e-8); /* twelve months make 50 %, and compound */
  NEAR(batch.variable[0], 500 * 1.5 * 1.5, 1e-8);
  drop(&batch);
  e.inflation = -1.0; /* everything is free from the first month on */
  batch = make(1, &e, 1);
  live(&batch, 0.0);
  NEAR(batch.fixed[0], 0, 0);
  NEAR(batch.variable[0], 0, 0);
  drop(&batch);
}
END_TEST

START_TEST(an_episode_ends_at_its_horizon) {
  struct hrlp_household batch = make(1, &easy, 1);
  for (int t = 1; t <= 4; t++) {
    live(&batch, 0.0);
    ck_assert_uint_eq(finished[0], t == 4);
    ck_assert_uint_eq(insolvent[0], 0);
  }
  drop(&batch);
  struct hrlp_budget_config last = easy; /* insolvent in the last month: both */
  last.max_months = 1;
  last.initial_cash = 0;
  batch = make(1, &last, 1);
  live(&batch, 1.0);
  ck_assert_uint_eq(finished[0], 1);
  ck_assert_uint_eq(insolvent[0], 1);
  drop(&batch);
}
END_TEST

START_TEST(no_cash_is_not_yet_insolvent) {
  struct hrlp_budget_config bare = easy;
  bare.inflation = 0;
  bare.initial_cash = 0;
  bare.income = 1500; /* F + V */
  struct hrlp_household batch = make(1, &bare, 1);
  live(&batch, 0.0);
  NEAR(batch.cash[0], 0, 0);
  ck_assert_uint_eq(insolvent[0], 0);
  live(&batch, 1e-12);
  ck_assert(batch.cash[0] < 0);
  ck_assert_uint_eq(insolvent[0], 1);
  drop(&batch);
}
END_TEST

START_TEST(returns_follow_their_type) {
  struct hrlp_budget_config e = easy;
  e.max_months = 10;
  e.income = 1e5;
  static const struct {
    enum hrlp_return_type type;
    double mean, after; /* of 1000 after one month, nothing new */
  } rows[] = {{HRLP_RETURN_NONE, 0.5, 1000},     {HRLP_RETURN_FIXED, 0.5, 1500},
              {HRLP_RETURN_FIXED, -0.25, 750},   {HRLP_RETURN_FIXED, -1.0, 0},
              {HRLP_RETURN_FIXED, -1.5, 0},      {HRLP_RETURN_STOCHASTIC, 0.25, 1250},
              {HRLP_RETURN_STOCHASTIC, -3.0, 0}, {HRLP_RETURN_NONE, -1.0, 1000}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    e.investment_return_type = rows[i].type;
    e.investment_return_mean = rows[i].mean;
    struct hrlp_household batch = make(1, &e, 1);
    live(&batch, 0.01);
    NEAR(batch.portfolio[0], 1000, EURO_TOLERANCE); /* new money earns nothing yet */
    live(&batch, 0.0);
    NEAR(batch.portfolio[0], rows[i].after, EURO_TOLERANCE);
    drop(&batch);
  }
}
END_TEST

START_TEST(has_returns_tells_when_they_matter) {
  static const struct {
    enum hrlp_return_type type;
    double mean, std;
    bool expected;
  } rows[] = {
      {HRLP_RETURN_NONE, 0.1, 0.1, false},   {HRLP_RETURN_FIXED, 0, 0.1, false},
      {HRLP_RETURN_FIXED, 0.1, 0, true},     {HRLP_RETURN_FIXED, -0.1, 0, true},
      {HRLP_RETURN_STOCHASTIC, 0, 0, false}, {HRLP_RETURN_STOCHASTIC, 0.1, 0, true},
      {HRLP_RETURN_STOCHASTIC, 0, 0.1, true}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct hrlp_budget_config e = easy;
    e.investment_return_type = rows[i].type;
    e.investment_return_mean = rows[i].mean;
    e.investment_return_std = rows[i].std;
    ck_assert(hrlp_budget_has_returns(&e) == rows[i].expected);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("household");
  TCase *hand = tcase_create("by hand");
  tcase_add_test(hand, months_by_hand);
  tcase_add_test(hand, reward_term_by_term);
  tcase_add_test(hand, overspending_is_told_from_investing);
  tcase_add_test(hand, inflation_is_a_year_s);
  tcase_add_test(hand, an_episode_ends_at_its_horizon);
  tcase_add_test(hand, no_cash_is_not_yet_insolvent);
  tcase_add_test(hand, returns_follow_their_type);
  tcase_add_test(hand, has_returns_tells_when_they_matter);
  suite_add_tcase(suite, hand);
  return run_suite(suite);
}
