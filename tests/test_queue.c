/* The queue: who runs when, what becomes of runs that are changed, and that none is lost
 * or runs twice, whatever happens to those who work on it. */
#include "recorded.h"

#include <pthread.h>
#include <semaphore.h>

#include "queue/queue.h"

/* Events of all runs, in the order in which they came. A run waits in `hold_at` until the
 * test lets it go on. */
static struct story {
  pthread_mutex_t mutex;
  struct {
    uint64_t run;
    int kind; /* a type of hrl_event, or 100 and one of hrl_queue_event */
  } events[4096];
  size_t count;
  uint64_t hold_at; /* episode in which runs wait for `gate`; 0: none */
  sem_t reached;
  sem_t gate;
  int running, most_running;
  char problem[HRL_ERROR_MESSAGE_SIZE];
  bool looks; /* at the record, when a run has ended */
  hrl_run_state state_at_end;
} story;

#define QUEUE(type) (100 + (int)(type))

static hrl_run_state state_of(uint64_t id) {
  const hrl_run run = get_run("out", id);
  /* a test that fails here leaves no other trace of the reason */
  if (run.state == HRL_RUN_FAILED)
    fprintf(stderr, "run %llu failed: %s\n", (unsigned long long)id, run.error);
  return run.state;
}

static void forget(uint64_t hold_at) {
  pthread_mutex_lock(&story.mutex);
  story.count = 0;
  story.hold_at = hold_at;
  story.running = story.most_running = 0;
  story.problem[0] = '\0';
  pthread_mutex_unlock(&story.mutex);
}

static void note(uint64_t run, int kind) {
  pthread_mutex_lock(&story.mutex);
  ck_assert_uint_lt(story.count, sizeof story.events / sizeof story.events[0]);
  story.events[story.count].run = run;
  story.events[story.count++].kind = kind;
  if (kind == HRL_EVENT_STARTED || kind == HRL_EVENT_RESUMED) story.running++;
  if (story.running > story.most_running) story.most_running = story.running;
  if (kind == HRL_EVENT_PAUSED || is_last((hrl_event_type)kind)) story.running--;
  pthread_mutex_unlock(&story.mutex);
}

static void listen_to(const hrl_queue_event *event, void *data) {
  (void)data;
  ck_assert_uint_eq(event->size, sizeof *event);
  ck_assert_int_eq(event->type == HRL_QUEUE_TRAINING, event->event != NULL);
  if (event->type == HRL_QUEUE_FAILED)
    snprintf(story.problem, sizeof story.problem, "%s", event->error->message);
  if (event->scenario != NULL) ck_assert_str_eq(event->scenario, "trial");
  if (event->type == HRL_QUEUE_ENDED && story.looks)
    story.state_at_end = state_of(event->run);
  if (event->type != HRL_QUEUE_TRAINING) {
    note(event->run, QUEUE(event->type));
    return;
  }
  if (event->event->type == HRL_EVENT_PROGRESS) {
    if (event->event->episode != story.hold_at) return;
    sem_post(&story.reached);
    sem_wait(&story.gate);
    return;
  }
  if (event->event->type != HRL_EVENT_CHECKPOINT &&
      event->event->type != HRL_EVENT_EVALUATED)
    note(event->run, (int)event->event->type);
}

/* Where an event is in the story; SIZE_MAX: it did not happen. */
static size_t place_of(uint64_t run, int kind) {
  size_t place = SIZE_MAX;
  pthread_mutex_lock(&story.mutex);
  for (size_t i = 0; i < story.count && place == SIZE_MAX; i++)
    if (story.events[i].run == run && story.events[i].kind == kind) place = i;
  pthread_mutex_unlock(&story.mutex);
  return place;
}

static void wait_for(uint64_t run, int kind) {
  while (place_of(run, kind) == SIZE_MAX) usleep(500);
}

static size_t times(uint64_t run, int kind) {
  size_t count = 0;
  for (size_t i = 0; i < story.count; i++)
    count += story.events[i].run == run && story.events[i].kind == kind;
  return count;
}

static struct remarks remarks;

static hrl_queue *open_queue(const char *output, uint32_t concurrency) {
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  hrl_queue *queue = NULL;
  options.output = output;
  options.concurrency = concurrency;
  options.threads = 2;
  options.listener = listen_to;
  options.log = remember_remark;
  options.log_data = &remarks;
  OK(hrl_queue_open(&options, &queue, &error));
  return queue;
}

static uint64_t add(hrl_queue *queue, uint64_t episodes, int32_t priority) {
  hrl_trainer_options options = short_run(episodes, NULL);
  hrl_queue_entry entry = HRL_QUEUE_ENTRY_INIT;
  hrl_scenario *scenario = make_scenario();
  uint64_t run = 0;
  entry.options = &options;
  entry.priority = priority;
  OK(hrl_queue_add(queue, scenario, &entry, &run, &error));
  hrl_scenario_destroy(scenario);
  return run;
}

/* A run that is held at the gate must not go on, and end, before its trainer was told. */
static void wait_told(hrl_queue *queue, uint64_t run) {
  for (bool told = false; !told; usleep(500)) {
    pthread_mutex_lock(&queue->mutex);
    for (const struct hrlp_job *job = queue->jobs; job != NULL; job = job->next)
      told = told || (job->id == run && (job->held || job->stopping));
    pthread_mutex_unlock(&queue->mutex);
  }
}

static void wait_idle(hrl_queue *queue) {
  int idle = 0;
  OK(hrl_queue_wait(queue, -1, &idle, &error));
  ck_assert_int_eq(idle, 1);
}

/* As long as nobody stops it. */
#define LONG 1000000

/* ---- who runs when ---- */

START_TEST(runs_are_brought_to_their_ends) {
  hrl_queue *queue = open_queue("out", 2);
  wait_idle(queue);
  for (uint64_t i = 1; i <= 3; i++) ck_assert_uint_eq(add(queue, 24, 0), i);
  wait_idle(queue);
  hrl_queue_close(queue);
  run_into("alone", 24);
  for (uint64_t i = 1; i <= 3; i++) {
    char folder[32];
    hrl_run run = get_run("out", i);
    ck_assert_int_eq(run.state, HRL_RUN_COMPLETED);
    ck_assert_int_eq(run.in_queue, 0);
    ck_assert_int_eq(run.own_folder, 1);
    ck_assert_uint_eq(run.parts, 1);
    ck_assert_uint_eq(run.episode, 24);
    ck_assert_uint_eq(strlen(run.queued_time), 26);
    ck_assert_str_le(run.queued_time, run.start_time);
    ck_assert_uint_eq(times(i, HRL_EVENT_STARTED), 1);
    ck_assert_uint_eq(times(i, HRL_EVENT_COMPLETED), 1);
    ck_assert_uint_eq(times(i, QUEUE(HRL_QUEUE_ENDED)), 1);
    ck_assert_uint_gt(place_of(i, QUEUE(HRL_QUEUE_ENDED)),
                      place_of(i, HRL_EVENT_COMPLETED));
    snprintf(folder, sizeof folder, "out/runs/%u", (unsigned)i);
    assert_same_output("alone", folder, 24);
    ck_assert_uint_eq(progress_of("out", i, 0).count, 24);
  }
  ck_assert_int_le(story.most_running, 2);
  ck_assert_uint_eq(count_runs("out"), 3);
  ck_assert_str_eq(remarks.text, "");
}
END_TEST

START_TEST(the_highest_priority_begins_and_of_equals_the_oldest) {
  static const int32_t priorities[] = {0, 5, -3, 5, 0};
  static const uint64_t order[] = {2, 4, 1, 5, 3};
  hrl_queue *queue = open_queue("out", 0);
  for (size_t i = 0; i < 5; i++) add(queue, 8, priorities[i]);
  int idle = 0;
  OK(hrl_queue_wait(queue, 0, &idle, &error));
  hrl_queue_close(queue);
  for (uint64_t i = 1; i <= 5; i++) ck_assert_int_eq(state_of(i), HRL_RUN_QUEUED);
  forget(0);
  queue = open_queue("out", 1);
  wait_idle(queue);
  hrl_queue_close(queue);
  size_t started = 0;
  for (size_t i = 0; i < story.count; i++)
    if (story.events[i].kind == HRL_EVENT_STARTED)
      ck_assert_uint_eq(story.events[i].run, order[started++]);
  ck_assert_uint_eq(started, 5);
  ck_assert_int_eq(story.most_running, 1);
}
END_TEST

START_TEST(threads_are_shared_out) {
  forget(1);
  hrl_queue *queue = open_queue("out", 2);
  add(queue, LONG, 0); /* alone: both threads */
  sem_wait(&story.reached);
  add(queue, LONG, 0); /* beside it: its share */
  sem_wait(&story.reached);
  ck_assert_int_eq(story.most_running, 2);
  ck_assert_uint_eq(add(queue, 8, 9), 3); /* no room, whatever its priority */
  hrl_queue_suspend(queue);
  sem_post(&story.gate);
  sem_post(&story.gate);
  hrl_queue_close(queue);
  ck_assert_uint_eq(get_run("out", 1).threads, 2);
  ck_assert_uint_eq(get_run("out", 2).threads, 1);
  for (uint64_t i = 1; i <= 3; i++) ck_assert_int_eq(state_of(i), HRL_RUN_QUEUED);
  ck_assert_uint_eq(times(3, HRL_EVENT_STARTED), 0);
}
END_TEST

/* ---- changes ---- */

START_TEST(a_paused_run_makes_room) {
  hrl_queue *queue = open_queue("out", 1);
  forget(3);
  add(queue, 40, 0);
  sem_wait(&story.reached);
  OK(hrl_queue_pause(queue, 1, &error));
  wait_told(queue, 1);
  story.hold_at = 0;
  sem_post(&story.gate);
  wait_for(1, HRL_EVENT_PAUSED);
  add(queue, 16, 0);
  wait_idle(queue); /* a paused run waits for somebody, not for its turn */
  ck_assert_int_eq(state_of(2), HRL_RUN_COMPLETED);
  ck_assert_int_eq(state_of(1), HRL_RUN_PAUSED);
  OK(hrl_queue_resume(queue, 1, &error));
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_COMPLETED);
  ck_assert_int_eq(story.most_running, 1);
  ck_assert_uint_eq(times(1, HRL_EVENT_RESUMED), 1);
  run_into("alone", 40);
  assert_same_output("alone", "out/runs/1", 40);
}
END_TEST

START_TEST(a_resumed_run_waits_for_room) {
  hrl_queue *queue = open_queue("out", 1);
  forget(3);
  add(queue, 16, 0);
  sem_wait(&story.reached);
  OK(hrl_queue_pause(queue, 1, &error));
  wait_told(queue, 1);
  sem_post(&story.gate);
  wait_for(1, HRL_EVENT_PAUSED);
  add(queue, 16, -1);
  sem_wait(&story.reached);
  OK(hrl_queue_resume(queue, 1, &error));
  add(queue, 16, 0);
  story.hold_at = 0;
  sem_post(&story.gate);
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(story.most_running, 1);
  ck_assert_uint_lt(place_of(2, HRL_EVENT_COMPLETED), place_of(1, HRL_EVENT_RESUMED));
  ck_assert_uint_lt(place_of(1, HRL_EVENT_COMPLETED), place_of(3, HRL_EVENT_STARTED));
}
END_TEST

START_TEST(a_pause_that_is_taken_back_at_once_keeps_its_room) {
  hrl_queue *queue = open_queue("out", 1);
  forget(3);
  add(queue, 16, 0);
  sem_wait(&story.reached);
  OK(hrl_queue_pause(queue, 1, &error));
  OK(hrl_queue_resume(queue, 1, &error));
  sem_post(&story.gate);
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_COMPLETED);
}
END_TEST

START_TEST(who_waits_can_be_paused_and_cancelled) {
  hrl_queue *queue = open_queue("out", 0);
  for (int i = 0; i < 4; i++) add(queue, 8, 0);
  OK(hrl_queue_pause(queue, 1, &error));
  OK(hrl_queue_pause(queue, 2, &error));
  OK(hrl_queue_resume(queue, 2, &error));
  OK(hrl_queue_cancel(queue, 3, &error));
  OK(hrl_queue_stop(queue, 4, &error));
  hrl_queue_close(queue);
  ck_assert_uint_eq(place_of(1, QUEUE(HRL_QUEUE_PAUSED)), 4);
  ck_assert_uint_eq(place_of(2, QUEUE(HRL_QUEUE_RESUMED)), 6);
  ck_assert_uint_eq(place_of(4, QUEUE(HRL_QUEUE_CANCELLED)), 8);
  ck_assert_int_eq(state_of(1), HRL_RUN_PAUSED);
  ck_assert_int_eq(state_of(2), HRL_RUN_QUEUED);
  ck_assert_int_eq(state_of(3), HRL_RUN_STOPPED);
  ck_assert_int_eq(state_of(4), HRL_RUN_STOPPED);
  ck_assert_uint_gt(strlen(get_run("out", 4).end_time), 0);
  queue = open_queue("out", 2);
  wait_idle(queue);
  ck_assert_int_eq(state_of(2), HRL_RUN_COMPLETED);
  ck_assert_int_eq(state_of(1), HRL_RUN_PAUSED);
  ck_assert_uint_eq(get_run("out", 3).parts, 0);
  OK(hrl_queue_resume(queue, 3, &error)); /* after all */
  OK(hrl_queue_resume(queue, 1, &error));
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_COMPLETED);
  ck_assert_int_eq(state_of(3), HRL_RUN_COMPLETED);
  ck_assert_int_eq(state_of(4), HRL_RUN_STOPPED);
}
END_TEST

START_TEST(a_run_that_was_stopped_goes_on_to_the_bit) {
  hrl_queue *queue = open_queue("out", 1);
  forget(13);
  add(queue, 40, 0);
  sem_wait(&story.reached);
  FAILS(hrl_queue_cancel(queue, 1, &error), HRL_ERROR_STATE, "is running");
  OK(hrl_queue_stop(queue, 1, &error));
  FAILS(hrl_queue_resume(queue, 1, &error), HRL_ERROR_STATE, "not in the queue");
  wait_told(queue, 1);
  story.hold_at = 0;
  sem_post(&story.gate);
  wait_idle(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_STOPPED);
  ck_assert_uint_eq(times(1, HRL_EVENT_STOPPED), 1);
  FAILS(hrl_queue_stop(queue, 1, &error), HRL_ERROR_STATE,
        "is stopped, not in the queue");
  FAILS(hrl_queue_pause(queue, 1, &error), HRL_ERROR_STATE, "cannot be paused");
  OK(hrl_queue_resume(queue, 1, &error));
  wait_idle(queue);
  FAILS(hrl_queue_resume(queue, 1, &error), HRL_ERROR_STATE, "is completed");
  FAILS(hrl_queue_resume(queue, 9, &error), HRL_ERROR_NOT_FOUND, "no run 9");
  hrl_queue_close(queue);
  hrl_run run = get_run("out", 1);
  ck_assert_int_eq(run.state, HRL_RUN_COMPLETED);
  ck_assert_uint_eq(run.parts, 2);
  run_into("alone", 40);
  assert_same_output("alone", "out/runs/1", 40);
}
END_TEST

START_TEST(another_handle_changes_what_this_one_runs) {
  hrl_queue *queue = open_queue("out", 1);
  hrl_queue *other = open_queue("out", 0);
  forget(3);
  add(other, LONG, 0);
  sem_wait(&story.reached);
  OK(hrl_queue_pause(other, 1, &error));
  sem_post(&story.gate);
  wait_for(1, HRL_EVENT_PAUSED);
  OK(hrl_queue_resume(other, 1, &error));
  wait_for(1, HRL_EVENT_RESUMED);
  OK(hrl_queue_stop(other, 1, &error));
  wait_for(1, HRL_EVENT_STOPPED);
  wait_idle(queue);
  hrl_queue_close(other);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_STOPPED);
}
END_TEST

/* ---- what outlives a process ---- */

START_TEST(a_queue_goes_on_where_it_was_closed) {
  hrl_queue *queue = open_queue("out", 2);
  forget(13);
  for (int i = 0; i < 4; i++) add(queue, 40, 0);
  sem_wait(&story.reached);
  sem_wait(&story.reached);
  OK(hrl_queue_pause(queue, 2, &error));
  hrl_queue_suspend(queue);
  wait_told(queue, 1);
  wait_told(queue, 2);
  sem_post(&story.gate);
  sem_post(&story.gate);
  wait_idle(queue);
  FAILS(hrl_queue_add(queue, NULL, NULL, NULL, &error), HRL_ERROR_ARGUMENT, "scenario");
  hrl_scenario *scenario = make_scenario();
  FAILS(hrl_queue_add(queue, scenario, NULL, NULL, &error), HRL_ERROR_STATE, "suspended");
  hrl_scenario_destroy(scenario);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_QUEUED);
  ck_assert_int_eq(state_of(2), HRL_RUN_PAUSED);
  ck_assert_uint_ge(get_run("out", 1).episode, 13);
  ck_assert_uint_eq(place_of(3, HRL_EVENT_STARTED), SIZE_MAX);
  forget(0);
  queue = open_queue("out", 2);
  wait_idle(queue);
  ck_assert_int_eq(state_of(2), HRL_RUN_PAUSED);
  OK(hrl_queue_resume(queue, 2, &error));
  wait_idle(queue);
  hrl_queue_close(queue);
  run_into("alone", 40);
  for (uint64_t i = 1; i <= 4; i++) {
    char folder[32];
    snprintf(folder, sizeof folder, "out/runs/%u", (unsigned)i);
    assert_same_output("alone", folder, 40);
    ck_assert_int_eq(state_of(i), HRL_RUN_COMPLETED);
    ck_assert_uint_eq(get_run("out", i).parts, i <= 2 ? 2 : 1);
    ck_assert_uint_eq(progress_of("out", i, 0).count, 40);
  }
}
END_TEST

START_TEST(two_who_work_on_one_queue_share_it) {
  hrl_queue *queues[3];
  for (size_t i = 0; i < 3; i++) queues[i] = open_queue("out", 1);
  for (int i = 0; i < 12; i++) add(queues[0], 16, 0);
  for (size_t i = 0; i < 3; i++) wait_idle(queues[i]);
  for (size_t i = 0; i < 3; i++) hrl_queue_close(queues[i]);
  for (uint64_t i = 1; i <= 12; i++) {
    ck_assert_int_eq(state_of(i), HRL_RUN_COMPLETED);
    ck_assert_uint_eq(get_run("out", i).parts, 1);
    ck_assert_uint_eq(times(i, HRL_EVENT_STARTED), 1);
    ck_assert_uint_eq(times(i, HRL_EVENT_COMPLETED), 1);
  }
}
END_TEST

/* Its end was not recorded any more: nothing is trained twice. */
START_TEST(a_run_that_ended_unrecorded_only_ends_again) {
  hrl_queue *queue = open_queue("out", 1);
  add(queue, 24, 0);
  wait_idle(queue);
  hrl_queue_close(queue);
  execute("out/runs.db", "UPDATE runs SET state = 1, queue = 1");
  ck_assert_int_eq(state_of(1), HRL_RUN_INTERRUPTED);
  run_into("alone", 24);
  queue = open_queue("out", 1);
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_COMPLETED);
  assert_same_output("alone", "out/runs/1", 24);
  execute("out/runs.db", "UPDATE runs SET queue = 1"); /* completed, but not taken out */
  forget(0);
  queue = open_queue("out", 1);
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_uint_eq(story.count, 0);
  ck_assert_int_eq(state_of(1), HRL_RUN_COMPLETED);
}
END_TEST

/* ---- files ---- */

static hrl_status add_in_output(hrl_queue *queue, uint64_t *run, hrl_error *error) {
  hrl_trainer_options options = short_run(16, NULL);
  hrl_queue_entry entry = HRL_QUEUE_ENTRY_INIT;
  hrl_scenario *scenario = make_scenario();
  entry.options = &options;
  entry.in_output = entry.at_once = 1;
  hrl_status status = hrl_queue_add(queue, scenario, &entry, run, error);
  hrl_scenario_destroy(scenario);
  return status;
}

START_TEST(no_two_runs_write_the_same_files) {
  hrl_queue *queue = open_queue("out", 2);
  forget(3);
  OK(add_in_output(queue, NULL, &error));
  sem_wait(&story.reached);
  OK(add_in_output(queue, NULL, &error));
  sem_wait(&story.reached);
  story.hold_at = 0;
  sem_post(&story.gate);
  sem_post(&story.gate);
  wait_idle(queue);
  OK(add_in_output(queue, NULL, &error)); /* nobody's any more */
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(get_run("out", 1).own_folder, 0);
  ck_assert_int_eq(get_run("out", 2).own_folder, 1);
  ck_assert_int_eq(get_run("out", 3).own_folder, 0);
  for (uint64_t i = 1; i <= 3; i++) ck_assert_int_eq(state_of(i), HRL_RUN_COMPLETED);
  assert_same_output("out", "out/runs/2", 16);
  hrl_runs *runs = open_runs("out");
  char *path = NULL;
  OK(hrl_runs_model(runs, 2, &path, &error));
  ck_assert_str_eq(path, "out/runs/2/checkpoints/trial/checkpoint_episode_16");
  hrl_free(path);
  FAILS(hrl_runs_model(runs, 1, &path, &error), HRL_ERROR_NOT_FOUND, "no checkpoint");
  hrl_runs_close(runs);
}
END_TEST

START_TEST(files_in_use_are_waited_for_or_refused) {
  ck_assert(mkdir("out", 0777) == 0 && mkdir("out/checkpoints", 0777) == 0 &&
            mkdir("out/checkpoints/trial", 0777) == 0);
  struct hrlp_lock lock;
  OK(hrlp_lock_take(&lock, "out/checkpoints/trial/.lock", &error));
  hrl_queue *queue = open_queue("out", 1);
  OK(add_in_output(queue, NULL, &error));
  wait_for(1, QUEUE(HRL_QUEUE_FAILED));
  wait_idle(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_FAILED);
  ck_assert_str_eq(get_run("out", 1).error, story.problem);
  execute("out/runs.db", "UPDATE runs SET queue = 1, state = 0, error = NULL");
  while (!was_remarked(&remarks, ".lock")) usleep(500);
  ck_assert_int_ne(state_of(1), HRL_RUN_FAILED);
  hrlp_lock_release(&lock);
  wait_for(1, HRL_EVENT_COMPLETED);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_COMPLETED);
}
END_TEST

START_TEST(who_was_taken_and_finds_no_room_is_queued) {
  hrl_queue *queue = open_queue("out", 1);
  hrl_runs *runs = NULL;
  forget(3);
  OK(add_in_output(queue, NULL, &error));
  sem_wait(&story.reached);
  OK(add_in_output(queue, NULL, &error));
  OK(hrl_runs_open("out", &runs, &error));
  ck_assert_int_eq(state_of(2), HRL_RUN_QUEUED);
  FAILS(hrl_runs_delete(runs, 2, &error), HRL_ERROR_STATE, "about to begin");
  OK(hrl_queue_pause(queue, 2, &error));
  wait_for(2, QUEUE(HRL_QUEUE_PAUSED));
  ck_assert_int_eq(state_of(2), HRL_RUN_PAUSED);
  FAILS(hrl_runs_delete(runs, 2, &error), HRL_ERROR_STATE, "run 2 is paused; stop");
  OK(hrl_queue_resume(queue, 2, &error));
  story.hold_at = 0;
  sem_post(&story.gate);
  wait_for(2, HRL_EVENT_COMPLETED);
  wait_idle(queue);
  ck_assert_int_eq(state_of(2), HRL_RUN_COMPLETED);
  OK(hrl_runs_delete(runs, 2, &error));
  hrl_runs_close(runs);
  hrl_queue_close(queue);
}
END_TEST

/* Another handle, which stops run 1 when its files are found to be in use. */
static void stop_at_lock(const char *message, void *other) {
  if (strstr(message, ".lock") != NULL) OK(hrl_queue_stop(other, 1, &error));
}

START_TEST(a_run_that_is_stopped_while_it_cannot_begin_has_ended) {
  ck_assert(mkdir("out", 0777) == 0 && mkdir("out/checkpoints", 0777) == 0 &&
            mkdir("out/checkpoints/trial", 0777) == 0);
  struct hrlp_lock lock;
  OK(hrlp_lock_take(&lock, "out/checkpoints/trial/.lock", &error));
  hrl_queue *other = open_queue("out", 0), *queue = NULL;
  hrl_queue_entry entry = HRL_QUEUE_ENTRY_INIT;
  hrl_trainer_options run = short_run(8, NULL);
  hrl_scenario *scenario = make_scenario();
  entry.options = &run;
  entry.in_output = 1;
  OK(hrl_queue_add(other, scenario, &entry, NULL, &error));
  hrl_scenario_destroy(scenario);
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  options.output = "out";
  options.listener = listen_to;
  options.log = stop_at_lock;
  options.log_data = other;
  OK(hrl_queue_open(&options, &queue, &error));
  wait_for(1, QUEUE(HRL_QUEUE_ENDED));
  ck_assert_uint_lt(place_of(1, QUEUE(HRL_QUEUE_CANCELLED)),
                    place_of(1, QUEUE(HRL_QUEUE_ENDED)));
  ck_assert_int_eq(state_of(1), HRL_RUN_STOPPED);
  ck_assert_str_ne(get_run("out", 1).end_time, "");
  hrlp_lock_release(&lock);
  OK(hrl_queue_resume(other, 1, &error));
  wait_for(1, HRL_EVENT_COMPLETED);
  hrl_queue_close(queue);
  hrl_queue_close(other);
}
END_TEST

/* ---- what goes wrong ---- */

START_TEST(a_record_that_cannot_be_used) {
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  hrl_queue *queue = NULL;
  ck_assert(mkdir("out", 0777) == 0);
  execute("out/runs.db", "CREATE TABLE theirs(x)");
  options.output = "out";
  options.listener = listen_to;
  options.log = remember_remark;
  options.log_data = &remarks;
  FAILS(hrl_queue_open(&options, &queue, &error), HRL_ERROR_FORMAT, "not a run database");
  ck_assert_ptr_null(queue);
  options.unrecorded = 1;
  OK(hrl_queue_open(&options, &queue, &error));
  uint64_t first = 0;
  uint64_t second = 0;
  forget(3);
  OK(add_in_output(queue, &first, &error));
  sem_wait(&story.reached);
  OK(add_in_output(queue, &second, &error));
  ck_assert_uint_eq(first, (uint64_t)1 << 40);
  ck_assert_uint_eq(second, first + 1);
  FAILS(hrl_queue_cancel(queue, first, &error), HRL_ERROR_STATE, "has started");
  OK(hrl_queue_pause(queue, second, &error));
  wait_for(second, QUEUE(HRL_QUEUE_PAUSED));
  OK(hrl_queue_cancel(queue, second, &error));
  wait_for(second, QUEUE(HRL_QUEUE_CANCELLED));
  sem_post(&story.gate);
  wait_idle(queue);
  FAILS(hrl_queue_pause(queue, first, &error), HRL_ERROR_NOT_FOUND, "not recorded");
  hrl_queue_close(queue);
  ck_assert_uint_eq(times(first, HRL_EVENT_COMPLETED), 1);
  ck_assert(was_remarked(&remarks, "is not recorded"));
  run_into("alone", 16);
  assert_same_output("alone", "out", 16);
}
END_TEST

/* Who hears of the end may use the files: another run may write them at once. */
START_TEST(a_run_that_has_ended_has_let_go) {
  hrl_queue *queue = open_queue("out", 1);
  story.looks = true;
  for (uint64_t run = 1; run <= 3; run++) {
    OK(add_in_output(queue, NULL, &error));
    wait_for(run, QUEUE(HRL_QUEUE_ENDED));
    ck_assert_int_eq(story.state_at_end, HRL_RUN_COMPLETED);
    ck_assert_int_eq(get_run("out", run).own_folder, 0);
    struct hrlp_lock lock;
    OK(hrlp_lock_take(&lock, "out/checkpoints/trial/.lock", &error));
    hrlp_lock_release(&lock);
  }
  hrl_queue_close(queue);
}
END_TEST

/* A record that fails in the midst, as on a full disk, leaves who runs in reach. */
START_TEST(a_run_is_stopped_although_the_record_fails) {
  hrl_queue *queue = open_queue("out", 1);
  forget(3);
  add(queue, LONG, 0);
  add(queue, 8, 0);
  sem_wait(&story.reached);
  execute("out/runs.db", "ALTER TABLE runs RENAME TO gone");
  OK(hrl_queue_pause(queue, 1, &error));
  wait_told(queue, 1);
  story.hold_at = 0;
  sem_post(&story.gate);
  wait_for(1, HRL_EVENT_PAUSED);
  FAILS(hrl_queue_pause(queue, 2, &error), HRL_ERROR_FORMAT, "no such table");
  OK(hrl_queue_stop(queue, 1, &error));
  wait_for(1, QUEUE(HRL_QUEUE_ENDED));
  ck_assert_uint_eq(times(1, HRL_EVENT_STOPPED), 1);
  execute("out/runs.db", "ALTER TABLE gone RENAME TO runs");
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_STOPPED);
  ck_assert_int_eq(state_of(2), HRL_RUN_COMPLETED);
  ck_assert_uint_eq(times(1, QUEUE(HRL_QUEUE_ENDED)), 1);
}
END_TEST

START_TEST(a_run_that_cannot_be_read_any_more_fails) {
  hrl_queue *queue = open_queue("out", 0);
  add(queue, 8, 0);
  add(queue, 8, 0);
  execute("out/runs.db",
          "INSERT INTO scenarios(hash, text) VALUES('x', 'environment: {income: -1}');"
          "UPDATE runs SET scenario_id = 2 WHERE id = 1");
  hrl_queue_close(queue);
  queue = open_queue("out", 1);
  wait_idle(queue);
  hrl_queue_close(queue);
  ck_assert_int_eq(state_of(1), HRL_RUN_FAILED);
  ck_assert_ptr_nonnull(strstr(get_run("out", 1).error, "income"));
  ck_assert_int_eq(state_of(2), HRL_RUN_COMPLETED);
}
END_TEST

START_TEST(what_is_wrong_is_refused) {
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  hrl_queue *queue = NULL;
  FAILS(hrl_queue_open(NULL, &queue, &error), HRL_ERROR_ARGUMENT, "hrl_queue_open");
  FAILS(hrl_queue_open(&options, &queue, &error), HRL_ERROR_ARGUMENT, "output");
  options.output = "out";
  options.concurrency = 65;
  FAILS(hrl_queue_open(&options, &queue, &error), HRL_ERROR_ARGUMENT, "concurrency");
  options.concurrency = 1;
  options.threads = 257;
  FAILS(hrl_queue_open(&options, &queue, &error), HRL_ERROR_ARGUMENT, "threads");
  queue = open_queue("out", 1);
  FAILS(hrl_queue_stop(queue, 1, &error), HRL_ERROR_NOT_FOUND, "no runs are recorded");
  FAILS(hrl_queue_stop(queue, UINT64_MAX, &error), HRL_ERROR_ARGUMENT, "a run");
  FAILS(hrl_queue_wait(NULL, 0, NULL, &error), HRL_ERROR_ARGUMENT, "hrl_queue_wait");
  hrl_trainer_options bad = short_run(8, NULL);
  hrl_queue_entry entry = HRL_QUEUE_ENTRY_INIT;
  hrl_scenario *scenario = make_scenario();
  bad.save_interval = 0;
  entry.options = &bad;
  FAILS(hrl_queue_add(queue, scenario, &entry, NULL, &error), HRL_ERROR_ARGUMENT,
        "save_interval");
  hrl_scenario_destroy(scenario);
  ck_assert(!exists("out"));
  hrl_queue_close(queue);
  hrl_queue_close(NULL);
  hrl_queue_suspend(NULL);
}
END_TEST

static void begin_test(void) {
  enter_room();
  memset(&remarks, 0, sizeof remarks);
  memset(&story, 0, sizeof story);
  pthread_mutex_init(&story.mutex, NULL);
  sem_init(&story.reached, 0, 0);
  sem_init(&story.gate, 0, 0);
}

int main(void) {
  Suite *suite = suite_create("queue");
  TCase *tests = tcase_create("queue");
  tcase_add_checked_fixture(tests, begin_test, leave_room);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, runs_are_brought_to_their_ends);
  tcase_add_test(tests, the_highest_priority_begins_and_of_equals_the_oldest);
  tcase_add_test(tests, threads_are_shared_out);
  tcase_add_test(tests, a_paused_run_makes_room);
  tcase_add_test(tests, a_resumed_run_waits_for_room);
  tcase_add_test(tests, a_pause_that_is_taken_back_at_once_keeps_its_room);
  tcase_add_test(tests, who_waits_can_be_paused_and_cancelled);
  tcase_add_test(tests, a_run_that_was_stopped_goes_on_to_the_bit);
  tcase_add_test(tests, another_handle_changes_what_this_one_runs);
  tcase_add_test(tests, a_queue_goes_on_where_it_was_closed);
  tcase_add_test(tests, two_who_work_on_one_queue_share_it);
  tcase_add_test(tests, a_run_that_ended_unrecorded_only_ends_again);
  tcase_add_test(tests, no_two_runs_write_the_same_files);
  tcase_add_test(tests, files_in_use_are_waited_for_or_refused);
  tcase_add_test(tests, who_was_taken_and_finds_no_room_is_queued);
  tcase_add_test(tests, a_run_that_is_stopped_while_it_cannot_begin_has_ended);
  tcase_add_test(tests, a_record_that_cannot_be_used);
  tcase_add_test(tests, a_run_that_has_ended_has_let_go);
  tcase_add_test(tests, a_run_is_stopped_although_the_record_fails);
  tcase_add_test(tests, a_run_that_cannot_be_read_any_more_fails);
  tcase_add_test(tests, what_is_wrong_is_refused);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
