/* The record of runs: what a trainer writes, and what is read back. */
#include "recorded.h"

#include <pthread.h>

/* ---- what is written ---- */

START_TEST(a_run_is_recorded) {
  struct remarks remarks = {""};
  record_into("out", 24, &remarks);
  ck_assert_str_eq(remarks.text, "");
  hrl_run run = get_run("out", 1);
  ck_assert_uint_eq(run.id, 1);
  ck_assert_int_eq(run.state, HRL_RUN_COMPLETED);
  ck_assert_str_eq(run.scenario, "trial");
  ck_assert_uint_eq(strlen(run.scenario_hash), 16);
  ck_assert_str_eq(run.library_version, hrl_version());
  ck_assert_uint_eq(run.process, (uint64_t)getpid());
  ck_assert_uint_eq(strlen(run.start_time), 26);
  ck_assert_str_ge(run.end_time, run.start_time);
  ck_assert_uint_eq(run.seed, 7);
  ck_assert_uint_eq(run.episode, 24);
  ck_assert_uint_eq(run.total_episodes, 24);
  ck_assert_uint_eq(run.save_interval, 10);
  ck_assert_uint_eq(run.eval_episodes, 4);
  ck_assert_uint_eq(run.threads, 1);
  ck_assert_uint_eq(run.parts, 1);
  ck_assert(run.elapsed_time > 0.0);
  ck_assert(run.best_return >= run.final_return);
  ck_assert_uint_eq(run.final_episode, 24);
  ck_assert(run.final_stderr > 0.0);
  ck_assert(isnan(run.best_equivalent) && isnan(run.final_equivalent));
  ck_assert_str_eq(run.error, "");
  struct course progress = progress_of("out", 1, 0);
  ck_assert_uint_eq(progress.count, 24);
  for (size_t i = 0; i < 24; i++) ck_assert_uint_eq(progress.episodes[i], i + 1);
  struct course evaluations = evaluations_of("out", 1);
  ck_assert_uint_eq(evaluations.count, 3);
  ck_assert_uint_eq(evaluations.episodes[0], 10);
  ck_assert_uint_eq(evaluations.episodes[1], 20);
  ck_assert_uint_eq(evaluations.episodes[2], 24);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA journal_mode"), "wal");
  /* closed in good order: all of it is in the one file */
  ck_assert(!exists("out/runs.db-wal"));
}
END_TEST

static hrl_evaluation last_evaluation;
static void hear_evaluation(const hrl_event *event, void *data) {
  (void)data;
  if (event->type == HRL_EVENT_EVALUATED) last_evaluation = *event->evaluation;
}

static int compare_last(uint64_t episode, const hrl_evaluation *found, void *data) {
  (void)data;
  if (episode != 8) return 0;
  ck_assert(found->certainty_equivalent == last_evaluation.certainty_equivalent);
  ck_assert(found->certainty_equivalent_stderr ==
            last_evaluation.certainty_equivalent_stderr);
  ck_assert(found->consumption == last_evaluation.consumption);
  ck_assert(found->rescued == last_evaluation.rescued);
  return 0;
}

START_TEST(a_life_has_certainty_equivalents) {
  static const char life[] =
      "model: lifecycle\nenvironment: {income: 2000, "
      "fixed_expenses: 1500, max_months: 6}\n"
      "training: {hidden_low: 3, hidden_high: 3}\n";
  hrl_trainer_options options = short_run(8, "out");
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  options.record = 1;
  options.save_interval = 8;
  OK(hrl_scenario_parse(life, strlen(life), "life", &scenario, &error));
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  OK(hrl_trainer_add_listener(trainer, hear_evaluation, NULL, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  hrl_run run = get_run("out", 1);
  ck_assert(run.best_equivalent > 0.0);
  ck_assert(run.final_equivalent == last_evaluation.certainty_equivalent);
  ck_assert(run.final_equivalent_stderr == last_evaluation.certainty_equivalent_stderr);
  hrl_runs *runs = open_runs("out");
  OK(hrl_runs_evaluations(runs, 1, compare_last, NULL, &error));
  hrl_runs_close(runs);
}
END_TEST

START_TEST(the_scenario_comes_back) {
  record_into("out", 8, NULL);
  hrl_runs *runs = open_runs("out");
  hrl_scenario *scenario = make_scenario();
  hrl_scenario *found = NULL;
  char *text = NULL;
  char *found_text = NULL;
  OK(hrl_runs_scenario(runs, 1, &found, &error));
  OK(hrl_scenario_format(scenario, &text, &error));
  OK(hrl_scenario_format(found, &found_text, &error));
  ck_assert_str_eq(text, found_text);
  ck_assert_str_eq(hrl_scenario_name(found), "trial");
  hrl_free(text);
  hrl_free(found_text);
  hrl_scenario_destroy(scenario);
  hrl_scenario_destroy(found);
  hrl_runs_close(runs);
}
END_TEST

START_TEST(nothing_is_recorded_unasked) {
  run_into("out", 8);
  ck_assert(!exists("out/runs.db"));
  FAILS(hrl_runs_open("out", &(hrl_runs *){NULL}, &error), HRL_ERROR_NOT_FOUND,
        "no runs are recorded here");
  hrl_trainer_options options = recorded_run(8, NULL, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  ck_assert(!exists("runs.db"));
}
END_TEST

START_TEST(recording_changes_no_result) {
  run_into("plain", 24);
  record_into("recorded", 24, NULL);
  assert_same_output("plain", "recorded", 24);
}
END_TEST

START_TEST(going_on_is_the_same_run) {
  hrl_trainer_options options = recorded_run(40, "out", NULL);
  hrl_trainer *trainer = make_trainer(&options);
  for (int i = 0; i < 3; i++) OK(hrl_trainer_step(trainer, NULL, &error));
  hrl_trainer_stop(trainer);
  step_to_end(trainer);
  hrl_run run = get_run("out", 1);
  ck_assert_int_eq(run.state, HRL_RUN_STOPPED);
  ck_assert_uint_eq(run.episode, 24);
  step_to_end(trainer); /* in the same trainer */
  hrl_trainer_destroy(trainer);
  ck_assert_int_eq(get_run("out", 1).state, HRL_RUN_COMPLETED);
  options.episodes = 36; /* and in another, from before the end, and not as far */
  trainer = make_trainer(&options);
  OK(hrl_trainer_load(trainer, "out/checkpoints/trial/checkpoint_episode_30", &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  run = get_run("out", 1);
  ck_assert_uint_eq(count_runs("out"), 1);
  ck_assert_int_eq(run.state, HRL_RUN_COMPLETED);
  ck_assert_uint_eq(run.parts, 3);
  ck_assert_uint_eq(run.episode, 36);
  ck_assert_uint_eq(run.total_episodes, 36);
  ck_assert_uint_le(run.best_episode, 36);
  ck_assert_uint_eq(progress_of("out", 1, 0).count, 36);
  struct course evaluations = evaluations_of("out", 1);
  ck_assert_uint_eq(evaluations.count, 4); /* 10, 20, 30, 36 */
  ck_assert_uint_eq(evaluations.episodes[3], 36);
}
END_TEST

START_TEST(early_stopping_is_recorded) {
  hrl_trainer_options options = recorded_run(40, "out", NULL);
  options.has_target = 1;
  options.target = -1e9;
  options.min_episodes = 15;
  options.patience = 3;
  options.min_improvement = 0.25;
  options.eval_episodes = 5;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_run run = get_run("out", 1);
  ck_assert_int_eq(run.state, HRL_RUN_COMPLETED);
  ck_assert_str_eq(run.reason, "target");
  ck_assert_uint_eq(run.episode, 20);
  ck_assert_uint_eq(run.total_episodes, 40);
  ck_assert_uint_eq(run.patience, 3);
  ck_assert_uint_eq(run.min_episodes, 15);
  ck_assert(run.min_improvement == 0.25 && run.target == -1e9);
}
END_TEST

START_TEST(a_curve_is_bounded) {
  hrl_trainer_options options = recorded_run(1100, "out", NULL);
  options.save_interval = 1;
  options.eval_episodes = 1;
  options.keep = 1;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  struct course progress = progress_of("out", 1, 0);
  ck_assert_uint_eq(progress.count, 275); /* every fourth, and the last is one of them */
  ck_assert_uint_eq(progress.episodes[0], 4);
  ck_assert_uint_eq(progress.episodes[274], 1100);
  ck_assert_uint_eq(evaluations_of("out", 1).count, 275);
  progress = progress_of("out", 1, 10);
  ck_assert_uint_le(progress.count, 10);
  ck_assert_uint_ge(progress.count, 9);
  ck_assert_uint_eq(progress.episodes[progress.count - 1], 1100);
}
END_TEST

START_TEST(a_failure_is_recorded) {
  hrl_trainer_options options = recorded_run(24, "out", NULL);
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_step(trainer, NULL, &error));
  OK(hrlp_folder_create("out/trial_low_agent.pt/in_the_way/of_the_model", &error));
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = HRL_OK;
  for (int more = 1; more != 0 && status == HRL_OK;)
    status = hrl_trainer_step(trainer, &more, &problem);
  hrl_trainer_destroy(trainer);
  ck_assert_int_ne(status, HRL_OK);
  hrl_run run = get_run("out", 1);
  ck_assert_int_eq(run.state, HRL_RUN_FAILED);
  ck_assert_str_eq(run.error, problem.message);
}
END_TEST

/* ---- who is at work ---- */

/* Waits in a listener until the record shows a state, while the run goes on elsewhere. */
static void wait_for_state(const char *output, hrl_run_state state) {
  for (;;) {
    hrl_runs *runs = NULL;
    hrl_run run = {.size = sizeof run};
    bool found = hrl_runs_open(output, &runs, NULL) == HRL_OK &&
                 hrl_runs_get(runs, 1, &run, NULL) == HRL_OK && run.state == state;
    hrl_runs_close(runs);
    if (found) return;
    usleep(1000);
  }
}

START_TEST(who_is_at_work_is_known) {
  hrl_trainer_options options = recorded_run(24, "out", NULL);
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_step(trainer, NULL, &error));
  wait_for_state("out", HRL_RUN_RUNNING);
  hrl_runs *runs = open_runs("out");
  FAILS(hrl_runs_delete(runs, 1, &error), HRL_ERROR_STATE, "is running");
  hrl_trainer_pause(trainer);
  FAILS(hrl_trainer_step(trainer, NULL, &error), HRL_ERROR_STATE, "paused");
  ck_assert_int_eq(get_run("out", 1).state, HRL_RUN_PAUSED);
  hrl_trainer_resume(trainer);
  OK(hrl_trainer_step(trainer, NULL, &error));
  wait_for_state("out", HRL_RUN_RUNNING);
  hrl_trainer_destroy(trainer); /* without an end */
  ck_assert_int_eq(get_run("out", 1).state, HRL_RUN_INTERRUPTED);
  OK(hrl_runs_delete(runs, 1, &error));
  FAILS(hrl_runs_delete(runs, 1, &error), HRL_ERROR_NOT_FOUND, "no run 1");
  hrl_runs_close(runs);
  ck_assert_str_eq(ask("out/runs.db",
                       "SELECT (SELECT count(*) FROM progress) + "
                       "(SELECT count(*) FROM evaluations) + "
                       "(SELECT count(*) FROM scenarios)"),
                   "0");
}
END_TEST

START_TEST(a_dead_process_is_recognised) {
  record_into("out", 8, NULL);
  execute("out/runs.db", "UPDATE runs SET state = 1, ended = NULL");
  ck_assert_int_eq(get_run("out", 1).state, HRL_RUN_INTERRUPTED);
  hrl_runs *runs = open_runs("out");
  hrl_runs_filter filter = HRL_RUNS_FILTER_INIT;
  uint64_t count = 0;
  filter.states = 1U << HRL_RUN_INTERRUPTED;
  OK(hrl_runs_count(runs, &filter, &count, &error));
  ck_assert_uint_eq(count, 1);
  filter.states = 1U << HRL_RUN_RUNNING;
  OK(hrl_runs_count(runs, &filter, &count, &error));
  ck_assert_uint_eq(count, 0);
  hrl_runs_close(runs);
  /* where no lock could be had, nobody knows better than the record */
  execute("out/runs.db", "UPDATE runs SET locked = 0");
  ck_assert_int_eq(get_run("out", 1).state, HRL_RUN_RUNNING);
}
END_TEST

/* ---- questions ---- */

static int keep_id(const hrl_run *run, void *data) {
  struct course *course = data;
  course->episodes[course->count++] = run->id;
  return 0;
}

static struct course list(hrl_runs *runs, const hrl_runs_filter *filter) {
  struct course course = {.count = 0};
  OK(hrl_runs_list(runs, filter, keep_id, &course, &error));
  return course;
}

START_TEST(filters_choose) {
  for (int i = 0; i < 3; i++) record_into("out", 8, NULL);
  execute("out/runs.db",
          "UPDATE runs SET scenario = 'other' WHERE id = 2;"
          "UPDATE runs SET started = '2026-01-0' || id || 'T10:00:00.000000';"
          "UPDATE runs SET state = 5 WHERE id = 3");
  hrl_runs *runs = open_runs("out");
  struct course chosen = list(runs, NULL);
  ck_assert_uint_eq(chosen.count, 3);
  ck_assert_uint_eq(chosen.episodes[0], 3); /* the newest first */
  hrl_runs_filter filter = HRL_RUNS_FILTER_INIT;
  filter.scenario = "other";
  chosen = list(runs, &filter);
  ck_assert(chosen.count == 1 && chosen.episodes[0] == 2);
  filter.scenario = NULL;
  filter.states = 1U << HRL_RUN_FAILED | 1U << HRL_RUN_QUEUED;
  chosen = list(runs, &filter);
  ck_assert(chosen.count == 1 && chosen.episodes[0] == 3);
  filter.states = 0;
  filter.since = "2026-01-02";
  ck_assert_uint_eq(list(runs, &filter).count, 2);
  filter.until = "2026-01-02";
  chosen = list(runs, &filter);
  ck_assert(chosen.count == 1 && chosen.episodes[0] == 2);
  filter = (hrl_runs_filter)HRL_RUNS_FILTER_INIT;
  filter.limit = 1;
  filter.offset = 1;
  chosen = list(runs, &filter);
  ck_assert(chosen.count == 1 && chosen.episodes[0] == 2);
  hrl_run run = {.size = sizeof run};
  FAILS(hrl_runs_get(runs, 9, &run, &error), HRL_ERROR_NOT_FOUND, "no run 9");
  hrl_runs_close(runs);
}
END_TEST

START_TEST(differences_are_paired) {
  record_into("out", 16, NULL);
  record_into("out", 24, NULL);
  hrl_runs *runs = open_runs("out");
  uint64_t episodes = 0;
  double difference = 0.0;
  double error_of_it = 0.0;
  OK(hrl_runs_difference(runs, 1, 2, &episodes, &difference, &error_of_it, &error));
  ck_assert_uint_eq(episodes, 4);
  double expected = get_run("out", 2).final_return - get_run("out", 1).final_return;
  ck_assert(fabs(difference - expected) < 1e-9 * (1.0 + fabs(expected)));
  /* the noise drops out: what is left is far less than either's own spread */
  ck_assert(error_of_it < get_run("out", 1).final_stderr);
  OK(hrl_runs_difference(runs, 1, 1, &episodes, &difference, &error_of_it, &error));
  ck_assert(difference == 0.0 && error_of_it == 0.0);
  execute("out/runs.db", "UPDATE runs SET scenario_id = 99 WHERE id = 2");
  OK(hrl_runs_difference(runs, 1, 2, &episodes, &difference, &error_of_it, &error));
  ck_assert(episodes == 0 && isnan(difference) && isnan(error_of_it));
  hrl_runs_close(runs);
}
END_TEST

START_TEST(a_model_is_the_runs_own) {
  record_into("out", 16, NULL);
  char *path = NULL;
  hrl_runs *runs = open_runs("out");
  OK(hrl_runs_model(runs, 1, &path, &error));
  ck_assert_str_eq(path, "out/checkpoints/trial/checkpoint_episode_16");
  hrl_free(path);
  record_into("out", 16, NULL); /* replaces the files */
  FAILS(hrl_runs_model(runs, 1, &path, &error), HRL_ERROR_NOT_FOUND, "of run 1 remains");
  ck_assert_ptr_null(path);
  OK(hrl_runs_model(runs, 2, &path, &error));
  hrl_free(path);
  hrl_runs_close(runs);
}
END_TEST

/* ---- several writers ---- */

#define WRITERS 4
#define RUNS_EACH 5

static void *write_runs(void *data) {
  const int *number = data;
  char name[16];
  snprintf(name, sizeof name, "writer%d", *number);
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_parse(trial_yaml, strlen(trial_yaml), name, &scenario, &error));
  for (int i = 0; i < RUNS_EACH; i++) {
    struct remarks remarks = {""};
    hrl_trainer_options options = recorded_run(24, "out", &remarks);
    hrl_trainer *trainer = NULL;
    OK(hrl_trainer_create(scenario, &options, &trainer, &error));
    start_and_wait(trainer);
    hrl_trainer_destroy(trainer);
    ck_assert_str_eq(remarks.text, "");
  }
  hrl_scenario_destroy(scenario);
  return NULL;
}

START_TEST(several_writers_at_once) {
  pthread_t threads[WRITERS];
  int numbers[WRITERS];
  for (int i = 0; i < WRITERS; i++) {
    numbers[i] = i;
    ck_assert_int_eq(pthread_create(&threads[i], NULL, write_runs, &numbers[i]), 0);
  }
  for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
  hrl_runs *runs = open_runs("out");
  hrl_runs_filter filter = HRL_RUNS_FILTER_INIT;
  filter.states = 1U << HRL_RUN_COMPLETED;
  struct course chosen = list(runs, &filter);
  ck_assert_uint_eq(chosen.count, (uint64_t)WRITERS * RUNS_EACH);
  for (size_t i = 0; i < chosen.count; i++) {
    struct course progress = {.count = 0};
    OK(hrl_runs_progress(runs, chosen.episodes[i], 0, keep_point, &progress, &error));
    ck_assert_uint_eq(progress.count, 24);
  }
  hrl_runs_close(runs);
  ck_assert_str_eq(ask("out/runs.db", "PRAGMA integrity_check"), "ok");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("runs");
  TCase *cases = tcase_create("runs");
  tcase_set_timeout(cases, 60);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_test(cases, a_run_is_recorded);
  tcase_add_test(cases, a_life_has_certainty_equivalents);
  tcase_add_test(cases, the_scenario_comes_back);
  tcase_add_test(cases, nothing_is_recorded_unasked);
  tcase_add_test(cases, recording_changes_no_result);
  tcase_add_test(cases, going_on_is_the_same_run);
  tcase_add_test(cases, early_stopping_is_recorded);
  tcase_add_test(cases, a_curve_is_bounded);
  tcase_add_test(cases, a_failure_is_recorded);
  tcase_add_test(cases, who_is_at_work_is_known);
  tcase_add_test(cases, a_dead_process_is_recognised);
  tcase_add_test(cases, filters_choose);
  tcase_add_test(cases, differences_are_paired);
  tcase_add_test(cases, a_model_is_the_runs_own);
  tcase_add_test(cases, several_writers_at_once);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
