/* Pausing, resuming and stopping: a worker passes the request to the queue; the answer is
 * sent once it has taken effect. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <hrl/runs.h>

#include "common/options.h"
#include "serve/api/task.h"
#include "serve/api/training.h"
#include "serve/api/training_json.h"
#include "serve/api/training_state.h"
#include "serve/http/log.h"

/* As for a start. */
#define BEGIN_TIME MICROSECONDS_PER_SECOND
/* Numbers from here on are of runs that are not recorded. */
#define UNRECORDED ((uint64_t)1 << 40)

#define EXAMPLE "POST /api/training/runs/%" PRIu64 "/stop"

struct change {
  struct job job;
  struct training *training;
  struct request *request; /* NULL: its client has left */
  enum training_change kind;
  bool plain;    /* POST /api/training/stop */
  bool was_live; /* this process had it, and tells of its end */
  uint64_t run;  /* 0: the only one that the record has for it */
  /* what the worker found */
  bool worked;
  bool several;
  bool recorded;   /* `record` is set */
  bool was_paused; /* by an earlier request; clients know */
  hrl_run record;
  hrl_error error;
};

/* ---- on the worker ---- */

static int take_only(const hrl_run *run, void *data) {
  struct change *change = data;
  if (!run->in_queue) return 0;
  change->several = change->run != 0;
  change->run = run->id;
  return change->several;
}

/* The only run that can be changed so; leaves 0, or `several`. */
static void find_only(struct change *change, hrl_runs *runs) {
  hrl_runs_filter filter = HRL_RUNS_FILTER_INIT;
  filter.states = change->kind == CHANGE_RESUME
                      ? 1U << HRL_RUN_PAUSED
                      : 1U << HRL_RUN_QUEUED | 1U << HRL_RUN_RUNNING;
  hrl_runs_list(runs, &filter, take_only, change, &change->error);
}

static hrl_status tell_queue(struct change *change) {
  hrl_queue *queue = change->training->queue;
  switch (change->kind) {
    case CHANGE_PAUSE:
      return hrl_queue_pause(queue, change->run, &change->error);
    case CHANGE_RESUME:
      return hrl_queue_resume(queue, change->run, &change->error);
    case CHANGE_STOP:
      return hrl_queue_stop(queue, change->run, &change->error);
  }
  return HRL_OK;
}

static void work(struct job *job) {
  struct change *change = holder_of(job, struct change, job);
  hrl_runs *runs = NULL;
  change->worked = true;
  if (change->run < UNRECORDED)
    hrl_runs_open(change->training->settings.models, &runs, NULL);
  if (change->run == 0 && runs != NULL) find_only(change, runs);
  if (change->run == 0 || change->several) {
    hrl_runs_close(runs);
    return;
  }
  change->record.size = sizeof change->record;
  change->was_paused = change->kind == CHANGE_PAUSE && runs != NULL &&
                       hrl_runs_get(runs, change->run, &change->record, NULL) == HRL_OK &&
                       change->record.state == HRL_RUN_PAUSED;
  if (tell_queue(change) == HRL_OK) {
    change->record = (hrl_run){.size = sizeof change->record};
    change->recorded =
        runs != NULL && hrl_runs_get(runs, change->run, &change->record, NULL) == HRL_OK;
  }
  hrl_runs_close(runs);
}

/* ---- on the loop ---- */

static void refuse(const struct change *change, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(const struct change *change, unsigned status, const char *format,
                   ...) {
  char detail[HRL_ERROR_MESSAGE_SIZE];
  va_list arguments;
  if (change->request == NULL) return;
  va_start(arguments, format);
  vsnprintf(detail, sizeof detail, format, arguments);
  va_end(arguments);
  request_reply_detail(change->request, status, "%s", detail);
}

static void reply(const struct change *change, unsigned status, json_t *json) {
  if (change->request != NULL)
    request_reply_json(change->request, status, json);
  else
    json_decref(json);
}

static void refuse_ended(const struct change *change, const char *why) {
  if (change->plain)
    refuse(change, 400, "No training in progress");
  else
    refuse(change, 409, "%s", why);
}

static void reply_error(const struct change *change) {
  const hrl_error *error = &change->error;
  switch (error->status) {
    case HRL_ERROR_NOT_FOUND:
      refuse(change, 404, "Run '%" PRIu64 "' not found", change->run);
      return;
    case HRL_ERROR_STATE:
      refuse_ended(change, error->message);
      return;
    case HRL_ERROR_LOCKED:
      refuse(change, 503,
             "The run database is locked by another program: try again later");
      return;
    default:
      log_note(change->training->settings.log_json, "%s", error->message);
      refuse(change, 500, "The run database cannot be used: %s",
             hrl_status_text(error->status));
  }
}

static void await(const struct change *change, const char *name, uint64_t total,
                  bool elsewhere) {
  static const enum waiter_kind kinds[] = {[CHANGE_PAUSE] = WAIT_FOR_PAUSE,
                                           [CHANGE_RESUME] = WAIT_FOR_RESUME,
                                           [CHANGE_STOP] = WAIT_FOR_STOP};
  struct waiter waiter = {.request = change->request,
                          .kind = kinds[change->kind],
                          .plain = change->plain,
                          .run = change->run,
                          .episode = change->record.episode,
                          .total = total,
                          .priority = change->record.priority,
                          .until = clock_now() + BEGIN_TIME,
                          .elsewhere = elsewhere};
  snprintf(waiter.name, sizeof waiter.name, "%s", name);
  waiters_add(&change->training->waiters, &waiter);
}

/* A run that waited, and that this process had not taken: it is done. */
static void conclude_waiting(const struct change *change, const struct run *run) {
  struct training *training = change->training;
  bool is_stop = change->kind == CHANGE_STOP;
  waiters_answer_queued(&training->waiters, run->id);
  if (is_stop || !change->was_paused)
    training_tell(training, MESSAGE_LIFECYCLE, run->id,
                  is_stop ? "training_stopped" : "training_paused",
                  training_json_reached(run));
  reply(change, 200, training_json_change_answer(run, is_stop ? "stopped" : "paused"));
}

/* The run ended before the request could take effect. */
static void conclude_ended(const struct change *change, const struct run *run) {
  if (change->kind != CHANGE_STOP)
    refuse_ended(change, "The run has ended");
  else if (run->end == RUN_FAILED)
    refuse(change, 500, "Training failed: %s", run->error);
  else
    reply(change, 200, training_json_stop_answer(run, change->plain));
}

/* The run is not this process', or no longer: it waited, or another is at work on it. */
static void conclude_elsewhere(const struct change *change) {
  struct run run;
  hrl_run_state state = change->record.state;
  bool is_pause = change->kind == CHANGE_PAUSE;
  training_run_of(&change->record, &run);
  if (change->kind == CHANGE_RESUME)
    await(change, run.name, run.total, state != HRL_RUN_QUEUED);
  else if (run.end == RUN_COMPLETED || run.end == RUN_FAILED ||
           (run.end == RUN_STOPPED && change->was_live))
    conclude_ended(change, &run);
  else if (state == (is_pause ? HRL_RUN_PAUSED : HRL_RUN_STOPPED))
    conclude_waiting(change, &run);
  else
    reply(change, 202,
          training_json_change_answer(&run, is_pause ? "pausing" : "stopping"));
}

static void await_live(const struct change *change, struct run *run) {
  if (change->kind == CHANGE_STOP) run->stopping = true;
  if (change->kind == CHANGE_RESUME && run->phase != RUN_PAUSED)
    waiters_refuse_pauses(&change->training->waiters, run->id);
  await(change, run->name, run->total, false);
}

static void conclude(const struct change *change) {
  struct training *training = change->training;
  struct run *run = runs_find(training->runs, change->run);
  bool is_live = run != NULL && run->phase != RUN_GONE;
  /* a second stop waits with the first */
  bool waits_too = change->error.status == HRL_ERROR_STATE && is_live &&
                   change->kind == CHANGE_STOP && run->stopping;
  if (!change->worked)
    refuse(change, 503, "The service is shutting down");
  else if (change->several)
    refuse(change, 409, "Several runs are in the queue: name one, as in " EXAMPLE,
           change->run);
  else if (change->run == 0)
    refuse(change, 400, "No training in progress");
  else if (change->error.status != HRL_OK && !waits_too)
    reply_error(change);
  else if (is_live)
    await_live(change, run);
  else if (change->recorded)
    conclude_elsewhere(change);
  else
    refuse_ended(change, "The run has ended");
}

static void done(struct job *job) {
  struct change *change = holder_of(job, struct change, job);
  if (change->request != NULL) change->request->gone = NULL;
  conclude(change);
  training_settle(change->training);
  free(change);
}

static void client_gone(struct request *request) {
  ((struct change *)request->owner)->request = NULL;
}

static void begin(struct training *training, struct request *request,
                  enum training_change kind, uint64_t run, bool plain) {
  struct change *change = calloc(1, sizeof *change);
  if (change == NULL) {
    request_reply_json(request, 500, NULL);
    return;
  }
  *change = (struct change){.job = {.work = work, .done = done},
                            .training = training,
                            .request = request,
                            .kind = kind,
                            .plain = plain,
                            .was_live = runs_find(training->runs, run) != NULL,
                            .run = run};
  if (workers_submit(training->workers, &change->job)) {
    request->owner = change;
    request->gone = client_gone;
    return;
  }
  free(change);
  request->retry_after = TASK_RETRY_SECONDS;
  request_reply_detail(request, 503, "The service is busy: try again later");
}

void training_handle_change(struct training *training, struct request *request,
                            enum training_change kind) {
  uint64_t run = 0;
  if (options_parse_number(request->parameter, 1, INT64_MAX, &run))
    begin(training, request, kind, run, false);
  else
    request_reply_detail(request, 404, "Run '%s' not found", request->parameter);
}

/* Names the runs that are on; `first` is one of them. */
static void refuse_several(const struct run *first, struct request *request) {
  char numbers[512];
  size_t length = 0;
  for (const struct run *run = first; run != NULL; run = run->next)
    if (run->phase != RUN_GONE && length < sizeof numbers)
      length += (size_t)snprintf(numbers + length, sizeof numbers - length, "%s%" PRIu64,
                                 length > 0 ? ", " : "", run->id);
  request_reply_detail(request, 409,
                       "Several runs are on: name one of %s, as in " EXAMPLE, numbers,
                       first->id);
}

void training_handle_only(struct training *training, struct request *request,
                          enum training_change kind) {
  bool is_stop = kind == CHANGE_STOP;
  unsigned count = runs_count(training->runs);
  const struct run *run = training->runs;
  while (run != NULL && run->phase == RUN_GONE) run = run->next;
  if (run != NULL && count > 1)
    refuse_several(run, request);
  else if (count == 0 && is_stop)
    request_reply_detail(request, 400, "No training in progress");
  else
    begin(training, request, kind, run != NULL ? run->id : 0, is_stop);
}
