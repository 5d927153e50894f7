/* hrl/trainer.h - training the two agents of a household.
 *
 *     hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
 *     options.episodes = 1000;
 *     options.output = "models";
 *     hrl_trainer *trainer;
 *     if (hrl_trainer_create(scenario, &options, &trainer, &error) == HRL_OK &&
 *         hrl_trainer_start(trainer, &error) == HRL_OK)
 *       hrl_trainer_wait(trainer, &error);
 *     hrl_trainer_destroy(trainer);
 *
 * A run goes through units of work: some episodes are played side by side, then both agents
 * learn from them. `hrl_trainer_step` does one unit; `hrl_trainer_start` has a thread of
 * the library do them all. Both give the same results, to the bit, for the same scenario,
 * options and seed, whatever the number of threads.
 *
 * THREADS. One thread at a time for a trainer, with these exceptions: hrl_trainer_stop and
 * hrl_trainer_get_status may be called from any thread at any time, also from a listener;
 * hrl_trainer_stop also from a signal handler. Different trainers share nothing.
 *
 * FILES. With options.output, a run writes into that folder (made where missing):
 *   NAME_high_agent.pt, NAME_low_agent.pt, NAME_history.json   when it ends or is stopped
 *   checkpoints/NAME/checkpoint_episode_N/                     every save_interval episodes
 *   checkpoints/NAME/checkpoint_best/                          after each better evaluation
 * NAME is the scenario's name. While it runs it holds a lock in checkpoints/NAME.
 * docs/formats.md describes the files. A reader sees each as it was or as it will be,
 * never half written.
 */
#ifndef HRL_TRAINER_H
#define HRL_TRAINER_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/scenario.h>

HRL_BEGIN_DECLS

/** A run of training: two agents, their optimiser, the household they learn on. Opaque. */
typedef struct hrl_trainer hrl_trainer;

/** Receives the library's remarks (leftovers removed, a checkpoint skipped ...), one line
 *  without a newline each. Called on the thread that runs the trainer. */
typedef void (*hrl_log_fn)(const char *message, void *data);

/** How to train. Begin with HRL_TRAINER_OPTIONS_INIT. */
typedef struct hrl_trainer_options {
  size_t size;             /**< sizeof(hrl_trainer_options) */
  uint64_t episodes;       /**< to train for in all, 1..10^9; 0: the scenario's
                                training.num_episodes */
  uint64_t seed;           /**< chooses all random numbers */
  uint64_t save_interval;  /**< episodes between two checkpoints and evaluations, >= 1 */
  uint32_t eval_episodes;  /**< episodes of an evaluation, 1..100,000 */
  uint32_t threads;        /**< 1..256; 0: as many as there are processors */
  uint64_t keep;           /**< checkpoints to keep beside the best; 0: all */
  const char *output;      /**< folder for the files; NULL: write none. Copied. */
  hrl_log_fn log;          /**< or NULL */
  void *log_data;          /**< passed to `log` */
} hrl_trainer_options;

/** Initialiser with the defaults. */
#define HRL_TRAINER_OPTIONS_INIT \
  { sizeof(hrl_trainer_options), 0, 0, 100, 10, 0, 0, NULL, NULL, NULL }

/** The nine figures of progress. Means are over the last min(10, n) episodes. */
typedef struct hrl_progress {
  uint64_t episode;        /**< just finished, 1 for the first */
  uint64_t total_episodes; /**< of the run */
  double avg_reward;       /**< sum of the executor's rewards of an episode */
  double avg_duration;     /**< months */
  double avg_cash;         /**< euro at the end */
  double avg_invested;     /**< euro, all months together */
  double stability;        /**< share of months that ended with cash > 0 */
  double goal_adherence;   /**< mean |target invest ratio - invest|: lower is better */
  double elapsed_time;     /**< seconds of training, earlier runs that were resumed included */
} hrl_progress;

/** What a policy is worth, by episodes without exploration on luck of their own. Each is a
 *  mean over the episodes; docs/model.md defines them. */
typedef struct hrl_evaluation {
  size_t size;                     /**< sizeof(hrl_evaluation) */
  uint64_t episodes;               /**< played */
  double strategic_return;         /**< J: how good the policy is */
  double strategic_return_stderr;  /**< standard error of that mean */
  double reward;                   /**< sum of the executor's rewards */
  double months;                   /**< length */
  double solvent;                  /**< share of episodes that reached the horizon */
  double stability;                /**< share of months that ended with cash > 0 */
  double final_cash;               /**< euro */
  double invested;                 /**< euro */
  double wealth;                   /**< cash and portfolio, euro */
  double goal_adherence;           /**< mean |target - invest|; NaN without goals */
} hrl_evaluation;

/** Where a trainer stands. */
typedef enum hrl_trainer_state {
  HRL_TRAINER_IDLE = 0,      /**< made, or loaded from a checkpoint; nothing ran yet */
  HRL_TRAINER_RUNNING = 1,   /**< between its first unit of work and its last */
  HRL_TRAINER_STOPPED = 2,   /**< stopped before its end; start or step goes on */
  HRL_TRAINER_COMPLETED = 3, /**< all episodes are done */
  HRL_TRAINER_FAILED = 4     /**< a unit of work failed; only destroy is left */
} hrl_trainer_state;

/** Room for a time as text: local ISO-8601 with microseconds, no offset. */
#define HRL_TIME_SIZE 32

/** A consistent view of a trainer at one moment. */
typedef struct hrl_trainer_status {
  size_t size;             /**< sizeof(hrl_trainer_status), set by the caller */
  hrl_trainer_state state; /**< where it stands */
  uint64_t episode;        /**< episodes done */
  uint64_t total_episodes; /**< of the run */
  uint64_t seed;           /**< of the run */
  char start_time[HRL_TIME_SIZE]; /**< when it first ran; "" before */
  int has_progress;        /**< not 0 when `progress` is set */
  hrl_progress progress;   /**< of the last episode */
  int has_best;            /**< not 0 when `best_eval_score` is set */
  double best_eval_score;  /**< strategic return of the best evaluation so far */
  hrl_error error;         /**< why it failed, in state HRL_TRAINER_FAILED */
} hrl_trainer_status;

/** What a listener is told. */
typedef enum hrl_event_type {
  HRL_EVENT_STARTED = 0,    /**< before the first unit of a start, or of stepping */
  HRL_EVENT_PROGRESS = 1,   /**< an episode is finished: `progress` */
  HRL_EVENT_CHECKPOINT = 2, /**< a checkpoint is on disk: `path` */
  HRL_EVENT_EVALUATED = 3,  /**< an evaluation is done: `evaluation`, `is_best` */
  HRL_EVENT_COMPLETED = 4,  /**< last event: all done, files are on disk */
  HRL_EVENT_STOPPED = 5,    /**< last event: stopped, files are on disk */
  HRL_EVENT_ERROR = 6       /**< last event: failed, `error` says why */
} hrl_event_type;

/** One event. Valid only during the call. Fields that an event does not use are 0. */
typedef struct hrl_event {
  size_t size;                      /**< sizeof(hrl_event) of the library */
  hrl_event_type type;              /**< what happened */
  hrl_trainer *trainer;             /**< whose */
  const char *scenario;             /**< name of the scenario */
  const char *start_time;           /**< of the run */
  uint64_t episode;                 /**< episodes done */
  uint64_t total_episodes;          /**< of the run */
  const hrl_progress *progress;     /**< PROGRESS, COMPLETED, STOPPED (NULL before the
                                         first episode) */
  const hrl_evaluation *evaluation; /**< EVALUATED, COMPLETED */
  int is_best;                      /**< EVALUATED: better than all before */
  const char *path;                 /**< CHECKPOINT; STOPPED: the checkpoint to resume from
                                         (NULL without output) */
  const hrl_error *error;           /**< ERROR */
} hrl_event;

/** A listener. Called on the thread that runs the trainer: the caller's in
 *  hrl_trainer_step, the library's after hrl_trainer_start. It may call hrl_trainer_stop
 *  and hrl_trainer_get_status, nothing else of this trainer. Training waits for it. */
typedef void (*hrl_listener_fn)(const hrl_event *event, void *data);

/** Makes a trainer that has learned nothing yet. Writes no file.
 *  @param scenario copied; may be destroyed afterwards.
 *  @param options copied; NULL: the defaults.
 *  @param trainer receives it, NULL on failure. Freed with hrl_trainer_destroy.
 *  Errors: HRL_ERROR_ARGUMENT (an option out of bounds), HRL_ERROR_MEMORY,
 *  HRL_ERROR_THREAD, HRL_ERROR_NUMERIC (the scenario's numbers overflow). Since 0.1. */
HRL_API hrl_status hrl_trainer_create(const hrl_scenario *scenario,
                                      const hrl_trainer_options *options,
                                      hrl_trainer **trainer, hrl_error *error);

/** Stops a background run, waits for it, and frees everything. NULL is ignored. Not from a
 *  listener. */
HRL_API void hrl_trainer_destroy(hrl_trainer *trainer);

/** Adds a listener; listeners are called in the order of adding. Before the run begins.
 *  Errors: HRL_ERROR_STATE while it runs, HRL_ERROR_MEMORY. */
HRL_API hrl_status hrl_trainer_add_listener(hrl_trainer *trainer, hrl_listener_fn listener,
                                            void *data, hrl_error *error);

/** Begins or goes on in a thread of the library, until all episodes are done or
 *  hrl_trainer_stop. Returns when the thread runs. The output folder is made and locked
 *  before it returns, so a folder that cannot be used is an error here.
 *  Errors: HRL_ERROR_STATE (running, completed or failed), HRL_ERROR_THREAD,
 *  HRL_ERROR_LOCKED, HRL_ERROR_IO. No listener is called on failure. */
HRL_API hrl_status hrl_trainer_start(hrl_trainer *trainer, hrl_error *error);

/** Waits until the background run has ended. Returns how it ended: HRL_OK when completed
 *  or stopped, otherwise its error. HRL_OK at once where none was started. */
HRL_API hrl_status hrl_trainer_wait(hrl_trainer *trainer, hrl_error *error);

/** Asks for a graceful end: the unit of work in hand ends, files are saved, listeners hear
 *  HRL_EVENT_STOPPED. Returns at once; any thread, any listener, any signal handler. A
 *  trainer that is not running stops in its next start or step. NULL is ignored. */
HRL_API void hrl_trainer_stop(hrl_trainer *trainer);

/** One unit of work on the calling thread.
 *  @param more receives 1 while there is more to do, 0 when the run is completed or
 *         stopped; may be NULL.
 *  Errors: HRL_ERROR_STATE (a background run is on; completed; failed), and whatever a
 *  unit of work can fail with; the trainer is then failed. */
HRL_API hrl_status hrl_trainer_step(hrl_trainer *trainer, int *more, hrl_error *error);

/** Fills `status` (set its `size` first). Any thread, any time.
 *  Errors: HRL_ERROR_ARGUMENT. */
HRL_API hrl_status hrl_trainer_get_status(const hrl_trainer *trainer,
                                          hrl_trainer_status *status);

/** Saves the run as a checkpoint folder: everything that going on needs.
 *  @param folder made; must not exist, or be a checkpoint, which it replaces.
 *  Errors: HRL_ERROR_STATE (a background run is on), HRL_ERROR_IO. */
HRL_API hrl_status hrl_trainer_save(hrl_trainer *trainer, const char *folder,
                                    hrl_error *error);

/** Takes over the run that a checkpoint folder holds, to go on exactly as it would have:
 *  its seed and counters replace the trainer's; its number of episodes too unless
 *  options.episodes was given. All or nothing.
 *  Errors: HRL_ERROR_STATE (not idle), HRL_ERROR_NOT_FOUND, HRL_ERROR_FORMAT,
 *  HRL_ERROR_CORRUPT, HRL_ERROR_VERSION, HRL_ERROR_MISMATCH (another scenario or other
 *  parameters), HRL_ERROR_IO. */
HRL_API hrl_status hrl_trainer_load(hrl_trainer *trainer, const char *folder,
                                    hrl_error *error);

HRL_END_DECLS

#endif
