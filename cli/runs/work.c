/* hrl-runs queue work: runs what waits. */
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <hrl/queue.h>

#include "common/console.h"
#include "common/json_text.h"
#include "runs/commands.h"

#define LOOK_MS 100

struct work {
  bool json;
  atomic_uint failed; /* runs */
};

/* A line at a time, whichever run's thread has something to tell. */
static void print_line(const struct work *work, uint64_t run, const char *what,
                       const char *scenario, const hrl_event *event, const char *why) {
  if (!work->json) {
    flockfile(stdout);
    printf("run %" PRIu64 "  %s", run, what);
    if (scenario != NULL) printf("  %s", scenario);
    if (event != NULL)
      printf("  episode %" PRIu64 "/%" PRIu64, event->episode, event->total_episodes);
    if (why != NULL) printf("  %s", why);
    putchar('\n');
    (void)fflush(stdout); /* the next line tells, if anybody is left */
    funlockfile(stdout);
    return;
  }
  json_t *object = json_pack("{s:s, s:I, s:o}", "event", what, "run", (json_int_t)run,
                             "scenario", json_text(scenario));
  if (object != NULL && event != NULL) {
    json_object_set_new(object, "episode", json_integer((json_int_t)event->episode));
    json_object_set_new(object, "total_episodes",
                        json_integer((json_int_t)event->total_episodes));
  }
  if (object != NULL && why != NULL)
    json_object_set_new(object, "reason", json_text(why));
  char *text = object != NULL ? json_print(object, 0) : NULL;
  if (text != NULL) {
    flockfile(stdout);
    puts(text);
    (void)fflush(stdout); /* the next line tells, if anybody is left */
    funlockfile(stdout);
  }
  free(text);
  json_decref(object);
}

static void tell_training(struct work *work, uint64_t run, const hrl_event *event) {
  static const struct {
    hrl_event_type type;
    const char *what;
  } lines[] = {{HRL_EVENT_STARTED, "started"},     {HRL_EVENT_PAUSED, "paused"},
               {HRL_EVENT_RESUMED, "resumed"},     {HRL_EVENT_STOPPED, "stopped"},
               {HRL_EVENT_COMPLETED, "completed"}, {HRL_EVENT_ERROR, "failed"}};
  if (event->type == HRL_EVENT_ERROR) atomic_fetch_add(&work->failed, 1);
  const char *why = event->error != NULL ? event->error->message : event->reason;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    if (lines[i].type == event->type)
      print_line(work, run, lines[i].what, event->scenario, event, why);
}

static void tell(const hrl_queue_event *event, void *data) {
  struct work *work = data;
  switch (event->type) {
    case HRL_QUEUE_TRAINING:
      tell_training(work, event->run, event->event);
      break;
    case HRL_QUEUE_FAILED:
      atomic_fetch_add(&work->failed, 1);
      print_line(work, event->run, "failed", NULL, NULL, event->error->message);
      break;
    case HRL_QUEUE_ADDED:
    case HRL_QUEUE_PAUSED:
    case HRL_QUEUE_RESUMED:
    case HRL_QUEUE_CANCELLED:
    case HRL_QUEUE_ENDED:
      break;
  }
}

static void note(const char *message, void *data) {
  (void)data;
  console_notes(message);
}

/* The signals that end the work; they are blocked, and asked for. */
static void block_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* Works until nothing waits, or a signal ends it; gives the signal. */
static int work_on(hrl_queue *queue, bool watch, const sigset_t *signals) {
  int first = 0;
  int idle = 0;
  for (;;) {
    struct timespec pause = {.tv_nsec = idle ? LOOK_MS * 1000000L : 0};
    int signal_number = sigtimedwait(signals, NULL, &pause);
    if (signal_number > 0 && first != 0) _exit(128 + signal_number);
    if (signal_number > 0) {
      first = signal_number;
      hrl_queue_suspend(queue);
    }
    hrl_queue_wait(queue, LOOK_MS, &idle, NULL);
    if (idle && (!watch || first != 0)) return first;
  }
}

int runs_queue_work(const struct command_line *line) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_queue *queue = NULL;
  sigset_t signals;
  struct work work = {.json = line->values[RUNS_JSON].given};
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  options.output = line->values[RUNS_OUTPUT].text;
  options.concurrency = (uint32_t)line->values[RUNS_CONCURRENCY].number;
  options.threads = (uint32_t)line->values[RUNS_THREADS].number;
  options.listener = tell;
  options.data = &work;
  options.log = note;
  block_signals(&signals);
  if (hrl_queue_open(&options, &queue, &error) != HRL_OK) {
    console_error("%s", error.message);
    return EXIT_FAILED;
  }
  int signal_number = work_on(queue, line->values[RUNS_WATCH].given, &signals);
  hrl_queue_close(queue);
  if (signal_number != 0) {
    console_error("stopped and saved; 'hrl-runs queue work' continues");
    return 128 + signal_number;
  }
  return atomic_load(&work.failed) == 0 ? EXIT_DONE : EXIT_FAILED;
}
