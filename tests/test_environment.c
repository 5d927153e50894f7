/* hrl/household.h, held to its contract through public functions alone. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include <hrl/hrl.h>

#include "near.h"

/* Sums by hand in double precision, amounts up to 1e4. */
#define EURO_TOLERANCE 1e-9

/* Without luck: expenses of 1000 + 500, prices that stay, and a horizon of 3 months. */
#define EASY                                                                      \
  "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500," \
  " variable_expense_std: 0, inflation: 0, safety_threshold: 0, max_months: 3,"   \
  " initial_cash: 800, risk_tolerance: 0.25, investment_return_type: fixed,"      \
  " investment_return_mean: 0.1}\n"
#define LUCKY                                                                     \
  "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500," \
  " variable_expense_std: 200, inflation: 0.03, safety_threshold: 900,"           \
  " max_months: 24, initial_cash: 800, risk_tolerance: 0.25,"                     \
  " investment_return_type: stochastic, investment_return_mean: 0.01,"            \
  " investment_return_std: 0.05}\n"

#define OK(call)                                                     \
  do {                                                               \
    hrl_error error = HRL_ERROR_INIT;                                \
    ck_assert_msg((call) == HRL_OK, "%s: %s", #call, error.message); \
    ck_assert_int_eq(error.status, HRL_OK);                          \
  } while (0)

#define REFUSED(call, text)                             \
  do {                                                  \
    hrl_error error = HRL_ERROR_INIT;                   \
    ck_assert_int_eq(call, HRL_ERROR_ARGUMENT);         \
    ck_assert_int_eq(error.status, HRL_ERROR_ARGUMENT); \
    ck_assert_str_eq(error.message, text);              \
  } while (0)

static hrl_scenario *parse(const char *text) {
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_parse(text, strlen(text), "test", &scenario, &error));
  return scenario;
}

static hrl_household *make(const char *text, size_t count, uint64_t seed) {
  hrl_scenario *scenario = parse(text);
  hrl_household *households = NULL;
  OK(hrl_household_create(scenario, count, seed, &households, &error));
  hrl_scenario_destroy(scenario); /* it was copied */
  return households;
}

static double reward[8], wealth_change[8];
static uint8_t terminated[8], truncated[8];
static const hrl_step_result wanted = {sizeof wanted, reward,    wealth_change,
                                       terminated,    truncated, NULL};

START_TEST(a_start_is_observed) {
  hrl_household *households = make(EASY, 3, 1);
  hrl_observation seen[3];
  ck_assert_uint_eq(hrl_household_count(households), 3);
  hrl_household_observe(households, seen);
  for (int i = 0; i < 3; i++) {
    NEAR(seen[i].income, 2000, 0);
    NEAR(seen[i].fixed_expenses, 1000, 0);
    NEAR(seen[i].variable_expense, 500, 0);
    NEAR(seen[i].cash, 800, 0);
    NEAR(seen[i].inflation, 0, 0);
    NEAR(seen[i].risk_tolerance, 0.25, 0);
    NEAR(seen[i].months_remaining, 3, 0);
    NEAR(seen[i].portfolio, 0, 0);
  }
  hrl_household_destroy(households);
  hrl_household_destroy(NULL);
  ck_assert_uint_eq(hrl_household_count(NULL), 0);
  hrl_household_observe(NULL, seen);
}
END_TEST

START_TEST(months_are_told) {
  hrl_household *households = make(EASY, 3, 1);
  hrl_observation seen[3];
  /* each has 500 left a month; I = 0, 500, 2000: cash 1300, 800, -700
   * r = 10 I / 1000, less 20 * 700 / 1000 for the last */
  OK(hrl_household_step(households, (const double[]){0, 0.25, 1}, &wanted, &error));
  hrl_household_observe(households, seen);
  const double cash[] = {1300, 800, -700};
  const double portfolio[] = {0, 500, 2000};
  const double r[] = {0, 5, 20 - 14};
  for (int i = 0; i < 3; i++) {
    NEAR(seen[i].cash, cash[i], EURO_TOLERANCE);
    NEAR(seen[i].portfolio, portfolio[i], EURO_TOLERANCE);
    NEAR(seen[i].months_remaining, 2, 0);
    NEAR(reward[i], i == 2 ? r[i] - 0.1 * 700 / 1000 : r[i], EURO_TOLERANCE);
    NEAR(wealth_change[i], 500, EURO_TOLERANCE);
    ck_assert_uint_eq(terminated[i], i == 2);
    ck_assert_uint_eq(truncated[i], 0);
  }
  OK(hrl_household_reset(households, 2, 99, &error));
  OK(hrl_household_step(households, (const double[]){0, 0, 0}, &wanted, &error));
  NEAR(wealth_change[1], 550, EURO_TOLERANCE); /* 500 earned a tenth */
  OK(hrl_household_step(households, (const double[]){0, 1, 0}, &wanted, &error));
  /* the horizon for 0 and 1, of which 1 has 1300 + 500 - 2000 < 0: insolvent, so
   * terminated, not truncated; 2 began a month later */
  const uint8_t ended[3][2] = {{0, 1}, {1, 0}, {0, 0}};
  for (int i = 0; i < 3; i++) {
    ck_assert_uint_eq(terminated[i], ended[i][0]);
    ck_assert_uint_eq(truncated[i], ended[i][1]);
  }
  hrl_household_observe(households, seen);
  NEAR(seen[0].months_remaining, 0, 0);
  NEAR(seen[2].months_remaining, 1, 0);
  hrl_household_destroy(households);
}
END_TEST

/* Everything that can be seen, before and after, to show that nothing moved. */
static void assert_unmoved(const hrl_household *households,
                           const hrl_observation before[3]) {
  hrl_observation after[3];
  hrl_household_observe(households, after);
  ck_assert_mem_eq(before, after, sizeof after);
  for (int i = 0; i < 8; i++) {
    CHECK(reward[i] == 77 && wealth_change[i] == 77, "a result was written");
    CHECK(terminated[i] == 7 && truncated[i] == 7, "a flag was written");
  }
}

static void mark_results(void) {
  for (int i = 0; i < 8; i++) {
    reward[i] = wealth_change[i] = 77;
    terminated[i] = truncated[i] = 7;
  }
}

START_TEST(a_bad_share_moves_nothing) {
  hrl_household *households = make(EASY, 3, 1);
  hrl_observation before[3];
  hrl_household_observe(households, before);
  mark_results();
  static const struct {
    double shares[3];
    const char *text;
  } rows[] = {
      {{0.5, 0.5, 1.5}, "invest[2]: found 1.5, expected a share of income from 0 to 1"},
      {{0.5, -0.25, 0}, "invest[1]: found -0.25, expected a share of income from 0 to 1"},
      {{NAN, 0, 0},
       "invest[0]: found no finite number, expected a share of income from 0 to 1"},
      {{0, 0, INFINITY},
       "invest[2]: found no finite number, expected a share of income from 0 to 1"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    REFUSED(hrl_household_step(households, rows[i].shares, &wanted, &error),
            rows[i].text);
  REFUSED(hrl_household_step(households, NULL, &wanted, &error),
          "shares to invest are needed, found NULL");
  hrl_step_result short_result = wanted;
  short_result.size = 8;
  ck_assert_int_eq(
      hrl_household_step(households, (double[]){0, 0, 0}, &short_result, NULL),
      HRL_ERROR_ARGUMENT);
  assert_unmoved(households, before);
  hrl_household_destroy(households);
}
END_TEST

START_TEST(who_ended_must_be_reset) {
  const double shares[3] = {0, 1, 0};
  const double none[3] = {0, 0, 0};
  hrl_observation before[3];
  hrl_household *households = make(EASY, 3, 1);
  OK(hrl_household_step(households, shares, &wanted, &error)); /* 1 is insolvent */
  hrl_household_observe(households, before);
  mark_results();
  REFUSED(hrl_household_step(households, none, &wanted, &error),
          "household 1 is past its end; reset it before the next month");
  assert_unmoved(households, before);
  OK(hrl_household_reset(households, 1, 5, &error));
  OK(hrl_household_step(households, none, &wanted, &error));
  OK(hrl_household_step(households, none, &wanted,
                        &error)); /* 0 and 2 reach the horizon */
  REFUSED(hrl_household_step(households, none, &wanted, &error),
          "household 0 is past its end; reset it before the next month");
  OK(hrl_household_reset_all(households, 0, &error));
  OK(hrl_household_step(households, none, &wanted, &error));
  hrl_household_destroy(households);
}
END_TEST

START_TEST(results_are_optional) {
  hrl_household *households = make(EASY, 2, 1);
  const double shares[2] = {0.25, 0};
  OK(hrl_household_step(households, shares, NULL, &error));
  OK(hrl_household_step(households, shares,
                        &(hrl_step_result){sizeof wanted, 0, 0, 0, 0, 0}, &error));
  mark_results();
  OK(hrl_household_step(households, (double[]){0, 0},
                        &(hrl_step_result){sizeof wanted, 0, 0, 0, truncated, 0},
                        &error));
  ck_assert_uint_eq(truncated[0], 1);
  ck_assert_uint_eq(truncated[2], 7); /* N entries, no more */
  NEAR(reward[0], 77, 0);
  hrl_household_destroy(households);
}
END_TEST

START_TEST(bad_arguments_are_refused) {
  hrl_scenario *scenario = parse(EASY);
  hrl_household *households = (hrl_household *)&households;
  REFUSED(hrl_household_create(scenario, 0, 1, &households, &error),
          "count: found 0, expected 1 to 1000000 households");
  ck_assert_ptr_null(households);
  households = (hrl_household *)&households;
  REFUSED(hrl_household_create(scenario, 1000001, 1, &households, &error),
          "count: found 1000001, expected 1 to 1000000 households");
  ck_assert_ptr_null(households);
  households = (hrl_household *)&households;
  REFUSED(hrl_household_create(NULL, 1, 1, &households, &error),
          "a scenario and a place for the households are needed");
  ck_assert_ptr_null(households);
  REFUSED(hrl_household_create(scenario, 1, 1, NULL, &error),
          "a scenario and a place for the households are needed");
  ck_assert_int_eq(hrl_household_create(NULL, 1, 1, NULL, NULL), HRL_ERROR_ARGUMENT);
  hrl_scenario_destroy(scenario);
  REFUSED(hrl_household_reset(NULL, 0, 0, &error), "households are needed, found NULL");
  REFUSED(hrl_household_reset_all(NULL, 0, &error), "households are needed, found NULL");
  REFUSED(hrl_household_step(NULL, (double[]){0}, NULL, &error),
          "households are needed, found NULL");
}
END_TEST

START_TEST(resets_check_their_numbers) {
  const uint64_t most = UINT64_C(1) << 56; /* 72057594037927936 */
  hrl_household *households = make(EASY, 3, 1);
  hrl_observation before[3];
  OK(hrl_household_step(households, (double[]){0.1, 0.2, 0.3}, NULL, &error));
  hrl_household_observe(households, before);
  mark_results();
  REFUSED(hrl_household_reset(households, 3, 0, &error),
          "index: found 3, expected less than 3, the number of households");
  REFUSED(hrl_household_reset(households, 0, most, &error),
          "episode 72057594037927936 is too large: episode numbers are below 2^56");
  REFUSED(hrl_household_reset_all(households, most - 2, &error),
          "episode 72057594037927936 is too large: episode numbers are below 2^56");
  REFUSED(hrl_household_reset_all(households, UINT64_MAX, &error),
          "episode 18446744073709551615 is too large: episode numbers are below 2^56");
  assert_unmoved(households, before);
  OK(hrl_household_reset(households, 2, most - 1, &error));
  OK(hrl_household_reset_all(households, most - 3, &error));
  hrl_household_destroy(households);
}
END_TEST

/* Plays until every household ended; a sum that tells paths apart, for each. */
static void fingerprint(hrl_household *households, size_t count, double share,
                        double sums[8]) {
  double shares[8];
  for (size_t i = 0; i < count; i++) shares[i] = share, sums[i] = 0;
  for (int t = 0; t < 10; t++) {
    hrl_observation seen[8];
    OK(hrl_household_step(households, shares, &wanted, &error));
    hrl_household_observe(households, seen);
    for (size_t i = 0; i < count; i++)
      sums[i] = 0.9 * sums[i] + seen[i].variable_expense + seen[i].portfolio;
  }
}

START_TEST(luck_follows_seed_and_episode) {
  double sums[8], again[8];
  hrl_household *households = make(LUCKY, 4, 11);
  hrl_household *others = make(LUCKY, 2, 11);
  fingerprint(households, 4, 0.125, sums); /* begun with episodes 0..3 */
  for (int i = 1; i < 4; i++) ck_assert(sums[i] != sums[i - 1]);
  OK(hrl_household_reset_all(households, 0, &error));
  fingerprint(households, 4, 0.125, again);
  ck_assert_mem_eq(sums, again, 4 * sizeof *sums);
  /* one at a time, in another place, in another handle */
  OK(hrl_household_reset(others, 0, 3, &error));
  OK(hrl_household_reset(others, 1, 1, &error));
  fingerprint(others, 2, 0.125, again);
  NEAR(again[0], sums[3], 0);
  NEAR(again[1], sums[1], 0);
  OK(hrl_household_reset_all(households, 3, &error));
  fingerprint(households, 4, 0.125, again);
  NEAR(again[0], sums[3], 0);
  hrl_household_destroy(others);
  others = make(LUCKY, 4, 12);
  fingerprint(others, 4, 0.125, again);
  for (int i = 0; i < 4; i++) ck_assert(again[i] != sums[i]);
  hrl_household_destroy(others);
  hrl_household_destroy(households);
}
END_TEST

START_TEST(handles_share_nothing) {
  double alone[8], sums[8];
  hrl_household *first = make(LUCKY, 3, 21);
  fingerprint(first, 3, 0.25, alone);
  OK(hrl_household_reset_all(first, 0, &error));
  hrl_household *second = make(EASY, 3, 21); /* comes and goes in between */
  OK(hrl_household_step(second, (double[]){0, 1, 0}, &wanted, &error));
  fingerprint(first, 3, 0.25, sums);
  ck_assert_mem_eq(alone, sums, 3 * sizeof *sums);
  hrl_household_destroy(second);
  hrl_household_destroy(first);
}
END_TEST

START_TEST(a_million_households_can_be_made) {
  hrl_household *households = make(EASY, 1000000, 1);
  ck_assert_uint_eq(hrl_household_count(households), 1000000);
  OK(hrl_household_reset(households, 999999, 5, &error));
  hrl_household_destroy(households);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("environment");
  TCase *contract = tcase_create("contract");
  tcase_set_timeout(contract, 120);
  tcase_add_test(contract, a_start_is_observed);
  tcase_add_test(contract, months_are_told);
  tcase_add_test(contract, a_bad_share_moves_nothing);
  tcase_add_test(contract, who_ended_must_be_reset);
  tcase_add_test(contract, results_are_optional);
  tcase_add_test(contract, bad_arguments_are_refused);
  tcase_add_test(contract, resets_check_their_numbers);
  tcase_add_test(contract, luck_follows_seed_and_episode);
  tcase_add_test(contract, handles_share_nothing);
  tcase_add_test(contract, a_million_households_can_be_made);
  suite_add_tcase(suite, contract);
  return run_suite(suite);
}
