/* queue/queue.h - the queue as the files of this folder see it.
 *
 *     queue.c      the handle: opening, adding, changing, waiting
 *     scheduler.c  its thread: who goes on, who begins, who has ended
 *     job.c        a run that this process has taken: its trainer and what that tells
 *
 * The record (runs/pending.h) is what holds between processes. In memory are only the
 * runs that this process has taken, and those that could not be recorded. */
#ifndef HRLP_QUEUE_H
#define HRLP_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include <hrl/queue.h>

#include "runs/pending.h"

/* Numbers of runs that are not recorded. */
#define HRLP_UNRECORDED ((uint64_t)1 << 40)
/* Runs whose files another trainer has locked; they are retried later. */
#define HRLP_SKIPPED_MAX 16

enum hrlp_job_state {
  HRLP_JOB_WAITING, /* has no trainer yet */
  HRLP_JOB_RUNNING, /* is being started, or runs */
  HRLP_JOB_PAUSED,
  HRLP_JOB_ENDED /* its trainer said its last, or it never had one */
};

struct hrlp_job {
  struct hrlp_job *next;
  hrl_queue *queue;
  uint64_t id;
  int32_t priority;
  bool recorded;
  bool own;     /* its files are in a folder of its own */
  bool at_once; /* fails where its files are in use */
  hrl_scenario *scenario;
  hrl_trainer_options options;
  char start_time[HRL_TIME_SIZE]; /* "" before it first ran */
  hrl_trainer *trainer;
  /* the queue's mutex guards what follows */
  enum hrlp_job_state state;
  struct hrlp_wish wish;
  bool held;      /* the request to pause was passed to its trainer or listener */
  bool stopping;  /* its trainer was told to stop */
  bool detached;  /* the request could not be recorded in the database */
  bool dismissed; /* who listens was told that it has ended */
  bool suspended; /* ended with the queue: it stays in it */
  hrl_run_state end;
  hrl_error problem; /* why it failed */
};

struct hrl_queue {
  hrl_queue_options options; /* checked; `output` is the queue's own */
  char *output;
  pthread_t thread;
  bool has_thread;
  pthread_mutex_t mutex;  /* guards what follows; never held while a trainer is joined,
                             made  or started, nor while a listener is called */
  pthread_cond_t event;   /* for the thread: something is to be done */
  pthread_cond_t settled; /* for who waits: something was done */
  hrl_runs *runs;         /* open record, or NULL */
  struct hrlp_job *jobs;
  uint64_t unrecorded; /* how many there were */
  bool suspended;
  bool closing;
  bool woken; /* `event` was signalled */
  bool busy;  /* the thread is doing something without the mutex */
  bool idle;  /* when it last looked there was nothing to do */
  int64_t skipped[HRLP_SKIPPED_MAX];
  int64_t skipped_until[HRLP_SKIPPED_MAX]; /* ms of the clock */
  size_t skipped_count;
  hrl_error told; /* the last problem that went into the log */
};

/* ---- queue.c ---- */

int64_t hrlp_queue_now_ms(void);

/* Wakes the thread; the mutex is held. */
void hrlp_queue_wake(hrl_queue *queue);

/* Calls the listener; the mutex is not held. */
void hrlp_queue_notify(const hrl_queue *queue, hrl_queue_event_type type, uint64_t run,
                       const char *scenario);

/* The same for a job. */
void hrlp_job_notify(const struct hrlp_job *job, hrl_queue_event_type type,
                     const hrl_event *event, const hrl_error *error);

/* The open record, which is opened and, with `create`, made first. NULL where that cannot
 * be; where there is none, without an error. The mutex is held. */
hrl_runs *hrlp_queue_record(hrl_queue *queue, bool create, hrl_error *error);

/* ---- scheduler.c ---- */

void *hrlp_queue_schedule(void *queue);

/* ---- job.c ---- */

/* A job for a run that was taken; what `pending` holds is then the job's. NULL: memory.
 */
struct hrlp_job *hrlp_job_create(hrl_queue *queue, struct hrlp_pending *pending);
void hrlp_job_free(struct hrlp_job *job);

/* Makes the trainer and has it run with so many threads. The mutex is not held. */
hrl_status hrlp_job_start(struct hrlp_job *job, uint32_t threads, hrl_error *error);

/* A trainer that would do what the job says. */
hrl_status hrlp_job_make_trainer(struct hrlp_job *job, uint32_t threads,
                                 hrl_error *error);

#endif
