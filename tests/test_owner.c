/* Scenarios whose names are the same once they are made safe for files: none takes the
 * place of another one's model or checkpoints, and none resumes another one's run. */
#include "trial.h"

#include <stdlib.h>

static hrl_trainer *make_named(const char *name, uint64_t episodes) {
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = short_run(episodes, "models");
  OK(hrl_scenario_parse(trial_yaml, strlen(trial_yaml), name, &scenario, &error));
  ck_assert_str_eq(hrl_scenario_name(scenario), "my_house");
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  hrl_scenario_destroy(scenario);
  return trainer;
}

static void train_named(const char *name, uint64_t episodes) {
  hrl_trainer *trainer = make_named(name, episodes);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static void refuse_named(const char *name, const char *message) {
  int more = 0;
  hrl_trainer *trainer = make_named(name, 10);
  FAILS(hrl_trainer_step(trainer, &more, &error), HRL_ERROR_MISMATCH, message);
  hrl_trainer_destroy(trainer);
  trainer = make_named(name, 10);
  FAILS(hrl_trainer_start(trainer, &error), HRL_ERROR_MISMATCH, message);
  hrl_trainer_destroy(trainer);
}

#define BELONGS                                                                  \
  "belongs to the scenario 'my house', not to 'my_house', whose files have the " \
  "same name (my_house); use another output folder or rename one of them"

START_TEST(a_run_leaves_the_files_of_others_alone) {
  size_t length = 0;
  size_t again = 0;
  train_named("my house", 10);
  char *before = read_whole("models/my_house_low_agent.pt", &length);
  refuse_named("my_house", BELONGS);
  refuse_named("my.house/../my?house", "not to 'my?house'");
  /* also where only the model is left, or only the checkpoints are */
  OK(rename("models/checkpoints", "aside") == 0 ? HRL_OK : HRL_ERROR_IO);
  refuse_named("my_house", "models/my_house_high_agent.pt: " BELONGS);
  remove_tree("models/checkpoints");
  OK(rename("aside", "models/checkpoints") == 0 ? HRL_OK : HRL_ERROR_IO);
  OK(rename("models/my_house_high_agent.pt", "high") == 0 ? HRL_OK : HRL_ERROR_IO);
  refuse_named("my_house", "models/checkpoints/my_house/checkpoint_episode_10: " BELONGS);
  OK(rename("high", "models/my_house_high_agent.pt") == 0 ? HRL_OK : HRL_ERROR_IO);
  char *after = read_whole("models/my_house_low_agent.pt", &again);
  ck_assert(length == again && memcmp(before, after, length) == 0);
  free(before);
  free(after);
  train_named("my house", 10); /* its own may go on */
}
END_TEST

START_TEST(a_run_of_another_is_not_resumed) {
  int any = 0;
  train_named("my house", 10);
  hrl_trainer *trainer = make_named("my_house", 20);
  FAILS(hrl_trainer_load(trainer, "models/checkpoints/my_house/checkpoint_episode_10",
                         &error),
        HRL_ERROR_MISMATCH, BELONGS);
  FAILS(hrl_trainer_load(trainer, "models/checkpoints/my_house", &error),
        HRL_ERROR_MISMATCH, BELONGS);
  FAILS(hrl_trainer_load_latest(trainer, NULL, NULL, &any, &error), HRL_ERROR_MISMATCH,
        BELONGS);
  hrl_trainer_destroy(trainer);
  trainer = make_named("my house", 20);
  OK(hrl_trainer_load_latest(trainer, NULL, NULL, &any, &error));
  ck_assert_int_eq(any, 1);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* Letters that are more than a byte, bytes that are no text, and no end of them. */
START_TEST(any_name_of_a_file_is_kept) {
  static const char *const names[] = {
      "my\xff"
      "house",
      "my\xc3\xa9house", "my\"house", "my\nhouse"};
  char endless[4096];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    train_named(names[i], 10);
    train_named(names[i], 20);
    refuse_named(names[(i + 1) % 4], "belongs to the scenario");
    remove_tree("models");
  }
  memset(endless, 0x80, sizeof endless);
  memcpy(endless, "my\xff", 3);
  memcpy(endless + sizeof endless - 6, "house", 6);
  train_named(endless, 10);
  hrl_trainer *trainer = make_named(endless, 20);
  OK(hrl_trainer_load(trainer, "models/checkpoints/my_house", &error));
  hrl_trainer_destroy(trainer);
}
END_TEST

/* Whoever trains on with the scenario of a pair is who trained it. */
START_TEST(a_pairs_scenario_keeps_its_name) {
  hrl_policy *policy = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = short_run(10, "models");
  train_named("my house", 10);
  OK(hrl_policy_load("models/my_house", &policy, &error));
  OK(hrl_trainer_create(hrl_policy_scenario(policy), &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_policy_destroy(policy);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("owner");
  TCase *names = tcase_create("names");
  tcase_set_timeout(names, 60);
  tcase_add_checked_fixture(names, enter_room, leave_room);
  tcase_add_test(names, a_run_leaves_the_files_of_others_alone);
  tcase_add_test(names, a_run_of_another_is_not_resumed);
  tcase_add_test(names, any_name_of_a_file_is_kept);
  tcase_add_test(names, a_pairs_scenario_keeps_its_name);
  suite_add_tcase(suite, names);
  return run_suite(suite);
}
