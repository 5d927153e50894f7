#include <hrl/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/thread.h"
#include "queue/queue.h"
#include "scenario/definition.h"
#include "scenario/scenario.h"

#define MAX_CONCURRENCY 64U
#define MAX_THREADS 256U

int64_t hrlp_queue_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void hrlp_queue_wake(hrl_queue *queue) {
  queue->woken = true;
  pthread_cond_signal(&queue->event);
}

void hrlp_queue_notify(const hrl_queue *queue, hrl_queue_event_type type, uint64_t run,
                       const char *scenario) {
  if (queue->options.listener == NULL) return;
  hrl_queue_event told = {sizeof told, type, run, NULL, NULL, scenario};
  queue->options.listener(&told, queue->options.data);
}

void hrlp_job_notify(const struct hrlp_job *job, hrl_queue_event_type type,
                     const hrl_event *event, const hrl_error *error) {
  const hrl_queue_options *options = &job->queue->options;
  if (options->listener == NULL) return;
  hrl_queue_event told = {sizeof told, type,  job->id,
                          event,       error, hrl_scenario_name(job->scenario)};
  options->listener(&told, options->data);
}

hrl_runs *hrlp_queue_record(hrl_queue *queue, bool create, hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  if (queue->runs != NULL) return queue->runs;
  hrl_status status = create ? hrlp_folder_create(queue->output, &problem) : HRL_OK;
  if (status == HRL_OK)
    status = hrlp_pending_open(queue->output, create, &queue->runs, &problem);
  /* where nothing was recorded nothing waits */
  if (status != HRL_OK && (create || status != HRL_ERROR_NOT_FOUND) && error != NULL &&
      error->status == HRL_OK)
    *error = problem;
  return queue->runs;
}

/* ---- opening and closing ---- */

static hrl_status check_options(const hrl_queue_options *given,
                                hrl_queue_options *options, hrl_error *error) {
  *options = (hrl_queue_options)HRL_QUEUE_OPTIONS_INIT;
  memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
  if (options->output == NULL || options->output[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "output: found no name, expected the output folder of the queue");
  if (options->concurrency > MAX_CONCURRENCY)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "concurrency: found %u, expected 0 to %u",
                     (unsigned)options->concurrency, MAX_CONCURRENCY);
  if (options->threads > MAX_THREADS)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "threads: found %u, expected 1 to %u, or 0 for one per processor",
                     (unsigned)options->threads, MAX_THREADS);
  return HRL_OK;
}

static void free_queue(hrl_queue *queue) {
  while (queue->jobs != NULL) {
    /* its end could not be recorded; it will be resumed and end at once */
    struct hrlp_job *job = queue->jobs;
    queue->jobs = job->next;
    hrlp_job_free(job);
  }
  hrl_runs_close(queue->runs);
  pthread_cond_destroy(&queue->event);
  pthread_cond_destroy(&queue->settled);
  pthread_mutex_destroy(&queue->mutex);
  free(queue->output);
  free(queue);
}

static void make_locks(hrl_queue *queue) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&queue->mutex, NULL);
  pthread_cond_init(&queue->event, &attributes);
  pthread_cond_init(&queue->settled, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* An unusable database is an error at once, unless runs may go unrecorded. */
static hrl_status begin(hrl_queue *queue, hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  queue->output = hrlp_copy_text(queue->options.output);
  if (queue->output == NULL) return hrlp_fail_memory(error, "the output folder's name");
  queue->options.output = queue->output;
  hrlp_queue_record(queue, false, &problem);
  if (problem.status != HRL_OK && !queue->options.unrecorded) {
    if (error != NULL && error->status == HRL_OK) *error = problem;
    return problem.status;
  }
  int failure = hrlp_thread_create(&queue->thread, hrlp_queue_schedule, queue);
  if (failure != 0)
    return hrlp_fail(error, HRL_ERROR_THREAD, "could not create a thread (error %d)",
                     failure);
  queue->has_thread = true;
  return HRL_OK;
}

hrl_status hrl_queue_open(const hrl_queue_options *options, hrl_queue **result,
                          hrl_error *error) {
  if (result != NULL) *result = NULL;
  if (options == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_queue_open: expected options and room for the queue");
  hrl_queue *queue = calloc(1, sizeof *queue);
  if (queue == NULL) return hrlp_fail_memory(error, "a queue");
  make_locks(queue);
  hrl_status status = check_options(options, &queue->options, error);
  if (status == HRL_OK) status = begin(queue, error);
  if (status != HRL_OK) {
    free_queue(queue);
    return status;
  }
  *result = queue;
  return HRL_OK;
}

void hrl_queue_suspend(hrl_queue *queue) {
  if (queue == NULL) return;
  pthread_mutex_lock(&queue->mutex);
  queue->suspended = true;
  hrlp_queue_wake(queue);
  pthread_mutex_unlock(&queue->mutex);
}

void hrl_queue_close(hrl_queue *queue) {
  if (queue == NULL) return;
  pthread_mutex_lock(&queue->mutex);
  queue->suspended = queue->closing = true;
  hrlp_queue_wake(queue);
  pthread_mutex_unlock(&queue->mutex);
  if (queue->has_thread) pthread_join(queue->thread, NULL);
  free_queue(queue);
}

/* ---- adding ---- */

/* The options of a run as the record would give them. */
static void describe(const hrl_queue_entry *entry, const hrl_scenario *scenario,
                     hrl_trainer_options *options) {
  const hrl_trainer_options *given = entry->options;
  *options = (hrl_trainer_options)HRL_TRAINER_OPTIONS_INIT;
  if (given != NULL)
    memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
  options->size = sizeof *options;
  options->output = NULL;
  options->log = NULL;
  options->record = 0;
  options->threads = 1;
  if (options->episodes == 0)
    options->episodes = (uint64_t)scenario->training.num_episodes;
}

/* A run that this process has taken as it was added. */
static struct hrlp_job *make_job(hrl_queue *queue, const hrl_scenario *scenario,
                                 const hrl_trainer_options *options, hrl_error *error) {
  struct hrlp_pending pending = {.id = 0};
  if (hrlp_scenario_copy(scenario, &pending.scenario, error) != HRL_OK) return NULL;
  struct hrlp_job *job = hrlp_job_create(queue, &pending);
  if (job == NULL) {
    hrl_scenario_destroy(pending.scenario);
    hrlp_fail_memory(error, "a run in the queue");
    return NULL;
  }
  job->options = *options;
  return job;
}

/* Whether a run that is not recorded writes into the output folder. */
static bool is_output_taken(const hrl_queue *queue, const hrl_scenario *scenario) {
  for (const struct hrlp_job *job = queue->jobs; job != NULL; job = job->next)
    if (!job->recorded && !job->own &&
        strcmp(hrl_scenario_name(job->scenario), hrl_scenario_name(scenario)) == 0)
      return true;
  return false;
}

/* Records the run, or gives it a number without. The mutex is held. */
static hrl_status record(hrl_queue *queue, struct hrlp_job *job,
                         const hrl_queue_entry *entry, hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  struct hrlp_pending pending = {.id = 0};
  bool in_output = entry->in_output && !is_output_taken(queue, job->scenario);
  hrl_runs *runs = hrlp_queue_record(queue, true, &problem);
  if (runs != NULL)
    hrlp_pending_add(runs, job->scenario, &job->options, entry->priority, in_output,
                     entry->at_once != 0, &pending, &problem);
  job->priority = entry->priority;
  job->at_once = entry->at_once != 0;
  if (problem.status == HRL_OK) {
    job->recorded = true;
    job->id = (uint64_t)pending.id;
    job->own = pending.own;
    return HRL_OK;
  }
  if (!queue->options.unrecorded || queue->options.concurrency == 0) {
    if (error != NULL && error->status == HRL_OK) *error = problem;
    return problem.status;
  }
  job->id = HRLP_UNRECORDED + queue->unrecorded++;
  job->own = !in_output;
  if (queue->options.log != NULL) {
    char message[HRL_ERROR_MESSAGE_SIZE + 64];
    snprintf(message, sizeof message, "run %llu is not recorded: %s",
             (unsigned long long)job->id, problem.message);
    queue->options.log(message, queue->options.log_data);
  }
  return HRL_OK;
}

/* Records the job and keeps it where this process has taken it. */
static hrl_status enqueue(hrl_queue *queue, struct hrlp_job *job,
                          const hrl_scenario *scenario, const hrl_queue_entry *entry,
                          uint64_t *run, hrl_error *error) {
  pthread_mutex_lock(&queue->mutex);
  hrl_status status =
      queue->suspended
          ? hrlp_fail(error, HRL_ERROR_STATE, "hrl_queue_add: the queue is suspended")
          : record(queue, job, entry, error);
  bool keeps = status == HRL_OK && (job->at_once || !job->recorded);
  if (keeps) {
    job->next = queue->jobs;
    queue->jobs = job;
  }
  uint64_t id = job->id;
  queue->idle = false;
  hrlp_queue_wake(queue);
  pthread_mutex_unlock(&queue->mutex);
  if (!keeps) hrlp_job_free(job);
  if (status != HRL_OK) return status;
  if (run != NULL) *run = id;
  hrlp_queue_notify(queue, HRL_QUEUE_ADDED, id,
                    keeps ? hrl_scenario_name(scenario) : NULL);
  return HRL_OK;
}

hrl_status hrl_queue_add(hrl_queue *queue, const hrl_scenario *scenario,
                         const hrl_queue_entry *given, uint64_t *run, hrl_error *error) {
  hrl_queue_entry entry = HRL_QUEUE_ENTRY_INIT;
  hrl_trainer_options options;
  if (queue == NULL || scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_queue_add: expected a queue and a scenario");
  /* its program may be gone when its turn comes */
  hrl_status status = hrlp_scenario_check_household(scenario, "hrl_queue_add", error);
  if (status != HRL_OK) return status;
  if (given != NULL)
    memcpy(&entry, given, given->size < sizeof entry ? given->size : sizeof entry);
  if (queue->options.concurrency == 0) entry.at_once = 0;
  describe(&entry, scenario, &options);
  if (options.communicator != NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_queue_add: found a communicator; ranks cannot wait in a queue");
  /* what cannot be trained is refused now, and not when its turn comes */
  hrl_trainer *trial = NULL;
  status = hrl_trainer_create(scenario, &options, &trial, error);
  hrl_trainer_destroy(trial);
  if (status != HRL_OK) return status;
  struct hrlp_job *job = make_job(queue, scenario, &options, error);
  if (job == NULL) return HRL_ERROR_MEMORY;
  return enqueue(queue, job, scenario, &entry, run, error);
}

/* ---- changing ---- */

/* The mutex is held. */
static struct hrlp_job *find_job(const hrl_queue *queue, uint64_t run) {
  struct hrlp_job *job = queue->jobs;
  while (job != NULL && job->id != run) job = job->next;
  return job;
}

/* A run that this process has taken, without the record; the mutex is held. */
static hrl_status change_job(hrl_queue *queue, uint64_t run, enum hrlp_change change,
                             hrl_error *error) {
  struct hrlp_job *job = find_job(queue, run);
  if (job == NULL || job->state == HRLP_JOB_ENDED)
    return hrlp_fail(error, HRL_ERROR_NOT_FOUND,
                     "run %llu is not in the queue; it was not recorded",
                     (unsigned long long)run);
  if (change == HRLP_CANCEL && job->state != HRLP_JOB_WAITING)
    return hrlp_fail(error, HRL_ERROR_STATE,
                     "run %llu has started and cannot be cancelled",
                     (unsigned long long)run);
  if (change == HRLP_STOP || change == HRLP_CANCEL)
    job->wish.in_queue = false;
  else
    job->wish.hold = change == HRLP_PAUSE;
  job->detached = true;
  return HRL_OK;
}

/* Whether the record, for such a reason, cannot be told of a change. */
static bool is_unusable(hrl_status status) {
  return status != HRL_OK && status != HRL_ERROR_NOT_FOUND && status != HRL_ERROR_STATE;
}

static hrl_status change_recorded(hrl_queue *queue, uint64_t run, enum hrlp_change change,
                                  bool *waits, hrl_error *error) {
  hrl_error problem = HRL_ERROR_INIT;
  hrl_runs *runs = hrlp_queue_record(queue, false, &problem);
  if (runs != NULL)
    hrlp_pending_change(runs, (int64_t)run, change, waits, &problem);
  else if (problem.status == HRL_OK)
    hrlp_fail(&problem, HRL_ERROR_NOT_FOUND, "%s: no runs are recorded here",
              queue->output);
  struct hrlp_job *job = find_job(queue, run);
  if (job != NULL && problem.status == HRL_OK) job->detached = false;
  if (is_unusable(problem.status) && change_job(queue, run, change, NULL) == HRL_OK) {
    if (queue->options.log != NULL)
      queue->options.log(problem.message, queue->options.log_data);
    return HRL_OK;
  }
  if (problem.status != HRL_OK && error != NULL && error->status == HRL_OK)
    *error = problem;
  return problem.status;
}

static hrl_status change(hrl_queue *queue, uint64_t run, enum hrlp_change change,
                         hrl_error *error) {
  static const hrl_queue_event_type events[] = {HRL_QUEUE_PAUSED, HRL_QUEUE_RESUMED,
                                                HRL_QUEUE_CANCELLED, HRL_QUEUE_CANCELLED};
  bool waits = false;
  if (queue == NULL || run > INT64_MAX)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "expected an open queue and a run");
  pthread_mutex_lock(&queue->mutex);
  hrl_status status = run >= HRLP_UNRECORDED
                          ? change_job(queue, run, change, error)
                          : change_recorded(queue, run, change, &waits, error);
  queue->idle = false;
  hrlp_queue_wake(queue);
  pthread_mutex_unlock(&queue->mutex);
  /* of one that was taken its process tells */
  if (status == HRL_OK && waits) hrlp_queue_notify(queue, events[change], run, NULL);
  return status;
}

hrl_status hrl_queue_pause(hrl_queue *queue, uint64_t run, hrl_error *error) {
  return change(queue, run, HRLP_PAUSE, error);
}

hrl_status hrl_queue_resume(hrl_queue *queue, uint64_t run, hrl_error *error) {
  return change(queue, run, HRLP_RESUME, error);
}

hrl_status hrl_queue_stop(hrl_queue *queue, uint64_t run, hrl_error *error) {
  return change(queue, run, HRLP_STOP, error);
}

hrl_status hrl_queue_cancel(hrl_queue *queue, uint64_t run, hrl_error *error) {
  return change(queue, run, HRLP_CANCEL, error);
}

/* ---- waiting ---- */

/* Paused runs wait for somebody, not for their turn. */
static bool is_idle(const hrl_queue *queue) {
  for (const struct hrlp_job *job = queue->jobs; job != NULL; job = job->next)
    if (!job->wish.hold || queue->suspended || job->state == HRLP_JOB_RUNNING ||
        job->state == HRLP_JOB_ENDED)
      return false;
  return !queue->busy && !queue->woken &&
         (queue->idle || queue->suspended || queue->options.concurrency == 0);
}

hrl_status hrl_queue_wait(hrl_queue *queue, int milliseconds, int *idle,
                          hrl_error *error) {
  if (queue == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "hrl_queue_wait: expected a queue");
  int64_t until = milliseconds < 0 ? INT64_MAX : hrlp_queue_now_ms() + milliseconds;
  struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
  pthread_mutex_lock(&queue->mutex);
  while (!is_idle(queue) && hrlp_queue_now_ms() < until) {
    if (milliseconds < 0)
      pthread_cond_wait(&queue->settled, &queue->mutex);
    else
      pthread_cond_timedwait(&queue->settled, &queue->mutex, &at);
  }
  if (idle != NULL) *idle = is_idle(queue);
  pthread_mutex_unlock(&queue->mutex);
  return HRL_OK;
}
