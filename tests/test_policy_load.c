/* Policies: what is loaded as a pair, what is refused, and what is said of a household
 * that does not fit. */
#include "policy_sample.h"

#include <math.h>
#include <pthread.h>
#include <semaphore.h>

#include "storage/archive.h"

START_TEST(a_pair_is_loaded_by_name_prefix_and_folder) {
  static const char *const models[] = {"trial", "models/trial", "./models/trial",
                                       "models/checkpoints/trial/checkpoint_episode_16",
                                       "models/checkpoints/trial/checkpoint_episode_16/"};
  hrl_observation now[COUNT];
  hrl_observation previous[COUNT];
  hrl_goal goals[COUNT];
  hrl_goal first[COUNT];
  make_households(now, previous);
  run_into("models", 16);
  for (size_t i = 0; i < 5; i++) {
    hrl_policy *policy = load(models[i]);
    ck_assert_str_eq(hrl_scenario_name(hrl_policy_scenario(policy)), "trial");
    ck_assert_uint_eq(hrl_policy_period(policy), 4);
    OK(hrl_policy_goal(policy, COUNT, now, previous, i == 0 ? first : goals, &error));
    if (i > 0) ck_assert_mem_eq(goals, first, sizeof goals);
    hrl_policy_destroy(policy);
  }
  /* an output folder of that name is not taken for it */
  OK(hrlp_folder_create("trial", &error));
  OK(hrlp_folder_create("models/trial", &error));
  for (size_t i = 0; i < 2; i++) {
    hrl_policy *policy = load(models[i]);
    OK(hrl_policy_goal(policy, COUNT, now, previous, goals, &error));
    ck_assert_mem_eq(goals, first, sizeof goals);
    hrl_policy_destroy(policy);
  }
  /* it knows all of its scenario, so that training can go on from what it says */
  hrl_policy *policy = load("trial");
  double income = 0.0;
  OK(hrl_scenario_get(hrl_policy_scenario(policy), "environment.income", &income,
                      &error));
  ck_assert_double_eq(income, 2000.0);
  hrl_policy_destroy(policy);
}
END_TEST

static void copy_file(const char *from, const char *to) {
  size_t length = 0;
  char *data = read_whole(from, &length);
  OK(hrlp_file_write(to, data, length, &error));
  free(data);
}

/* What two renames of three leave: halves of two moments, or of two runs. */
START_TEST(halves_of_two_runs_are_no_pair) {
  hrl_policy *policy = NULL;
  hrl_trainer_options options = short_run(16, "models");
  options.seed = 8;
  run_into("models", 16);
  copy_file("models/trial_low_agent.pt", "first_low");
  copy_file("models/checkpoints/trial/checkpoint_episode_10/high_agent.pt", "early_high");
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_policy_destroy(load("trial"));
  copy_file("models/trial_high_agent.pt", "models/mixed_high_agent.pt");
  copy_file("first_low", "models/mixed_low_agent.pt");
  FAILS(hrl_policy_load("mixed", &policy, &error), HRL_ERROR_MISMATCH,
        "models/mixed_low_agent.pt: is of run ");
  FAILS(hrl_policy_load("mixed", &policy, &error), HRL_ERROR_MISMATCH,
        "(seed 8), episode 16");
  FAILS(hrl_policy_load("mixed", &policy, &error), HRL_ERROR_MISMATCH,
        "the newest intact checkpoint is "
        "models/checkpoints/trial/checkpoint_episode_16");
  /* two moments of one run */
  copy_file("early_high", "models/mixed_high_agent.pt");
  FAILS(hrl_policy_load("mixed", &policy, &error), HRL_ERROR_MISMATCH, "episode 10");
  ck_assert_ptr_null(policy);
}
END_TEST

static void take_identity(const char *from, const char *to) {
  struct hrlp_value *root = NULL;
  char *bytes = NULL;
  size_t length = 0;
  OK(hrlp_archive_load(from, &root, &error));
  struct hrlp_value *config =
      (struct hrlp_value *)(uintptr_t)hrlp_value_get(root, "config");
  hrlp_value_set(config, "run", hrlp_value_none());
  OK(hrlp_archive_write(root, "strategist", &bytes, &length, &error));
  OK(hrlp_file_write(to, bytes, length, &error));
  hrlp_value_free(root);
  free(bytes);
}

START_TEST(a_pair_without_identity_loads_with_a_remark) {
  run_into("models", 1);
  hrl_policy *policy = load("trial");
  ck_assert_ptr_null(hrl_policy_remark(policy));
  hrl_policy_destroy(policy);
  take_identity("models/trial_high_agent.pt", "models/old_high_agent.pt");
  copy_file("models/trial_low_agent.pt", "models/old_low_agent.pt");
  policy = load("old");
  ck_assert_ptr_nonnull(strstr(hrl_policy_remark(policy),
                               "models/old_high_agent.pt: has no identity of its run"));
  hrl_policy_destroy(policy);
}
END_TEST

/* A kill between the replacing of three files: the set that was written whole is read,
 * and the next run ends the replacing. */
START_TEST(an_interrupted_replacement_is_ended) {
  hrl_trainer_options options = short_run(16, "models");
  struct remarks remarks = {""};
  run_into("models", 10); /* the old set */
  run_into("other", 16);
  ck_assert_int_eq(
      rename("other/checkpoints/trial/checkpoint_episode_16", "models/.trial_pending"),
      0);
  copy_file("other/trial_high_agent.pt", "models/trial_high_agent.pt");
  hrl_policy_destroy(load("trial"));
  options.log = remember_remark;
  options.log_data = &remarks;
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_step(trainer, NULL, &error));
  ck_assert_ptr_nonnull(
      strstr(remarks.text, "models/trial_*: completed an interrupted save"));
  hrl_trainer_destroy(trainer);
  ck_assert(!exists("models/.trial_pending"));
  assert_same_file("models/trial_high_agent.pt", "other/trial_high_agent.pt");
  assert_same_file("models/trial_low_agent.pt", "other/trial_low_agent.pt");
  assert_same_file("models/trial_history.json", "other/trial_history.json");
}
END_TEST

/* A run ends its save while others read: the pending set goes, at any time of theirs. */
static struct { sem_t begin, end; } retiring;

static void *retire_sets(void *data) {
  const int rounds = *(const int *)data;
  for (int i = 0; i < rounds; i++) {
    sem_wait(&retiring.begin);
    usleep((useconds_t)(i * 37 % 1500));
    ck_assert_int_eq(rename("models/.trial_pending", "models/.tmp_trial_pending"), 0);
    sem_post(&retiring.end);
  }
  return NULL;
}

START_TEST(a_save_that_ends_while_it_is_read_costs_nothing) {
  int rounds = 600;
  pthread_t thread;
  sem_init(&retiring.begin, 0, 0);
  sem_init(&retiring.end, 0, 0);
  run_into("models", 16);
  ck_assert_int_eq(rename("models/checkpoints/trial/checkpoint_episode_16",
                          "models/.tmp_trial_pending"),
                   0);
  ck_assert_int_eq(pthread_create(&thread, NULL, retire_sets, &rounds), 0);
  for (int i = 0; i < rounds; i++) {
    ck_assert_int_eq(rename("models/.tmp_trial_pending", "models/.trial_pending"), 0);
    sem_post(&retiring.begin);
    hrl_policy_destroy(load("trial"));
    sem_wait(&retiring.end);
  }
  pthread_join(thread, NULL);
  sem_destroy(&retiring.begin);
  sem_destroy(&retiring.end);
}
END_TEST

static void remember_line(const char *message, void *data) {
  struct remarks *remarks = data;
  snprintf(remarks->text, sizeof remarks->text, "%s", message);
}

START_TEST(a_household_that_does_not_fit_is_told) {
  struct remarks remarks = {""};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation result = {.size = sizeof result};
  hrl_scenario *same = make_scenario();
  hrl_scenario *other = make_other("environment.income", 3000);
  char *differences = NULL;
  run_into("models", 1);
  hrl_policy *policy = load("trial");
  options.episodes = 2;
  options.log = remember_line;
  options.log_data = &remarks;
  OK(hrl_policy_differences(policy, same, &differences, &error));
  ck_assert_str_eq(differences, "");
  hrl_free(differences);
  OK(hrl_evaluate_policy(policy, same, &options, &result, &error));
  ck_assert_str_eq(remarks.text, "");
  OK(hrl_policy_differences(policy, other, &differences, &error));
  ck_assert_ptr_nonnull(
      strstr(differences, "what expenses leave is 0.5 of income, trained on 0.25; "));
  OK(hrl_evaluate_policy(policy, other, &options, &result, &error));
  ck_assert_ptr_nonnull(strstr(remarks.text, differences));
  hrl_free(differences);
  FAILS(hrl_policy_differences(policy, NULL, &differences, &error), HRL_ERROR_ARGUMENT,
        "expected a policy, a scenario");
  hrl_policy_destroy(policy);
  hrl_scenario_destroy(same);
  hrl_scenario_destroy(other);
}
END_TEST

START_TEST(a_pair_is_found) {
  char *prefix = (char *)trial_room;
  FAILS(hrl_policy_find("trial", &prefix, &error), HRL_ERROR_NOT_FOUND,
        "no model 'trial'");
  ck_assert_ptr_null(prefix);
  run_into("models", 1);
  OK(hrl_policy_find("trial", &prefix, &error));
  ck_assert_str_eq(prefix, "models/trial");
  hrl_free(prefix);
  OK(hrl_policy_find("models/trial", &prefix, &error));
  ck_assert_str_eq(prefix, "models/trial");
  hrl_free(prefix);
  FAILS(hrl_policy_find(NULL, &prefix, &error), HRL_ERROR_ARGUMENT, "expected a model");
  FAILS(hrl_policy_find("trial", NULL, &error), HRL_ERROR_ARGUMENT,
        "room for its prefix");
}
END_TEST

START_TEST(what_is_no_pair_is_refused) {
  hrl_policy *policy = (hrl_policy *)trial_room;
  FAILS(
      hrl_policy_load("trial", &policy, &error), HRL_ERROR_NOT_FOUND,
      "no model 'trial': there is no file models/trial_high_agent.pt; expected a name in "
      "./models, a prefix DIR/NAME");
  ck_assert_ptr_null(policy);
  run_into("models", 1);
  FAILS(hrl_policy_load("models/other", &policy, &error), HRL_ERROR_NOT_FOUND,
        "there is no file models/other_high_agent.pt");
  FAILS(hrl_policy_load("models", &policy, &error), HRL_ERROR_FORMAT,
        "models: is a folder of models; give the name of one of them: models/trial");
  OK(hrlp_folder_create("empty", &error));
  FAILS(hrl_policy_load("empty", &policy, &error), HRL_ERROR_FORMAT,
        "empty: is not a checkpoint: it holds no high_agent.pt and low_agent.pt");
  FAILS(hrl_policy_load("models/trial_high_agent.pt", &policy, &error),
        HRL_ERROR_NOT_FOUND, "give the model's name instead: models/trial");
  FAILS(hrl_policy_load("trial_history.json", &policy, &error), HRL_ERROR_NOT_FOUND,
        "give the model's name instead: trial");
  FAILS(hrl_policy_load("", &policy, &error), HRL_ERROR_ARGUMENT,
        "the model's name is empty");
  FAILS(hrl_policy_load(NULL, &policy, &error), HRL_ERROR_ARGUMENT, "expected a model");
  FAILS(hrl_policy_load("trial", NULL, &error), HRL_ERROR_ARGUMENT,
        "room for the policy");
  copy_file("models/trial_high_agent.pt", "models/half_high_agent.pt");
  FAILS(hrl_policy_load("half", &policy, &error), HRL_ERROR_NOT_FOUND,
        "there is no file models/half_low_agent.pt");
  copy_file("models/trial_high_agent.pt", "models/half_low_agent.pt");
  FAILS(hrl_policy_load("half", &policy, &error), HRL_ERROR_MISMATCH,
        "models/half_low_agent.pt: holds the agent 'strategist', expected the executor");
  ck_assert_int_eq(truncate("models/half_high_agent.pt", 1000), 0);
  FAILS(hrl_policy_load("half", &policy, &error), HRL_ERROR_CORRUPT,
        "models/half_high_agent.pt");
  OK(hrlp_file_write("models/half_high_agent.pt", "no archive at all", 17, &error));
  FAILS(hrl_policy_load("half", &policy, &error), HRL_ERROR_FORMAT,
        "models/half_high_agent.pt");
  ck_assert_ptr_null(policy);
  hrl_policy_destroy(NULL);
}
END_TEST

/* The executor of one scenario beside the strategist of another. */
START_TEST(halves_of_different_pairs_are_refused) {
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_policy *policy = NULL;
  OK(hrl_scenario_parse(trial_yaml, strlen(trial_yaml), "brother", &scenario, &error));
  OK(hrl_trainer_create(scenario, NULL, &trainer, &error));
  OK(hrl_trainer_save(trainer, "brother", &error));
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  run_into("models", 1);
  copy_file("brother/low_agent.pt", "models/trial_low_agent.pt");
  FAILS(
      hrl_policy_load("trial", &policy, &error), HRL_ERROR_MISMATCH,
      "models/trial_low_agent.pt: was trained on the scenario 'brother', the strategist "
      "beside it on 'trial'");
}
END_TEST

static void save_tree(struct hrlp_value *root, const char *path) {
  char *bytes = NULL;
  size_t length = 0;
  OK(hrlp_archive_write(root, "x", &bytes, &length, &error));
  OK(hrlp_file_write(path, bytes, length, &error));
  free(bytes);
}

/* Advice needs neither critic nor optimiser, and no NaN may reach it. */
START_TEST(the_policy_is_enough_and_must_be_finite) {
  static const char path[] = "models/trial_low_agent.pt";
  hrl_policy *policy = NULL;
  run_into("models", 16);
  struct hrlp_value *root = NULL;
  OK(hrlp_archive_load(path, &root, &error));
  hrlp_value_set(root, "optimizer_state_dict", hrlp_value_none());
  save_tree(root, path);
  hrl_policy_destroy(load("trial"));
  struct hrlp_value *state = hrlp_value_get(root, "policy_network_state_dict");
  float *weights = hrlp_value_get(state, "network.4.weight")->tensor.data;
  weights[1] = -INFINITY;
  save_tree(root, path);
  FAILS(hrl_policy_load("trial", &policy, &error), HRL_ERROR_NUMERIC,
        "models/trial_low_agent.pt: policy_network_state_dict/network.4.weight holds a "
        "number that is not finite");
  hrlp_value_free(root);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("policy_load");
  TCase *loading = tcase_create("loading");
  tcase_set_timeout(loading, 120);
  tcase_add_checked_fixture(loading, enter_room, leave_room);
  tcase_add_test(loading, a_pair_is_loaded_by_name_prefix_and_folder);
  tcase_add_test(loading, what_is_no_pair_is_refused);
  tcase_add_test(loading, a_pair_is_found);
  tcase_add_test(loading, a_household_that_does_not_fit_is_told);
  tcase_add_test(loading, halves_of_two_runs_are_no_pair);
  tcase_add_test(loading, a_pair_without_identity_loads_with_a_remark);
  tcase_add_test(loading, an_interrupted_replacement_is_ended);
  tcase_add_test(loading, a_save_that_ends_while_it_is_read_costs_nothing);
  tcase_add_test(loading, halves_of_different_pairs_are_refused);
  tcase_add_test(loading, the_policy_is_enough_and_must_be_finite);
  suite_add_tcase(suite, loading);
  return run_suite(suite);
}
