/* Pausing a run and going on: nothing is another, and a stop ends a pause. Where threads
 * must meet, they wait for each other; no timing is involved. */
#include "trial.h"

#include <semaphore.h>
#include <time.h>

struct pauses {
  uint64_t at;  /* pause after this episode */
  sem_t paused; /* posted by PAUSED */
  hrl_event_type types[64];
  size_t count;
};

static void pause_at(const hrl_event *event, void *data) {
  struct pauses *pauses = data;
  if (event->type == HRL_EVENT_PROGRESS && event->episode == pauses->at)
    hrl_trainer_pause(event->trainer);
  if (event->type == HRL_EVENT_PAUSED) sem_post(&pauses->paused);
  bool told = event->type == HRL_EVENT_STARTED || event->type == HRL_EVENT_PAUSED ||
              event->type == HRL_EVENT_RESUMED || event->type == HRL_EVENT_COMPLETED ||
              event->type == HRL_EVENT_STOPPED;
  if (told && pauses->count < 64) pauses->types[pauses->count++] = event->type;
}

static hrl_trainer *make_pausing(struct pauses *pauses, const char *output) {
  hrl_trainer_options options = short_run(24, output);
  hrl_trainer *trainer = make_trainer(&options);
  ck_assert_int_eq(sem_init(&pauses->paused, 0, 0), 0);
  OK(hrl_trainer_add_listener(trainer, pause_at, pauses, &error));
  return trainer;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

START_TEST(a_pause_changes_nothing_but_the_time) {
  static const hrl_event_type expected[] = {HRL_EVENT_STARTED, HRL_EVENT_PAUSED,
                                            HRL_EVENT_RESUMED, HRL_EVENT_COMPLETED};
  struct pauses pauses = {.at = 5}; /* in the midst of a batch */
  const struct timespec while_paused = {.tv_nsec = 200000000};
  run_into("straight", 24);
  hrl_trainer *trainer = make_pausing(&pauses, "out");
  double begun = now();
  OK(hrl_trainer_start(trainer, &error));
  ck_assert_int_eq(sem_wait(&pauses.paused), 0);
  hrl_trainer_status status = status_of(trainer);
  ck_assert_int_eq(status.state, HRL_TRAINER_PAUSED);
  ck_assert_uint_eq(status.episode, 8); /* the unit of work is ended */
  nanosleep(&while_paused, NULL);
  ck_assert_uint_eq(status_of(trainer).episode, 8);
  FAILS(hrl_trainer_step(trainer, NULL, &error), HRL_ERROR_STATE,
        "a background run is active");
  hrl_trainer_resume(trainer);
  OK(hrl_trainer_wait(trainer, &error));
  double all = now() - begun;
  status = status_of(trainer);
  ck_assert_int_eq(status.state, HRL_TRAINER_COMPLETED);
  ck_assert_double_le(status.progress.elapsed_time, all - 0.2);
  ck_assert_uint_eq(pauses.count, 4);
  ck_assert_mem_eq(pauses.types, expected, sizeof expected);
  hrl_trainer_destroy(trainer);
  assert_same_output("straight", "out", 24);
}
END_TEST

START_TEST(a_stop_ends_a_pause) {
  struct pauses pauses = {.at = 5};
  hrl_trainer *trainer = make_pausing(&pauses, "out");
  OK(hrl_trainer_start(trainer, &error));
  ck_assert_int_eq(sem_wait(&pauses.paused), 0);
  hrl_trainer_stop(trainer);
  OK(hrl_trainer_wait(trainer, &error));
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_STOPPED);
  ck_assert_uint_eq(status_of(trainer).episode, 8);
  ck_assert_int_eq(pauses.types[pauses.count - 1], HRL_EVENT_STOPPED);
  pauses.at = 0;
  OK(hrl_trainer_start(trainer, &error)); /* not paused any more */
  OK(hrl_trainer_wait(trainer, &error));
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_COMPLETED);
  hrl_trainer_destroy(trainer);
}
END_TEST

static void stop_and_pause(const hrl_event *event, void *data) {
  (void)data;
  if (event->type != HRL_EVENT_PROGRESS) return;
  hrl_trainer_stop(event->trainer);
  hrl_trainer_pause(event->trainer);
}

START_TEST(a_pause_does_not_keep_a_run_from_its_stop) {
  struct pauses pauses = {.at = 0};
  hrl_trainer *trainer = make_pausing(&pauses, NULL);
  OK(hrl_trainer_add_listener(trainer, stop_and_pause, NULL, &error));
  OK(hrl_trainer_start(trainer, &error));
  OK(hrl_trainer_wait(trainer, &error));
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_STOPPED);
  ck_assert_uint_eq(status_of(trainer).episode, 8);
  ck_assert_uint_eq(pauses.count, 2); /* STARTED, STOPPED */
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(a_run_may_begin_paused_and_be_destroyed_so) {
  struct pauses pauses = {.at = 0};
  hrl_trainer *trainer = make_pausing(&pauses, NULL);
  hrl_trainer_pause(NULL);
  hrl_trainer_resume(NULL);
  hrl_trainer_pause(trainer);
  OK(hrl_trainer_start(trainer, &error));
  ck_assert_int_eq(sem_wait(&pauses.paused), 0);
  ck_assert_uint_eq(status_of(trainer).episode, 0);
  ck_assert_int_eq(pauses.types[0], HRL_EVENT_STARTED);
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(steps_wait_for_the_end_of_a_pause) {
  struct pauses pauses = {.at = 5};
  int more = 1;
  run_into("straight", 24);
  hrl_trainer *trainer = make_pausing(&pauses, "out");
  OK(hrl_trainer_step(trainer, &more, &error));
  for (int i = 0; i < 2; i++)
    FAILS(hrl_trainer_step(trainer, &more, &error), HRL_ERROR_STATE,
          "the run is paused; call hrl_trainer_resume first");
  ck_assert_int_eq(more, 1);
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_PAUSED);
  hrl_trainer_resume(trainer);
  step_to_end(trainer);
  ck_assert_uint_eq(pauses.count, 4); /* one PAUSED, one RESUMED */
  hrl_trainer_destroy(trainer);
  assert_same_output("straight", "out", 24);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("trainer_pause");
  TCase *pausing = tcase_create("pausing");
  tcase_set_timeout(pausing, 240);
  tcase_add_checked_fixture(pausing, enter_room, leave_room);
  tcase_add_test(pausing, a_pause_changes_nothing_but_the_time);
  tcase_add_test(pausing, a_stop_ends_a_pause);
  tcase_add_test(pausing, a_pause_does_not_keep_a_run_from_its_stop);
  tcase_add_test(pausing, a_run_may_begin_paused_and_be_destroyed_so);
  tcase_add_test(pausing, steps_wait_for_the_end_of_a_pause);
  suite_add_tcase(suite, pausing);
  return run_suite(suite);
}
