/* hrl/runs.h - the run database: what was trained, when, how, and with what results.
 *
 *     hrl_runs *runs;
 *     if (hrl_runs_open("models", &runs, &error) == HRL_OK)
 *       hrl_runs_list(runs, NULL, print_run, NULL, &error);
 *     hrl_runs_close(runs);
 *
 * Trainers with options.record write it: a SQLite database, runs.db, in the output folder;
 * docs/runs.md describes it. These functions read it while others write. They change nothing,
 * except that hrl_runs_open upgrades an older schema and hrl_runs_delete deletes. A handle may
 * be used by one thread at a time. If the library was built without SQLite, all functions fail
 * with HRL_ERROR_STATE.
 */
#ifndef HRL_RUNS_H
#define HRL_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/scenario.h>
#include <hrl/trainer.h>

HRL_BEGIN_DECLS

/** An open run database. Opaque. */
typedef struct hrl_runs hrl_runs;

/** State of a run. Values never change. */
typedef enum hrl_run_state {
  HRL_RUN_QUEUED = 0,     /**< waiting for its turn */
  HRL_RUN_RUNNING = 1,    /**< active */
  HRL_RUN_PAUSED = 2,     /**< until it is resumed */
  HRL_RUN_STOPPED = 3,    /**< stopped on request; can be resumed */
  HRL_RUN_COMPLETED = 4,  /**< all done */
  HRL_RUN_FAILED = 5,     /**< see `error` */
  HRL_RUN_INTERRUPTED = 6 /**< its process or trainer ended unexpectedly */
} hrl_run_state;

/** Number of states. */
#define HRL_RUN_STATE_COUNT 7

/** One run. Unknown numbers are NaN. */
typedef struct hrl_run {
  size_t size;                  /**< sizeof(hrl_run) of the library */
  uint64_t id;                  /**< 1 for the first of a database; never reused */
  hrl_run_state state;          /**< present state */
  char scenario[HRL_NAME_SIZE]; /**< name */
  char scenario_hash[17];       /**< of its full text, hexadecimal */
  char library_version[32];     /**< that ran it last */
  char host[65];                /**< where it ran last */
  uint64_t process;             /**< number of the process that ran it last */
  char start_time[HRL_TIME_SIZE]; /**< when it first ran, as in hrl_trainer_status */
  char end_time[HRL_TIME_SIZE];   /**< when it ended, "" before */
  uint64_t seed;                  /**< of its random numbers */
  uint64_t episode;               /**< episodes done */
  uint64_t total_episodes;        /**< requested */
  uint64_t save_interval;         /**< as in hrl_trainer_options */
  uint64_t keep;                  /**< as in hrl_trainer_options */
  uint32_t eval_episodes;         /**< as in hrl_trainer_options */
  uint32_t threads;               /**< as in hrl_trainer_options */
  uint64_t parts;                 /**< number of starts, resumptions included */
  double elapsed_time;            /**< seconds of training */
  double best_return;             /**< strategic return of the best evaluation */
  uint64_t best_episode;          /**< when that was */
  double final_return;            /**< strategic return of the last evaluation */
  double final_stderr;            /**< its standard error */
  uint64_t final_episode;         /**< when that was; 0: there was none */
  char error[HRL_ERROR_MESSAGE_SIZE]; /**< why it failed, or "" */
  char reason[16];                    /**< why it completed, as in hrl_event; "" before */
  uint32_t patience;                  /**< as in hrl_trainer_options; so are the next three */
  double min_improvement;             /**< NaN without patience */
  uint64_t min_episodes;              /**< before it may end early */
  double target;                      /**< NaN: none */
  int in_queue;                       /**< not 0: in the queue (hrl/queue.h) */
  int32_t priority;                   /**< in the queue */
  int own_folder;                     /**< not 0: its files are in runs/ID of the output folder
                                           */
  char queued_time[HRL_TIME_SIZE];    /**< when it entered the queue; "": never */
  double best_equivalent;             /**< certainty equivalent of the best evaluation, real
                                           euro a month; NaN where the model has none, as are
                                           the next two */
  double final_equivalent;            /**< of the last evaluation */
  double final_equivalent_stderr;     /**< its standard error */
} hrl_run;

/** Which runs. Begin with HRL_RUNS_FILTER_INIT. */
typedef struct hrl_runs_filter {
  size_t size;          /**< sizeof(hrl_runs_filter) */
  const char *scenario; /**< name; NULL: any */
  unsigned states;      /**< bits 1 << state; 0: any */
  const char *since;    /**< started at or after this ISO-8601 date or time; NULL: any */
  const char *until;    /**< started before this, for a date before its end; NULL: any */
  uint64_t limit;       /**< maximum number; 0: all */
  uint64_t offset;      /**< number to skip first */
} hrl_runs_filter;

/** Initialiser: all runs. */
#define HRL_RUNS_FILTER_INIT { sizeof(hrl_runs_filter), NULL, 0, NULL, NULL, 0, 0 }

/** Opens a run database for reading.
 *  @param path an output folder, or the database file.
 *  @param runs receives it, NULL on failure. Freed with hrl_runs_close.
 *  Errors: HRL_ERROR_NOT_FOUND (nothing was recorded there), HRL_ERROR_FORMAT (not such a
 *  database), HRL_ERROR_CORRUPT, HRL_ERROR_VERSION (of a newer library), HRL_ERROR_LOCKED,
 *  HRL_ERROR_IO, HRL_ERROR_MEMORY, HRL_ERROR_STATE (built without SQLite). Since 0.2. */
HRL_API hrl_status hrl_runs_open(const char *path, hrl_runs **runs, hrl_error *error);

/** Closes and frees. NULL is ignored. Since 0.2. */
HRL_API void hrl_runs_close(hrl_runs *runs);

/** Receives one run, valid only during the call. A return value other than 0 ends the call. */
typedef int (*hrl_run_fn)(const hrl_run *run, void *data);

/** Calls `callback` for runs, the newest first.
 *  @param filter NULL: all.
 *  Errors: HRL_ERROR_ARGUMENT, and those of hrl_runs_open. Since 0.2. */
HRL_API hrl_status hrl_runs_list(hrl_runs *runs, const hrl_runs_filter *filter,
                                 hrl_run_fn callback, void *data, hrl_error *error);

/** Counts the runs of a filter, without its limit and offset. Since 0.2. */
HRL_API hrl_status hrl_runs_count(hrl_runs *runs, const hrl_runs_filter *filter,
                                  uint64_t *count, hrl_error *error);

/** One run.
 *  @param run receives it (set its `size` first).
 *  Errors: HRL_ERROR_NOT_FOUND, and those of hrl_runs_open. Since 0.2. */
HRL_API hrl_status hrl_runs_get(hrl_runs *runs, uint64_t id, hrl_run *run, hrl_error *error);

/** The scenario that a run was trained on, made from its recorded text. Errors as
 *  hrl_runs_get, and those of hrl_scenario_parse. Since 0.2. */
HRL_API hrl_status hrl_runs_scenario(hrl_runs *runs, uint64_t id, hrl_scenario **scenario,
                                     hrl_error *error);

/** Receives one point of a learning curve. A return other than 0 ends it. */
typedef int (*hrl_run_point_fn)(const hrl_progress *point, void *data);

/** The learning curve of a run, in order: points at equal distances.
 *  @param points maximum number; 0: all (at most 512, and the last episode). Errors as
 *  hrl_runs_get. Since 0.2. */
HRL_API hrl_status hrl_runs_progress(hrl_runs *runs, uint64_t id, size_t points,
                                     hrl_run_point_fn callback, void *data, hrl_error *error);

/** Receives one evaluation, made after `episode` episodes. A return other than 0 ends it. */
typedef int (*hrl_run_evaluation_fn)(uint64_t episode, const hrl_evaluation *evaluation,
                                     void *data);

/** The evaluations of a run, in order: at most 512 at equal distances, and the last. Errors as
 *  hrl_runs_get. Since 0.2. */
HRL_API hrl_status hrl_runs_evaluations(hrl_runs *runs, uint64_t id,
                                        hrl_run_evaluation_fn callback, void *data,
                                        hrl_error *error);

/** Compares two runs by their last evaluations, which used the same noise: the mean of
 *  `second` - `first` by strategic return, episode by episode.
 *  @param episodes receives the number of common episodes: 0, and NaN for the rest, if one has
 *  none recorded or the households differ.
 *  @param standard_error of that mean; NaN for one episode. Errors as hrl_runs_get. Since
 *  0.2. */
HRL_API hrl_status hrl_runs_difference(hrl_runs *runs, uint64_t first, uint64_t second,
                                       uint64_t *episodes, double *difference,
                                       double *standard_error, hrl_error *error);

/** Finds the newest agents of a run, for hrl_policy_load: its checkpoint with the highest
 *  episode that still exists. A later run of the same scenario in the same folder replaces the
 *  files of an earlier one; this function never returns those of another run.
 *  @param path receives text, freed with hrl_free; NULL on failure.
 *  Errors: HRL_ERROR_NOT_FOUND (no checkpoint of it remains), and those of hrl_runs_get.
 *  Since 0.2. */
HRL_API hrl_status hrl_runs_model(hrl_runs *runs, uint64_t id, char **path, hrl_error *error);

/** Removes a run from the database; its files remain.
 *  Errors: HRL_ERROR_STATE (it is active), HRL_ERROR_NOT_FOUND, HRL_ERROR_LOCKED,
 *  HRL_ERROR_IO. Since 0.2. */
HRL_API hrl_status hrl_runs_delete(hrl_runs *runs, uint64_t id, hrl_error *error);

/** "queued", "running", "paused", "stopped", "completed", "failed", "interrupted"; "unknown"
 *  for other values. Static. Since 0.2. */
HRL_API const char *hrl_run_state_name(hrl_run_state state);

HRL_END_DECLS

#endif
