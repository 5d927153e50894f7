/* Families: ranges of keys, conditions between them, and the households that are drawn.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <hrl/hrl.h>

#include "base/memory.h"
#include "scenario/content.h"
#include "scenario/family.h"
#include "suite.h"

#define REST                                                            \
  "  fixed_expenses: 900\n  variable_expense_mean: 300\n"               \
  "  variable_expense_std: 50\n  inflation: 0.02\n  safety_threshold: " \
  "1000\n  max_months: 60\n  initial_cash: 2000\n  risk_tolerance: 0.5\n"

static hrl_scenario *parse(const char *text) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_status status = hrl_scenario_parse(text, strlen(text), "f", &scenario, &error);
  ck_assert_msg(status == HRL_OK, "%s", error.message);
  return scenario;
}

static double get(const hrl_scenario *scenario, const char *key) {
  double value = NAN;
  ck_assert(hrl_scenario_get(scenario, key, &value, NULL) == HRL_OK);
  return value;
}

/* Draws are spread over the range as its scale says, and kept within it. */
START_TEST(test_draws_follow_their_scale) {
  hrl_scenario *family = parse(
      "environment:\n  income: {from: 1000, to: 16000, scale: log}\n"
      "  fixed_expenses: {from: 0.2, to: 0.6, of: income}\n"
      "  variable_expense_mean: 300\n  variable_expense_std: 50\n"
      "  inflation: {from: 0, to: 0.04}\n  safety_threshold: 1000\n"
      "  max_months: {from: 12, to: 14}\n  initial_cash: 2000\n  risk_tolerance: 0.5\n");
  ck_assert_int_ne(hrl_scenario_is_family(family), 0);
  /* the middle: geometric for a logarithmic range */
  ck_assert_double_eq_tol(get(family, "environment.income"), 4000.0, 1e-9);
  ck_assert_double_eq_tol(get(family, "environment.fixed_expenses"), 1600.0, 1e-9);
  double log_sum = 0.0;
  double share_sum = 0.0;
  double inflation_sum = 0.0;
  int months[3] = {0};
  enum { COUNT = 3000 };
  for (uint64_t i = 0; i < COUNT; i++) {
    hrl_scenario *household = NULL;
    ck_assert(hrl_scenario_draw(family, 5, i, &household, NULL) == HRL_OK);
    ck_assert_int_eq(hrl_scenario_is_family(household), 0);
    double income = get(household, "environment.income");
    double share = get(household, "environment.fixed_expenses") / income;
    int64_t horizon = (int64_t)get(household, "environment.max_months");
    ck_assert(income >= 1000.0 && income <= 16000.0);
    ck_assert(share > 0.2 - 1e-12 && share < 0.6 + 1e-12);
    ck_assert(horizon >= 12 && horizon <= 14);
    log_sum += log(income / 4000.0);
    share_sum += share;
    inflation_sum += get(household, "environment.inflation");
    months[horizon - 12]++;
    hrl_scenario_destroy(household);
  }
  /* four standard errors of each mean */
  double error = 4.0 / sqrt(12.0 * COUNT);
  ck_assert_double_eq_tol(log_sum / COUNT, 0.0, error * log(16.0));
  ck_assert_double_eq_tol(share_sum / COUNT, 0.4, error * 0.4);
  ck_assert_double_eq_tol(inflation_sum / COUNT, 0.02, error * 0.04);
  for (size_t i = 0; i < 3; i++) ck_assert_int_gt(months[i], 900);
  hrl_household *households = NULL;
  hrl_error problem = HRL_ERROR_INIT;
  ck_assert(hrl_household_create(family, 2, 1, &households, &problem) ==
            HRL_ERROR_ARGUMENT);
  ck_assert_ptr_null(households);
  ck_assert(strstr(problem.message, "is a family of households") != NULL);
  hrl_scenario_destroy(family);
}
END_TEST

/* A household is a function of seed and number, and of nothing else. */
START_TEST(test_draws_are_functions) {
  hrl_scenario *family = parse("environment:\n  income: {from: 1500, to: 3000}\n" REST);
  struct hrl_scenario a = *family;
  struct hrl_scenario b = *family;
  ck_assert(hrlp_family_draw(family, 1, HRLP_FAMILY_TRAINING, 7, &a, NULL) == HRL_OK);
  ck_assert(hrlp_family_draw(family, 1, HRLP_FAMILY_TRAINING, 8, &b, NULL) == HRL_OK);
  ck_assert_double_ne(a.environment.income, b.environment.income);
  ck_assert(hrlp_family_draw(family, 2, HRLP_FAMILY_TRAINING, 7, &b, NULL) == HRL_OK);
  ck_assert_double_ne(a.environment.income, b.environment.income);
  /* what evaluations draw, training does not */
  ck_assert(hrlp_family_draw(family, 1, HRLP_FAMILY_EVALUATION, 7, &b, NULL) == HRL_OK);
  ck_assert_double_ne(a.environment.income, b.environment.income);
  ck_assert(hrlp_family_draw(family, 1, HRLP_FAMILY_TRAINING, 7, &b, NULL) == HRL_OK);
  ck_assert_double_eq(a.environment.income, b.environment.income);
  hrl_scenario_destroy(family);
}
END_TEST

START_TEST(test_conditions_hold) {
  hrl_scenario *family = parse(
      "require:\n  - environment.income - 2 * fixed_expenses > 100 - 0.5 * income\n"
      "  - 1.2 * income <= 6000 + alpha\n"
      "environment:\n  income: {from: 1200, to: 9000}\n" REST);
  for (uint64_t i = 0; i < 200; i++) {
    hrl_scenario *household = NULL;
    ck_assert(hrl_scenario_draw(family, 5, i, &household, NULL) == HRL_OK);
    double income = get(household, "environment.income");
    ck_assert(1.5 * income - 1800.0 > 100.0);
    ck_assert(1.2 * income <= 6010.0);
    hrl_scenario_destroy(household);
  }
  hrl_scenario_destroy(family);
}
END_TEST

/* What is written is read as the same family. */
START_TEST(test_written_and_read) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *family = NULL;
  hrl_status status = hrl_scenario_load(SOURCE_ROOT "/scenarios/families/generalist.yaml",
                                        &family, &error);
  ck_assert_msg(status == HRL_OK, "%s", error.message);
  char *text = NULL;
  char *again = NULL;
  ck_assert(hrl_scenario_format(family, &text, NULL) == HRL_OK);
  hrl_scenario *read = parse(text);
  ck_assert(hrl_scenario_format(read, &again, NULL) == HRL_OK);
  ck_assert_str_eq(text, again);
  for (uint64_t i = 0; i < 20; i++) {
    hrl_scenario *a = NULL;
    hrl_scenario *b = NULL;
    ck_assert(hrl_scenario_draw(family, 3, i, &a, NULL) == HRL_OK);
    ck_assert(hrl_scenario_draw(read, 3, i, &b, NULL) == HRL_OK);
    ck_assert_double_eq(get(a, "environment.initial_cash"),
                        get(b, "environment.initial_cash"));
    ck_assert_double_eq(get(a, "reward.delta"), get(b, "reward.delta"));
    hrl_scenario_destroy(a);
    hrl_scenario_destroy(b);
  }
  hrl_free(text);
  hrl_free(again);
  hrl_scenario_destroy(read);
  hrl_scenario_destroy(family);
}
END_TEST

/* Some draw a key, the others have its default; what the rest draws stays. */
START_TEST(test_chances) {
  static const char always[] =
      "model: lifecycle\nenvironment:\n  income: {from: 1500, to: 3000}\n"
      "  max_months: 60\n  retirement_month: {from: 0.5, to: 1, of: max_months}\n";
  static const char sometimes[] =
      "model: lifecycle\nenvironment:\n  income: {from: 1500, to: 3000}\n  max_months: "
      "60\n"
      "  retirement_month: {from: 0.5, to: 1, of: max_months, chance: 0.25}\n";
  hrl_scenario *all = parse(always);
  hrl_scenario *some = parse(sometimes);
  char *text = NULL;
  ck_assert(hrl_scenario_format(some, &text, NULL) == HRL_OK);
  hrl_scenario *again = parse(text);
  int drawn = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    hrl_scenario *a = NULL;
    hrl_scenario *b = NULL;
    hrl_scenario *c = NULL;
    ck_assert(hrl_scenario_draw(all, 5, i, &a, NULL) == HRL_OK);
    ck_assert(hrl_scenario_draw(some, 5, i, &b, NULL) == HRL_OK);
    ck_assert(hrl_scenario_draw(again, 5, i, &c, NULL) == HRL_OK);
    double month = get(b, "environment.retirement_month");
    ck_assert(month == 0.0 || month == get(a, "environment.retirement_month"));
    ck_assert(month == get(c, "environment.retirement_month"));
    ck_assert(get(a, "environment.income") == get(b, "environment.income"));
    drawn += month > 0.0;
    hrl_scenario_destroy(a);
    hrl_scenario_destroy(b);
    hrl_scenario_destroy(c);
  }
  ck_assert_int_gt(drawn, 200); /* 250 +- 14 */
  ck_assert_int_lt(drawn, 300);
  hrl_free(text);
  hrl_scenario_destroy(all);
  hrl_scenario_destroy(some);
  hrl_scenario_destroy(again);
}
END_TEST

static const struct {
  const char *text;
  hrl_status status;
  int line;
  const char *message; /* part of it */
} refused[] = {
    {"environment:\n  income: {from: 3000, to: 1500}\n" REST, HRL_ERROR_RANGE, 2,
     "smaller first"},
    {"environment:\n  income: {from: 3000, to: 3000}\n" REST, HRL_ERROR_RANGE, 2,
     "write one value"},
    {"environment:\n  income: {from: 3000}\n" REST, HRL_ERROR_KEY, 2, "without 'to'"},
    {"environment:\n  income: {}\n" REST, HRL_ERROR_KEY, 2, "without 'from'"},
    {"environment:\n  income: {from: 1, to: 2, by: 3}\n" REST, HRL_ERROR_KEY, 2,
     "unknown word 'by'"},
    {"environment:\n  income: {from: 1, to: 2, from: 3}\n" REST, HRL_ERROR_KEY, 2,
     "duplicate"},
    {"environment:\n  income: {from: 1, to: 2, chance: 0.5}\n" REST, HRL_ERROR_KEY, 2,
     "no default"},
    {"reward:\n  alpha: {from: 1, to: 2, chance: 0}\nenvironment:\n  income: 2000\n" REST,
     HRL_ERROR_RANGE, 2, "chance"},
    {"environment:\n  income: {from: .nan, to: 2}\n" REST, HRL_ERROR_TYPE, 2, "from"},
    {"environment:\n  income: {from: 1, to: .inf}\n" REST, HRL_ERROR_RANGE, 2, "to"},
    {"environment:\n  income: {from: 1, to: 1e14}\n" REST, HRL_ERROR_RANGE, 2,
     "gives 1e+14"},
    {"environment:\n  income: {from: -1, to: 100, of: max_months}\n" REST,
     HRL_ERROR_RANGE, 2, "gives -60"},
    {"environment:\n  income: {from: 1, to: 2, scale: cubic}\n" REST, HRL_ERROR_TYPE, 2,
     "linear or log"},
    {"environment:\n  income: {from: 1, to: 2, scale: [log]}\n" REST, HRL_ERROR_TYPE, 2,
     "linear or log"},
    {"environment:\n  income: {from: 1, to: 2, of: salary}\n" REST, HRL_ERROR_KEY, 2,
     "another number"},
    {"environment:\n  income: {from: 1, to: 2, of: income}\n" REST, HRL_ERROR_KEY, 2,
     "refers to itself"},
    {"environment:\n  income: {from: 1, to: 2, of: investment_return_type}\n" REST,
     HRL_ERROR_KEY, 2, "another number"},
    {"reward:\n  alpha: {from: 0, to: 2, scale: log}\nenvironment:\n  income: "
     "2000\n" REST,
     HRL_ERROR_RANGE, 2, "above 0"},
    {"environment:\n  income: 2000\n" REST "training:\n  gamma_low: {from: 0.9, to: 1}\n",
     HRL_ERROR_TYPE, 12, "only numbers of the household"},
    {"require: [income > 0]\nenvironment:\n  income: 2000\n" REST, HRL_ERROR_KEY, 1,
     "without any range"},
    {"require: income > 0\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_TYPE, 1, "a list"},
    {"require:\n  - salary > 0\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_KEY, 2, "unknown key 'salary'"},
    {"require:\n  - income 0\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_SYNTAX, 2, "<= or >="},
    {"require:\n  - income > 0 < 3\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_SYNTAX, 2, "expected the end"},
    {"require:\n  - 3 > 2\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_SYNTAX, 2, "no key"},
    {"require:\n  - income > 1e999\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_SYNTAX, 2, "a number"},
    {"require:\n  - income > 0 +\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_SYNTAX, 2, "a key or a number"},
    {"require:\n  - income > gamma_low\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_KEY, 2, "cannot be part"},
    {"require:\n  - [income]\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_TYPE, 2, "a condition"},
    {"require:\n  - income > 5\nenvironment:\n  income: {from: 1, to: 2}\n" REST,
     HRL_ERROR_RANGE, 1, "most fail 'income > 5'"},
    {"model: lifecycle\nenvironment:\n  alpha: {from: 1, to: 2}\n", HRL_ERROR_KEY, 3,
     "alpha"},
    {"model: lifecycle\nenvironment:\n  income: {from: 600, to: 800}\n"
     "  max_months: 60\n  consumption_floor: {from: 900, to: 950}\n",
     HRL_ERROR_RANGE, 5, "0 of 2000 households drawn have values that go together"},
};

START_TEST(test_refused) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  const char *text = refused[_i].text;
  hrl_status status = hrl_scenario_parse(text, strlen(text), "f", &scenario, &error);
  ck_assert_msg(status == refused[_i].status, "status %d: %s", (int)status,
                error.message);
  ck_assert_msg(strstr(error.message, refused[_i].message) != NULL, "%s", error.message);
  ck_assert_msg(error.line == refused[_i].line, "line %d: %s", error.line, error.message);
  ck_assert_ptr_null(scenario);
}
END_TEST

/* Many of these have a floor above their income: the draw passes them over. */
START_TEST(test_values_go_together) {
  hrl_scenario *family = parse(
      "model: lifecycle\nenvironment:\n  income: {from: 600, to: 3000}\n"
      "  max_months: {from: 24, to: 60}\n  retirement_month: {from: 0, to: 60}\n"
      "  consumption_floor: {from: 500, to: 2500}\n");
  for (uint64_t i = 0; i < 500; i++) {
    hrl_scenario *household = NULL;
    ck_assert(hrl_scenario_draw(family, 5, i, &household, NULL) == HRL_OK);
    ck_assert(get(household, "environment.consumption_floor") <=
              get(household, "environment.income"));
    ck_assert(get(household, "environment.retirement_month") <=
              get(household, "environment.max_months"));
    hrl_scenario_destroy(household);
  }
  hrl_scenario_destroy(family);
}
END_TEST

static hrl_status set(hrl_scenario *scenario, const char *key, double value,
                      const char *message) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_scenario_set(scenario, key, value, &error);
  if (message != NULL)
    ck_assert_msg(strstr(error.message, message) != NULL, "%s", error.message);
  return status;
}

static double draw(const hrl_scenario *family, const char *key) {
  hrl_scenario *household = NULL;
  ck_assert(hrl_scenario_draw(family, 5, 3, &household, NULL) == HRL_OK);
  double value = get(household, key);
  hrl_scenario_destroy(household);
  return value;
}

/* A value replaces the range, as in a file. */
START_TEST(test_a_value_replaces_a_range) {
  hrl_scenario *family = parse(
      "require:\n  - fixed_expenses < 0.6 * income\n"
      "environment:\n  income: {from: 1000, to: 3000}\n"
      "  fixed_expenses: {from: 0.2, to: 0.5, of: income}\n"
      "  variable_expense_mean: 300\n  variable_expense_std: 50\n  inflation: 0.02\n"
      "  safety_threshold: 1000\n  max_months: 60\n  initial_cash: 2000\n"
      "  risk_tolerance: 0.5\n");
  hrl_scenario *again = NULL;
  char *before = NULL;
  char *text = NULL;
  ck_assert(set(family, "environment.income", 4000.0, NULL) == HRL_OK);
  ck_assert_double_eq(draw(family, "environment.income"), 4000.0);
  ck_assert_double_ge(draw(family, "environment.fixed_expenses"), 800.0);
  /* the middle of what is a share of it has moved */
  ck_assert_double_eq_tol(get(family, "environment.fixed_expenses"), 1400.0, 1e-9);
  ck_assert(hrl_scenario_format(family, &before, NULL) == HRL_OK);
  again = parse(before);
  ck_assert(hrlp_family_equals(family->family, again->family));
  /* without effect where the rest does not fit */
  ck_assert(set(again, "environment.fixed_expenses", 3000.0, "does not meet") ==
            HRL_ERROR_RANGE);
  ck_assert(hrl_scenario_format(again, &text, NULL) == HRL_OK);
  ck_assert_str_eq(text, before);
  hrl_free(text);
  ck_assert(set(again, "environment.fixed_expenses", 2000.0, NULL) == HRL_OK);
  ck_assert_int_eq(hrl_scenario_is_family(again), 0);
  ck_assert_int_ne(hrl_scenario_is_family(family), 0);
  hrl_free(before);
  hrl_scenario_destroy(again);
  hrl_scenario_destroy(family);
}
END_TEST

/* What other keys are shares of is held to their bounds, and conditions to be met. */
START_TEST(test_a_value_must_fit) {
  hrl_scenario *family = parse(
      "require:\n  - initial_cash >= 20000\n"
      "environment:\n  initial_cash: {from: 10, to: 10000, of: income}\n"
      "  income: 2000\n  fixed_expenses: 300\n"
      "  variable_expense_mean: 300\n  variable_expense_std: 50\n  inflation: 0.02\n"
      "  safety_threshold: 1000\n  max_months: 60\n  risk_tolerance: 0.5\n");
  ck_assert(set(family, "environment.income", 1e9, "a range that gives") ==
            HRL_ERROR_RANGE);
  ck_assert(set(family, "environment.income", 1.0, "0 of 2000 households") ==
            HRL_ERROR_RANGE);
  ck_assert_double_eq(get(family, "environment.income"), 2000.0);
  ck_assert_double_eq_tol(get(family, "environment.initial_cash"), 10010000.0, 1e-3);
  ck_assert(set(family, "training.gamma_low", 0.5, NULL) == HRL_OK);
  ck_assert_double_eq(get(family, "training.gamma_low"), 0.5);
  hrl_scenario_destroy(family);
}
END_TEST

START_TEST(test_arguments) {
  hrl_scenario *plain = parse("environment:\n  income: 2000\n" REST);
  hrl_scenario *household = plain;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrl_scenario_is_family(plain), 0);
  ck_assert_int_eq(hrl_scenario_is_family(NULL), 0);
  ck_assert(hrl_scenario_draw(plain, 1, 1, &household, &error) == HRL_ERROR_ARGUMENT);
  ck_assert_ptr_null(household);
  ck_assert(hrl_scenario_draw(NULL, 1, 1, &household, &error) == HRL_ERROR_ARGUMENT);
  ck_assert(hrl_scenario_draw(plain, 1, 1, NULL, &error) == HRL_ERROR_ARGUMENT);
  hrl_scenario_destroy(plain);
  hrl_scenario *family = parse("environment:\n  income: {from: 1200, to: 9000}\n" REST);
  const uint64_t limit = UINT64_C(1) << 55;
  ck_assert(hrl_scenario_draw(family, 1, limit - 1, &household, &error) == HRL_OK);
  hrl_scenario_destroy(household);
  error = (hrl_error)HRL_ERROR_INIT;
  ck_assert(hrl_scenario_draw(family, 1, limit, &household, &error) ==
            HRL_ERROR_ARGUMENT);
  ck_assert_ptr_null(household);
  ck_assert_ptr_nonnull(
      strstr(error.message, "household 36028797018963968 is too large"));
  hrl_scenario_destroy(family);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("family");
  TCase *tests = tcase_create("family");
  tcase_add_test(tests, test_draws_follow_their_scale);
  tcase_add_test(tests, test_draws_are_functions);
  tcase_add_test(tests, test_conditions_hold);
  tcase_add_test(tests, test_written_and_read);
  tcase_add_test(tests, test_chances);
  tcase_add_loop_test(tests, test_refused, 0, sizeof refused / sizeof refused[0]);
  tcase_add_test(tests, test_values_go_together);
  tcase_add_test(tests, test_a_value_replaces_a_range);
  tcase_add_test(tests, test_a_value_must_fit);
  tcase_add_test(tests, test_arguments);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
