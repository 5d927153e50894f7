#include "serve/api/training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/console.h"
#include "serve/api/training_json.h"
#include "serve/api/training_state.h"
#include "serve/http/log.h"

/* Requests that may wait for the record. */
#define WAITING_MAX 256

/* ---- on the threads of runs ---- */

static void wake(void *data) { loop_wake(((struct training *)data)->settings.loop); }

static void hear(const hrl_queue_event *event, void *data) {
  struct training *training = data;
  if (inbox_put(&training->inbox, event, wake, training)) wake(training);
}

static void log_remark(const char *message, void *data) {
  struct training *training = data;
  log_note(training->settings.log_json, "%s", message);
}

/* ---- news ---- */

static void set_episode(struct training *training, struct run *run,
                        const struct news *news) {
  if (run->begun != 0 && news->episode > run->episode)
    metrics_count_episodes(training->settings.metrics, news->episode - run->episode);
  run->episode = news->episode;
  run->total = news->total;
  if (!news->has_progress) return;
  run->progress = news->progress;
  run->has_progress = true;
}

static void take_start(struct training *training, struct run *run,
                       const struct news *news, const struct news_text *text) {
  set_episode(training, run, news);
  run->phase = RUN_TRAINING;
  run->begun = ++training->begun;
  snprintf(run->start_time, sizeof run->start_time, "%s", text->start_time);
  training_tell(training, MESSAGE_LIFECYCLE, run->id, "training_started",
                training_json_started(run));
}

/* A pause, or its end. */
static void take_pause(struct training *training, struct run *run, enum run_phase phase,
                       const char *event) {
  training_flush_progress(training, run);
  if (run->begun == 0) waiters_answer_queued(&training->waiters, run->id);
  run->phase = phase;
  training_tell(training, MESSAGE_LIFECYCLE, run->id, event, training_json_reached(run));
}

static void take_outcome(struct training *training, struct run *run,
                         const struct news *news, const struct news_text *text) {
  if (news->total != 0) set_episode(training, run, news);
  run->end = news->type == NEWS_COMPLETED ? RUN_COMPLETED
             : news->type == NEWS_STOPPED ? RUN_STOPPED
                                          : RUN_FAILED;
  snprintf(run->error, sizeof run->error, "%s", text->error);
}

/* The last of a run. Its outcome is told now that a client may use its files. */
static void take_end(struct training *training, struct run *run) {
  run->phase = RUN_GONE;
  if (run->end == RUN_ENDS) return; /* it goes back into the queue, and nobody knew it */
  training_flush_progress(training, run);
  if (run->begun == 0 && run->end == RUN_STOPPED)
    waiters_answer_queued(&training->waiters, run->id);
  metrics_count_end(training->settings.metrics, run->end);
  training->last = *run;
  training->has_last = true;
  if (run->end == RUN_COMPLETED)
    training_tell(training, MESSAGE_LIFECYCLE, run->id, "training_completed",
                  training_json_completed(run));
  else if (run->end == RUN_STOPPED)
    training_tell(training, MESSAGE_LIFECYCLE, run->id, "training_stopped",
                  training_json_reached(run));
  else
    training_tell_failure(
        training, run, run->begun != 0 ? "Training failed" : "Failed to start training");
}

static void take_news(struct training *training, struct run *run, const struct news *news,
                      const struct news_text *text) {
  switch (news->type) {
    case NEWS_STARTED:
      take_start(training, run, news, text);
      break;
    case NEWS_PROGRESS:
      set_episode(training, run, news);
      training_tell_progress(training, run);
      break;
    case NEWS_PAUSED:
      take_pause(training, run, RUN_PAUSED, "training_paused");
      break;
    case NEWS_RESUMED:
      take_pause(training, run, RUN_TRAINING, "training_resumed");
      break;
    case NEWS_QUEUED:
      take_pause(training, run, RUN_WAITING, "training_resumed");
      break;
    case NEWS_STOPPED:
    case NEWS_COMPLETED:
    case NEWS_FAILED:
      take_outcome(training, run, news, text);
      break;
    case NEWS_ENDED:
      take_end(training, run);
      break;
  }
}

/* Takes what the threads of runs have put into the inbox. */
static void take_all_news(void *data) {
  struct training *training = data;
  struct news news;
  struct news_text text;
  while (inbox_take(&training->inbox, &news, &text)) {
    struct run *run = news.type == NEWS_PROGRESS
                          ? runs_find(training->runs, news.run)
                          : runs_enter(&training->runs, news.run, text.scenario);
    if (run != NULL) take_news(training, run, &news, &text);
    if (news.type != NEWS_PROGRESS) training_settle(training);
  }
  inbox_set_quiet(&training->inbox,
                  runs_count_held(training->runs) == runs_count_training(training->runs));
}

static void hold_is_over(struct timer *timer) {
  struct training *training = holder_of(timer, struct training, hold);
  take_all_news(training);
  training_release_progress(training);
  inbox_set_quiet(&training->inbox,
                  runs_count_held(training->runs) == runs_count_training(training->runs));
}

/* ---- who waits ---- */

void training_settle(struct training *training) {
  int64_t now = clock_now();
  bool room = runs_count_training(training->runs) < training->settings.concurrency;
  waiters_settle(&training->waiters, training->runs, room, now);
  int64_t due = waiters_due(&training->waiters);
  if (due == INT64_MAX)
    timer_cancel(training->settings.loop, &training->patience);
  else
    timer_start(training->settings.loop, &training->patience, due > now ? due - now : 0);
  /* a start may be told of its run after that is gone */
  if (training->starting == 0) runs_forget(&training->runs, false);
}

static void patience_is_over(struct timer *timer) {
  training_settle(holder_of(timer, struct training, patience));
}

static void tell_queued(void *owner, const struct waiter *waiter) {
  training_tell(
      owner, MESSAGE_LIFECYCLE, waiter->run, "training_queued",
      training_json_queued(waiter->name, waiter->total, waiter->priority, waiter->run));
}

/* ---- beginning and end ---- */

static void suspend(struct job *job) {
  hrl_queue_suspend(holder_of(job, struct training, suspend)->queue);
}

static void suspended(struct job *job) { (void)job; }

static bool open_queue(struct training *training) {
  const struct training_settings *settings = &training->settings;
  hrl_error error = HRL_ERROR_INIT;
  hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
  options.output = settings->models;
  options.concurrency = settings->concurrency;
  options.threads = settings->threads;
  options.unrecorded = 1;
  options.listener = hear;
  options.data = training;
  options.log = log_remark;
  options.log_data = training;
  if (hrl_queue_open(&options, &training->queue, &error) == HRL_OK) return true;
  console_error("%s", error.message);
  return false;
}

struct training *training_create(const struct training_settings *settings) {
  struct training *training = calloc(1, sizeof *training);
  if (training == NULL) return NULL;
  training->settings = *settings;
  training->rate_limit.interval = settings->progress_interval;
  training->hold.run = hold_is_over;
  training->patience.run = patience_is_over;
  training->waiters.queued = tell_queued;
  training->waiters.owner = training;
  training->suspend = (struct job){.work = suspend, .done = suspended};
  inbox_begin(&training->inbox);
  loop_on_wake(settings->loop, take_all_news, training);
  training->workers = workers_create(settings->loop, 1, WAITING_MAX);
  if (training->workers != NULL && open_queue(training)) return training;
  training_destroy(training);
  return NULL;
}

void training_destroy(struct training *training) {
  if (training == NULL) return;
  inbox_close(&training->inbox);
  workers_destroy(training->workers);
  hrl_queue_close(training->queue);
  timer_cancel(training->settings.loop, &training->hold);
  timer_cancel(training->settings.loop, &training->patience);
  loop_on_wake(training->settings.loop, NULL, NULL);
  waiters_end(&training->waiters);
  runs_forget(&training->runs, true);
  inbox_end(&training->inbox);
  free(training);
}

unsigned training_count(const struct training *training) {
  return runs_count(training->runs);
}

bool training_is_on(const struct training *training) {
  return training->starting > 0 || runs_count(training->runs) > 0;
}

void training_end(struct training *training) {
  training->ending = true;
  if (!workers_submit(training->workers, &training->suspend)) suspend(&training->suspend);
}

void training_handle_status(struct training *training, struct request *request) {
  take_all_news(training);
  const struct run *run = runs_latest(training->runs);
  bool is_on = run != NULL;
  if (run == NULL && training->has_last) run = &training->last;
  request_reply_json(request, 200, training_json_status(run, is_on));
}
