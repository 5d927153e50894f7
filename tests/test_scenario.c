/* Scenario files in and out. tests/data/scenarios/valid holds files that must be read;
 * invalid holds files that must not, each with NAME.error beside it: the status's name
 * and the message, one line each. */
#include "suite.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <hrl/memory.h>

#include "base/file.h"
#include "base/text.h"
#include "scenario/scenario.h"

#define VALID TEST_DATA "/scenarios/valid"
#define INVALID TEST_DATA "/scenarios/invalid"
#define SHIPPED SOURCE_ROOT "/scenarios"

#define MINIMAL                                               \
  "environment: {income: 3200, fixed_expenses: 1800, "        \
  "variable_expense_mean: 800, variable_expense_std: 150, "   \
  "inflation: 0.02, safety_threshold: 3500, max_months: 120," \
  " risk_tolerance: 0.55}\n"

static char *read_file(const char *folder, const char *name, size_t *length) {
  char *path = hrlp_path_join(folder, name);
  char *text = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_ptr_nonnull(path);
  ck_assert_msg(hrlp_file_read(path, 1 << 21, &text, length, &error) == HRL_OK, "%s",
                error.message);
  free(path);
  return text;
}

static hrl_scenario *parse(const char *text, size_t length, const char *name) {
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_scenario_parse(text, length, name, &scenario, &error);
  ck_assert_msg(status == HRL_OK, "%s", error.message);
  ck_assert_int_eq(error.status, HRL_OK);
  return scenario;
}

static hrl_scenario *parse_text(const char *text) {
  return parse(text, strlen(text), "test");
}

static double get(const hrl_scenario *scenario, const char *key) {
  double value = NAN;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(hrl_scenario_get(scenario, key, &value, &error) == HRL_OK, "%s",
                error.message);
  return value;
}

static void full_name(size_t index, char name[100]) {
  const hrl_scenario_key *key = hrl_scenario_key_at(index);
  snprintf(name, 100, "%s.%s", key->section, key->name);
}

static void assert_same_values(const hrl_scenario *a, const hrl_scenario *b) {
  const char *model = hrl_scenario_model(a);
  ck_assert_str_eq(model, hrl_scenario_model(b));
  for (size_t i = 0; i < hrl_model_key_count(model); i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    char name[100];
    snprintf(name, sizeof name, "%s.%s", key->section, key->name);
    ck_assert_msg(get(a, name) == get(b, name), "%s: %.17g and %.17g", name, get(a, name),
                  get(b, name));
  }
  ck_assert_str_eq(hrl_scenario_description(a), hrl_scenario_description(b));
}

static void assert_round_trip(const hrl_scenario *scenario) {
  char *text = NULL;
  char *again = NULL;
  ck_assert_int_eq(hrl_scenario_format(scenario, &text, NULL), HRL_OK);
  hrl_scenario *copy = parse_text(text);
  assert_same_values(scenario, copy);
  ck_assert_int_eq(hrl_scenario_format(copy, &again, NULL), HRL_OK);
  ck_assert_str_eq(text, again);
  hrl_free(text);
  hrl_free(again);
  hrl_scenario_destroy(copy);
}

START_TEST(valid_files_are_read_and_written_back) {
  struct hrlp_names files;
  ck_assert_int_eq(hrlp_folder_list(VALID, &files, NULL), HRL_OK);
  ck_assert_uint_ge(files.count, 10);
  for (size_t i = 0; i < files.count; i++) {
    size_t length = 0;
    char *text = read_file(VALID, files.names[i], &length);
    hrl_scenario *scenario = parse(text, length, files.names[i]);
    ck_assert_str_eq(hrl_scenario_name(scenario), files.names[i]);
    ck_assert_str_eq(hrl_scenario_source(scenario), "");
    ck_assert(get(scenario, "environment.income") == 3200);
    ck_assert(get(scenario, "environment.fixed_expenses") == 1800);
    ck_assert(get(scenario, "environment.max_months") == 120);
    ck_assert(get(scenario, "environment.risk_tolerance") == 0.55);
    assert_round_trip(scenario);
    hrl_scenario_destroy(scenario);
    free(text);
  }
  hrlp_names_free(&files);
}
END_TEST

/* The message begins with what the other members say. */
static void assert_place(const hrl_error *error, const char *file) {
  char place[600];
  ck_assert_str_eq(error->file, file);
  ck_assert_int_gt(error->line, 0);
  ck_assert_int_gt(error->column, 0);
  snprintf(place, sizeof place, "%s:%d:%d: ", file, error->line, error->column);
  ck_assert_int_eq(strncmp(error->message, place, strlen(place)), 0);
}

START_TEST(invalid_files_are_refused_with_their_message) {
  struct hrlp_names files;
  ck_assert_int_eq(hrlp_folder_list(INVALID, &files, NULL), HRL_OK);
  ck_assert_uint_ge(files.count, 160);
  for (size_t i = 0; i < files.count; i++) {
    const char *file = files.names[i];
    const char *ending = strrchr(file, '.');
    if (strcmp(ending, ".yaml") != 0) continue;
    char expected_file[200];
    snprintf(expected_file, sizeof expected_file, "%.*s.error", (int)(ending - file),
             file);
    size_t length = 0;
    char *text = read_file(INVALID, file, &length);
    size_t expected_length = 0;
    char *expected = read_file(INVALID, expected_file, &expected_length);
    hrl_scenario *scenario = (hrl_scenario *)&length;
    hrl_error error = HRL_ERROR_INIT;
    hrl_status status = hrl_scenario_parse(text, length, file, &scenario, &error);
    char found[HRL_ERROR_MESSAGE_SIZE + 100];
    snprintf(found, sizeof found, "%s\n%s\n", hrl_status_name(status), error.message);
    ck_assert_str_eq(found, expected);
    ck_assert_ptr_null(scenario);
    ck_assert_int_eq(error.status, status);
    assert_place(&error, file);
    ck_assert_int_eq(hrl_scenario_parse(text, length, file, &scenario, NULL), status);
    free(text);
    free(expected);
  }
  hrlp_names_free(&files);
}
END_TEST

START_TEST(numbers_are_read_in_all_their_forms) {
  size_t length = 0;
  char *text = read_file(VALID, "number_forms.yaml", &length);
  hrl_scenario *scenario = parse(text, length, "forms");
  ck_assert(get(scenario, "environment.variable_expense_mean") == 800);
  ck_assert(get(scenario, "environment.variable_expense_std") == 150);
  ck_assert(get(scenario, "environment.inflation") == 0);
  ck_assert(!signbit(get(scenario, "environment.inflation")));
  ck_assert(get(scenario, "environment.initial_cash") == 10.5);
  hrl_scenario_destroy(scenario);
  free(text);
}
END_TEST

START_TEST(every_key_of_a_file_reaches_its_member) {
  size_t length = 0;
  char *text = read_file(VALID, "all_keys.yaml", &length);
  hrl_scenario *s = parse(text, length, "all");
  ck_assert(s->environment.income == 3200 && s->environment.fixed_expenses == 1800);
  ck_assert(s->environment.variable_expense_mean == 800);
  ck_assert(s->environment.variable_expense_std == 150);
  ck_assert(s->environment.inflation == 0.02 && s->environment.initial_cash == 0);
  ck_assert(s->environment.safety_threshold == 3500 && s->environment.max_months == 120);
  ck_assert(s->environment.risk_tolerance == 0.55);
  ck_assert(s->environment.investment_return_mean == -0.01);
  ck_assert(s->environment.investment_return_std == 0.5);
  ck_assert(s->environment.investment_return_type == HRLP_RETURN_FIXED);
  ck_assert(s->training.num_episodes == 1 && s->training.high_period == 12);
  ck_assert(s->training.gamma_low == 1 && s->training.gamma_high == 0.5);
  ck_assert(s->training.batch_size == 32);
  ck_assert(s->training.learning_rate_low == 1e-05);
  ck_assert(s->training.learning_rate_high == 5e-06);
  ck_assert(s->reward.alpha == 0 && s->reward.beta == 1 && s->reward.gamma == 2);
  ck_assert(s->reward.delta == 3 && s->reward.lambda == 4 && s->reward.mu == 5);
  hrl_scenario_destroy(s);
  free(text);
}
END_TEST

START_TEST(what_is_left_out_has_its_default) {
  hrl_scenario *s = parse_text(MINIMAL);
  ck_assert_str_eq(hrl_scenario_description(s), "");
  ck_assert(s->environment.initial_cash == 0);
  ck_assert(s->environment.investment_return_mean == 0);
  ck_assert(s->environment.investment_return_std == 0);
  ck_assert(s->environment.investment_return_type == HRLP_RETURN_NONE);
  ck_assert(s->training.num_episodes == 5000 && s->training.high_period == 6);
  ck_assert(s->training.gamma_low == 0.98 && s->training.gamma_high == 0.99);
  ck_assert(s->reward.alpha == 10 && s->reward.beta == 0.1 && s->reward.gamma == 5);
  ck_assert(s->reward.delta == 20 && s->reward.lambda == 1 && s->reward.mu == 0.5);
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    char name[100];
    full_name(i, name);
    if (!key->required) ck_assert(get(s, name) == key->default_value);
  }
  hrl_scenario_destroy(s);
}
END_TEST

START_TEST(descriptions_survive) {
  size_t length = 0;
  char *written = NULL;
  char *text = read_file(VALID, "description_is_quoted_null.yaml", &length);
  hrl_scenario *null = parse(text, length, "null");
  ck_assert_str_eq(hrl_scenario_description(null), "~");
  hrl_scenario_destroy(null);
  free(text);
  text = read_file(VALID, "description_of_escapes.yaml", &length);
  hrl_scenario *scenario = parse(text, length, "escapes");
  ck_assert_str_eq(hrl_scenario_description(scenario),
                   "~\t\x1b\xe2\x80\xa8 \xef\xbb\xbf \\ end");
  hrl_scenario_destroy(scenario);
  free(text);
  text = read_file(VALID, "description_of_lines.yaml", &length);
  scenario = parse(text, length, "lines");
  ck_assert_str_eq(hrl_scenario_description(scenario),
                   "Perché no? \"Sì\": 100 € # no comment\n\xf0\x9f\x98\x80\n");
  ck_assert_int_eq(hrl_scenario_format(scenario, &written, NULL), HRL_OK);
  ck_assert_ptr_nonnull(strstr(written, "Perché no?")); /* readable, not escaped */
  hrl_free(written);
  hrl_scenario_destroy(scenario);
  free(text);
}
END_TEST

/* income, fixed, variable mean, its deviation, safety, months, cash, risk, mean and
 * deviation of returns, alpha, beta */
static const struct {
  const char *name;
  double values[12];
} shipped[] = {
    {"aggressive", {3200, 1400, 700, 100, 500, 60, 0, 0.8, 0.007, 0.03, 15, 0.05}},
    {"balanced", {3200, 1400, 700, 100, 1000, 60, 0, 0.5, 0.005, 0.02, 10, 0.1}},
    {"bologna_coppia", {3200, 1800, 800, 150, 3500, 120, 10000, 0.55, 0, 0, 10, 0.1}},
    {"bologna_coppia_with_returns",
     {3200, 1800, 800, 150, 3500, 120, 10000, 0.55, 0.005, 0.02, 10, 0.1}},
    {"conservative", {3200, 1400, 700, 100, 1500, 60, 0, 0.3, 0.004, 0.015, 5, 0.5}},
    {"milano_junior", {1800, 1200, 450, 100, 2000, 120, 3000, 0.6, 0, 0, 10, 0.1}},
    {"milano_senior", {2800, 1700, 600, 120, 3500, 120, 8000, 0.5, 0, 0, 10, 0.1}},
    {"roma_famiglia", {2400, 1500, 700, 150, 3000, 120, 5000, 0.4, 0, 0, 10, 0.1}},
    {"torino_single", {1600, 1000, 400, 80, 1500, 120, 2500, 0.5, 0, 0, 10, 0.1}},
};
static const char *const lifecycle[] = {"career_risk",      "emergency_fund", "first_portfolio",
                                        "irregular_income", "merton",         "retirement"};
static const char *const shipped_keys[12] = {"environment.income",
                                             "environment.fixed_expenses",
                                             "environment.variable_expense_mean",
                                             "environment.variable_expense_std",
                                             "environment.safety_threshold",
                                             "environment.max_months",
                                             "environment.initial_cash",
                                             "environment.risk_tolerance",
                                             "environment.investment_return_mean",
                                             "environment.investment_return_std",
                                             "reward.alpha",
                                             "reward.beta"};

START_TEST(shipped_scenarios_hold_the_documented_values) {
  for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
    char path[1000];
    snprintf(path, sizeof path, SHIPPED "/%s.yaml", shipped[i].name);
    hrl_scenario *scenario = NULL;
    hrl_error error = HRL_ERROR_INIT;
    ck_assert_msg(hrl_scenario_load(path, &scenario, &error) == HRL_OK, "%s",
                  error.message);
    ck_assert_str_eq(hrl_scenario_name(scenario), shipped[i].name);
    ck_assert_str_eq(hrl_scenario_source(scenario), path);
    ck_assert_str_ne(hrl_scenario_description(scenario), "");
    for (size_t k = 0; k < 12; k++)
      ck_assert_msg(get(scenario, shipped_keys[k]) == shipped[i].values[k], "%s: %s",
                    path, shipped_keys[k]);
    ck_assert(get(scenario, "environment.inflation") == 0.02);
    double type = shipped[i].values[8] > 0 ? HRLP_RETURN_STOCHASTIC : HRLP_RETURN_NONE;
    ck_assert(get(scenario, "environment.investment_return_type") == type);
    ck_assert(get(scenario, "training.num_episodes") == 5000);
    assert_round_trip(scenario);
    hrl_scenario_destroy(scenario);
  }
  struct hrlp_names files;
  ck_assert_int_eq(hrlp_folder_list(SHIPPED, &files, NULL), HRL_OK);
  for (size_t i = 0; i < sizeof lifecycle / sizeof lifecycle[0]; i++) {
    char path[1000];
    hrl_scenario *scenario = NULL;
    snprintf(path, sizeof path, SHIPPED "/%s.yaml", lifecycle[i]);
    ck_assert_int_eq(hrl_scenario_load(path, &scenario, NULL), HRL_OK);
    ck_assert_str_eq(hrl_scenario_model(scenario), "lifecycle");
    ck_assert_str_eq(hrl_scenario_remarks(scenario), "");
    assert_round_trip(scenario);
    hrl_scenario_destroy(scenario);
  }
  /* and the folder of families */
  ck_assert_uint_eq(files.count, sizeof shipped / sizeof shipped[0] +
                                     sizeof lifecycle / sizeof lifecycle[0] + 1);
  hrlp_names_free(&files);
}
END_TEST

START_TEST(extreme_numbers_are_written_exactly) {
  static const double values[] = {1e9, 0.1 + 0.2, 5e-324, 1.0 / 3.0, 123456789.125};
  hrl_scenario *scenario = parse_text(MINIMAL);
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    ck_assert_int_eq(hrl_scenario_set(scenario, "environment.income", values[i], NULL),
                     HRL_OK);
    assert_round_trip(scenario);
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Other readers of YAML 1.1 take 1e-05 for a text. */
START_TEST(small_numbers_are_written_with_a_point) {
  char *text = NULL;
  hrl_scenario *scenario = parse_text(MINIMAL);
  hrl_scenario_set(scenario, "training.learning_rate_low", 1e-5, NULL);
  hrl_scenario_set(scenario, "training.learning_rate_high", 2.5e-6, NULL);
  ck_assert_int_eq(hrl_scenario_format(scenario, &text, NULL), HRL_OK);
  ck_assert_ptr_nonnull(strstr(text, "learning_rate_low: 1.0e-05\n"));
  ck_assert_ptr_nonnull(strstr(text, "learning_rate_high: 2.5e-06\n"));
  hrl_free(text);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(every_key_is_written) {
  char *text = NULL;
  hrl_scenario *scenario = parse_text(MINIMAL);
  ck_assert_int_eq(hrl_scenario_format(scenario, &text, NULL), HRL_OK);
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    char line[100];
    snprintf(line, sizeof line, "\n  %s: ", hrl_scenario_key_at(i)->name);
    ck_assert_msg(strstr(text, line) != NULL, "%s", line);
  }
  hrl_free(text);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(the_size_is_limited) {
  const size_t limit = (size_t)1 << 20;
  char *text = malloc(limit + 1);
  ck_assert_ptr_nonnull(text);
  memset(text, '\n', limit + 1);
  memcpy(text, MINIMAL, strlen(MINIMAL));
  hrl_scenario_destroy(parse(text, limit, "large"));
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrl_scenario_parse(text, limit + 1, "larger.yaml", &scenario, &error),
                   HRL_ERROR_LIMIT);
  ck_assert_str_eq(error.message,
                   "larger.yaml: holds 1048577 bytes, at most 1048576 are accepted");
  free(text);
}
END_TEST

/* The text ends where its length says, zero or not. */
START_TEST(nothing_past_the_end_is_read) {
  size_t length = strlen(MINIMAL);
  char *text = malloc(length);
  ck_assert_ptr_nonnull(text);
  memcpy(text, MINIMAL, length);
  hrl_scenario_destroy(parse(text, length, "exact"));
  hrl_scenario *scenario = NULL;
  for (size_t cut = 0; cut < length - 2; cut++) {
    char *shorter = malloc(cut + 1);
    ck_assert_ptr_nonnull(shorter);
    memcpy(shorter, text, cut);
    ck_assert_int_ne(hrl_scenario_parse(shorter, cut, "cut", &scenario, NULL), HRL_OK);
    ck_assert_ptr_null(scenario);
    free(shorter);
  }
  free(text);
}
END_TEST

START_TEST(a_comma_locale_changes_nothing) {
  static const char *const names[] = {"it_IT.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8",
                                      "it_IT.utf8",  "de_DE.utf8",  "it_IT"};
  bool found = false;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++)
    found = setlocale(LC_NUMERIC, names[i]) != NULL;
  if (!found) return; /* the machine has none */
  ck_assert_str_eq(localeconv()->decimal_point, ",");
  hrl_scenario *scenario = parse_text(MINIMAL);
  ck_assert(get(scenario, "environment.inflation") == 0.02);
  assert_round_trip(scenario);
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario_set(scenario, "environment.inflation", 1.5, &error);
  ck_assert_str_eq(error.message,
                   "environment.inflation: found 1.5, expected a number from -1 to 1");
  hrl_scenario_destroy(scenario);
  setlocale(LC_NUMERIC, "C");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("scenario");
  TCase *reading = tcase_create("reading");
  tcase_add_test(reading, valid_files_are_read_and_written_back);
  tcase_add_test(reading, invalid_files_are_refused_with_their_message);
  tcase_add_test(reading, numbers_are_read_in_all_their_forms);
  tcase_add_test(reading, every_key_of_a_file_reaches_its_member);
  tcase_add_test(reading, what_is_left_out_has_its_default);
  tcase_add_test(reading, the_size_is_limited);
  tcase_add_test(reading, nothing_past_the_end_is_read);
  tcase_add_test(reading, a_comma_locale_changes_nothing);
  suite_add_tcase(suite, reading);
  TCase *writing = tcase_create("writing");
  tcase_add_test(writing, descriptions_survive);
  tcase_add_test(writing, shipped_scenarios_hold_the_documented_values);
  tcase_add_test(writing, extreme_numbers_are_written_exactly);
  tcase_add_test(writing, small_numbers_are_written_with_a_point);
  tcase_add_test(writing, every_key_is_written);
  suite_add_tcase(suite, writing);
  return run_suite(suite);
}
