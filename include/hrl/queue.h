/* hrl/queue.h - several runs at a time, and those that wait for their turn.
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
 * A queue lives in the record of runs of an output folder (hrl/runs.h): what is in it survives
 * the process. Whoever opens it next goes on with what waited, and resumes what ran from its
 * checkpoint, to the same bits. Several processes may open one queue at once, to work on it or
 * only to change it: each run is taken by one of them. What one process asks of another's run
 * is done within half a second.
 *
 * The highest priority begins first, of equals the one that waits longest. Threads are shared
 * out as runs begin; results do not depend on them.
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
  HRL_QUEUE_ADDED = 0,     /**< it waits for its turn */
  HRL_QUEUE_TRAINING = 1,  /**< its trainer told of `event` */
  HRL_QUEUE_PAUSED = 2,    /**< while it waits: its turn does not come */
  HRL_QUEUE_RESUMED = 3,   /**< it waits for its turn again */
  HRL_QUEUE_CANCELLED = 4, /**< taken out before it ran */
  HRL_QUEUE_FAILED = 5,    /**< it could not begin; `error` says why */
  HRL_QUEUE_ENDED = 6      /**< last event of a run that this process took: it has let go of
                                it, the files are free, and the end is recorded, where the
                                record can be written. Also when the queue is suspended */
} hrl_queue_event_type;

/** One event. Valid only during the call. */
typedef struct hrl_queue_event {
  size_t size;               /**< sizeof(hrl_queue_event) of the library */
  hrl_queue_event_type type; /**< what happened */
  uint64_t run;              /**< number in the record */
  const hrl_event *event;    /**< TRAINING, or NULL */
  const hrl_error *error;    /**< FAILED, or NULL */
  const char *scenario;      /**< its name; NULL where this process has not taken it */
} hrl_queue_event;

/** A listener. Called on the threads of the runs, several at once, on the queue's own and on
 *  those that change a run. It must not close the queue or wait for it. */
typedef void (*hrl_queue_listener_fn)(const hrl_queue_event *event, void *data);

/** How to work. Begin with HRL_QUEUE_OPTIONS_INIT. */
typedef struct hrl_queue_options {
  size_t size;                    /**< sizeof(hrl_queue_options) */
  const char *output;             /**< output folder; needed. Copied */
  uint32_t concurrency;           /**< runs at a time, 1..64, paused ones not counted; 0: this
                                       process only changes the queue and runs nothing */
  uint32_t threads;               /**< for all runs together, 1..256; 0: as many as there are
                                       processors */
  int unrecorded;                 /**< not 0: a run that cannot be recorded runs all the same,
                                       which is remarked upon in the log. It does not survive
                                       the process, and its number is 2^40 or more */
  hrl_queue_listener_fn listener; /**< or NULL */
  void *data;                     /**< passed to `listener` */
  hrl_log_fn log;                 /**< or NULL; called on any thread, several at once */
  void *log_data;                 /**< passed to `log` */
} hrl_queue_options;

/** Initialiser with the defaults. */
#define HRL_QUEUE_OPTIONS_INIT \
  { sizeof(hrl_queue_options), NULL, 1, 0, 0, NULL, NULL, NULL, NULL }

/** A run on its way into the queue. Begin with HRL_QUEUE_ENTRY_INIT. */
typedef struct hrl_queue_entry {
  size_t size;      /**< sizeof(hrl_queue_entry) */
  int32_t priority; /**< the highest begins first */
  int in_output;    /**< not 0: its files are to be in the output folder itself, see FILES */
  int at_once;      /**< not 0: taken by this process; where another trainer holds its files it
                         fails, rather than wait for them */
  const hrl_trainer_options *options; /**< NULL: the defaults. `output`, `threads`, `record`
                                           and `log` are the queue's */
} hrl_queue_entry;

/** Initialiser: priority 0, a folder of its own. */
#define HRL_QUEUE_ENTRY_INIT { sizeof(hrl_queue_entry), 0, 0, 0, NULL }

/** Opens a queue and begins to work on it.
 *  @param queue receives it, NULL on failure. Freed with hrl_queue_close.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY, HRL_ERROR_THREAD, HRL_ERROR_STATE (built
 *  without SQLite), and those of hrl_runs_open for a record that is there. Since 0.2. */
HRL_API hrl_status hrl_queue_open(const hrl_queue_options *options, hrl_queue **queue,
                                  hrl_error *error);

/** Stops what runs, saves it, and frees everything; the runs stay in the queue, and are gone
 *  on with when it is opened next. Not from a listener. NULL is ignored. Since 0.2. */
HRL_API void hrl_queue_close(hrl_queue *queue);

/** Begins the end without waiting for it: nothing begins any more, what runs is stopped and
 *  saved. hrl_queue_wait tells when that is done. NULL is ignored. Since 0.2. */
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

/** Pauses a run: one that runs as hrl_trainer_pause, and another may take its place; one that
 *  waits is passed over. It stays paused when its process ends. This, resume and stop reach a
 *  run that this process has taken also where the record cannot be written, a full disk say.
 *  Errors: HRL_ERROR_NOT_FOUND, HRL_ERROR_STATE (not in the queue), HRL_ERROR_LOCKED,
 *  HRL_ERROR_IO. Since 0.2. */
HRL_API hrl_status hrl_queue_pause(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Lets a paused run go on, as soon as there is room for it; puts one that was stopped, failed
 *  or was interrupted into the queue again, to go on from its newest checkpoint. A run that
 *  hrl-train recorded is such a run, too.
 *  Errors: as hrl_queue_pause; HRL_ERROR_STATE: completed, or at work elsewhere. Since 0.2. */
HRL_API hrl_status hrl_queue_resume(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Stops a run: one that runs as hrl_trainer_stop; one that waits is cancelled. Errors: as
 *  hrl_queue_pause. Since 0.2. */
HRL_API hrl_status hrl_queue_stop(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Takes a run that waits out of the queue; it is recorded as stopped. Errors: as
 *  hrl_queue_pause; HRL_ERROR_STATE also where it has begun. Since 0.2. */
HRL_API hrl_status hrl_queue_cancel(hrl_queue *queue, uint64_t run, hrl_error *error);

/** Waits until this process runs nothing and nothing waits that it could run.
 *  @param milliseconds at most so long; -1: without end.
 *  @param idle receives 1 when that is so, 0 when the time is over; may be NULL.
 *  Errors: HRL_ERROR_ARGUMENT. Since 0.2. */
HRL_API hrl_status hrl_queue_wait(hrl_queue *queue, int milliseconds, int *idle,
                                  hrl_error *error);

HRL_END_DECLS

#endif
