/* Checkpoints: a run that was interrupted, anywhere and anyhow, ends as one that was not.
 * test_checkpoint_bad.c has the folders that are refused. */
#include "heard.h"

/* A trainer that took over `folder`. */
static hrl_trainer *resume(const char *folder, hrl_trainer_options options) {
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_load(trainer, folder, &error));
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_IDLE);
  return trainer;
}

static void resume_into(const char *folder, hrl_trainer_options options) {
  hrl_trainer *trainer = resume(folder, options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static const char *numbered(const char *output, uint64_t episode) {
  static char path[256];
  snprintf(path, sizeof path, "%s/checkpoints/trial/checkpoint_episode_%llu", output,
           (unsigned long long)episode);
  return path;
}

static bool has_numbered(const char *output, uint64_t episode) {
  return exists(numbered(output, episode));
}

/* ---- saving and loading ---- */

START_TEST(what_is_saved_is_loaded) {
  hrl_trainer_options options = short_run(40, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  for (int i = 0; i < _i; i++) OK(hrl_trainer_step(trainer, NULL, &error));
  hrl_trainer_status before = status_of(trainer);
  OK(hrl_trainer_save(trainer, "a/b/saved/", &error));
  hrl_trainer_destroy(trainer);
  options = short_run(0, NULL); /* its number of episodes, its seed */
  options.seed = 99;
  trainer = resume("a/b/saved", options);
  hrl_trainer_status after = status_of(trainer);
  ck_assert_uint_eq(after.episode, before.episode);
  ck_assert_uint_eq(after.total_episodes, 40);
  ck_assert_uint_eq(after.seed, 7);
  ck_assert_str_eq(after.start_time, before.start_time);
  ck_assert_int_eq(after.has_progress, before.has_progress);
  ck_assert_mem_eq(&after.progress, &before.progress, sizeof after.progress);
  ck_assert_int_eq(after.has_best, before.has_best);
  ck_assert_double_eq(after.best_eval_score, before.best_eval_score);
  OK(hrl_trainer_save(trainer, "again", &error));
  assert_same_checkpoint("a/b/saved", "again");
  assert_same_file("a/b/saved/metadata.json", "again/metadata.json"); /* times too */
  hrl_trainer_destroy(trainer);
}
END_TEST

/* A seed with the highest bit set, which JSON's integers do not have. */
START_TEST(every_seed_survives) {
  static const uint64_t seeds[] = {0, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
  hrl_trainer_options options = short_run(16, NULL);
  options.seed = seeds[_i];
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_step(trainer, NULL, &error));
  OK(hrl_trainer_save(trainer, "half", &error));
  step_to_end(trainer);
  OK(hrl_trainer_save(trainer, "straight", &error));
  hrl_trainer_destroy(trainer);
  trainer = resume("half", short_run(16, NULL));
  ck_assert_uint_eq(status_of(trainer).seed, seeds[_i]);
  step_to_end(trainer);
  OK(hrl_trainer_save(trainer, "resumed", &error));
  assert_same_checkpoint("straight", "resumed");
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(saving_replaces_checkpoints_and_nothing_else) {
  hrl_trainer_options options = short_run(40, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_save(trainer, "a", &error));
  OK(hrl_trainer_step(trainer, NULL, &error));
  OK(hrl_trainer_save(trainer, "a", &error));
  OK(hrl_trainer_save(trainer, "b", &error));
  assert_same_checkpoint("a", "b");
  OK(hrlp_folder_create("empty", &error));
  OK(hrl_trainer_save(trainer, "empty", &error)); /* nothing is lost there */
  OK(hrlp_folder_create("mine", &error));
  OK(hrlp_file_write("mine/letter", "dear", 4, &error));
  FAILS(hrl_trainer_save(trainer, "mine", &error), HRL_ERROR_IO,
        "mine: exists and is not a checkpoint; name another folder");
  FAILS(hrl_trainer_save(trainer, "mine/letter", &error), HRL_ERROR_IO, "mine/letter");
  FAILS(hrl_trainer_save(trainer, "mine/letter/x", &error), HRL_ERROR_IO, "mine/letter");
  FAILS(hrl_trainer_save(trainer, ".", &error), HRL_ERROR_IO, ".: ");
  FAILS(hrl_trainer_save(trainer, "/", &error), HRL_ERROR_IO, "/");
  ck_assert(exists("mine/letter"));
  struct hrlp_names names;
  OK(hrlp_folder_list(".", &names, &error));
  ck_assert_uint_eq(names.count, 4); /* no leftover */
  hrlp_names_free(&names);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* ---- exact resume ---- */

/* From each save point of a run, most of them inside a batch of 8. */
START_TEST(every_save_point_resumes_exactly) {
  run_into("straight", 60);
  for (uint64_t at = 10; at <= 60; at += 10) {
    hrl_trainer_options options = short_run(60, "resumed");
    options.threads = (uint32_t)(at / 10 % 3 + 1);
    resume_into(numbered("straight", at), options);
    assert_same_output("straight", "resumed", 60);
    ck_assert_int_eq(has_numbered("resumed", at), at == 60);
    if (at + 10 <= 60) {
      char other[256];
      strcpy(other, numbered("resumed", at + 10));
      assert_same_checkpoint(numbered("straight", at + 10), other);
    }
    remove_tree("resumed");
  }
}
END_TEST

/* A run that was meant to be shorter, then is made longer: its last batch was cut. */
START_TEST(a_completed_run_is_trained_on_exactly) {
  static const uint64_t cuts[] = {1, 3, 8, 20, 29, 30, 32, 59};
  uint64_t cut = cuts[_i];
  run_into("straight", 60);
  run_into("resumed", cut);
  resume_into(numbered("resumed", cut), short_run(60, "resumed"));
  assert_same_file("straight/trial_high_agent.pt", "resumed/trial_high_agent.pt");
  assert_same_file("straight/trial_low_agent.pt", "resumed/trial_low_agent.pt");
  assert_same_file("straight/trial_history.json", "resumed/trial_history.json");
  /* the shorter run's own last evaluation may be the best */
  if (cut % 10 == 0) assert_same_output("straight", "resumed", 60);
}
END_TEST

START_TEST(many_interruptions_change_nothing) {
  run_into("straight", 60);
  struct heard heard = {0};
  hrl_trainer_status status = {.state = HRL_TRAINER_IDLE};
  size_t parts = 0;
  while (status.state != HRL_TRAINER_COMPLETED) {
    hrl_trainer_options options = short_run(60, "resumed");
    options.threads = (uint32_t)(parts % 3 + 1);
    hrl_trainer *trainer = make_trainer(&options);
    if (parts > 0) OK(hrl_trainer_load(trainer, "resumed/checkpoints/trial", &error));
    heard.stop_at = 5 + 7 * parts; /* at another place of a batch each time */
    heard.count = 0;
    OK(hrl_trainer_add_listener(trainer, hear, &heard, &error));
    start_and_wait(trainer);
    status = status_of(trainer);
    hrl_trainer_destroy(trainer);
    ck_assert_uint_lt(++parts, 20);
  }
  ck_assert_uint_ge(parts, 5);
  ck_assert_uint_eq(heard.progress_count, 60); /* none twice, none left out */
  for (size_t i = 0; i < 60; i++) ck_assert_uint_eq(heard.progress[i], i + 1);
  assert_same_output("straight", "resumed", 60);
  assert_same_checkpoint("straight/checkpoints/trial/checkpoint_best",
                         "resumed/checkpoints/trial/checkpoint_best");
}
END_TEST

START_TEST(time_adds_up_over_a_resume) {
  run_into("out", 20);
  hrl_trainer *trainer = resume(numbered("out", 20), short_run(40, NULL));
  double before = status_of(trainer).progress.elapsed_time;
  ck_assert_double_gt(before, 0.0);
  OK(hrl_trainer_step(trainer, NULL, &error));
  ck_assert_double_gt(status_of(trainer).progress.elapsed_time, before);
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(fewer_episodes_than_are_done_are_refused) {
  run_into("out", 30);
  struct remarks remarks = {""};
  hrl_trainer_options options = short_run(29, "out");
  options.log = remember_remark;
  options.log_data = &remarks;
  hrl_trainer *trainer = make_trainer(&options);
  FAILS(hrl_trainer_load(trainer, numbered("out", 30), &error), HRL_ERROR_ARGUMENT,
        "checkpoint_episode_30: already has 30 episodes, more than the 29 requested");
  /* nor does an older checkpoint stand in for it: the newer episodes would be lost */
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/trial", &error), HRL_ERROR_ARGUMENT,
        "checkpoint_episode_30: already has 30 episodes");
  ck_assert_str_eq(remarks.text, "");
  ck_assert_uint_eq(status_of(trainer).episode, 0);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* ---- which checkpoints there are ---- */

START_TEST(keep_leaves_the_newest_and_the_best) {
  hrl_trainer_options options = short_run(60, "kept");
  options.keep = 2;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  for (uint64_t at = 10; at <= 60; at += 10)
    ck_assert_int_eq(has_numbered("kept", at), at >= 50);
  ck_assert(exists("kept/checkpoints/trial/checkpoint_best/metadata.json"));
  run_into("all", 60);
  assert_same_output("all", "kept", 60);
}
END_TEST

/* A new run where a longer one was: what it saves is not taken for the oldest. */
START_TEST(keep_does_not_count_another_runs_checkpoints) {
  run_into("out", 60);
  hrl_trainer_options options = short_run(30, "out");
  options.keep = 1;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  ck_assert(!has_numbered("out", 20));
  ck_assert(has_numbered("out", 30));
  ck_assert(has_numbered("out", 40));
  ck_assert(has_numbered("out", 60));
}
END_TEST

struct best {
  uint64_t episode;
  double score;
};

static void watch_best(const hrl_event *event, void *data) {
  struct best *best = data;
  if (event->type != HRL_EVENT_EVALUATED) return;
  bool better = best->episode == 0 || event->evaluation->strategic_return > best->score;
  ck_assert_int_eq(event->is_best != 0, better);
  if (!better) return;
  best->episode = event->episode;
  best->score = event->evaluation->strategic_return;
}

START_TEST(checkpoint_best_is_that_of_the_best_evaluation) {
  hrl_trainer_options options = short_run(100, "out");
  hrl_trainer *trainer = make_trainer(&options);
  struct best best = {0};
  OK(hrl_trainer_add_listener(trainer, watch_best, &best, &error));
  step_to_end(trainer);
  ck_assert_double_eq(status_of(trainer).best_eval_score, best.score);
  hrl_trainer_destroy(trainer);
  assert_same_checkpoint(numbered("out", best.episode),
                         "out/checkpoints/trial/checkpoint_best");
}
END_TEST

START_TEST(leftovers_are_removed) {
  OK(hrlp_folder_create("out/checkpoints/trial/.tmp_checkpoint_episode_5", &error));
  OK(hrlp_file_write("out/checkpoints/trial/.tmp_checkpoint_episode_5/low_agent.pt", "x",
                     1, &error));
  OK(hrlp_folder_create("out/checkpoints/trial/.tmp_checkpoint_best", &error));
  OK(hrlp_folder_create("out/checkpoints/trial/mine", &error));
  struct remarks remarks = {""};
  hrl_trainer_options options = short_run(8, "out");
  options.log = remember_remark;
  options.log_data = &remarks;
  hrl_trainer *trainer = make_trainer(&options);
  ck_assert(
      exists("out/checkpoints/trial/.tmp_checkpoint_best")); /* not before it runs */
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  ck_assert_str_eq(
      remarks.text,
      "out/checkpoints/trial: removed 2 folder(s) left by an interrupted save\n");
  ck_assert(!exists("out/checkpoints/trial/.tmp_checkpoint_episode_5"));
  ck_assert(!exists("out/checkpoints/trial/.tmp_checkpoint_best"));
  ck_assert(exists("out/checkpoints/trial/mine"));
}
END_TEST

static void cut_in_half(const char *path) {
  size_t length = 0;
  free(read_whole(path, &length));
  ck_assert_int_eq(truncate(path, (off_t)(length / 2)), 0);
}

static void damage(uint64_t episode, const char *name, int how) {
  char path[400];
  snprintf(path, sizeof path, "%s/%s", numbered("out", episode), name);
  if (how == 0)
    cut_in_half(path);
  else if (how == 1)
    ck_assert_int_eq(unlink(path), 0);
  else
    OK(hrlp_file_write(path, "", 0, &error));
}

/* The four newest are damaged, each in another way. */
START_TEST(the_newest_whole_checkpoint_is_taken) {
  static const char *const names[] = {"metadata.json", "high_agent.pt", "low_agent.pt",
                                      "training_history.json"};
  run_into("straight", 60);
  run_into("out", 60);
  OK(hrlp_folder_create("out/checkpoints/trial/checkpoint_episode_70", &error));
  OK(hrlp_folder_create("out/checkpoints/trial/checkpoint_episode_0100", &error));
  OK(hrlp_folder_create("out/checkpoints/trial/checkpoint_episode_x", &error));
  for (uint64_t i = 0; i < 4; i++) damage(60 - 10 * i, names[i], (_i + (int)i) % 3);
  struct remarks remarks = {""};
  hrl_trainer_options options = short_run(60, "out");
  options.log = remember_remark;
  options.log_data = &remarks;
  hrl_trainer *trainer = resume("out/checkpoints/trial", options);
  ck_assert_uint_eq(status_of(trainer).episode, 20);
  const char *at = remarks.text;
  for (uint64_t episode = 70; episode >= 30; episode -= 10) {
    char expected[600];
    snprintf(expected, sizeof expected, "skipped %s: %s", numbered("out", episode),
             numbered("out", episode));
    ck_assert_msg(strncmp(at, expected, strlen(expected)) == 0, "'%s' lacks '%s'", at,
                  expected);
    at = strchr(at, '\n') + 1;
  }
  ck_assert_str_eq(at, "resuming from out/checkpoints/trial/checkpoint_episode_20\n");
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  assert_same_output("straight", "out", 60);
}
END_TEST

START_TEST(a_mismatch_names_choices_by_their_words) {
  run_into("out", 10);
  hrl_trainer_options options = short_run(20, "out");
  hrl_scenario *scenario = make_other("training.strategist", 0);
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/trial", &error), HRL_ERROR_MISMATCH,
        "was trained with training.strategist on, the scenario has off; resume with");
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  scenario = make_other("environment.income", 2000.5);
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/trial", &error), HRL_ERROR_MISMATCH,
        "was trained with environment.income 2000, the scenario has 2000.5; resume with");
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(where_no_checkpoint_is_whole_the_newest_is_complained_of) {
  run_into("out", 20);
  damage(10, "metadata.json", 2);
  damage(20, "low_agent.pt", 0);
  hrl_trainer_options options = short_run(20, "out");
  hrl_trainer *trainer = make_trainer(&options);
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/trial", &error), HRL_ERROR_CORRUPT,
        "checkpoint_episode_20/low_agent.pt: is not the file that metadata.json was "
        "written "
        "for (size or checksum differ); it is damaged, use another checkpoint");
  FAILS(hrl_trainer_load(trainer, "out/checkpoints", &error), HRL_ERROR_FORMAT,
        "out/checkpoints: is neither a checkpoint (it holds no metadata.json) nor a "
        "folder");
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* Killed between the two, a run must come by its best again. */
static void see_order(const hrl_event *event, void *data) {
  int *seen = data;
  if (event->type != HRL_EVENT_CHECKPOINT || strstr(event->path, "best") == NULL) return;
  char path[128];
  hrl_trainer_status status = status_of(event->trainer);
  snprintf(path, sizeof path, "out/checkpoints/trial/checkpoint_episode_%llu",
           (unsigned long long)status.episode);
  ck_assert_int_ne(access(path, F_OK), 0);
  (*seen)++;
}

START_TEST(the_best_is_written_before_its_number) {
  hrl_trainer_options options = short_run(24, "out");
  hrl_trainer *trainer = make_trainer(&options);
  int seen = 0;
  OK(hrl_trainer_add_listener(trainer, see_order, &seen, &error));
  step_to_end(trainer);
  ck_assert_int_ge(seen, 1);
  hrl_trainer_destroy(trainer);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("checkpoint");
  TCase *cases = tcase_create("checkpoint");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_loop_test(cases, what_is_saved_is_loaded, 0, 7);
  tcase_add_loop_test(cases, every_seed_survives, 0, 4);
  tcase_add_test(cases, saving_replaces_checkpoints_and_nothing_else);
  tcase_add_test(cases, the_best_is_written_before_its_number);
  tcase_add_test(cases, every_save_point_resumes_exactly);
  tcase_add_loop_test(cases, a_completed_run_is_trained_on_exactly, 0, 8);
  tcase_add_test(cases, many_interruptions_change_nothing);
  tcase_add_test(cases, time_adds_up_over_a_resume);
  tcase_add_test(cases, fewer_episodes_than_are_done_are_refused);
  tcase_add_test(cases, keep_leaves_the_newest_and_the_best);
  tcase_add_test(cases, keep_does_not_count_another_runs_checkpoints);
  tcase_add_test(cases, checkpoint_best_is_that_of_the_best_evaluation);
  tcase_add_test(cases, leftovers_are_removed);
  tcase_add_loop_test(cases, the_newest_whole_checkpoint_is_taken, 0, 3);
  tcase_add_test(cases, a_mismatch_names_choices_by_their_words);
  tcase_add_test(cases, where_no_checkpoint_is_whole_the_newest_is_complained_of);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
