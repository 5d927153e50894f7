/* Whole episodes against a second implementation of docs/model.md, luck as a function of
 * the episode's number, and the moments of expenses and returns. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "environments/budget/household.h"
#include "household_batch.h"
#include "near.h"

/* Prices as a product of months against pow: one rounding a month, relative. */
#define PATH_TOLERANCE 1e-11
/* Statistics: five standard errors, computed beside each. */
#define STANDARD_ERRORS 5.0

static const struct hrlp_budget_config varied = {
    .income = 3200,
    .fixed_expenses = 1800,
    .variable_expense_mean = 300,
    .variable_expense_std = 400,
    .inflation = 0.02,
    .safety_threshold = 3500,
    .max_months = 60,
    .initial_cash = 10000,
    .risk_tolerance = 0.55,
    .investment_return_mean = -0.05,
    .investment_return_std = 0.6,
    .investment_return_type = HRLP_RETURN_STOCHASTIC};

static double draw(uint64_t seed, enum hrlp_random_domain domain, uint64_t episode,
                   uint32_t number) {
  double normals[4];
  hrlp_random_normals(seed, domain, episode, number / 4, normals);
  return normals[number % 4];
}

static double share_of(uint64_t episode, int t) {
  return 0.05 * (double)((episode + (uint64_t)t) % 9);
}

/* The model once more, with powers in place of running products. */
static void check_episode(uint64_t seed, uint64_t episode) {
  struct hrlp_household batch = make(1, &varied, seed);
  hrlp_household_reset(&batch, 0, episode);
  double cash = 10000;
  double portfolio = 0;
  double invested_so_far = 0;
  bool truncated = false;
  bool lost_all = false;
  for (int t = 1; t <= 60; t++) {
    double price = pow(1.02, t / 12.0);
    double z = draw(seed, HRLP_RANDOM_EXPENSES, episode, (uint32_t)t);
    double variable = fmax(0, 300 + 400 * z) * price;
    double yield =
        fmax(-1, -0.05 + 0.6 * draw(seed, HRLP_RANDOM_RETURNS, episode, (uint32_t)t - 1));
    truncated = truncated || variable == 0;
    lost_all = lost_all || yield == -1;
    double invested = share_of(episode, t) * 3200;
    double before = cash + portfolio;
    cash += 3200 - 1800 * price - variable - invested;
    portfolio += portfolio * yield + invested;
    invested_so_far += invested;
    live(&batch, share_of(episode, t));
    NEAR(batch.fixed[0], 1800 * price, 1e5 * PATH_TOLERANCE);
    NEAR(batch.variable[0], variable, 1e5 * PATH_TOLERANCE);
    NEAR(batch.cash[0], cash, 1e5 * PATH_TOLERANCE);
    NEAR(batch.portfolio[0], portfolio, 1e5 * PATH_TOLERANCE);
    NEAR(batch.invested[0], invested_so_far, 1e5 * PATH_TOLERANCE);
    NEAR(wealth_change[0], cash + portfolio - before, 1e5 * PATH_TOLERANCE);
    NEAR(
        reward[0],
        hrlp_household_reward(&varied, &weights, invested, cash, 1800 * price + variable),
        1e3 * PATH_TOLERANCE);
    ck_assert_uint_eq(insolvent[0], cash < 0);
    ck_assert_uint_eq(finished[0], cash < 0 || t == 60);
    if (finished[0]) break;
  }
  ck_assert(truncated && lost_all); /* the scenario shows both bounds */
  drop(&batch);
}

START_TEST(episodes_follow_the_model) {
  check_episode(7, 0);
  check_episode(7, 1);
  check_episode(UINT64_MAX, (UINT64_C(1) << 56) - 1);
}
END_TEST

/* Plays episode `episode` at place `place` of a batch of `count`; its path of cash. */
static void play(size_t count, size_t place, uint64_t episode, double path[60]) {
  struct hrlp_household batch = make(count, &varied, 5);
  double shares[MOST];
  uint8_t active[MOST];
  hrlp_household_reset(&batch, place, episode);
  for (size_t i = 0; i < count; i++) active[i] = 1;
  for (int t = 1; t <= 60; t++) {
    for (size_t i = 0; i < count; i++) shares[i] = i == place ? share_of(3, t) : 0.0;
    size_t half = count / 2; /* in two ranges, the later first */
    hrlp_household_step(&batch, half, count - half, active, shares, &month);
    hrlp_household_step(&batch, 0, half, active, shares, &month);
    path[t - 1] = batch.cash[place] + 1e-3 * batch.portfolio[place];
    for (size_t i = 0; i < count; i++)
      if (finished[i] && i != place) hrlp_household_reset(&batch, i, 1000 + (uint64_t)t);
  }
  drop(&batch);
}

START_TEST(luck_is_a_matter_of_the_episode_s_number) {
  double alone[60];
  double other[60];
  play(1, 0, 42, alone);
  static const size_t places[][2] = {{2, 0},   {2, 1},    {17, 16},  {40, 3},
                                     {33, 20}, {130, 63}, {130, 64}, {200, 199}};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    play(places[i][0], places[i][1], 42, other);
    ck_assert_mem_eq(alone, other, sizeof alone);
  }
  play(1, 0, 43, other);
  ck_assert_mem_ne(alone, other, sizeof(double));
}
END_TEST

START_TEST(a_reset_begins_anew) {
  struct hrlp_household batch = make(1, &varied, 5);
  double first[10];
  for (int round = 0; round < 3; round++) {
    hrlp_household_reset(&batch, 0, 8);
    ck_assert_int_eq(batch.month[0], 0);
    NEAR(batch.invested[0], 0, 0);
    NEAR(batch.portfolio[0], 0, 0);
    NEAR(batch.fixed[0], 1800, 0);
    for (int t = 0; t < 5 + round; t++) { /* left at another place in a block of draws */
      live(&batch, 0.3);
      double now = batch.cash[0] + batch.portfolio[0] + batch.variable[0];
      if (round == 0) first[t] = now;
      if (t < 5) NEAR(now, first[t], 0);
    }
  }
  drop(&batch);
}
END_TEST

/* Who lives in the test below: some of each 64, none of the third 64, all of the last. */
static bool is_on(size_t i) { return i >= 192 || (i < 128 && i % 3 != 1); }

START_TEST(who_is_not_active_is_left_alone) {
  struct hrlp_household batch = make(MOST, &varied, 5);
  struct hrlp_household twin = make(MOST, &varied, 5);
  uint8_t active[MOST], later[MOST];
  double shares[MOST], all[MOST];
  for (size_t i = 0; i < MOST; i++) {
    active[i] = is_on(i);
    later[i] = !is_on(i);
    all[i] = 0.1;
    shares[i] = is_on(i) ? 0.1 : NAN; /* is not even looked at */
    reward[i] = wealth_change[i] = 77;
    finished[i] = insolvent[i] = 9;
  }
  for (int t = 0; t < 6; t++)
    hrlp_household_step(&batch, 0, MOST, active, shares, &month);
  for (size_t i = 0; i < MOST; i++) {
    if (is_on(i)) continue;
    CHECK(batch.cash[i] == 10000 && batch.portfolio[i] == 0 && batch.month[i] == 0,
          "household %zu moved", i);
    CHECK(reward[i] == 77 && wealth_change[i] == 77 && finished[i] == 9 &&
              insolvent[i] == 9,
          "a result of household %zu was written", i);
  }
  for (int t = 0; t < 6; t++) hrlp_household_step(&twin, 0, MOST, NULL, all, &month);
  for (size_t i = 0; i < MOST; i++)
    if (is_on(i)) NEAR(batch.cash[i], twin.cash[i], 0);
  /* and the others live on as if nothing had been */
  for (int t = 0; t < 6; t++) hrlp_household_step(&batch, 0, MOST, later, all, &month);
  for (size_t i = 0; i < MOST; i++) {
    NEAR(batch.cash[i], twin.cash[i], 0);
    NEAR(batch.portfolio[i], twin.portfolio[i], 0);
    NEAR(batch.variable[i], twin.variable[i], 0);
    ck_assert_int_eq(batch.month[i], 6);
  }
  drop(&batch);
  drop(&twin);
}
END_TEST

START_TEST(households_at_different_months_share_a_step) {
  /* episodes of one batch begin when others end: blocks of four draws must not mix */
  struct hrlp_household batch = make(MOST, &varied, 5);
  struct hrlp_household alone = make(1, &varied, 5);
  double shares[MOST];
  for (size_t i = 0; i < MOST; i++) shares[i] = 0.1;
  for (int t = 0; t < 20; t++) {
    hrlp_household_step(&batch, 0, MOST, NULL, shares, &month);
    for (size_t i = 0; i < MOST; i++) /* household i begins again after month i % 13 */
      if (t == (int)(i % 13)) hrlp_household_reset(&batch, i, 500 + i);
  }
  for (size_t i = 0; i < MOST; i++) {
    hrlp_household_reset(&alone, 0, 500 + i);
    for (int t = (int)(i % 13) + 1; t < 20; t++) live(&alone, 0.1);
    NEAR(batch.cash[i], alone.cash[0], 0);
    NEAR(batch.portfolio[i], alone.portfolio[0], 0);
    NEAR(batch.invested[i], alone.invested[0], 0);
  }
  drop(&batch);
  drop(&alone);
}
END_TEST

START_TEST(batches_fit_their_memory) {
  /* a sanitizer would see an array that is laid past the end */
  for (size_t count = 1; count <= MOST; count++) {
    struct hrlp_household batch = make(count, &varied, 5);
    double shares[MOST] = {0};
    for (int t = 0; t < 5; t++)
      hrlp_household_step(&batch, 0, count, NULL, shares, &month);
    for (size_t i = 0; i < count; i++) {
      ck_assert_uint_eq(batch.episode[i], i);
      ck_assert_int_eq(batch.month[i], 5);
    }
    drop(&batch);
  }
}
END_TEST

START_TEST(expenses_and_returns_have_their_moments) {
  enum { EPISODES = 4000, MONTHS = 20 };
  struct hrlp_budget_config e = varied;
  e.inflation = 0;
  e.max_months = MONTHS + 1;
  e.income = 1e6;
  e.investment_return_std = 0.02;
  struct hrlp_household batch = make(1, &e, 2024);
  double sum = 0, square = 0, yields = 0, yield_squares = 0, zeros = 0;
  for (uint64_t episode = 0; episode < EPISODES; episode++) {
    hrlp_household_reset(&batch, 0, episode);
    live(&batch, 0.001);
    for (int t = 0; t < MONTHS; t++) {
      double before = batch.portfolio[0];
      live(&batch, 0.0);
      double yield = batch.portfolio[0] / before - 1.0;
      sum += batch.variable[0];
      square += batch.variable[0] * batch.variable[0];
      zeros += batch.variable[0] == 0;
      yields += yield;
      yield_squares += yield * yield;
    }
  }
  /* max(0, N(300, 400^2)): with a = 300 / 400, mean = 300 Phi(a) + 400 phi(a),
   * mean square = (300^2 + 400^2) Phi(a) + 300 * 400 phi(a) */
  double n = (double)EPISODES * MONTHS;
  double phi = exp(-0.5 * 0.75 * 0.75) / sqrt(2 * M_PI);
  double Phi = 0.5 * erfc(-0.75 * M_SQRT1_2);
  double mean = 300 * Phi + 400 * phi;
  double mean_square = 250000 * Phi + 120000 * phi;
  double error = STANDARD_ERRORS / sqrt(n);
  NEAR(sum / n, mean, error * sqrt(mean_square - mean * mean));
  NEAR(square / n, mean_square, error * 400 * 1000); /* deviation of V^2 is below that */
  NEAR(zeros / n, 1 - Phi, error * sqrt(Phi * (1 - Phi)));
  NEAR(yields / n, -0.05, error * 0.02);
  NEAR(yield_squares / n - 0.05 * 0.05, 0.0004, error * 0.02 * 0.15);
  drop(&batch);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("household episodes");
  TCase *episodes = tcase_create("episodes");
  tcase_set_timeout(episodes, 120);
  tcase_add_test(episodes, episodes_follow_the_model);
  tcase_add_test(episodes, luck_is_a_matter_of_the_episode_s_number);
  tcase_add_test(episodes, a_reset_begins_anew);
  tcase_add_test(episodes, who_is_not_active_is_left_alone);
  tcase_add_test(episodes, households_at_different_months_share_a_step);
  tcase_add_test(episodes, batches_fit_their_memory);
  tcase_add_test(episodes, expenses_and_returns_have_their_moments);
  suite_add_tcase(suite, episodes);
  return run_suite(suite);
}
