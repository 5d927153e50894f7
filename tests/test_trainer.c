/* The trainer: options, counting, and that neither threads nor the way it is driven
 * change what comes out. */
#include "heard.h"

#include <math.h>

/* ---- options ---- */

static void refuse(hrl_trainer_options options, const char *text) {
  hrl_scenario *scenario = make_scenario();
  hrl_trainer *trainer = (hrl_trainer *)&options;
  FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
        text);
  ck_assert_ptr_null(trainer);
  hrl_scenario_destroy(scenario);
}

START_TEST(options_have_bounds) {
  hrl_trainer_options options = short_run(10, NULL);
  options.episodes = 1000000001;
  refuse(options, "episodes: found 1000000001, expected 1 to 1000000000");
  options = short_run(10, NULL);
  options.save_interval = 0;
  refuse(options, "save_interval: found 0, expected at least 1");
  options = short_run(10, NULL);
  options.eval_episodes = 0;
  refuse(options, "eval_episodes: found 0, expected 1 to 100000");
  options.eval_episodes = 100001;
  refuse(options, "eval_episodes: found 100001, expected 1 to 100000");
  options = short_run(10, NULL);
  options.threads = 257;
  refuse(options, "threads: found 257, expected 1 to 256");
  refuse(short_run(10, ""), "output: found an empty name");
}
END_TEST

START_TEST(options_at_their_bounds_are_taken) {
  hrl_trainer_options options = short_run(1000000000, NULL);
  options.eval_episodes = 100000;
  options.save_interval = UINT64_MAX;
  hrl_trainer *trainer = make_trainer(&options);
  ck_assert_uint_eq(status_of(trainer).total_episodes, 1000000000);
  hrl_trainer_destroy(trainer);
  trainer = make_trainer(NULL); /* the defaults; episodes are the scenario's */
  ck_assert_uint_eq(status_of(trainer).total_episodes, 24);
  ck_assert_uint_eq(status_of(trainer).seed, 0);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* A host compiled when the struct was shorter: the rest takes its defaults. */
START_TEST(shorter_options_are_filled_up) {
  hrl_trainer_options options = short_run(5, "nowhere");
  options.threads = 999;
  options.size = offsetof(hrl_trainer_options, threads);
  hrl_trainer *trainer = make_trainer(&options);
  ck_assert_uint_eq(status_of(trainer).total_episodes, 5);
  step_to_end(trainer);
  ck_assert(!exists("nowhere"));
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(null_is_answered) {
  hrl_trainer *trainer = NULL;
  hrl_scenario *scenario = make_scenario();
  hrl_trainer_status status = {.size = sizeof status};
  FAILS(hrl_trainer_create(NULL, NULL, &trainer, &error), HRL_ERROR_ARGUMENT, "scenario");
  FAILS(hrl_trainer_create(scenario, NULL, NULL, &error), HRL_ERROR_ARGUMENT, "room");
  FAILS(hrl_trainer_start(NULL, &error), HRL_ERROR_ARGUMENT, "trainer");
  FAILS(hrl_trainer_wait(NULL, &error), HRL_ERROR_ARGUMENT, "trainer");
  FAILS(hrl_trainer_step(NULL, NULL, &error), HRL_ERROR_ARGUMENT, "trainer");
  FAILS(hrl_trainer_add_listener(NULL, hear, NULL, &error), HRL_ERROR_ARGUMENT,
        "trainer");
  FAILS(hrl_trainer_save(NULL, "a", &error), HRL_ERROR_ARGUMENT, "trainer");
  FAILS(hrl_trainer_load(NULL, "a", &error), HRL_ERROR_ARGUMENT, "trainer");
  ck_assert_int_eq(hrl_trainer_get_status(NULL, &status), HRL_ERROR_ARGUMENT);
  hrl_trainer_stop(NULL);
  hrl_trainer_destroy(NULL);
  OK(hrl_trainer_create(scenario, NULL, &trainer, &error));
  FAILS(hrl_trainer_add_listener(trainer, NULL, NULL, &error), HRL_ERROR_ARGUMENT,
        "function");
  FAILS(hrl_trainer_save(trainer, NULL, &error), HRL_ERROR_ARGUMENT, "folder");
  FAILS(hrl_trainer_save(trainer, "", &error), HRL_ERROR_ARGUMENT, "folder");
  FAILS(hrl_trainer_load(trainer, NULL, &error), HRL_ERROR_ARGUMENT, "folder");
  FAILS(hrl_trainer_load(trainer, "", &error), HRL_ERROR_ARGUMENT, "folder");
  ck_assert_int_eq(hrl_trainer_get_status(trainer, NULL), HRL_ERROR_ARGUMENT);
  status.size = 0;
  ck_assert_int_eq(hrl_trainer_get_status(trainer, &status), HRL_ERROR_ARGUMENT);
  ck_assert_int_eq(hrl_trainer_save(trainer, "", NULL), HRL_ERROR_ARGUMENT);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* ---- counting ---- */

static const uint64_t counts[] = {1, 3, 8, 20, 100};
static const double batches[] = {8, 1, 16, 5};

START_TEST(exactly_the_episodes_asked_for_are_reported) {
  uint64_t wanted = counts[_i % 5];
  hrl_scenario *scenario = make_other("training.parallel_episodes", batches[_i / 5]);
  hrl_trainer_options options = short_run(wanted, NULL);
  hrl_trainer *trainer = NULL;
  struct heard heard = {0};
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  OK(hrl_trainer_add_listener(trainer, hear, &heard, &error));
  if (_i % 2 == 0)
    step_to_end(trainer);
  else
    start_and_wait(trainer);
  ck_assert_uint_eq(heard.progress_count, wanted);
  for (size_t i = 0; i < wanted; i++) ck_assert_uint_eq(heard.progress[i], i + 1);
  assert_whole_story(&heard, HRL_EVENT_COMPLETED);
  hrl_trainer_status status = status_of(trainer);
  ck_assert_int_eq(status.state, HRL_TRAINER_COMPLETED);
  ck_assert_uint_eq(status.episode, wanted);
  ck_assert_uint_eq(status.progress.episode, wanted);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Means over the last ten, against the history's single figures. */
START_TEST(progress_is_a_mean_over_ten_episodes) {
  run_into("out", 23);
  hrl_trainer_options options = short_run(23, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_progress progress = status_of(trainer).progress;
  hrl_trainer_destroy(trainer);
  size_t length = 0;
  char *json = read_whole("out/trial_history.json", &length);
  const struct {
    const char *key;
    double mean;
  } figures[] = {{"\"episode_rewards\": [", progress.avg_reward},
                 {"\"episode_lengths\": [", progress.avg_duration},
                 {"\"cash_balances\": [", progress.avg_cash},
                 {"\"total_invested\": [", progress.avg_invested},
                 {"\"cash_stability_index\": [", progress.stability},
                 {"\"goal_adherence\": [", progress.goal_adherence}};
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
    char *at = strstr(json, figures[i].key);
    ck_assert_ptr_nonnull(at);
    at += strlen(figures[i].key);
    double sum = 0.0;
    for (int n = 0; n < 23; n++) {
      double entry = strtod(at, &at);
      at += strspn(at, ", ");
      if (n >= 13) sum += entry;
    }
    ck_assert_double_eq_tol(figures[i].mean, sum / 10.0, 1e-5 * (1.0 + fabs(sum)));
  }
  free(json);
}
END_TEST

/* ---- the same results ---- */

START_TEST(stepping_and_starting_give_the_same_files) {
  run_into("stepped", 37);
  hrl_trainer_options options = short_run(37, "started");
  hrl_trainer *trainer = make_trainer(&options);
  start_and_wait(trainer);
  hrl_trainer_destroy(trainer);
  assert_same_output("stepped", "started", 10);
  assert_same_output("stepped", "started", 37);
  assert_same_checkpoint("stepped/checkpoints/trial/checkpoint_best",
                         "started/checkpoints/trial/checkpoint_best");
}
END_TEST

START_TEST(threads_do_not_change_results) {
  run_into("one", 37);
  for (uint32_t threads = 0; threads <= 3; threads++) {
    hrl_trainer_options options = short_run(37, "more");
    options.threads = threads;
    hrl_trainer *trainer = make_trainer(&options);
    start_and_wait(trainer);
    hrl_trainer_destroy(trainer);
    assert_same_output("one", "more", 30);
    assert_same_output("one", "more", 37);
    remove_tree("more");
  }
}
END_TEST

START_TEST(a_seed_decides) {
  run_into("first", 20);
  run_into("again", 20);
  assert_same_output("first", "again", 20);
  hrl_trainer_options options = short_run(20, "other");
  options.seed = 8;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  ck_assert(!same_file("first/trial_high_agent.pt", "other/trial_high_agent.pt"));
  ck_assert(!same_file("first/trial_low_agent.pt", "other/trial_low_agent.pt"));
  ck_assert(!same_file("first/trial_history.json", "other/trial_history.json"));
}
END_TEST

/* Where save points fall, how often is evaluated, and whether there is output at all:
 * none of it changes what is learned. */
START_TEST(save_points_do_not_change_results) {
  run_into("often", 37);
  hrl_trainer_options options = short_run(37, "rarely");
  options.save_interval = 1000;
  options.eval_episodes = 1;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  assert_same_file("often/trial_high_agent.pt", "rarely/trial_high_agent.pt");
  assert_same_file("often/trial_low_agent.pt", "rarely/trial_low_agent.pt");
  assert_same_file("often/trial_history.json", "rarely/trial_history.json");
  ck_assert(!exists("rarely/checkpoints/trial/checkpoint_episode_10"));
  ck_assert(exists("rarely/checkpoints/trial/checkpoint_episode_37"));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("trainer");
  TCase *options = tcase_create("options");
  tcase_add_checked_fixture(options, enter_room, leave_room);
  tcase_add_test(options, options_have_bounds);
  tcase_add_test(options, options_at_their_bounds_are_taken);
  tcase_add_test(options, shorter_options_are_filled_up);
  tcase_add_test(options, null_is_answered);
  suite_add_tcase(suite, options);
  TCase *results = tcase_create("results");
  tcase_set_timeout(results, 120);
  tcase_add_checked_fixture(results, enter_room, leave_room);
  tcase_add_loop_test(results, exactly_the_episodes_asked_for_are_reported, 0, 20);
  tcase_add_test(results, progress_is_a_mean_over_ten_episodes);
  tcase_add_test(results, stepping_and_starting_give_the_same_files);
  tcase_add_test(results, threads_do_not_change_results);
  tcase_add_test(results, a_seed_decides);
  tcase_add_test(results, save_points_do_not_change_results);
  suite_add_tcase(suite, results);
  return run_suite(suite);
}
