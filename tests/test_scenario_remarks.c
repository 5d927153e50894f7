/* What a scenario's reader is told: values without effect, and slips that can be read. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include <hrl/memory.h>

#include "scenario/scenario.h"

static hrl_scenario *parse(const char *text, size_t length, const char *name) {
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(hrl_scenario_parse(text, length, name, &scenario, &error) == HRL_OK, "%s",
                error.message);
  return scenario;
}

#define HOUSEHOLD(more)                                       \
  "environment: {income: 3200, fixed_expenses: 1800, "        \
  "variable_expense_mean: 800, variable_expense_std: 150, "   \
  "inflation: 0.02, safety_threshold: 3500, max_months: 120," \
  " risk_tolerance: 0.55" more "}\n"

static void expect_remarks(const char *text, const char *name, const char *remarks,
                           double type) {
  hrl_scenario *scenario = parse(text, strlen(text), name);
  double found = -1.0;
  ck_assert_str_eq(hrl_scenario_remarks(scenario), remarks);
  ck_assert(hrl_scenario_get(scenario, "environment.investment_return_type", &found,
                             NULL) == HRL_OK);
  ck_assert_double_eq(found, type);
  /* what is written back reads as the same, and needs no remark on what was implied */
  char *written = NULL;
  ck_assert(hrl_scenario_format(scenario, &written, NULL) == HRL_OK);
  hrl_scenario *again = parse(written, strlen(written), name);
  ck_assert(hrl_scenario_get(again, "environment.investment_return_type", &found, NULL) ==
            HRL_OK);
  ck_assert_double_eq(found, type);
  hrl_scenario_destroy(again);
  hrl_scenario_destroy(scenario);
  hrl_free(written);
}

START_TEST(no_value_is_ignored_in_silence) {
  expect_remarks(HOUSEHOLD(""), "a", "", 0);
  expect_remarks(HOUSEHOLD(", investment_return_mean: 0.004"), "a", "", 1);
  expect_remarks(
      HOUSEHOLD(", investment_return_mean: 0.004, investment_return_std: 0.02"), "a", "",
      2);
  expect_remarks(HOUSEHOLD(", investment_return_mean: 0"), "a", "", 0);
  expect_remarks(
      HOUSEHOLD(", investment_return_mean: 0.004, investment_return_type: none"), "a",
      "line 1: environment.investment_return_mean: 0.004 has no effect while "
      "environment.investment_return_type is none; set it to fixed or stochastic, "
      "or remove the line\n",
      0);
  expect_remarks(
      HOUSEHOLD(", investment_return_std: 0.02, investment_return_type: fixed"), "a",
      "line 1: environment.investment_return_std: 0.02 has no effect while "
      "environment.investment_return_type is fixed; set it to stochastic, or remove the "
      "line\n",
      1);
  expect_remarks(
      HOUSEHOLD("") "training: {strategist: off, gamma_high: 0.9}\n", "a",
      "line 2: training.gamma_high: 0.9 has no effect while training.strategist is "
      "off; remove the line\n",
      0);
}
END_TEST

START_TEST(what_looks_like_a_slip_is_told) {
  expect_remarks(
      "environment: {income: 1.800, fixed_expenses: 0.5, "
      "variable_expense_mean: 0.125, variable_expense_std: 0, inflation: 0.020, "
      "safety_threshold: 35.000, max_months: 120, risk_tolerance: 0.55}\n",
      "a",
      "line 1: environment.income: 1.800 was read as 1.8, not as thousands; write "
      "numbers without a point between thousands\n"
      "line 1: environment.safety_threshold: 35.000 was read as 35, not as thousands; "
      "write numbers without a point between thousands\n",
      0);
  expect_remarks(HOUSEHOLD(""), "my house",
                 "its models and checkpoints are named 'my_house'; a scenario of that "
                 "name needs its own output folder\n",
                 0);
}
END_TEST

START_TEST(a_whole_growth_is_told) {
  static const char *const form =
      "environment: {income: 3200, fixed_expenses: 1800, variable_expense_mean: 800,"
      " variable_expense_std: 150, inflation: %s, safety_threshold: 3500, max_months: 9,"
      " risk_tolerance: 1%s}\n";
  char text[1024];
  snprintf(text, sizeof text, form, "1.0", "");
  expect_remarks(text, "a",
                 "line 1: environment.inflation: 1.0 is 100 % a year; 1 % is written "
                 "0.01\n",
                 0);
  snprintf(text, sizeof text, form, "-1", ", investment_return_mean: 1");
  expect_remarks(text, "a",
                 "line 1: environment.inflation: -1 is -100 % a year; 1 % is written "
                 "0.01\n"
                 "line 1: environment.investment_return_mean: 1 is 100 % a month; 1 % is "
                 "written 0.01\n",
                 1);
  snprintf(text, sizeof text, form, "0.999", "");
  expect_remarks(text, "a", "", 0);
}
END_TEST

/* Every key that others can switch off: what is written, whether it is in vain, and what
 * is said. */
START_TEST(a_key_that_others_switch_off_is_told) {
  static const struct {
    const char *training, *reward, *key, *value, *why,
        *advice; /* why: NULL for nothing */
  } cases[] = {
      {"strategist: off, hidden_high: 16", "", "training.hidden_high", "16",
       "training.strategist is off", "remove the line"},
      {"strategist: off, exploration_high: 0.3", "", "training.exploration_high", "0.3",
       "training.strategist is off", "remove the line"},
      {"strategist: on, hidden_high: 16", "", NULL, NULL, NULL, NULL},
      /* without a strategist the executor learns by them */
      {"strategist: off", "lambda_: 2, mu: 3", NULL, NULL, NULL, NULL},
      {"strategist: off, high_period: 120, gae_lambda_low: 0.9", "", NULL, NULL, NULL,
       NULL},
      {"high_period: 120, gamma_high: 0.9", "", "training.gamma_high", "0.9",
       "training.high_period is not less than environment.max_months",
       "shorten the period, or remove the line"},
      {"high_period: 300, gae_lambda_high: 0.9", "", "training.gae_lambda_high", "0.9",
       "training.high_period is not less than environment.max_months",
       "shorten the period, or remove the line"},
      {"high_period: 119, gamma_high: 0.9, gae_lambda_high: 0.9", "", NULL, NULL, NULL,
       NULL},
      {"learning_rate_end: 1, exploration_end: 1, schedule_episodes: 99", "",
       "training.schedule_episodes", "99",
       "training.learning_rate_end and training.exploration_end are 1",
       "remove the line"},
      {"learning_rate_end: 1, exploration_end: 0.5, schedule_episodes: 99", "", NULL,
       NULL, NULL, NULL},
      {"goal_weight: 0.5", "alpha: 0", "training.goal_weight", "0.5", "reward.alpha is 0",
       "remove the line"},
      {"goal_weight: 0.5", "alpha: 1", NULL, NULL, NULL, NULL},
      /* what is left of the default is no wish */
      {"strategist: off, hidden_high: 32", "", NULL, NULL, NULL, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[1024];
    char expected[512] = "";
    snprintf(text, sizeof text, "%straining: {%s}\nreward: {%s}\n", HOUSEHOLD(""),
             cases[i].training, cases[i].reward);
    if (cases[i].why != NULL)
      snprintf(expected, sizeof expected, "line 2: %s: %s has no effect while %s; %s\n",
               cases[i].key, cases[i].value, cases[i].why, cases[i].advice);
    expect_remarks(text, "a", expected, 0);
  }
  expect_remarks(
      "environment: {income: 3200, fixed_expenses: 1800, variable_expense_mean: 800,"
      " variable_expense_std: 150, inflation: 0.02, safety_threshold: 0, max_months: 1,"
      " risk_tolerance: 0.55}\ntraining: {gamma_low: 0.5, high_period: 1}\n"
      "reward: {beta: 3}\n",
      "a",
      "line 2: training.gamma_low: 0.5 has no effect while environment.max_months is 1; "
      "remove the line\n",
      0);
}
END_TEST

static double type_after(hrl_scenario *scenario, const char *key, double value) {
  double type = -1.0;
  ck_assert(hrl_scenario_set(scenario, key, value, NULL) == HRL_OK);
  ck_assert(hrl_scenario_get(scenario, "environment.investment_return_type", &type,
                             NULL) == HRL_OK);
  return type;
}

/* A value that is set implies what the same value in a file implies. */
START_TEST(a_value_that_is_set_implies_what_a_file_does) {
  static const char *const mean = "environment.investment_return_mean";
  static const char *const deviation = "environment.investment_return_std";
  static const char *const kind = "environment.investment_return_type";
  const char *given = HOUSEHOLD(", investment_return_type: none");
  hrl_scenario *scenario = parse(HOUSEHOLD(""), strlen(HOUSEHOLD("")), "a");
  ck_assert_double_eq(type_after(scenario, mean, 0.004), 1);
  ck_assert_double_eq(type_after(scenario, deviation, 0.02), 2);
  ck_assert_double_eq(type_after(scenario, deviation, 0), 1);
  ck_assert_double_eq(type_after(scenario, mean, 0), 0);
  /* a type that is given stays, whether it was set or read */
  ck_assert_double_eq(type_after(scenario, kind, 2), 2);
  ck_assert_double_eq(type_after(scenario, mean, 0.004), 2);
  hrl_scenario_destroy(scenario);
  scenario = parse(given, strlen(given), "a");
  ck_assert_double_eq(type_after(scenario, mean, 0.004), 0);
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("scenario remarks");
  TCase *remarks = tcase_create("remarks");
  tcase_add_test(remarks, no_value_is_ignored_in_silence);
  tcase_add_test(remarks, what_looks_like_a_slip_is_told);
  tcase_add_test(remarks, a_whole_growth_is_told);
  tcase_add_test(remarks, a_key_that_others_switch_off_is_told);
  tcase_add_test(remarks, a_value_that_is_set_implies_what_a_file_does);
  suite_add_tcase(suite, remarks);
  return run_suite(suite);
}
