/* The trainer: events, states, starts that fail, and stopping. test_trainer_threads.c has
 * what happens at once. */
#include "heard.h"

/* ---- events ---- */

START_TEST(events_come_in_order) {
  hrl_trainer_options options = short_run(20, "out");
  hrl_trainer *trainer = make_trainer(&options);
  struct heard first = {.id = 1};
  struct heard second = {.id = 2, .follows = &first};
  OK(hrl_trainer_add_listener(trainer, hear, &first, &error));
  OK(hrl_trainer_add_listener(trainer, hear, &second, &error));
  start_and_wait(trainer);
  assert_whole_story(&first, HRL_EVENT_COMPLETED);
  ck_assert_uint_eq(first.count, second.count);
  ck_assert_mem_eq(first.types, second.types, first.count * sizeof first.types[0]);
  size_t evaluated = 0;
  size_t saved = 0;
  for (size_t i = 0; i < first.count; i++) {
    bool is_save = first.types[i] == HRL_EVENT_CHECKPOINT;
    if (first.types[i] != HRL_EVENT_EVALUATED && !is_save) continue;
    ck_assert_uint_eq(first.episodes[i] % 10, 0);
    evaluated += is_save ? 0 : 1;
    saved += is_save ? 1 : 0;
    if (is_save) ck_assert_uint_ge(evaluated, 1);
  }
  ck_assert_uint_eq(evaluated, 2); /* at 10 and at the end */
  ck_assert_uint_ge(saved, 3);     /* numbered ones, and the best once or twice */
  FAILS(hrl_trainer_add_listener(trainer, hear, &first, &error), HRL_ERROR_STATE,
        "hrl_trainer_add_listener: the run has started");
  hrl_trainer_destroy(trainer);
}
END_TEST

static void ask_for_status(const hrl_event *event, void *data) {
  hrl_trainer_status status = status_of(event->trainer);
  ck_assert_uint_eq(status.episode, event->episode);
  ck_assert_uint_eq(status.total_episodes, event->total_episodes);
  ck_assert_str_eq(status.start_time, event->start_time);
  hrl_trainer_state expected = event->type == HRL_EVENT_COMPLETED ? HRL_TRAINER_COMPLETED
                               : event->type == HRL_EVENT_STOPPED ? HRL_TRAINER_STOPPED
                                                                  : HRL_TRAINER_RUNNING;
  ck_assert_int_eq(status.state, expected);
  ++*(size_t *)data;
}

START_TEST(a_listener_may_ask_for_status) {
  hrl_trainer_options options = short_run(12, "out");
  hrl_trainer *trainer = make_trainer(&options);
  size_t heard = 0;
  OK(hrl_trainer_add_listener(trainer, ask_for_status, &heard, &error));
  start_and_wait(trainer);
  ck_assert_uint_gt(heard, 12);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* ---- states ---- */

START_TEST(status_tells_every_state) {
  hrl_trainer_options options = short_run(20, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  hrl_trainer_status status = status_of(trainer);
  ck_assert_int_eq(status.state, HRL_TRAINER_IDLE);
  ck_assert_str_eq(status.start_time, "");
  ck_assert_int_eq(status.has_progress, 0);
  ck_assert_int_eq(status.has_best, 0);
  ck_assert_uint_eq(status.seed, 7);
  OK(hrl_trainer_wait(trainer, &error)); /* nothing was started: at once */
  int more = 0;
  OK(hrl_trainer_step(trainer, &more, &error));
  ck_assert_int_eq(more, 1);
  status = status_of(trainer);
  ck_assert_int_eq(status.state, HRL_TRAINER_RUNNING);
  ck_assert_uint_eq(status.episode, 8);
  ck_assert_int_eq(status.has_progress, 1);
  ck_assert_uint_eq(strlen(status.start_time), strlen("2024-02-29T12:00:00.000000"));
  OK(hrl_trainer_wait(trainer, &error));
  step_to_end(trainer);
  status = status_of(trainer);
  ck_assert_int_eq(status.state, HRL_TRAINER_COMPLETED);
  ck_assert_int_eq(status.has_best, 1);
  OK(hrl_trainer_wait(trainer, &error));
  FAILS(hrl_trainer_start(trainer, &error), HRL_ERROR_STATE, "all 20 episodes are done");
  FAILS(hrl_trainer_step(trainer, &more, &error), HRL_ERROR_STATE, "all 20 episodes");
  ck_assert_int_eq(more, 0);
  FAILS(hrl_trainer_load(trainer, "a", &error), HRL_ERROR_STATE, "the run has started");
  OK(hrl_trainer_save(trainer, "saved", &error));
  hrl_trainer_destroy(trainer);
}
END_TEST

/* A host compiled when the struct was shorter gets no more than it has room for. */
START_TEST(a_shorter_status_is_filled_as_far_as_it_goes) {
  hrl_trainer *trainer = make_trainer(NULL);
  hrl_trainer_status status;
  memset(&status, 0x5a, sizeof status);
  status.size = offsetof(hrl_trainer_status, seed);
  ck_assert_int_eq(hrl_trainer_get_status(trainer, &status), HRL_OK);
  ck_assert_uint_eq(status.total_episodes, 24);
  ck_assert_uint_eq(status.seed, 0x5a5a5a5a5a5a5a5a);
  ck_assert_uint_eq(status.size, offsetof(hrl_trainer_status, seed));
  hrl_trainer_destroy(trainer);
}
END_TEST

/* ---- a start that fails ---- */

static void assert_start_fails(hrl_trainer *trainer, hrl_status status,
                               const char *text) {
  FAILS(hrl_trainer_start(trainer, &error), status, text);
  FAILS(hrl_trainer_step(trainer, NULL, &error), status, text);
  hrl_trainer_status now = status_of(trainer);
  ck_assert_int_eq(now.state, HRL_TRAINER_IDLE);
  ck_assert_str_eq(now.start_time, "");
  ck_assert_uint_eq(now.episode, 0);
}

START_TEST(a_start_that_fails_calls_nobody) {
  OK(hrlp_file_write("out", "x", 1, &error));
  hrl_trainer_options options = short_run(8, "out");
  hrl_trainer *trainer = make_trainer(&options);
  struct heard heard = {0};
  OK(hrl_trainer_add_listener(trainer, hear, &heard, &error));
  assert_start_fails(trainer, HRL_ERROR_IO, "out: is not a folder");
  ck_assert_uint_eq(heard.count, 0);
  ck_assert_int_eq(unlink("out"), 0); /* put right, the same trainer goes */
  start_and_wait(trainer);
  assert_whole_story(&heard, HRL_EVENT_COMPLETED);
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(two_trainers_do_not_share_a_folder) {
  hrl_trainer_options options = short_run(16, "out");
  hrl_trainer *holder = make_trainer(&options);
  hrl_trainer *other = make_trainer(&options);
  struct heard heard = {0};
  OK(hrl_trainer_add_listener(other, hear, &heard, &error));
  OK(hrl_trainer_step(holder, NULL, &error));
  assert_start_fails(other, HRL_ERROR_LOCKED, ".lock: another run holds this lock");
  ck_assert_uint_eq(heard.count, 0);
  step_to_end(holder); /* the lock goes with the run, not with the handle */
  start_and_wait(other);
  hrl_trainer_destroy(other);
  hrl_trainer_destroy(holder);
}
END_TEST

/* ---- stopping ---- */

START_TEST(a_listener_stops_the_run) {
  hrl_trainer_options options = short_run(40, "out");
  hrl_trainer *trainer = make_trainer(&options);
  struct heard heard = {.stop_at = 11};
  OK(hrl_trainer_add_listener(trainer, hear, &heard, &error));
  start_and_wait(trainer);
  assert_whole_story(&heard, HRL_EVENT_STOPPED);
  ck_assert_uint_eq(heard.progress_count, 16); /* the batch in hand ends */
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_STOPPED);
  ck_assert(exists("out/checkpoints/trial/checkpoint_episode_16/metadata.json"));
  ck_assert(exists("out/trial_high_agent.pt"));
  ck_assert(exists("out/trial_history.json"));
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/trial", &error), HRL_ERROR_STATE,
        "has started");
  heard.count = 0;
  start_and_wait(trainer); /* and goes on */
  assert_whole_story(&heard, HRL_EVENT_COMPLETED);
  ck_assert_uint_eq(heard.progress_count, 40);
  for (size_t i = 0; i < 40; i++) ck_assert_uint_eq(heard.progress[i], i + 1);
  hrl_trainer_destroy(trainer);
  run_into("straight", 40);
  assert_same_output("straight", "out", 40);
}
END_TEST

START_TEST(a_stop_before_the_start_counts) {
  hrl_trainer_options options = short_run(20, _i == 0 ? "out" : NULL);
  hrl_trainer *trainer = make_trainer(&options);
  struct heard heard = {0};
  OK(hrl_trainer_add_listener(trainer, hear, &heard, &error));
  hrl_trainer_stop(trainer);
  start_and_wait(trainer);
  ck_assert_uint_eq(heard.count, _i == 0 ? 3 : 2); /* STARTED, CHECKPOINT, STOPPED */
  assert_whole_story(&heard, HRL_EVENT_STOPPED);
  ck_assert_uint_eq(status_of(trainer).episode, 0);
  ck_assert_int_eq(status_of(trainer).has_progress, 0);
  heard.count = 0;
  step_to_end(trainer);
  ck_assert_uint_eq(heard.progress_count, 20);
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(stepping_stops_too) {
  hrl_trainer_options options = short_run(40, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  int more = 0;
  OK(hrl_trainer_step(trainer, &more, &error));
  hrl_trainer_stop(trainer);
  OK(hrl_trainer_step(trainer, &more, &error));
  ck_assert_int_eq(more, 0);
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_STOPPED);
  ck_assert_uint_eq(status_of(trainer).episode, 8);
  step_to_end(trainer);
  ck_assert_uint_eq(status_of(trainer).episode, 40);
  hrl_trainer_destroy(trainer);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("trainer_states");
  TCase *states = tcase_create("states");
  tcase_set_timeout(states, 120);
  tcase_add_checked_fixture(states, enter_room, leave_room);
  tcase_add_test(states, events_come_in_order);
  tcase_add_test(states, a_listener_may_ask_for_status);
  tcase_add_test(states, status_tells_every_state);
  tcase_add_test(states, a_shorter_status_is_filled_as_far_as_it_goes);
  tcase_add_test(states, a_start_that_fails_calls_nobody);
  tcase_add_test(states, two_trainers_do_not_share_a_folder);
  tcase_add_test(states, a_listener_stops_the_run);
  tcase_add_loop_test(states, a_stop_before_the_start_counts, 0, 2);
  tcase_add_test(states, stepping_stops_too);
  suite_add_tcase(suite, states);
  return run_suite(suite);
}
