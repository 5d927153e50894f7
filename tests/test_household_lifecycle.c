/* hrl/household.h on the model "lifecycle": by hand, against the library's own household
 * to the bit, against its evaluation, and what is refused. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include <hrl/hrl.h>

#include "environments/lifecycle/household.h"
#include "near.h"
#include "scenario/scenario.h"

#define EASY                                                                     \
  "model: lifecycle\n"                                                           \
  "environment: {income: 2000, fixed_expenses: 800, variable_expense_mean: 200," \
  " max_months: 3, initial_cash: 1000, investment_return_type: fixed,"           \
  " investment_return_mean: 0.1, capital_tax: 0.2, consumption_floor: 300}\n"    \
  "utility: {risk_aversion: 2, discount_factor: 0.9, bequest_months: 5}\n"
#define LUCKY                                                                       \
  "model: lifecycle\n"                                                              \
  "environment: {income: 2000, fixed_expenses: 500, variable_expense_mean: 300,"    \
  " variable_expense_std: 150, inflation: 0.02, max_months: 36, initial_cash: 500," \
  " income_transitory_std: 0.2, income_permanent_std: 0.01,"                        \
  " job_loss_probability: 0.05, job_finding_probability: 0.2,"                      \
  " unemployment_replacement: 0.4, retirement_month: 30, shock_probability: 0.1,"   \
  " shock_mean: 600, shock_std: 0.5, cash_return: 0.01, capital_tax: 0.26,"         \
  " investment_return_type: stochastic, investment_return_mean: 0.005,"             \
  " investment_return_std: 0.04, consumption_floor: 250}\n"                         \
  "utility: {risk_aversion: 3, bequest_months: 6}\n"
#define BUDGET                                                                \
  "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: " \
  "500, variable_expense_std: 0, inflation: 0, safety_threshold: 0,"          \
  " max_months: 3, initial_cash: 800, risk_tolerance: 0.25}\n"
/* Lives on wealth alone, where the simple rule spends evenly: shares that are easy to
 * tell. */
#define WEALTH                                                         \
  "model: lifecycle\n"                                                 \
  "environment: {income: 0, max_months: 24, initial_cash: 50000,"      \
  " investment_return_type: stochastic, investment_return_mean: 0.01," \
  " investment_return_std: 0.05}\n"                                    \
  "utility: {risk_aversion: 3, discount_factor: 0.9}\n"

#define COUNT 8

#define OK(call)                                                     \
  do {                                                               \
    hrl_error error = HRL_ERROR_INIT;                                \
    ck_assert_msg((call) == HRL_OK, "%s: %s", #call, error.message); \
  } while (0)

#define REFUSED(call, text)                     \
  do {                                          \
    hrl_error error = HRL_ERROR_INIT;           \
    ck_assert_int_eq(call, HRL_ERROR_ARGUMENT); \
    ck_assert_str_eq(error.message, text);      \
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
  hrl_scenario_destroy(scenario);
  return households;
}

static double reward[COUNT], wealth_change[COUNT], consumption[COUNT];
static uint8_t terminated[COUNT], truncated[COUNT];
static const hrl_step_result wanted = {sizeof wanted, reward,    wealth_change,
                                       terminated,    truncated, consumption};

START_TEST(three_months_by_hand) {
  hrl_household *households = make(EASY, 1, 1);
  ck_assert_uint_eq(hrl_household_actions(households), 3);
  hrl_lifecycle_observation seen;
  hrl_observation brief;
  OK(hrl_household_observe_lifecycle(households, &seen, &error));
  NEAR(seen.cash_on_hand, 2000, 1e-9); /* 1000 + 2000 - 1000 */
  NEAR(seen.income, 2000, 1e-9);
  NEAR(seen.expenses, 1000, 1e-9);
  NEAR(seen.cash, 1000, 1e-9);
  NEAR(seen.job, 1, 0);
  NEAR(seen.level, 1, 0);
  NEAR(seen.price, 1, 0);
  NEAR(seen.months_remaining, 3, 0);
  /* half of it consumed, 600 invested, 400 in cash */
  OK(hrl_household_step(households, (double[]){0.3, 0.2, 0.5}, &wanted, &error));
  NEAR(consumption[0], 1000, 1e-9);
  NEAR(wealth_change[0], 0, 1e-9);
  ck_assert(!terminated[0] && !truncated[0]);
  OK(hrl_household_observe_lifecycle(households, &seen, &error));
  NEAR(seen.portfolio, 600 * 1.08, 1e-9);
  NEAR(seen.cash, 400, 1e-9);
  NEAR(seen.taxes, 12, 1e-9);
  NEAR(seen.cash_on_hand, 400 + 648 + 1000, 1e-9);
  hrl_household_observe(households, &brief);
  NEAR(brief.cash, 1400, 1e-9);
  NEAR(brief.portfolio, 648, 1e-9);
  NEAR(brief.fixed_expenses, 800, 1e-9);
  NEAR(brief.variable_expense, 200, 1e-9);
  NEAR(brief.months_remaining, 2, 0);
  double first = reward[0];
  /* nothing is to be consumed: the floor is */
  OK(hrl_household_step(households, (double[]){0, 1, 0}, &wanted, &error));
  NEAR(consumption[0], 300, 1e-9);
  NEAR(wealth_change[0], 1748 - 1000, 1e-9);
  double second = reward[0];
  OK(hrl_household_step(households, (double[]){0, 0.5, 0.5}, &wanted, &error));
  ck_assert(!terminated[0] && truncated[0]);
  NEAR(consumption[0], 1374, 1e-9);
  hrl_household_observe(households, &brief);
  NEAR(brief.cash, 1374, 1e-9);
  NEAR(brief.months_remaining, 0, 0);
  /* aversion 2: the mean of 1 / c, of three months and of 1374 / 5 + 300 five times */
  double beta = pow(0.9, 1.0 / 12.0);
  double weights = 1 + beta + beta * beta * (1 + beta * 5);
  double mean = (1 / 1000.0 + beta / 300 +
                 beta * beta * (1 / 1374.0 + beta * 5 / (300 + 1374 / 5.0))) /
                weights;
  double equivalent = hrl_household_certainty_equivalent(
      households, first + beta * second + beta * beta * reward[0]);
  NEAR(equivalent, 1 / mean, 1e-6);
  hrl_household_destroy(households);
}
END_TEST

/* Shares of a decision: some of everything, also nothing invested, nothing kept. */
static void choose(int month, size_t i, double shares[3]) {
  shares[2] = (double)((month + 3 * (int)i) % 11) / 10.0;
  double kept = 1.0 - shares[2];
  shares[0] = kept * ((double)((month * 7 + (int)i) % 5) / 4.0);
  shares[1] = kept - shares[0];
}

/* The library's own household, decided in the same way: the same bits. */
START_TEST(bits_of_the_librarys_own) {
  hrl_scenario *scenario = parse(LUCKY);
  struct hrlp_lifecycle_forecast forecast;
  OK(hrlp_lifecycle_forecast_create(&forecast, &scenario->lifecycle, &scenario->utility,
                                    &error));
  hrl_household *households = NULL;
  OK(hrl_household_create(scenario, COUNT, 99, &households, &error));
  OK(hrl_household_reset_all(households, 40, &error));
  struct hrlp_life lives[COUNT];
  for (size_t i = 0; i < COUNT; i++) hrlp_life_begin(&forecast, 99, 40 + i, &lives[i]);
  for (int t = 1; t <= 36; t++) {
    hrl_lifecycle_observation seen[COUNT];
    double shares[3 * COUNT];
    OK(hrl_household_observe_lifecycle(households, seen, &error));
    for (size_t i = 0; i < COUNT; i++) choose(t, i, shares + 3 * i);
    OK(hrl_household_step(households, shares, &wanted, &error));
    for (size_t i = 0; i < COUNT; i++) {
      struct hrlp_life *life = &lives[i];
      NEAR(seen[i].cash_on_hand, life->cash_on_hand, 0);
      NEAR(seen[i].income, life->income, 0);
      NEAR(seen[i].job, life->job, 0);
      const double *own = shares + 3 * i;
      double kept = own[0] + own[1];
      hrlp_life_decide(&forecast, life, own[2] * life->cash_on_hand,
                       kept > 0 ? own[0] / kept : 0);
      double worth = hrlp_life_worth(&forecast, t, life->consumption);
      if (t == 36)
        worth +=
            forecast.beta * hrlp_life_bequest(&forecast, life->cash + life->portfolio);
      NEAR(reward[i], worth, 0);
      NEAR(consumption[i], life->consumption, 0);
      ck_assert_int_eq(truncated[i], t == 36);
      ck_assert_int_eq(terminated[i], 0);
      if (t < 36) hrlp_life_advance(&forecast, 99, &life, 1);
    }
  }
  hrl_household_destroy(households);
  hrlp_lifecycle_forecast_destroy(&forecast);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* "Spend evenly over the months left, 0.6 in the portfolio", played from outside and by
 * hrl_evaluate_rule: the same certainty equivalent. */
START_TEST(worth_of_a_rule) {
  enum { EPISODES = 300 };
  static double shares[3 * EPISODES], rewards[EPISODES];
  hrl_scenario *scenario = parse(WEALTH);
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = EPISODES;
  options.seed = 5;
  hrl_rule rule = {sizeof rule, 0, 0.6, 0, 0};
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  OK(hrl_evaluate_rule(scenario, &rule, &options, &evaluation, &error));
  hrl_household *households = NULL;
  OK(hrl_household_create(scenario, EPISODES, 5, &households, &error));
  hrl_step_result result = {.size = sizeof result, .reward = rewards};
  double discount = 1.0;
  double sum = 0.0;
  for (int t = 0; t < 24; t++) {
    for (size_t i = 0; i < EPISODES; i++) {
      shares[3 * i + 2] = 1.0 / (24 - t);
      shares[3 * i] = 0.6 * (1.0 - shares[3 * i + 2]);
      shares[3 * i + 1] = 1.0 - shares[3 * i] - shares[3 * i + 2];
    }
    OK(hrl_household_step(households, shares, &result, &error));
    for (size_t i = 0; i < EPISODES; i++) sum += discount * rewards[i];
    discount *= hrl_household_discount(households);
  }
  NEAR(hrl_household_certainty_equivalent(households, sum / EPISODES),
       evaluation.certainty_equivalent, 1e-8 * evaluation.certainty_equivalent);
  hrl_household_destroy(households);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(noise_follows_seed_and_episode) {
  hrl_household *households = make(LUCKY, 2, 7);
  hrl_household *other = make(LUCKY, 1, 7);
  hrl_lifecycle_observation seen[2], alone;
  const double shares[] = {0.2, 0.2, 0.6, 0.2, 0.2, 0.6};
  OK(hrl_household_reset(other, 0, 1, &error));
  for (int t = 0; t < 5; t++) {
    OK(hrl_household_observe_lifecycle(households, seen, &error));
    OK(hrl_household_observe_lifecycle(other, &alone, &error));
    ck_assert_mem_eq(&seen[1], &alone, sizeof alone);
    ck_assert(seen[0].cash_on_hand != seen[1].cash_on_hand);
    OK(hrl_household_step(households, shares, NULL, &error));
    OK(hrl_household_step(other, shares, NULL, &error));
  }
  hrl_household_destroy(other);
  hrl_household_destroy(households);
}
END_TEST

START_TEST(some_are_reset) {
  hrl_household *households = make(LUCKY, 3, 7);
  hrl_household *others = make(LUCKY, 3, 7);
  hrl_lifecycle_observation seen[3], expected[3];
  const uint64_t large = UINT64_C(1) << 56;
  const double shares[] = {0, 0.5, 0.5, 0, 0.5, 0.5, 0, 0.5, 0.5};
  OK(hrl_household_step(households, shares, NULL, &error));
  OK(hrl_household_step(others, shares, NULL, &error));
  OK(hrl_household_reset_where(households, (uint8_t[]){1, 0, 2},
                               (uint64_t[]){9, large, 4}, &error));
  OK(hrl_household_reset(others, 0, 9, &error));
  OK(hrl_household_reset(others, 2, 4, &error));
  OK(hrl_household_observe_lifecycle(households, seen, &error));
  OK(hrl_household_observe_lifecycle(others, expected, &error));
  ck_assert_mem_eq(seen, expected, sizeof seen);
  REFUSED(hrl_household_reset_where(households, (uint8_t[]){1, 1, 0},
                                    (uint64_t[]){1, large, 1}, &error),
          "episode 72057594037927936 is too large: episode numbers are below 2^56");
  REFUSED(hrl_household_reset_where(households, NULL, (uint64_t[]){1, 1, 1}, &error),
          "where and episodes are needed, found NULL");
  REFUSED(hrl_household_reset_where(NULL, NULL, NULL, &error),
          "households are needed, found NULL");
  OK(hrl_household_observe_lifecycle(households, seen, &error));
  ck_assert_mem_eq(seen, expected, sizeof seen);
  hrl_household_destroy(others);
  hrl_household_destroy(households);
}
END_TEST

START_TEST(bad_shares_move_nothing) {
  hrl_household *households = make(LUCKY, 2, 7);
  hrl_lifecycle_observation before[2], after[2];
  OK(hrl_household_observe_lifecycle(households, before, &error));
  const struct {
    double shares[6];
    const char *text;
  } rows[] = {
      {{0, 0, 1, 0.5, 0.5, 0.5},
       "household 1: the shares invest, save and consume add up to 1.5, expected 1"},
      {{0, 0, 0, 0, 0, 1},
       "household 0: the shares invest, save and consume add up to 0, expected 1"},
      {{0.5, 0.5, 2e-6, 0, 0, 1},
       "household 0: the shares invest, save and consume add up to 1.000002, expected 1"},
      {{0, 0, 1, -0.5, 0.5, 1},
       "invest of household 1: found -0.5, expected a share of cash on hand from 0 to 1"},
      {{0, NAN, 1, 0, 0, 1},
       "save of household 0: found no finite number, expected a share of cash on hand "
       "from "
       "0 to 1"},
      {{0, 0, INFINITY, 0, 0, 1},
       "consume of household 0: found no finite number, expected a share of cash on hand "
       "from 0 to 1"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    REFUSED(hrl_household_step(households, rows[i].shares, &wanted, &error),
            rows[i].text);
  OK(hrl_household_observe_lifecycle(households, after, &error));
  ck_assert_mem_eq(before, after, sizeof before);
  /* single precision adds up near enough */
  const float third = 1.0F / 3.0F;
  OK(hrl_household_step(households, (double[]){third, third, third, third, third, third},
                        &wanted, &error));
  hrl_household_destroy(households);
}
END_TEST

START_TEST(what_else_is_refused) {
  hrl_lifecycle_observation seen;
  hrl_household *households = make(EASY, 1, 1);
  const double all[] = {0, 0, 1};
  for (int t = 0; t < 3; t++) OK(hrl_household_step(households, all, &wanted, &error));
  REFUSED(hrl_household_step(households, all, &wanted, &error),
          "household 0 is past its end; reset it before the next month");
  OK(hrl_household_reset(households, 0, 1, &error));
  OK(hrl_household_step(households, all, &wanted, &error));
  REFUSED(hrl_household_observe_lifecycle(households, NULL, &error),
          "a place for the observations is needed, found NULL");
  REFUSED(hrl_household_observe_lifecycle(NULL, &seen, &error),
          "households are needed, found NULL");
  hrl_household_destroy(households);
  households = make(BUDGET, 1, 1);
  ck_assert_uint_eq(hrl_household_actions(households), 1);
  ck_assert_uint_eq(hrl_household_actions(NULL), 0);
  ck_assert(isnan(hrl_household_certainty_equivalent(households, 1)));
  ck_assert(isnan(hrl_household_certainty_equivalent(NULL, 1)));
  ck_assert(isnan(hrl_household_discount(households)));
  ck_assert(isnan(hrl_household_discount(NULL)));
  REFUSED(hrl_household_observe_lifecycle(households, &seen, &error),
          "found households of the model 'budget', expected 'lifecycle'; use "
          "hrl_household_observe");
  OK(hrl_household_step(households, (double[]){0.25}, &wanted, &error));
  NEAR(consumption[0], 1500, 1e-9);
  hrl_household_destroy(households);
  /* values that do not go together */
  hrl_scenario *scenario = parse(EASY);
  OK(hrl_scenario_set(scenario, "environment.consumption_floor", 2500, &error));
  hrl_error error = HRL_ERROR_INIT;
  households = (hrl_household *)&households;
  ck_assert_int_eq(hrl_household_create(scenario, 1, 1, &households, &error),
                   HRL_ERROR_RANGE);
  ck_assert_ptr_null(households);
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("household_lifecycle");
  TCase *tests = tcase_create("stepping");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, three_months_by_hand);
  tcase_add_test(tests, bits_of_the_librarys_own);
  tcase_add_test(tests, worth_of_a_rule);
  tcase_add_test(tests, noise_follows_seed_and_episode);
  tcase_add_test(tests, some_are_reset);
  tcase_add_test(tests, bad_shares_move_nothing);
  tcase_add_test(tests, what_else_is_refused);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
