/* The queue's thread. It checks requests for its runs, collects those that have ended,
 * and starts or resumes others while there is room. */
#include <string.h>
#include <time.h>

#include "base/thread.h"
#include "queue/queue.h"

/* Interval of checks for other processes' requests, and of retries of runs whose files
 * were in use. */
#define LOOK_MS 250
#define SKIP_MS 1000

static void log_problem(hrl_queue *queue, const hrl_error *problem) {
  /* a library without the record has said so already */
  if (problem->status == HRL_OK || problem->status == HRL_ERROR_STATE ||
      queue->options.log == NULL || strcmp(problem->message, queue->told.message) == 0)
    return;
  queue->told = *problem;
  queue->options.log(problem->message, queue->options.log_data);
}

/* Does something that takes its time without the mutex. */
static void leave(hrl_queue *queue) {
  queue->busy = true;
  pthread_mutex_unlock(&queue->mutex);
}

static void enter(hrl_queue *queue) {
  pthread_mutex_lock(&queue->mutex);
  queue->busy = false;
}

/* ---- those that have ended ---- */

/* Whether the record knows that a run has ended, or that it stays in the queue. */
static bool settle(hrl_queue *queue, struct hrlp_job *job) {
  hrl_error problem = HRL_ERROR_INIT;
  if (!job->recorded) return true;
  hrl_runs *runs = hrlp_queue_record(queue, false, &problem);
  if (runs == NULL && problem.status == HRL_OK) return true; /* somebody removed it */
  hrl_status status = problem.status;
  if (status == HRL_OK && job->suspended) {
    job->suspended = hrlp_pending_return(runs, (int64_t)job->id);
    return true;
  }
  if (status == HRL_OK)
    status = hrlp_pending_end(runs, (int64_t)job->id, job->end,
                              job->problem.status != HRL_OK ? job->problem.message : NULL,
                              &problem);
  if (status != HRL_OK) {
    /* it keeps its claim: nobody runs it again */
    log_problem(queue, &problem);
    return false;
  }
  hrlp_pending_release(runs, (int64_t)job->id);
  return true;
}

static void notify(struct hrlp_job *job, hrl_queue_event_type type,
                   const hrl_error *error) {
  leave(job->queue);
  hrlp_job_notify(job, type, NULL, error);
  enter(job->queue);
}

static void remove_job(hrl_queue *queue, struct hrlp_job *job) {
  struct hrlp_job **link = &queue->jobs;
  while (*link != job) link = &(*link)->next;
  *link = job->next;
}

/* Takes leave of one job that has ended. False: there is none that could go. */
static bool bury_one(hrl_queue *queue) {
  for (struct hrlp_job *job = queue->jobs; job != NULL; job = job->next) {
    if (job->state != HRLP_JOB_ENDED) continue;
    if (job->trainer != NULL) {
      hrl_trainer *trainer = job->trainer;
      job->trainer = NULL;
      leave(queue);
      hrl_trainer_destroy(trainer);
      enter(queue);
      return true;
    }
    bool returns = job->suspended;
    bool settled = settle(queue, job);
    if (!settled && job->dismissed) continue;
    if (settled) remove_job(queue, job);
    /* stopped in that moment; of one that ran its trainer has told */
    if (returns && !job->suspended && job->end == HRL_RUN_QUEUED)
      notify(job, HRL_QUEUE_CANCELLED, NULL);
    if (!job->dismissed) notify(job, HRL_QUEUE_ENDED, NULL);
    job->dismissed = true;
    if (settled) hrlp_job_free(job);
    pthread_cond_broadcast(&queue->settled);
    return true;
  }
  return false;
}

/* ---- wishes ---- */

static void read_wish(hrl_queue *queue, struct hrlp_job *job) {
  hrl_error problem = HRL_ERROR_INIT;
  struct hrlp_wish wish;
  bool asks = job->recorded && !job->detached;
  hrl_runs *runs = asks ? hrlp_queue_record(queue, false, &problem) : NULL;
  if (runs != NULL &&
      hrlp_pending_wish(runs, (int64_t)job->id, &wish, &problem) == HRL_OK)
    job->wish = wish;
  log_problem(queue, &problem);
}

/* True where something was done, and the list may have changed meanwhile. */
static bool fulfil_waiting(hrl_queue *queue, struct hrlp_job *job) {
  if (!job->wish.in_queue) {
    job->state = HRLP_JOB_ENDED;
    job->end = HRL_RUN_STOPPED;
    notify(job, HRL_QUEUE_CANCELLED, NULL);
    return true;
  }
  if (queue->suspended) {
    job->state = HRLP_JOB_ENDED;
    job->suspended = true;
    return true;
  }
  if (job->wish.hold == job->held) return false;
  job->held = job->wish.hold;
  notify(job, job->held ? HRL_QUEUE_PAUSED : HRL_QUEUE_RESUMED, NULL);
  return true;
}

static void fulfil_running(hrl_queue *queue, struct hrlp_job *job) {
  if (job->trainer == NULL) return;
  if ((!job->wish.in_queue || queue->suspended) && !job->stopping) {
    job->stopping = true;
    hrl_trainer_stop(job->trainer);
  } else if (job->wish.hold && !job->held) {
    job->held = true;
    hrl_trainer_pause(job->trainer);
  } else if (!job->wish.hold && job->held && job->state == HRLP_JOB_RUNNING) {
    /* it has not come to wait yet, and has its room still */
    job->held = false;
    hrl_trainer_resume(job->trainer);
  }
}

static bool fulfil_wishes(hrl_queue *queue) {
  for (struct hrlp_job *job = queue->jobs; job != NULL; job = job->next) {
    if (job->state == HRLP_JOB_ENDED) continue;
    read_wish(queue, job);
    if (job->state != HRLP_JOB_WAITING)
      fulfil_running(queue, job);
    else if (fulfil_waiting(queue, job))
      return true;
  }
  return false;
}

/* ---- who begins, or goes on ---- */

static size_t count_running(const hrl_queue *queue) {
  size_t count = 0;
  for (const struct hrlp_job *job = queue->jobs; job != NULL; job = job->next)
    count += job->state == HRLP_JOB_RUNNING;
  return count;
}

static bool is_ready(const struct hrlp_job *job) {
  return (job->state == HRLP_JOB_WAITING || job->state == HRLP_JOB_PAUSED) &&
         job->wish.in_queue && !job->wish.hold && !job->stopping;
}

static bool is_before(int32_t priority, uint64_t id, const struct hrlp_job *other) {
  return priority > other->priority || (priority == other->priority && id < other->id);
}

/* The first of those in memory, and how many there are. */
static struct hrlp_job *find_ready(const hrl_queue *queue, size_t *count) {
  struct hrlp_job *first = NULL;
  for (struct hrlp_job *job = queue->jobs; job != NULL; job = job->next) {
    if (!is_ready(job)) continue;
    ++*count;
    if (first == NULL || is_before(job->priority, job->id, first)) first = job;
  }
  return first;
}

static void forget_skipped(hrl_queue *queue) {
  int64_t now = hrlp_queue_now_ms();
  size_t kept = 0;
  for (size_t i = 0; i < queue->skipped_count; i++) {
    if (queue->skipped_until[i] <= now) continue;
    queue->skipped[kept] = queue->skipped[i];
    queue->skipped_until[kept++] = queue->skipped_until[i];
  }
  queue->skipped_count = kept;
}

/* There is room: with a full list nothing is taken. */
static void skip(hrl_queue *queue, uint64_t id) {
  queue->skipped[queue->skipped_count] = (int64_t)id;
  queue->skipped_until[queue->skipped_count++] = hrlp_queue_now_ms() + SKIP_MS;
}

static uint32_t share_threads(const hrl_queue *queue, size_t wanted) {
  size_t all =
      queue->options.threads == 0 ? hrlp_processor_count() : queue->options.threads;
  size_t runs = wanted < queue->options.concurrency ? wanted : queue->options.concurrency;
  return runs > 0 && all > runs ? (uint32_t)(all / runs) : 1;
}

/* A run could not begin. One whose files are in use waits on, unless it must not. */
static void fail_start(hrl_queue *queue, struct hrlp_job *job, const hrl_error *problem) {
  job->state = HRLP_JOB_ENDED;
  if (problem->status == HRL_ERROR_LOCKED && !job->at_once && job->recorded) {
    job->suspended = true;
    log_problem(queue, problem);
    skip(queue, job->id);
    return;
  }
  job->end = HRL_RUN_FAILED;
  job->problem = *problem;
  hrl_error told = *problem;
  notify(job, HRL_QUEUE_FAILED, &told);
}

static void start(hrl_queue *queue, struct hrlp_job *job, uint32_t threads) {
  hrl_error problem = HRL_ERROR_INIT;
  job->state = HRLP_JOB_RUNNING;
  leave(queue);
  hrl_status status = hrlp_job_start(job, threads, &problem);
  enter(queue);
  if (status != HRL_OK) fail_start(queue, job, &problem);
}

static void go_on(hrl_queue *queue, struct hrlp_job *job, uint32_t threads) {
  if (job->state == HRLP_JOB_WAITING) {
    start(queue, job, threads);
    return;
  }
  job->held = false;
  job->state = HRLP_JOB_RUNNING;
  hrl_trainer_resume(job->trainer);
}

/* Takes a run from the database. NULL: another process was faster, or it cannot be run.
 */
static struct hrlp_job *take(hrl_queue *queue, int64_t id) {
  hrl_error problem = HRL_ERROR_INIT;
  struct hrlp_pending taken = {.id = 0};
  hrl_status status = hrlp_pending_take(queue->runs, id, &taken, &problem);
  if (status != HRL_OK) {
    log_problem(queue, &problem);
    skip(queue, (uint64_t)id);
    return NULL;
  }
  if (taken.id == 0) return NULL;
  struct hrlp_job *job = hrlp_job_create(queue, &taken);
  if (job == NULL) {
    hrl_scenario_destroy(taken.scenario);
    hrlp_pending_release(queue->runs, id);
    skip(queue, (uint64_t)id);
    return NULL;
  }
  job->recorded = true;
  job->next = queue->jobs;
  queue->jobs = job;
  return job;
}

/* Starts or resumes one run. False: there is no room, or none is waiting. */
static bool fill_one(hrl_queue *queue) {
  hrl_error problem = HRL_ERROR_INIT;
  struct hrlp_pending next = {.id = 0};
  size_t recorded = 0;
  size_t wanted = count_running(queue);
  queue->idle = false;
  if (wanted >= queue->options.concurrency) return false;
  forget_skipped(queue);
  struct hrlp_job *job = find_ready(queue, &wanted);
  hrl_runs *runs = hrlp_queue_record(queue, false, &problem);
  if (runs != NULL && queue->skipped_count < HRLP_SKIPPED_MAX)
    hrlp_pending_next(runs, queue->skipped, queue->skipped_count, &next, &recorded,
                      &problem);
  log_problem(queue, &problem);
  wanted += recorded;
  queue->idle = wanted == 0;
  if (next.id != 0 && (job == NULL || is_before(next.priority, (uint64_t)next.id, job))) {
    job = take(queue, next.id);
  }
  if (job == NULL) return false;
  go_on(queue, job, share_threads(queue, wanted));
  return true;
}

/* ---- the thread ---- */

static bool work(hrl_queue *queue) {
  if (bury_one(queue)) return true;
  if (fulfil_wishes(queue)) return true;
  return !queue->suspended && queue->options.concurrency > 0 && fill_one(queue);
}

static void rest(hrl_queue *queue) {
  int64_t until = hrlp_queue_now_ms() + LOOK_MS;
  struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
  pthread_cond_broadcast(&queue->settled);
  while (!queue->woken && hrlp_queue_now_ms() < until)
    pthread_cond_timedwait(&queue->event, &queue->mutex, &at);
  queue->woken = false;
}

static bool has_live_jobs(const hrl_queue *queue) {
  for (const struct hrlp_job *job = queue->jobs; job != NULL; job = job->next)
    if (job->state != HRLP_JOB_ENDED || job->trainer != NULL) return true;
  return false;
}

void *hrlp_queue_schedule(void *data) {
  hrl_queue *queue = data;
  pthread_mutex_lock(&queue->mutex);
  while (!queue->closing || has_live_jobs(queue)) {
    while (work(queue)) continue;
    if (!queue->closing || has_live_jobs(queue)) rest(queue);
  }
  pthread_mutex_unlock(&queue->mutex);
  return NULL;
}
