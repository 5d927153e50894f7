/* Finding and loading scenarios by name and path, in folders made for the test. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hrl/memory.h>
#include <hrl/scenario.h>

#define SCENARIO                                                             \
  "environment: {income: %d, fixed_expenses: 1, variable_expense_mean: 1, "  \
  "variable_expense_std: 1, inflation: 0, safety_threshold: 1, max_months: " \
  "12, risk_tolerance: 0.5}\n"

static char root[] = "/tmp/hrl-lookup-XXXXXX";

static void write_scenario(const char *path, int income) {
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fprintf(file, SCENARIO, income);
  ck_assert_int_eq(fclose(file), 0);
}

/* Incomes tell the files apart:
 *     first/both.yaml 1, first/one.yml 2, first/one.yaml 3, first/notes.txt,
 *     first/odd name.yaml, first/.yaml, first/folder.yaml/
 *     second/both.yaml 4, second/only.yml 5
 *     scenarios/both.yaml 6, scenarios/local.yaml 7
 *     stray.yaml, in the present folder, which an empty entry must not stand for */
static void make_folders(void) {
  ck_assert_ptr_nonnull(mkdtemp(root));
  ck_assert_int_eq(chdir(root), 0);
  mkdir("first", 0777);
  mkdir("first/folder.yaml", 0777);
  mkdir("second", 0777);
  mkdir("scenarios", 0777);
  write_scenario("first/both.yaml", 1);
  write_scenario("first/one.yml", 2);
  write_scenario("first/one.yaml", 3);
  write_scenario("first/notes.txt", 9);
  write_scenario("first/odd name.yaml", 9);
  write_scenario("first/.yaml", 9);
  write_scenario("second/both.yaml", 4);
  write_scenario("second/only.yml", 5);
  write_scenario("scenarios/both.yaml", 6);
  write_scenario("scenarios/local.yaml", 7);
  write_scenario("stray.yaml", 9);
  setenv("HRL_SCENARIO_PATH", "first::missing:second/:", 1);
}

static void remove_folders(void) {
  static const char *const paths[] = {
      "first/both.yaml",      "first/one.yml",   "first/one.yaml",
      "first/notes.txt",      "first/.yaml",     "first/odd name.yaml",
      "second/both.yaml",     "second/only.yml", "scenarios/both.yaml",
      "scenarios/local.yaml", "stray.yaml"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) unlink(paths[i]);
  rmdir("first/folder.yaml");
  rmdir("first");
  rmdir("second");
  rmdir("scenarios");
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(rmdir(root), 0);
  strcpy(root + strlen(root) - 6, "XXXXXX");
}

static void assert_found(const char *name, const char *expected) {
  char *path = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(hrl_scenario_find(name, &path, &error) == HRL_OK, "%s", error.message);
  ck_assert_str_eq(path, expected);
  hrl_free(path);
}

START_TEST(names_are_found_in_order) {
  char *path = NULL;
  ck_assert_int_eq(hrl_scenario_find("stray", &path, NULL), HRL_ERROR_NOT_FOUND);
  ck_assert_ptr_null(path);
  assert_found("both", "first/both.yaml");
  assert_found("one", "first/one.yaml");
  assert_found("only", "second/only.yml");
  assert_found("local", "scenarios/local.yaml");
  setenv("HRL_SCENARIO_PATH", "second", 1);
  assert_found("both", "second/both.yaml");
  unsetenv("HRL_SCENARIO_PATH");
  assert_found("both", "scenarios/both.yaml");
}
END_TEST

/* The folder that the library was installed with may hold more. */
START_TEST(known_names_are_sorted_and_each_is_there_once) {
  static const char *const expected[] = {"both", "local", "one", "only"};
  char **names = NULL;
  size_t count = 0;
  size_t met = 0;
  ck_assert_int_eq(hrl_scenario_list(&names, &count, NULL), HRL_OK);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) ck_assert_int_lt(strcmp(names[i - 1], names[i]), 0);
    ck_assert_str_ne(names[i], "stray");
    ck_assert_str_ne(names[i], "notes");
    ck_assert_str_ne(names[i], "odd name");
    ck_assert_str_ne(names[i], "folder");
    ck_assert_str_ne(names[i], "");
    if (met < 4 && strcmp(names[i], expected[met]) == 0) met++;
  }
  ck_assert_uint_eq(met, 4);
  ck_assert_ptr_null(names[count]);
  hrl_free(names);
  ck_assert_int_eq(hrl_scenario_list(&names, NULL, NULL), HRL_OK);
  hrl_free(names);
}
END_TEST

static void assert_loaded(const char *name_or_path, const char *name, const char *source,
                          double income) {
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  double value = 0;
  ck_assert_msg(hrl_scenario_load(name_or_path, &scenario, &error) == HRL_OK, "%s",
                error.message);
  ck_assert_str_eq(hrl_scenario_name(scenario), name);
  ck_assert_str_eq(hrl_scenario_source(scenario), source);
  hrl_scenario_get(scenario, "environment.income", &value, NULL);
  ck_assert(value == income);
  hrl_scenario_destroy(scenario);
}

START_TEST(names_and_paths_are_loaded) {
  assert_loaded("one", "one", "first/one.yaml", 3);
  assert_loaded("first/one.yml", "one", "first/one.yml", 2);
  assert_loaded("first/notes.txt", "notes.txt", "first/notes.txt", 9);
  assert_loaded("first/odd name.yaml", "odd_name", "first/odd name.yaml", 9);
  ck_assert_int_eq(chdir("second"), 0);
  assert_loaded("both.yaml", "both", "both.yaml", 4);
  ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

static void assert_refused(const char *name_or_path, hrl_status status,
                           const char *beginning) {
  hrl_scenario *scenario = (hrl_scenario *)&status;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrl_scenario_load(name_or_path, &scenario, &error), status);
  ck_assert_ptr_null(scenario);
  ck_assert_int_eq(error.status, status);
  ck_assert_msg(strncmp(error.message, beginning, strlen(beginning)) == 0, "%s",
                error.message);
  ck_assert_int_eq(hrl_scenario_load(name_or_path, &scenario, NULL), status);
}

START_TEST(what_is_not_there_is_explained) {
  assert_refused("loca", HRL_ERROR_NOT_FOUND,
                 "scenario 'loca' not found; did you mean 'local'? known scenarios: ");
  assert_refused("zzzzzzzzzz", HRL_ERROR_NOT_FOUND,
                 "scenario 'zzzzzzzzzz' not found; known scenarios: ");
  assert_refused("loca.yaml", HRL_ERROR_NOT_FOUND,
                 "loca.yaml: no such file; did you mean 'local'? known scenarios: ");
  assert_refused("first/zzzzzzzzzz", HRL_ERROR_NOT_FOUND,
                 "first/zzzzzzzzzz: no such file; known scenarios: ");
  assert_refused("/", HRL_ERROR_IO, "/: is a folder");
  assert_refused("first/folder.yaml", HRL_ERROR_IO, "first/folder.yaml: is a folder");
  assert_refused("first/one.yaml/x", HRL_ERROR_IO, "first/one.yaml/x: cannot open");
  assert_refused("first/.yaml", HRL_ERROR_ARGUMENT, "'' is not a name");
  assert_refused("", HRL_ERROR_ARGUMENT, "'' is not a scenario's name");
  assert_refused("odd name", HRL_ERROR_ARGUMENT, "'odd name' is not a scenario's name");
  assert_refused("..", HRL_ERROR_ARGUMENT, "'..' is not a scenario's name");
}
END_TEST

START_TEST(errors_in_a_file_name_its_path) {
  FILE *file = fopen("second/only.yml", "w");
  ck_assert_ptr_nonnull(file);
  fputs("environment:\n  incom: 5\n", file);
  ck_assert_int_eq(fclose(file), 0);
  assert_refused("only", HRL_ERROR_KEY,
                 "second/only.yml:2:3: environment: unknown key 'incom'; did you mean "
                 "'environment.income'?");
}
END_TEST

START_TEST(a_large_file_is_refused) {
  ck_assert_int_eq(truncate("first/both.yaml", (1 << 20) + 1), 0);
  assert_refused("both", HRL_ERROR_LIMIT, "first/both.yaml: holds 1048577 bytes");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("scenario lookup");
  TCase *lookup = tcase_create("lookup");
  tcase_add_checked_fixture(lookup, make_folders, remove_folders);
  tcase_add_test(lookup, names_are_found_in_order);
  tcase_add_test(lookup, known_names_are_sorted_and_each_is_there_once);
  tcase_add_test(lookup, names_and_paths_are_loaded);
  tcase_add_test(lookup, what_is_not_there_is_explained);
  tcase_add_test(lookup, errors_in_a_file_name_its_path);
  tcase_add_test(lookup, a_large_file_is_refused);
  suite_add_tcase(suite, lookup);
  return run_suite(suite);
}
