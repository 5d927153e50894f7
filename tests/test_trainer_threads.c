/* The trainer and what happens at once: a background run beside its caller, stops from
 * everywhere, several trainers, another process. Where threads must meet, they wait for
 * each other; no timing is involved. */
#include "trial.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sanitizer.h"

/* A listener that holds the run at an episode until it is let go. */
struct gate {
  uint64_t episode;
  sem_t reached, let_go;
  atomic_size_t last_events, stops;
};

static void hold(const hrl_event *event, void *data) {
  struct gate *gate = data;
  sigset_t blocked; /* on the library's thread: signals are the host's */
  pthread_sigmask(SIG_SETMASK, NULL, &blocked);
  ck_assert(sigismember(&blocked, SIGINT) && sigismember(&blocked, SIGUSR1));
  if (event->type >= HRL_EVENT_COMPLETED) atomic_fetch_add(&gate->last_events, 1);
  if (event->type == HRL_EVENT_STOPPED) atomic_fetch_add(&gate->stops, 1);
  if (event->type != HRL_EVENT_PROGRESS || event->episode != gate->episode) return;
  sem_post(&gate->reached);
  while (sem_wait(&gate->let_go) != 0) continue; /* interrupted by a signal */
}

static void wait_for(sem_t *semaphore) {
  while (sem_wait(semaphore) != 0) continue;
}

static void make_gate(struct gate *gate, uint64_t episode) {
  gate->episode = episode;
  atomic_init(&gate->last_events, 0);
  atomic_init(&gate->stops, 0);
  sem_init(&gate->reached, 0, 0);
  sem_init(&gate->let_go, 0, 0);
}

/* A trainer whose background run waits at the gate. */
static hrl_trainer *start_held(struct gate *gate, uint64_t episodes, const char *output) {
  hrl_trainer_options options = short_run(episodes, output);
  hrl_trainer *trainer = make_trainer(&options);
  make_gate(gate, 3);
  OK(hrl_trainer_add_listener(trainer, hold, gate, &error));
  OK(hrl_trainer_start(trainer, &error));
  wait_for(&gate->reached);
  return trainer;
}

START_TEST(a_background_run_refuses_what_would_disturb_it) {
  struct gate gate;
  hrl_trainer *trainer = start_held(&gate, 40, "out");
  int more = 1;
  FAILS(hrl_trainer_start(trainer, &error), HRL_ERROR_STATE,
        "hrl_trainer_start: a background run is active; stop it and wait for it first");
  FAILS(hrl_trainer_step(trainer, &more, &error), HRL_ERROR_STATE, "hrl_trainer_step: a");
  ck_assert_int_eq(more, 0);
  FAILS(hrl_trainer_save(trainer, "saved", &error), HRL_ERROR_STATE, "background run");
  FAILS(hrl_trainer_load(trainer, "saved", &error), HRL_ERROR_STATE, "background run");
  FAILS(hrl_trainer_add_listener(trainer, hold, &gate, &error), HRL_ERROR_STATE,
        "background run");
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_RUNNING);
  ck_assert_uint_eq(status_of(trainer).episode, 3);
  sem_post(&gate.let_go);
  OK(hrl_trainer_wait(trainer, &error));
  ck_assert_uint_eq(status_of(trainer).episode, 40);
  OK(hrl_trainer_wait(trainer, &error)); /* as often as one likes */
  hrl_trainer_destroy(trainer);
  run_into("alone", 40);
  assert_same_output("alone", "out", 40);
}
END_TEST

static void *stop_it(void *trainer) {
  hrl_trainer_stop(trainer);
  return NULL;
}

START_TEST(another_thread_stops_the_run) {
  struct gate gate;
  hrl_trainer *trainer = start_held(&gate, 1000, NULL);
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, stop_it, trainer), 0);
  pthread_join(thread, NULL);
  sem_post(&gate.let_go);
  OK(hrl_trainer_wait(trainer, &error));
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_STOPPED);
  ck_assert_uint_eq(status_of(trainer).episode, 8);
  ck_assert_uint_eq(atomic_load(&gate.last_events), 1);
  hrl_trainer_destroy(trainer);
}
END_TEST

static hrl_trainer *signalled;
static atomic_int handled_here, handled_elsewhere;
static pthread_t main_thread;

static void on_signal(int number) {
  (void)number;
  hrl_trainer_stop(signalled);
  bool here = pthread_equal(pthread_self(), main_thread);
  atomic_fetch_add(here ? &handled_here : &handled_elsewhere, 1);
}

START_TEST(a_signal_handler_stops_the_run) {
  struct gate gate;
  main_thread = pthread_self();
  signalled = start_held(&gate, 1000, NULL);
  struct sigaction action = {.sa_handler = on_signal};
  ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
  if (_i == 0)
    raise(SIGUSR1);
  else /* to the process: the library's threads leave it to the host's */
    kill(getpid(), SIGUSR1);
  while (atomic_load(&handled_here) + atomic_load(&handled_elsewhere) == 0) continue;
  sem_post(&gate.let_go);
  OK(hrl_trainer_wait(signalled, &error));
  ck_assert_int_eq(status_of(signalled).state, HRL_TRAINER_STOPPED);
  ck_assert_uint_eq(status_of(signalled).episode, 8);
  ck_assert_int_eq(atomic_load(&handled_here), 1);
  ck_assert_int_eq(atomic_load(&handled_elsewhere), 0);
  hrl_trainer_destroy(signalled);
}
END_TEST

static void *let_go_late(void *data) {
  struct gate *gate = data;
  sem_post(&gate->let_go);
  return NULL;
}

START_TEST(destroy_ends_a_run_in_hand) {
  struct gate gate;
  hrl_trainer *trainer = start_held(&gate, 1000, "out");
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, let_go_late, &gate), 0);
  hrl_trainer_destroy(trainer);
  pthread_join(thread, NULL);
  ck_assert_uint_eq(atomic_load(&gate.last_events), 1);
  ck_assert_uint_eq(atomic_load(&gate.stops), 1);
  ck_assert(exists("out/trial_low_agent.pt"));
  hrl_trainer_options options = short_run(8, "out"); /* and frees the lock */
  trainer = make_trainer(&options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* Asks for status as fast as it can while the run goes on. */
static void *watch_status(void *data) {
  const hrl_trainer *trainer = data;
  uint64_t seen = 0;
  for (;;) {
    hrl_trainer_status status = status_of(trainer);
    ck_assert_uint_ge(status.episode, seen);
    ck_assert_uint_le(status.episode, status.total_episodes);
    if (status.has_progress) {
      ck_assert_uint_eq(status.progress.episode, status.episode);
      ck_assert_uint_eq(status.progress.total_episodes, status.total_episodes);
      ck_assert(status.progress.avg_duration >= 1.0 &&
                status.progress.avg_duration <= 12.0);
    } else {
      ck_assert_uint_eq(status.episode, 0);
    }
    seen = status.episode;
    if (status.state == HRL_TRAINER_COMPLETED) return NULL;
  }
}

START_TEST(status_is_consistent_at_any_time) {
  hrl_trainer_options options = short_run(400, NULL);
  options.threads = 2;
  hrl_trainer *trainer = make_trainer(&options);
  pthread_t watchers[2];
  for (size_t i = 0; i < 2; i++)
    ck_assert_int_eq(pthread_create(&watchers[i], NULL, watch_status, trainer), 0);
  OK(hrl_trainer_start(trainer, &error));
  OK(hrl_trainer_wait(trainer, &error));
  for (size_t i = 0; i < 2; i++) pthread_join(watchers[i], NULL);
  hrl_trainer_destroy(trainer);
}
END_TEST

START_TEST(trainers_in_one_process_do_not_meet) {
  static const char *const together[] = {"a", "b", "c"};
  static const char *const alone[] = {"a1", "b1", "c1"};
  hrl_trainer *trainers[3];
  for (size_t i = 0; i < 3; i++) {
    hrl_trainer_options options = short_run(60, together[i]);
    options.seed = i;
    options.threads = 2;
    trainers[i] = make_trainer(&options);
    OK(hrl_trainer_start(trainers[i], &error));
  }
  for (size_t i = 0; i < 3; i++) {
    OK(hrl_trainer_wait(trainers[i], &error));
    hrl_trainer_destroy(trainers[i]);
    hrl_trainer_options options = short_run(60, alone[i]);
    options.seed = i;
    hrl_trainer *trainer = make_trainer(&options);
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    assert_same_output(alone[i], together[i], 60);
  }
}
END_TEST

START_TEST(starting_and_stopping_many_times_changes_nothing) {
  hrl_trainer_options options = short_run(400, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  size_t starts = 0;
  do {
    OK(hrl_trainer_start(trainer, &error));
    hrl_trainer_stop(trainer);
    OK(hrl_trainer_wait(trainer, &error));
    /* the stop may have come before the first batch; then a step brings the run on */
    if (status_of(trainer).state == HRL_TRAINER_STOPPED)
      OK(hrl_trainer_step(trainer, NULL, &error));
    starts++;
  } while (status_of(trainer).state != HRL_TRAINER_COMPLETED && starts < 1000);
  ck_assert_uint_eq(status_of(trainer).episode, 400);
  OK(hrl_trainer_save(trainer, "restless", &error));
  hrl_trainer_destroy(trainer);
  trainer = make_trainer(&options);
  step_to_end(trainer);
  OK(hrl_trainer_save(trainer, "calm", &error));
  hrl_trainer_destroy(trainer);
  assert_same_checkpoint("calm", "restless");
}
END_TEST

/* Steps first, then a background run takes over. */
/* ---- many trainers, each started again and again, and someone who meddles ---- */

#define MANY 8
#define STARTS 125 /* of each trainer: a thousand together */

/* What the listener of a trainer does when it is called. */
enum habit { SILENT, CURIOUS, STOPPING, SLOW, HABITS };

struct restless {
  hrl_trainer *trainer;
  enum habit habit;
  size_t runs; /* ends that were told */
};

static void follow_habit(const hrl_event *event, void *data) {
  struct restless *restless = data;
  if (event->type >= HRL_EVENT_COMPLETED) restless->runs++;
  if (restless->habit == CURIOUS)
    ck_assert_uint_ge(status_of(restless->trainer).episode, event->episode);
  if (restless->habit == STOPPING && event->type == HRL_EVENT_PROGRESS)
    hrl_trainer_stop(restless->trainer);
  if (restless->habit == SLOW) usleep(100);
}

static void *start_again_and_again(void *data) {
  struct restless *restless = data;
  for (size_t i = 0; i < STARTS; i++) {
    hrl_error problem = HRL_ERROR_INIT;
    ck_assert_msg(hrl_trainer_start(restless->trainer, &problem) == HRL_OK, "%s",
                  problem.message);
    if (restless->habit != STOPPING) hrl_trainer_stop(restless->trainer);
    ck_assert_msg(hrl_trainer_wait(restless->trainer, &problem) == HRL_OK, "%s",
                  problem.message);
    ck_assert_int_eq(status_of(restless->trainer).state, HRL_TRAINER_STOPPED);
  }
  return NULL;
}

struct meddler {
  struct restless *restless;
  atomic_bool done;
};

static void *meddle(void *data) {
  struct meddler *meddler = data;
  for (size_t i = 0; !atomic_load(&meddler->done); i++) {
    status_of(meddler->restless[i % MANY].trainer);
    hrl_trainer_stop(meddler->restless[i * 3 % MANY].trainer);
    sched_yield();
  }
  return NULL;
}

START_TEST(a_thousand_starts_meet_stops_from_everywhere) {
  struct restless restless[MANY] = {{0}};
  struct meddler meddler = {.restless = restless};
  pthread_t threads[MANY], meddling;
  for (size_t i = 0; i < MANY; i++) {
    hrl_trainer_options options = short_run(1000000, NULL); /* never comes to its end */
    options.threads = 1 + i % 2;
    restless[i].trainer = make_trainer(&options);
    restless[i].habit = (enum habit)(i % HABITS);
    OK(hrl_trainer_add_listener(restless[i].trainer, follow_habit, &restless[i], &error));
  }
  for (size_t i = 0; i < MANY; i++)
    ck_assert_int_eq(
        pthread_create(&threads[i], NULL, start_again_and_again, &restless[i]), 0);
  ck_assert_int_eq(pthread_create(&meddling, NULL, meddle, &meddler), 0);
  for (size_t i = 0; i < MANY; i++) pthread_join(threads[i], NULL);
  atomic_store(&meddler.done, true);
  pthread_join(meddling, NULL);
  for (size_t i = 0; i < MANY; i++) {
    ck_assert_uint_eq(restless[i].runs, STARTS);
    hrl_trainer_destroy(restless[i].trainer);
  }
}
END_TEST

START_TEST(a_start_goes_on_after_steps) {
  hrl_trainer_options options = short_run(37, "mixed");
  hrl_trainer *trainer = make_trainer(&options);
  OK(hrl_trainer_step(trainer, NULL, &error));
  OK(hrl_trainer_start(trainer, &error));
  OK(hrl_trainer_wait(trainer, &error));
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_COMPLETED);
  hrl_trainer_destroy(trainer);
  run_into("stepped", 37);
  assert_same_output("stepped", "mixed", 37);
}
END_TEST

START_TEST(another_process_is_locked_out) {
  hrl_trainer_options options = short_run(16, "out");
  int pipes[2][2];
  ck_assert_int_eq(pipe(pipes[0]), 0);
  ck_assert_int_eq(pipe(pipes[1]), 0);
  pid_t child = fork();
  if (child == 0) { /* begins, says so, and waits to be killed */
    hrl_trainer *holder = make_trainer(&options);
    OK(hrl_trainer_step(holder, NULL, &error));
    if (write(pipes[0][1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte = 0;
  ck_assert_int_eq(read(pipes[0][0], &byte, 1), 1);
  hrl_trainer *trainer = make_trainer(&options);
  FAILS(hrl_trainer_start(trainer, &error), HRL_ERROR_LOCKED,
        "another run holds this lock");
  ck_assert_int_eq(kill(child, SIGKILL), 0);
  ck_assert_int_eq(waitpid(child, NULL, 0), child);
  OK(hrl_trainer_start(trainer, &error)); /* the lock died with its holder */
  OK(hrl_trainer_wait(trainer, &error));
  hrl_trainer_destroy(trainer);
}
END_TEST

/* A host's thread with a stack too small for the work. */
static void *step_on_small_stack(void *data) {
  hrl_trainer_options options = short_run(8, NULL);
  hrl_trainer *trainer = make_trainer(&options);
  hrl_trainer_step(trainer, NULL, data);
  hrl_trainer_destroy(trainer);
  return NULL;
}

START_TEST(a_small_stack_is_an_error) {
  pthread_attr_t attributes;
  pthread_t thread;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(pthread_attr_init(&attributes), 0);
  ck_assert_int_eq(pthread_attr_setstacksize(&attributes, 64 << 10), 0);
  ck_assert_int_eq(pthread_create(&thread, &attributes, step_on_small_stack, &error), 0);
  ck_assert_int_eq(pthread_join(thread, NULL), 0);
  pthread_attr_destroy(&attributes);
#if !defined(SANITIZED)
  ck_assert_int_eq(error.status, HRL_ERROR_LIMIT);
  ck_assert_ptr_nonnull(strstr(error.message, "KiB of stack left"));
#endif
}
END_TEST

int main(void) {
  Suite *suite = suite_create("trainer_threads");
  TCase *threads = tcase_create("threads");
  tcase_set_timeout(threads, 240);
  tcase_add_checked_fixture(threads, enter_room, leave_room);
  tcase_add_test(threads, a_small_stack_is_an_error);
  tcase_add_test(threads, a_background_run_refuses_what_would_disturb_it);
  tcase_add_test(threads, another_thread_stops_the_run);
  tcase_add_loop_test(threads, a_signal_handler_stops_the_run, 0, 2);
  tcase_add_test(threads, destroy_ends_a_run_in_hand);
  tcase_add_test(threads, status_is_consistent_at_any_time);
  tcase_add_test(threads, trainers_in_one_process_do_not_meet);
  tcase_add_test(threads, starting_and_stopping_many_times_changes_nothing);
  tcase_add_test(threads, a_thousand_starts_meet_stops_from_everywhere);
  tcase_add_test(threads, a_start_goes_on_after_steps);
  tcase_add_test(threads, another_process_is_locked_out);
  suite_add_tcase(suite, threads);
  return run_suite(suite);
}
