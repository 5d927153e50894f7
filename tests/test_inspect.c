/* What hrl_inspect tells of models and checkpoints, whole and damaged. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <hrl/hrl.h>

static char folder[] = "/tmp/hrl-inspect-XXXXXX";
static const char yaml[] =
    "environment:\n  income: 2000\n  fixed_expenses: 1000\n  variable_expense_mean: 500\n"
    "  variable_expense_std: 50\n  inflation: 0.02\n  safety_threshold: 1000\n"
    "  max_months: 12\n  initial_cash: 3000\n  risk_tolerance: 0.5\n"
    "training:\n  hidden_low: 32\n  hidden_high: 16\n";

/* A trained model and its checkpoint, made once for all tests. */
static void train(void) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  int more = 1;
  if (mkdtemp(folder) == NULL) abort();
  options.episodes = 16;
  options.seed = 3;
  options.threads = 1;
  options.output = folder;
  if (hrl_scenario_parse(yaml, strlen(yaml), "house", &scenario, &error) != HRL_OK ||
      hrl_trainer_create(scenario, &options, &trainer, &error) != HRL_OK)
    abort();
  while (more)
    if (hrl_trainer_step(trainer, &more, &error) != HRL_OK) abort();
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
}

static void path_of(char path[256], const char *name) {
  snprintf(path, 256, "%s/%s", folder, name);
}

static json_t *inspect(const char *name) {
  char path[256];
  char *text = NULL;
  hrl_error error = HRL_ERROR_INIT;
  json_error_t wrong;
  path_of(path, name);
  ck_assert_msg(hrl_inspect(path, &text, &error) == HRL_OK, "%s", error.message);
  json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
  ck_assert_msg(json != NULL, "%s\n%s", wrong.text, text);
  ck_assert_str_eq(json_string_value(json_object_get(json, "path")), path);
  hrl_free(text);
  return json;
}

static json_int_t whole(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  ck_assert_msg(json_is_integer(value), "%s", key);
  return json_integer_value(value);
}

/* Parameters of in -> hidden -> hidden -> out. */
static json_int_t network(json_int_t in, json_int_t hidden, json_int_t out) {
  return in * hidden + hidden + hidden * hidden + hidden + hidden * out + out;
}

static void check_agents(const json_t *json) {
  static const struct {
    const char *agent;
    json_int_t observations, actions, hidden;
  } rows[] = {{"strategist", 18, 3, 16}, {"executor", 20, 1, 32}};
  const json_t *agents = json_object_get(json, "agents");
  ck_assert_uint_eq(json_array_size(agents), 2);
  for (size_t i = 0; i < 2; i++) {
    const json_t *agent = json_array_get(agents, i);
    ck_assert_str_eq(json_string_value(json_object_get(agent, "agent")), rows[i].agent);
    ck_assert_int_eq(whole(agent, "observations"), rows[i].observations);
    ck_assert_int_eq(whole(agent, "actions"), rows[i].actions);
    ck_assert_int_eq(whole(agent, "hidden"), rows[i].hidden);
    ck_assert_int_eq(whole(agent, "parameters"),
                     network(rows[i].observations, rows[i].hidden, rows[i].actions) +
                         network(rows[i].observations, rows[i].hidden, 1) +
                         rows[i].actions);
    ck_assert(json_is_true(json_object_get(agent, "optimizer")));
    ck_assert(json_is_string(json_object_get(agent, "library_version")));
  }
}

static void check_intact(const json_t *json) {
  const json_t *files = json_object_get(json, "files");
  ck_assert_uint_eq(json_array_size(files), 3);
  for (size_t i = 0; i < 3; i++) {
    const json_t *file = json_array_get(files, i);
    ck_assert(json_is_true(json_object_get(file, "intact")));
    ck_assert(json_is_null(json_object_get(file, "problem")));
    ck_assert_int_gt(whole(file, "bytes"), 0);
  }
}

START_TEST(a_model) {
  json_t *json = inspect("house");
  ck_assert_str_eq(json_string_value(json_object_get(json, "kind")), "model");
  ck_assert_str_eq(json_string_value(json_object_get(json, "scenario")), "house");
  ck_assert(json_is_null(json_object_get(json, "run")));
  check_agents(json);
  check_intact(json);
  json_decref(json);
}
END_TEST

START_TEST(a_checkpoint) {
  json_t *json = inspect("checkpoints/house/checkpoint_episode_16");
  ck_assert_str_eq(json_string_value(json_object_get(json, "kind")), "checkpoint");
  ck_assert_str_eq(json_string_value(json_object_get(json, "scenario")), "house");
  const json_t *run = json_object_get(json, "run");
  ck_assert_int_eq(whole(run, "episode"), 16);
  ck_assert_int_eq(whole(run, "total_episodes"), 16);
  ck_assert_int_eq(whole(run, "seed"), 3);
  ck_assert_int_eq(whole(run, "updates"), 2); /* 8 episodes each */
  ck_assert(json_is_number(json_object_get(run, "best_score")));
  const json_t *progress = json_object_get(run, "progress");
  ck_assert_int_eq(whole(progress, "episode"), 16);
  ck_assert(json_number_value(json_object_get(progress, "avg_duration")) <= 12.0);
  check_agents(json);
  check_intact(json);
  json_decref(json);
}
END_TEST

/* Changes one byte in the middle of a file, and back at the second call. */
static void flip_byte(const char *name) {
  char path[256];
  path_of(path, name);
  FILE *file = fopen(path, "r+b");
  ck_assert(file != NULL);
  fseek(file, 0, SEEK_END);
  long middle = ftell(file) / 2;
  fseek(file, middle, SEEK_SET);
  int byte = fgetc(file);
  fseek(file, middle, SEEK_SET);
  fputc(byte ^ 0x40, file);
  ck_assert_int_eq(fclose(file), 0);
}

static void check_damage(const char *model, const char *file, size_t index) {
  flip_byte(file);
  json_t *json = inspect(model);
  const json_t *found = json_array_get(json_object_get(json, "files"), index);
  ck_assert(json_is_false(json_object_get(found, "intact")));
  ck_assert(json_is_string(json_object_get(found, "problem")));
  ck_assert_uint_eq(json_array_size(json_object_get(json, "files")), 3);
  json_decref(json);
  flip_byte(file);
}

START_TEST(damage_is_told) {
  check_damage("house", "house_low_agent.pt", 1);
  check_damage("checkpoints/house/checkpoint_episode_16",
               "checkpoints/house/checkpoint_episode_16/high_agent.pt", 0);
  check_damage("checkpoints/house/checkpoint_episode_16",
               "checkpoints/house/checkpoint_episode_16/training_history.json", 2);
  json_t *json = inspect("house"); /* all is well again */
  check_intact(json);
  json_decref(json);
}
END_TEST

/* The model under another name. */
static void link_model(const char *name) {
  static const char *const endings[] = {"_high_agent.pt", "_low_agent.pt",
                                        "_history.json"};
  for (size_t i = 0; i < 3; i++) {
    char from[256], to[256];
    snprintf(from, sizeof from, "%s/house%s", folder, endings[i]);
    snprintf(to, sizeof to, "%s/%s%s", folder, name, endings[i]);
    ck_assert_int_eq(link(from, to), 0);
  }
}

START_TEST(names_are_quoted_as_json_wants_it) {
  link_model("a \"b\"\\c\td");
  json_decref(inspect("a \"b\"\\c\td"));
  /* what is no UTF-8 cannot be told as it is */
  char path[256];
  char *text = NULL;
  hrl_error error = HRL_ERROR_INIT;
  link_model("caf\xe9");
  path_of(path, "caf\xe9");
  ck_assert_msg(hrl_inspect(path, &text, &error) == HRL_OK, "%s", error.message);
  ck_assert_ptr_nonnull(strstr(text, "/caf?\""));
  json_t *json = json_loads(text, 0, NULL);
  ck_assert_ptr_nonnull(json);
  json_decref(json);
  hrl_free(text);
}
END_TEST

START_TEST(a_name_alone_is_looked_for_in_models) {
  char *text = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(chdir(folder), 0);
  ck_assert_int_eq(symlink(".", "models"), 0);
  ck_assert_msg(hrl_inspect("house", &text, &error) == HRL_OK, "%s", error.message);
  json_t *json = json_loads(text, 0, NULL);
  check_intact(json);
  json_decref(json);
  hrl_free(text);
}
END_TEST

START_TEST(a_checkpoint_of_the_very_beginning) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  char path[256];
  path_of(path, "beginning");
  options.episodes = 16;
  options.threads = 1;
  ck_assert_int_eq(hrl_scenario_parse(yaml, strlen(yaml), "house", &scenario, &error), 0);
  ck_assert_int_eq(hrl_trainer_create(scenario, &options, &trainer, &error), 0);
  ck_assert_msg(hrl_trainer_save(trainer, path, &error) == HRL_OK, "%s", error.message);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  json_t *json = inspect("beginning");
  const json_t *run = json_object_get(json, "run");
  ck_assert_int_eq(whole(run, "episode"), 0);
  ck_assert(json_is_null(json_object_get(run, "progress")));
  ck_assert(json_is_null(json_object_get(run, "best_score")));
  json_decref(json);
}
END_TEST

START_TEST(a_lost_half_is_told) {
  char path[256];
  char other[256];
  path_of(path, "house_high_agent.pt");
  path_of(other, "elsewhere.pt");
  ck_assert_int_eq(rename(path, other), 0);
  json_t *json = inspect("house");
  const json_t *found = json_array_get(json_object_get(json, "files"), 0);
  ck_assert(json_is_false(json_object_get(found, "intact")));
  ck_assert(json_is_null(json_object_get(found, "bytes")));
  ck_assert_uint_eq(json_array_size(json_object_get(json, "agents")), 1);
  ck_assert_str_eq(json_string_value(json_object_get(json, "scenario")), "house");
  json_decref(json);
  ck_assert_int_eq(rename(other, path), 0);
}
END_TEST

START_TEST(what_cannot_be_inspected) {
  char path[256];
  char *text = folder;
  hrl_error error = HRL_ERROR_INIT;
  path_of(path, "nobody");
  ck_assert_int_eq(hrl_inspect(path, &text, &error), HRL_ERROR_NOT_FOUND);
  ck_assert(text == NULL);
  ck_assert(strstr(error.message, "nobody_high_agent.pt") != NULL);
  ck_assert_int_eq(hrl_inspect(folder, &text, NULL), HRL_ERROR_FORMAT);
  ck_assert_int_eq(hrl_inspect(NULL, &text, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_inspect("", &text, NULL), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_inspect(path, NULL, NULL), HRL_ERROR_ARGUMENT);
}
END_TEST

int main(void) {
  train();
  Suite *suite = suite_create("inspect");
  TCase *tests = tcase_create("inspect");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, a_model);
  tcase_add_test(tests, a_checkpoint);
  tcase_add_test(tests, damage_is_told);
  tcase_add_test(tests, names_are_quoted_as_json_wants_it);
  tcase_add_test(tests, a_name_alone_is_looked_for_in_models);
  tcase_add_test(tests, a_checkpoint_of_the_very_beginning);
  tcase_add_test(tests, a_lost_half_is_told);
  tcase_add_test(tests, what_cannot_be_inspected);
  suite_add_tcase(suite, tests);
  int failed = run_suite(suite);
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command) == 0 ? failed : 1;
}
