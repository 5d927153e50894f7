/* The table of keys, the values of a scenario, and names. */
#include "suite.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "scenario/scenario.h"

#define MINIMAL                                               \
  "environment: {income: 3200, fixed_expenses: 1800, "        \
  "variable_expense_mean: 800, variable_expense_std: 150, "   \
  "inflation: 0.02, safety_threshold: 3500, max_months: 120," \
  " risk_tolerance: 0.55}\n"

static hrl_scenario *make(void) {
  hrl_scenario *scenario = NULL;
  ck_assert_int_eq(
      hrl_scenario_parse(MINIMAL, strlen(MINIMAL), "minimal", &scenario, NULL), HRL_OK);
  return scenario;
}

static void full_name(size_t index, char name[100]) {
  const hrl_scenario_key *key = hrl_scenario_key_at(index);
  snprintf(name, 100, "%s.%s", key->section, key->name);
}

START_TEST(rows_of_the_table_are_sound) {
  ck_assert_uint_gt(hrl_scenario_key_count(), 20);
  ck_assert_ptr_null(hrl_scenario_key_at(hrl_scenario_key_count()));
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    ck_assert_msg(key->minimum < key->maximum, "%s", key->name);
    ck_assert_msg(key->unit != NULL && key->text != NULL, "%s", key->name);
    ck_assert_msg(key->text[strlen(key->text) - 1] == '.', "%s", key->name);
    ck_assert_msg((key->type == HRL_KEY_CHOICE) == (key->choices != NULL), "%s",
                  key->name);
    for (size_t j = 0; j < i; j++)
      ck_assert_msg(strcmp(key->section, hrl_scenario_key_at(j)->section) != 0 ||
                        strcmp(key->name, hrl_scenario_key_at(j)->name) != 0,
                    "%s is there twice", key->name);
    if (key->type != HRL_KEY_CHOICE) continue;
    size_t spaces = 0;
    for (const char *c = key->choices; *c != '\0'; c++) spaces += *c == ' ';
    ck_assert(key->minimum == 0 && key->maximum == (double)spaces);
  }
}
END_TEST

/* Each key has a member of its own: what is set is what is got, and nothing else. */
START_TEST(bounds_and_defaults_can_be_set) {
  hrl_scenario *scenario = make();
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    char name[100];
    full_name(i, name);
    double before = NAN;
    double after = NAN;
    ck_assert_int_eq(hrl_scenario_get(scenario, name, &before, NULL), HRL_OK);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, key->minimum, NULL),
                     key->minimum_open ? HRL_ERROR_RANGE : HRL_OK);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, key->maximum, NULL), HRL_OK);
    ck_assert_int_eq(
        hrl_scenario_set(scenario, name, nextafter(key->minimum, -INFINITY), NULL),
        key->type == HRL_KEY_NUMBER ? HRL_ERROR_RANGE : HRL_ERROR_TYPE);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, key->minimum - 1, NULL),
                     HRL_ERROR_RANGE);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, key->maximum + 1, NULL),
                     HRL_ERROR_RANGE);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, INFINITY, NULL), HRL_ERROR_RANGE);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, NAN, NULL), HRL_ERROR_TYPE);
    ck_assert_int_eq(hrl_scenario_get(scenario, name, &after, NULL), HRL_OK);
    ck_assert_msg(after == key->maximum, "%s", name);
    if (!key->required)
      ck_assert_int_eq(hrl_scenario_set(scenario, name, key->default_value, NULL),
                       HRL_OK);
    ck_assert_int_eq(hrl_scenario_set(scenario, name, before, NULL), HRL_OK);
  }
  hrl_scenario *fresh = make();
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    char name[100];
    double a = NAN;
    double b = NAN;
    full_name(i, name);
    hrl_scenario_get(scenario, name, &a, NULL);
    hrl_scenario_get(fresh, name, &b, NULL);
    ck_assert_msg(a == b, "%s", name);
  }
  hrl_scenario_destroy(fresh);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(set_tells_what_it_expects) {
  static const struct {
    const char *key;
    double value;
    hrl_status status;
    const char *message;
  } cases[] = {
      {"environment.income", -5, HRL_ERROR_RANGE,
       "environment.income: found -5, expected a number greater than 0 and at most "
       "1000000000"},
      {"environment.max_months", 1.5, HRL_ERROR_TYPE,
       "environment.max_months: found 1.5, expected a whole number from 1 to 12000"},
      {"environment.max_months", 1e9, HRL_ERROR_RANGE,
       "environment.max_months: found 1000000000, expected a whole number from 1 to "
       "12000"},
      {"environment.inflation", NAN, HRL_ERROR_TYPE,
       "environment.inflation: found no number, expected a number from -1 to 1"},
      {"environment.inflation", INFINITY, HRL_ERROR_RANGE,
       "environment.inflation: found infinity, expected a number from -1 to 1"},
      {"environment.investment_return_type", 3, HRL_ERROR_RANGE,
       "environment.investment_return_type: found 3, expected one of none, fixed, "
       "stochastic"},
      {"environment.incom", 1, HRL_ERROR_KEY,
       "unknown key 'environment.incom'; did you mean 'environment.income'?"},
      {"enviroment.incom", 1, HRL_ERROR_KEY,
       "unknown key 'enviroment.incom'; did you mean 'environment.income'?"},
      {"income", 1, HRL_ERROR_KEY,
       "unknown key 'income'; did you mean 'environment.income'?"},
      {"training.gamma_", 1, HRL_ERROR_KEY,
       "unknown key 'training.gamma_'; did you mean 'training.gamma_low'?"},
      {"training.gamma", 1, HRL_ERROR_KEY,
       "unknown key 'training.gamma'; did you mean 'reward.gamma'?"},
      {"environment.lambda", 1, HRL_ERROR_KEY,
       "unknown key 'environment.lambda'; did you mean 'reward.lambda_'?"},
      {"environment", 1, HRL_ERROR_KEY,
       "unknown key 'environment'; expected section.name, such as 'environment.income'"},
      {"", 1, HRL_ERROR_KEY,
       "unknown key ''; expected section.name, such as 'environment.income'"},
      {".", 1, HRL_ERROR_KEY,
       "unknown key '.'; expected section.name, such as 'environment.income'"},
      {"zzzzzzz.yyyyyyyy", 1, HRL_ERROR_KEY,
       "unknown key 'zzzzzzz.yyyyyyyy'; expected section.name, such as "
       "'environment.income'"},
  };
  hrl_scenario *scenario = make();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    hrl_error error = HRL_ERROR_INIT;
    ck_assert_int_eq(hrl_scenario_set(scenario, cases[i].key, cases[i].value, &error),
                     cases[i].status);
    ck_assert_str_eq(error.message, cases[i].message);
    ck_assert_int_eq(error.line, 0);
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(lambda_has_two_spellings) {
  hrl_scenario *scenario = make();
  double value = NAN;
  ck_assert_int_eq(hrl_scenario_set(scenario, "reward.lambda", 7, NULL), HRL_OK);
  ck_assert_int_eq(hrl_scenario_get(scenario, "reward.lambda_", &value, NULL), HRL_OK);
  ck_assert(value == 7);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(the_first_error_is_kept) {
  hrl_scenario *scenario = make();
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrl_scenario_set(scenario, "environment.income", 0, &error),
                   HRL_ERROR_RANGE);
  ck_assert_int_eq(hrl_scenario_set(scenario, "nothing", 0, &error), HRL_ERROR_KEY);
  ck_assert_int_eq(error.status, HRL_ERROR_RANGE);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(a_copy_is_independent) {
  hrl_scenario *scenario = make();
  hrl_scenario *copy = NULL;
  double value = NAN;
  ck_assert_int_eq(hrl_scenario_set(scenario, "environment.income", 1234, NULL), HRL_OK);
  ck_assert_int_eq(hrlp_scenario_copy(scenario, &copy, NULL), HRL_OK);
  ck_assert_int_eq(hrl_scenario_set(scenario, "environment.income", 1, NULL), HRL_OK);
  hrl_scenario_destroy(scenario);
  ck_assert_int_eq(hrl_scenario_get(copy, "environment.income", &value, NULL), HRL_OK);
  ck_assert(value == 1234);
  ck_assert_str_eq(hrl_scenario_name(copy), "minimal");
  ck_assert_str_eq(hrl_scenario_source(copy), "");
  ck_assert_str_eq(hrl_scenario_description(copy), "");
  hrl_scenario_destroy(copy);
}
END_TEST

START_TEST(null_is_answered_politely) {
  hrl_scenario *scenario = make();
  hrl_scenario *other = NULL;
  char name[HRL_NAME_SIZE];
  char *text = NULL;
  double value = 0;
  hrl_scenario_destroy(NULL);
  ck_assert_str_eq(hrl_scenario_name(NULL), "");
  ck_assert_str_eq(hrl_scenario_source(NULL), "");
  ck_assert_str_eq(hrl_scenario_description(NULL), "");
  ck_assert_int_eq(hrl_scenario_load(NULL, &other, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_load("x", NULL, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_parse(NULL, 0, "x", &other, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_parse("", 0, NULL, &other, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_parse("", 0, "x", NULL, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_format(NULL, &text, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_format(scenario, NULL, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_get(NULL, "a", &value, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_get(scenario, NULL, &value, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_get(scenario, "a", NULL, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_set(NULL, "a", 1, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_set(scenario, NULL, 1, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_find(NULL, &text, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_find("x", NULL, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_scenario_list(NULL, NULL, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_name_sanitize(NULL, name, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_name_sanitize("x", NULL, NULL), HRL_ERROR_ARGUMENT);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(names_become_safe) {
  static const struct {
    const char *raw;
    const char *name; /* NULL where it is refused */
  } cases[] = {
      {"bologna_coppia", "bologna_coppia"},
      {"a-b.C9", "a-b.C9"},
      {"../../etc/passwd", "passwd"},
      {"..", "_."},
      {".hidden", "_hidden"},
      {"a b\tc\\d:e", "a_b_c_d_e"},
      {"perch\xc3\xa9", "perch_"},
      {"\xe2\x82\xac\xe2\x82\xac", "__"},
      {"a\xa9", "a_"},
      {"", NULL},
      {"folder/", NULL},
      {"_", NULL},
      {".", NULL},
      {"\xc3\xa9", NULL},
      {"\xa9", NULL},
  };
  char name[HRL_NAME_SIZE];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    bool refused = cases[i].name == NULL;
    ck_assert_int_eq(hrl_name_sanitize(cases[i].raw, name, NULL),
                     refused ? HRL_ERROR_ARGUMENT : HRL_OK);
    ck_assert_str_eq(name, refused ? "" : cases[i].name);
  }
  char longest[HRL_NAME_SIZE + 1];
  memset(longest, 'a', HRL_NAME_SIZE);
  longest[HRL_NAME_SIZE] = '\0';
  ck_assert_int_eq(hrl_name_sanitize(longest, name, NULL), HRL_ERROR_ARGUMENT);
  longest[HRL_NAME_SIZE - 1] = '\0';
  ck_assert_int_eq(hrl_name_sanitize(longest, name, NULL), HRL_OK);
  ck_assert_str_eq(name, longest);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("scenario keys");
  TCase *keys = tcase_create("keys");
  tcase_add_test(keys, rows_of_the_table_are_sound);
  tcase_add_test(keys, bounds_and_defaults_can_be_set);
  tcase_add_test(keys, set_tells_what_it_expects);
  tcase_add_test(keys, lambda_has_two_spellings);
  tcase_add_test(keys, the_first_error_is_kept);
  tcase_add_test(keys, a_copy_is_independent);
  tcase_add_test(keys, null_is_answered_politely);
  tcase_add_test(keys, names_become_safe);
  suite_add_tcase(suite, keys);
  return run_suite(suite);
}
