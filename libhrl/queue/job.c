#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "queue/queue.h"
#include "trainer/queued.h"

static void take_options(struct hrlp_job *job, const hrl_run *run) {
  job->options = (hrl_trainer_options)HRL_TRAINER_OPTIONS_INIT;
  job->options.episodes = run->total_episodes;
  job->options.seed = run->seed;
  job->options.save_interval = run->save_interval;
  job->options.eval_episodes = run->eval_episodes;
  job->options.keep = run->keep;
  job->options.patience = run->patience;
  if (!isnan(run->min_improvement)) job->options.min_improvement = run->min_improvement;
  job->options.min_episodes = run->min_episodes;
  job->options.has_target = !isnan(run->target);
  if (job->options.has_target) job->options.target = run->target;
  memcpy(job->start_time, run->start_time, sizeof job->start_time);
}

struct hrlp_job *hrlp_job_create(hrl_queue *queue, struct hrlp_pending *pending) {
  struct hrlp_job *job = calloc(1, sizeof *job);
  if (job == NULL) return NULL;
  job->queue = queue;
  job->id = (uint64_t)pending->id;
  job->priority = pending->priority;
  job->own = pending->own;
  job->wish.in_queue = true;
  take_options(job, &pending->run);
  job->scenario = pending->scenario;
  pending->scenario = NULL;
  return job;
}

void hrlp_job_free(struct hrlp_job *job) {
  if (job == NULL) return;
  hrl_trainer_destroy(job->trainer);
  hrl_scenario_destroy(job->scenario);
  free(job);
}

static void log_remark(const char *message, void *data) {
  const struct hrlp_job *job = data;
  const hrl_queue_options *options = &job->queue->options;
  struct hrlp_text text = {0};
  hrlp_text_format(&text, "run %llu: %s", (unsigned long long)job->id, message);
  options->log(text.failed ? message : text.data, options->log_data);
  hrlp_text_free(&text);
}

/* On the trainer's thread. Its last event is passed on before anybody can free it. */
static void hear(const hrl_event *event, void *data) {
  struct hrlp_job *job = data;
  hrl_queue *queue = job->queue;
  hrlp_job_notify(job, HRL_QUEUE_TRAINING, event, NULL);
  enum hrlp_job_state state = HRLP_JOB_ENDED;
  hrl_run_state end = HRL_RUN_STOPPED;
  switch (event->type) {
    case HRL_EVENT_STARTED:
    case HRL_EVENT_PROGRESS:
    case HRL_EVENT_EVALUATED:
    case HRL_EVENT_CHECKPOINT:
      return;
    case HRL_EVENT_PAUSED:
      state = HRLP_JOB_PAUSED;
      break;
    case HRL_EVENT_RESUMED:
      state = HRLP_JOB_RUNNING;
      break;
    case HRL_EVENT_COMPLETED:
      end = HRL_RUN_COMPLETED;
      break;
    case HRL_EVENT_ERROR:
      end = HRL_RUN_FAILED;
      break;
    case HRL_EVENT_STOPPED:
      break;
  }
  pthread_mutex_lock(&queue->mutex);
  job->state = state;
  job->end = end;
  if (event->error != NULL) job->problem = *event->error;
  /* the user's stop is told from the queue's */
  job->suspended = queue->suspended && job->wish.in_queue && end == HRL_RUN_STOPPED;
  hrlp_queue_wake(queue);
  pthread_mutex_unlock(&queue->mutex);
}

hrl_status hrlp_job_make_trainer(struct hrlp_job *job, uint32_t threads,
                                 hrl_error *error) {
  const hrl_queue *queue = job->queue;
  struct hrlp_text folder = {0};
  hrlp_text_format(&folder, "%s", queue->output);
  if (job->own) hrlp_text_format(&folder, "/runs/%llu", (unsigned long long)job->id);
  hrl_trainer_options options = job->options;
  options.output = folder.data;
  options.threads = threads;
  options.record = job->recorded;
  options.log = queue->options.log != NULL ? log_remark : NULL;
  options.log_data = job;
  hrl_status status =
      folder.failed ? hrlp_fail_memory(error, "a folder's name")
                    : hrl_trainer_create(job->scenario, &options, &job->trainer, error);
  hrlp_text_free(&folder);
  return status;
}

hrl_status hrlp_job_start(struct hrlp_job *job, uint32_t threads, hrl_error *error) {
  hrl_status status = hrlp_job_make_trainer(job, threads, error);
  if (status == HRL_OK && job->recorded)
    status =
        hrlp_trainer_enter(job->trainer, job->queue->output, (int64_t)job->id, error);
  /* a folder of its own holds no other run's */
  bool may_go_on = job->recorded && (job->own || job->start_time[0] != '\0');
  if (status == HRL_OK && may_go_on)
    status =
        hrlp_trainer_load_own(job->trainer, job->own ? NULL : job->start_time, error);
  if (status == HRL_OK) status = hrl_trainer_add_listener(job->trainer, hear, job, error);
  if (status == HRL_OK) status = hrl_trainer_start(job->trainer, error);
  return status;
}
