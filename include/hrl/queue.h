/* hrl/queue.h - several training runs at the same time, with a queue of waiting runs.
 *
 *     hrl_queue_options options = HRL_QUEUE_OPTIONS_INIT;
 *     options.output = "models";
 *     options.concurrency = 2;
 *     hrl_queue *queue;
 *     if (hrl_queue_open(&options, &queue, &error) == HRL_OK)
 *       hrl_queue_add(queue, scenario, NULL, &id, &error);
 *     hrl_queue_wait(queue, -1, NULL, &error);
 *     hrl_queue_close(queue);
 *
 * A queue is stored in the run database of an output folder (hrl/runs.h) and survives the
 * process. The next process that opens it continues with the waiting runs and resumes active
 * ones from their checkpoints, with identical results. Several processes may open one queue,
 * to work on it or only to change it; each run is taken by one of them. A request for a run of
 * another process takes effect within half a second.
 *
 * Runs start by priority, highest first, then by age. Threads are divided among runs as they
 * start; results do not depend on them.
 *
 * FILES. A run writes into OUTPUT/runs/ID, a folder of its own, as a trainer writes into its
 * output folder; with `in_output` into OUTPUT itself, unless a run of that scenario which has
 * not ended does. No two runs in a queue write the same files.
 *
 * THREADS. All functions but hrl_queue_close may be called from any thread; those that change
 * a run also from a listener. A call may wait for the record, as long as another process holds
 * it, at most ten seconds. A library that was built without SQLite, and a record that cannot be
 * used, refuse all but a queue with options.unrecorded.
 */
#ifndef HRL_QUEUE_H
#define HRL_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/scenario.h>
#include <hrl/trainer.h>

HRL_BEGIN_DECLS

/** An open queue. Opaque. */
typedef struct hrl_queue hrl_queue;

/** What happened to a run in the queue. */
typedef enum hrl_queue_event_type {
  HRL_QUEUE_ADDED = 0,     /**< the run waits for its turn */
  HRL_QUEUE_TRAINING = 1,  /**< its trainer sent `event` */
  HRL_QUEUE_PAUSED = 2,    /**< paused while waiting */
  HRL_QUEUE_RESUMED = 3,   /**< waiting again */
  HRL_QUEUE_CANCELLED = 4, /**< removed before it started */
  HRL_QUEUE_FAILED = 5,    /**< it could not be started; see `error` */
  HRL_QUEUE_ENDED = 6      /**< last event of a run that this process took: its files are
                                unlocked and its end is recorded, if the database can be
                                written. Also when the queue is suspended */
} hrl_queue_event_type;

/** One event. Valid only during the call. */
typedef struct hrl_queue_event {
  size_t size;               /**< sizeof(hrl_queue_event) of the library */
  hrl_queue_event_type type; /**< what happened */
  uint64_t run;              /**< number in the record */
  const hrl_event *event;    /**< TRAINING, or NULL */
  const hrl_error *error;    /**< FAILED, or NULL */
  const char *scenario;      /**< its name; NULL if this process has not taken it */
} hrl_queue_event;

/** A listener. Called on the threads of the runs, several at once, on the queue's own and on
 *  those that change a run. It must not close the queue or wait for it. */
typedef void (*hrl_queue_listener_fn)(const hrl_queue_event *event, void *data);

/** How to work. Begin with HRL_QUEUE_OPTIONS_INIT. */
typedef struct hrl_queue_options {
  size_t size;                    /**< sizeof(hrl_queue_options) */
  const char *output;             /**< output folder; needed. Copied */
  uint32_t concurrency;           /**< runs at the same time, 1..64, without paused ones; 0:
                                       this process only changes the queue */
  uint32_t threads;               /**< for all runs together, 1..256; 0: as many as there are
                                       processors */
  int unrecorded;                 /**< not 0: a run that cannot be recorded is run
                                       nevertheless, with a note in the log. It is lost when
                                       the process ends; its number is 2^40 or more */
  hrl_queue_listener_fn listener; /**< or NULL */
  void *data;                     /**< passed to `listener` */
  hrl_log_fn log;                 /**< or NULL; called on any thread, several at once */
  void *log_data;                 /**< passed to `log` */
} hrl_queue_options;

/** Initialiser with the defaults. */
#define HRL_QUEUE_OPTIONS_INIT \
  { sizeof(hrl_queue_options), NULL, 1, 0, 0, NULL, NULL, NULL, NULL }

/** How to queue a run. Begin with HRL_QUEUE_ENTRY_INIT. */
typedef struct hrl_queue_entry {
  size_t size;      /**< sizeof(hrl_queue_entry) */
  int32_t priority; /**< runs with the highest priority start first */
  int in_output;    /**< not 0: its files go into the output folder itself, see FILES */
  int at_once;      /**< not 0: started by this process; fails instead of waiting if another
                         trainer has locked its files */
  const hrl_trainer_options *options; /**< NULL: the defaults. `output`, `threads`, `record`
                                           and `log` are the queue's */
} hrl_queue_entry;

/** Initialiser: priority 0, a separate folder. */
#define HRL_QUEUE_ENTRY_INIT { sizeof(hrl_queue_entry), 0, 0, 0, NULL }

/** Opens a queue and starts to work on it.
 *  @param queue receives it, NULL on failure. Freed with hrl_queue_close.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY, HRL_ERROR_THREAD, HRL_ERROR_STATE (built
 *  without SQLite), and those of hrl_runs_open for an existing database. Since 0.2. */
HRL_API hrl_status hrl_queue_open(const hrl_queue_options *options, hrl_queue **queue,
                                  hrl_error *error);

/** Stops and saves active runs, and frees everything. The runs stay in the queue and continue
 *  when it is opened again. Must not be called from a listener. NULL is ignored. Since 0.2. */
HRL_API void hrl_queue_close(hrl_queue *queue);

/** Starts to shut down without waiting: no more runs start, active ones are stopped and saved.
 *  hrl_queue_wait waits for the end. NULL is ignored. Since 0.2. */
HRL_API void hrl_queue_suspend(hrl_queue *queue);

/** Puts a run into the queue. It is recorded when this returns.
 *  @param scenario copied.
 *  @param entry NULL: the defaults.
 *  @param run receives its number; may be NULL.
 *  Errors: HRL_ERROR_STATE (suspended), those of hrl_trainer_create, HRL_ERROR_IO,
 *  HRL_ERROR_LOCKED and the others of hrl_runs_open. Since 0.2. */
HRL_API hrl_status hrl_queue_add(hrl_queue *queue, const hrl_scenario *scenario,
                                 const hrl_queue_entry *entry, uint64_t *run,
                                 hrl_error *error);

/** Pauses a run: an active run as by hrl_trainer_pause, which makes room for another; a
 *  waiting run is skipped. It stays paused when the process ends. For a run of this process,
 *  this function, resume and stop work even if the database cannot be written, for example
 *  because the disk is full.
 *  Errors: HRL_ERROR_NOT_FOUND, HRL_ERROR_STATE (not in the queue), HRL_ERROR_LOCKED,
 *  HRL_ERROR_IO. Since 0.2. */
HRL_API hrl_status hrl_queue_pause(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Continues a paused run as soon as there is room; puts a stopped, failed or interrupted run
 *  back into the queue, from its newest checkpoint. This includes runs that hrl-train recorded.
 *  Errors: as hrl_queue_pause; HRL_ERROR_STATE: completed, or active in another process. Since
 *  0.2. */
HRL_API hrl_status hrl_queue_resume(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Stops a run: an active run as by hrl_trainer_stop; a waiting run is cancelled. Errors: as
 *  hrl_queue_pause. Since 0.2. */
HRL_API hrl_status hrl_queue_stop(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Removes a waiting run from the queue; it is recorded as stopped. Errors: as
 *  hrl_queue_pause; HRL_ERROR_STATE also if it has started. Since 0.2. */
HRL_API hrl_status hrl_queue_cancel(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Waits until this process has no active runs and no waiting ones that it could start.
 *  @param milliseconds timeout; -1: none.
 *  @param idle receives 1 if so, 0 after the timeout; may be NULL.
 *  Errors: HRL_ERROR_ARGUMENT. Since 0.2. */
HRL_API hrl_status hrl_queue_wait(hrl_queue *queue, int milliseconds, int *idle,
                                  hrl_error *error);

HRL_END_DECLS

#endif
