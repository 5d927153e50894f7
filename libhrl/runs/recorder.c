#include "runs/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/thread.h"
#include "runs/entry.h"

/* Between two batches, and how long the last one is tried where others hold the database.
 */
#define BATCH_MS 500
#define END_MS 2000
#define PATIENCE_MS 250

struct hrlp_recorder {
  pthread_t thread;
  pthread_mutex_t mutex; /* guards what follows, up to `entry` */
  pthread_cond_t event;
  pthread_cond_t settled;
  struct hrlp_standing standing;
  bool has_news; /* something is to be written */
  bool urgent;   /* and at once */
  bool ending;   /* nothing comes any more */
  bool writing;  /* a batch is on its way */
  bool done;     /* the last of it is written, or given up */
  bool told;
  hrl_error problem; /* why the record is not complete */
  struct hrlp_entry entry;
  struct hrlp_standing written; /* the thread's copy */
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits on a condition until a time of the clock. */
static void wait_until(struct hrlp_recorder *recorder, pthread_cond_t *condition,
                       int64_t ms) {
  struct timespec at = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  pthread_cond_timedwait(condition, &recorder->mutex, &at);
}

/* ---- the thread ---- */

/* Whether a later attempt may succeed where this one failed. */
static bool may_pass(hrl_status status) {
  return status == HRL_ERROR_LOCKED || status == HRL_ERROR_IO ||
         status == HRL_ERROR_MEMORY || status == HRL_ERROR_NOT_FOUND;
}

static hrl_status write_batch(struct hrlp_recorder *recorder, hrl_error *error) {
  struct hrlp_entry *entry = &recorder->entry;
  hrl_status status = HRL_OK;
  if (entry->database.handle == NULL)
    status =
        hrlp_database_open(&entry->database, entry->folder, true, PATIENCE_MS, error);
  if (status == HRL_OK) status = hrlp_entry_write(entry, &recorder->written, error);
  return status;
}

/* Waits until there is something to write; the mutex is held. */
static void wait_for_events(struct hrlp_recorder *recorder, int64_t last) {
  while (!recorder->has_news && !recorder->ending)
    pthread_cond_wait(&recorder->event, &recorder->mutex);
  while (!recorder->urgent && !recorder->ending && now_ms() < last + BATCH_MS)
    wait_until(recorder, &recorder->event, last + BATCH_MS);
}

/* One batch, with the mutex held but while it is written. True where that was the last.
 */
static bool take_batch(struct hrlp_recorder *recorder, int64_t *give_up) {
  hrl_error problem = HRL_ERROR_INIT;
  bool was_ending = recorder->ending;
  recorder->written = recorder->standing;
  recorder->has_news = recorder->urgent = false;
  recorder->writing = true;
  pthread_mutex_unlock(&recorder->mutex);
  hrl_status status = write_batch(recorder, &problem);
  pthread_mutex_lock(&recorder->mutex);
  recorder->writing = false;
  pthread_cond_broadcast(&recorder->settled);
  recorder->problem = problem;
  if (status == HRL_OK) return was_ending;
  recorder->has_news = true;
  if (!may_pass(status)) return true;
  if (!was_ending) return false;
  if (*give_up == 0) *give_up = now_ms() + END_MS;
  if (status != HRL_ERROR_LOCKED || now_ms() >= *give_up) return true;
  wait_until(recorder, &recorder->settled, now_ms() + 20);
  return false;
}

static void *record(void *data) {
  struct hrlp_recorder *recorder = data;
  int64_t last = now_ms() - BATCH_MS;
  int64_t give_up = 0;
  pthread_mutex_lock(&recorder->mutex);
  for (bool is_last = false; !is_last;) {
    wait_for_events(recorder, last);
    is_last = take_batch(recorder, &give_up);
    last = now_ms();
  }
  /* before anybody can go on with the run */
  hrlp_liveness_release(&recorder->entry.database, recorder->entry.id);
  recorder->done = true;
  pthread_cond_broadcast(&recorder->settled);
  pthread_mutex_unlock(&recorder->mutex);
  hrlp_database_close(&recorder->entry.database);
  return NULL;
}

/* ---- the trainer's side ---- */

/* The smallest power of two that leaves at most HRLP_RUN_POINTS of `count`. */
static uint64_t stride_for(uint64_t count) {
  uint64_t stride = 1;
  while (count / stride > HRLP_RUN_POINTS) stride *= 2;
  return stride;
}

static bool fill_entry(struct hrlp_entry *entry, const struct hrlp_run_card *card,
                       hrl_error *error) {
  entry->database.liveness = -1;
  entry->options = *card->options;
  entry->folder =
      hrlp_copy_text(card->folder != NULL ? card->folder : card->options->output);
  entry->given = card->id;
  entry->scenario = hrlp_copy_text(hrl_scenario_name(card->scenario));
  snprintf(entry->start_time, sizeof entry->start_time, "%s", card->start_time);
  entry->seed = card->seed;
  entry->first_episode = card->episode;
  entry->total_episodes = card->total_episodes;
  entry->point_stride = stride_for(card->total_episodes);
  entry->evaluation_stride =
      stride_for(card->total_episodes / card->options->save_interval);
  return hrl_scenario_format(card->scenario, &entry->text, error) == HRL_OK &&
         entry->folder != NULL && entry->scenario != NULL;
}

static void free_recorder(struct hrlp_recorder *recorder) {
  free(recorder->entry.folder);
  free(recorder->entry.scenario);
  free(recorder->entry.text);
  pthread_cond_destroy(&recorder->event);
  pthread_cond_destroy(&recorder->settled);
  pthread_mutex_destroy(&recorder->mutex);
  hrlp_free(recorder);
}

struct hrlp_recorder *hrlp_recorder_create(const struct hrlp_run_card *card,
                                           hrl_error *error) {
  struct hrlp_recorder *recorder = hrlp_alloc(1, sizeof *recorder);
  if (recorder == NULL) {
    hrlp_fail_memory(error, "the record of the run");
    return NULL;
  }
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&recorder->mutex, NULL);
  pthread_cond_init(&recorder->event, &attributes);
  pthread_cond_init(&recorder->settled, &attributes);
  pthread_condattr_destroy(&attributes);
  recorder->standing.state = HRL_RUN_RUNNING;
  recorder->standing.episode = card->episode;
  recorder->has_news = recorder->urgent = true;
  int failure = 0;
  if (!fill_entry(&recorder->entry, card, error)) {
    hrlp_fail_memory(error, "the record of the run");
    failure = ENOMEM;
  } else {
    failure = hrlp_thread_create(&recorder->thread, record, recorder);
    if (failure != 0)
      hrlp_fail(error, HRL_ERROR_THREAD, "could not create a thread (error %d)", failure);
  }
  if (failure == 0) return recorder;
  free_recorder(recorder);
  return NULL;
}

static void note_progress(struct hrlp_recorder *recorder, const hrl_progress *progress) {
  struct hrlp_standing *standing = &recorder->standing;
  standing->has_progress = true;
  standing->progress = *progress;
  if (progress->episode % recorder->entry.point_stride == 0 &&
      standing->point_count < HRLP_RUN_POINTS)
    recorder->entry.points[standing->point_count++] = *progress;
}

static void note_evaluation(struct hrlp_recorder *recorder, const hrl_event *event) {
  struct hrlp_standing *standing = &recorder->standing;
  const struct hrlp_entry *entry = &recorder->entry;
  const uint64_t interval = entry->options.save_interval * entry->evaluation_stride;
  standing->has_final = true;
  standing->final = (struct hrlp_recorded_evaluation){event->episode, *event->evaluation};
  standing->return_count = 0;
  if (event->returns != NULL && event->evaluation->episodes <= HRLP_RUN_RETURNS) {
    standing->return_count = (size_t)event->evaluation->episodes;
    memcpy(standing->returns, event->returns,
           standing->return_count * sizeof *standing->returns);
  }
  if (event->is_best) {
    standing->has_best = true;
    standing->best_return = event->evaluation->strategic_return;
    standing->best_equivalent = event->evaluation->certainty_equivalent;
    standing->best_episode = event->episode;
  }
  if (event->episode % interval == 0 && standing->evaluation_count < HRLP_RUN_POINTS)
    recorder->entry.evaluations[standing->evaluation_count++] = standing->final;
}

/* What an event changes. Gives whether it is the last. */
static bool note(struct hrlp_recorder *recorder, const hrl_event *event) {
  struct hrlp_standing *standing = &recorder->standing;
  standing->episode = event->episode;
  switch (event->type) {
    case HRL_EVENT_PROGRESS:
      note_progress(recorder, event->progress);
      return false;
    case HRL_EVENT_EVALUATED:
      note_evaluation(recorder, event);
      return false;
    case HRL_EVENT_PAUSED:
      standing->state = HRL_RUN_PAUSED;
      recorder->urgent = true;
      return false;
    case HRL_EVENT_RESUMED:
      standing->state = HRL_RUN_RUNNING;
      recorder->urgent = true;
      return false;
    case HRL_EVENT_COMPLETED:
      standing->state = HRL_RUN_COMPLETED;
      standing->reason = event->reason;
      return true;
    case HRL_EVENT_STOPPED:
      standing->state = HRL_RUN_STOPPED;
      return true;
    case HRL_EVENT_ERROR:
      standing->state = HRL_RUN_FAILED;
      snprintf(standing->error, sizeof standing->error, "%s", event->error->message);
      return true;
    case HRL_EVENT_STARTED:
    case HRL_EVENT_CHECKPOINT:
      break;
  }
  return false;
}

/* A process that is suspended now must not hold the database meanwhile. */
static void wait_at_pause(struct hrlp_recorder *recorder) {
  const int64_t until = now_ms() + END_MS;
  while ((recorder->writing || recorder->urgent) && !recorder->done && now_ms() < until)
    wait_until(recorder, &recorder->settled, until);
}

bool hrlp_recorder_notify(struct hrlp_recorder *recorder, const hrl_event *event,
                          hrl_error *remark) {
  pthread_mutex_lock(&recorder->mutex);
  bool is_last = !recorder->ending && note(recorder, event);
  bool wakes = !recorder->has_news || recorder->urgent || is_last;
  recorder->has_news = true;
  recorder->ending = recorder->ending || is_last;
  if (wakes) pthread_cond_signal(&recorder->event);
  while (is_last && !recorder->done)
    pthread_cond_wait(&recorder->settled, &recorder->mutex);
  if (event->type == HRL_EVENT_PAUSED) wait_at_pause(recorder);
  bool tells = recorder->done && recorder->problem.status != HRL_OK && !recorder->told;
  if (tells) *remark = recorder->problem;
  recorder->told = recorder->told || tells;
  pthread_mutex_unlock(&recorder->mutex);
  return tells;
}

void hrlp_recorder_destroy(struct hrlp_recorder *recorder) {
  if (recorder == NULL) return;
  pthread_mutex_lock(&recorder->mutex);
  if (!recorder->ending) recorder->standing.state = HRL_RUN_INTERRUPTED;
  recorder->ending = true;
  pthread_cond_signal(&recorder->event);
  pthread_mutex_unlock(&recorder->mutex);
  pthread_join(recorder->thread, NULL);
  free_recorder(recorder);
}
