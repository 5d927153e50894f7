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
 * A run consists of units of work: a batch of episodes is played in parallel, then both agents
 * learn from it. `hrl_trainer_step` does one unit on the calling thread; `hrl_trainer_start`
 * does all of them on a thread of the library. Both give the same results, to the bit, for the
 * same scenario,
 * options and seed, whatever the number of threads.
 *
 * THREADS. One thread at a time for a trainer, with these exceptions: hrl_trainer_stop,
 * hrl_trainer_pause, hrl_trainer_resume and hrl_trainer_get_status may be called from any
 * thread at any time, also from a listener; the first three also from a signal handler.
 * Different trainers share nothing.
 *
 * FILES. With options.output, a run writes into that folder (made where missing):
 *   NAME_high_agent.pt, NAME_low_agent.pt, NAME_history.json   when it ends or is stopped
 *   checkpoints/NAME/checkpoint_episode_N/                     every save_interval episodes
 *   checkpoints/NAME/checkpoint_best/                          after each better evaluation
 *   runs.db, runs.lock                                         with options.record
 * NAME is the scenario's name. A running trainer holds a lock in checkpoints/NAME.
 * docs/formats.md describes the files. Writes are atomic: a reader sees the old or the new
 * file.
 */
#ifndef HRL_TRAINER_H
#define HRL_TRAINER_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/distributed.h>
#include <hrl/error.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>

HRL_BEGIN_DECLS

/** A run of training: two agents, their optimiser, the household they learn on. Opaque. */
typedef struct hrl_trainer hrl_trainer;

/** Receives notes of the library (leftovers removed, a checkpoint skipped ...), each one line
 *  without a newline. Called on the thread that runs the trainer. */
typedef void (*hrl_log_fn)(const char *message, void *data);

/** How to train. Begin with HRL_TRAINER_OPTIONS_INIT. */
typedef struct hrl_trainer_options {
  size_t size;             /**< sizeof(hrl_trainer_options) */
  uint64_t episodes;       /**< total, 1..10^9; 0: the scenario's
                                training.num_episodes */
  uint64_t seed;           /**< seed of all random numbers */
  uint64_t save_interval;  /**< episodes between checkpoints, each with an evaluation, >= 1 */
  uint32_t eval_episodes;  /**< episodes per evaluation, 1..100,000 */
  uint32_t threads;        /**< 1..256; 0: as many as there are processors */
  uint64_t keep;           /**< checkpoints to keep besides the best; 0: all */
  const char *output;      /**< folder for the files; NULL: write none. Copied. */
  hrl_log_fn log;          /**< or NULL */
  void *log_data;          /**< passed to `log` */
  int record;              /**< not 0: record the run in the database of the output folder, see
                                hrl/runs.h; errors there are logged and never end a run. Since
                                0.2 */
  uint32_t patience;       /**< evaluations, 1..1000: the run ends when the last `patience`
                                evaluations improved by less than min_improvement and the
                                agents are better than untrained ones, both with 95 %
                                confidence;
                                0: never. Needs eval_episodes >= 5, and (patience + 1) times
                                eval_episodes at most 100,000. Since 0.2 */
  double min_improvement;  /**< of the strategic return, at least 0, or
                                HRL_MIN_IMPROVEMENT_DEFAULT: 0.1; in the model "lifecycle",
                                where returns are shares of consumption, 0.001. Since 0.2 */
  uint64_t min_episodes;   /**< before patience or target may end the run. Since 0.2 */
  int has_target;          /**< not 0: the run ends at a `target`. Since 0.2 */
  double target;           /**< strategic return (in the model "lifecycle" certainty
                                equivalent) of an evaluation that ends the run.
                                Since 0.2 */
  const hrl_communicator *communicator; /**< the ranks that share this run, see
                                hrl/distributed.h; NULL: alone. Copied. Since 0.2 */
  const char *tensorboard; /**< folder for TensorBoard's event files, with a folder NAME_MOMENT
                                for each run: progress, evaluations, losses, and the
                                configuration as text; NULL: none. Errors there are logged.
                                HRL_ERROR_STATE if the library was built without it. Copied.
                                Since 0.2 */
  const hrl_policy *pretrained; /**< the run starts from the weights of this pair, with smaller
                                     learning rates and less exploration unless the scenario
                                     has other values than the defaults, and with the pair's
                                     training.hidden_low, hidden_high and context; NULL: from
                                     scratch. Used only during hrl_trainer_create. Resume a run
                                     with the same pair or an equal one. Since 0.2 */
} hrl_trainer_options;

/** The model's default, see hrl_trainer_options. Since 0.2. */
#define HRL_MIN_IMPROVEMENT_DEFAULT (-1.0)

/** Initialiser with the defaults. */
#define HRL_TRAINER_OPTIONS_INIT \
  { sizeof(hrl_trainer_options), 0, 0, 100, 10, 0, 0, NULL, NULL, NULL, 0, 0, \
    HRL_MIN_IMPROVEMENT_DEFAULT, 0, 0, 0.0, NULL, NULL, NULL }

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

/** Result of an evaluation: means over episodes without exploration, with separate noise.
 *  docs/model.md defines the figures. */
typedef struct hrl_evaluation {
  size_t size;                     /**< sizeof(hrl_evaluation) */
  uint64_t episodes;               /**< played */
  double strategic_return;         /**< J: how good the policy is */
  double strategic_return_stderr;  /**< standard error of that mean; NaN for one episode */
  double reward;                   /**< sum of the executor's rewards */
  double months;                   /**< length */
  double solvent;                  /**< share of episodes that reached the horizon with
                                        cash >= 0 */
  double stability;                /**< share of months that ended with cash > 0 */
  double final_cash;               /**< euro */
  double invested;                 /**< euro */
  double wealth;                   /**< cash and portfolio, euro */
  double goal_adherence;           /**< mean |target - invest|; NaN without goals */
  double certainty_equivalent;     /**< certainty equivalent, real euro a month; NaN in the
                                        model "budget". Since 0.2, as the rest */
  double certainty_equivalent_stderr; /**< its standard error */
  double consumption;              /**< mean real euro a month; NaN in the model "budget" */
  double rescued;                  /**< share of episodes that ever needed a transfer; NaN in
                                        the model "budget" */
} hrl_evaluation;

/** State of a trainer. */
typedef enum hrl_trainer_state {
  HRL_TRAINER_IDLE = 0,      /**< created, or loaded from a checkpoint; not started yet */
  HRL_TRAINER_RUNNING = 1,   /**< between its first unit of work and its last */
  HRL_TRAINER_STOPPED = 2,   /**< stopped before its end; start or step continues */
  HRL_TRAINER_COMPLETED = 3, /**< all episodes are done, or the run ended early */
  HRL_TRAINER_FAILED = 4,    /**< a unit of work failed; it can only be destroyed */
  HRL_TRAINER_PAUSED = 5     /**< between two units of work, until hrl_trainer_resume or a
                                  stop. Since 0.2 */
} hrl_trainer_state;

/** Size of a time as text: local ISO-8601 with microseconds, no offset. */
#define HRL_TIME_SIZE 32

/** A consistent view of a trainer at one moment. */
typedef struct hrl_trainer_status {
  size_t size;             /**< sizeof(hrl_trainer_status), set by the caller */
  hrl_trainer_state state; /**< state */
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

/** Type of an event. */
typedef enum hrl_event_type {
  HRL_EVENT_STARTED = 0,    /**< before the first unit of a start, or of stepping */
  HRL_EVENT_PROGRESS = 1,   /**< an episode is finished: `progress` */
  HRL_EVENT_CHECKPOINT = 2, /**< a checkpoint is on disk: `path` */
  HRL_EVENT_EVALUATED = 3,  /**< an evaluation is done: `evaluation`, `is_best` */
  HRL_EVENT_COMPLETED = 4,  /**< last event: all done, files are on disk */
  HRL_EVENT_STOPPED = 5,    /**< last event: stopped, files are on disk */
  HRL_EVENT_ERROR = 6,      /**< last event: failed, `error` says why */
  HRL_EVENT_PAUSED = 7,     /**< the current unit of work is done, and the run waits. Since 0.2
                                 */
  HRL_EVENT_RESUMED = 8     /**< the run continues. Since 0.2 */
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
  const double *returns;            /**< EVALUATED: the strategic return of each episode. All
                                         evaluations of a run use the same noise, episode by
                                         episode. Since 0.2 */
  const char *reason;               /**< COMPLETED: "episodes" (all are done), "converged" or
                                         "target" (see hrl_trainer_options). Static. Since
                                         0.2 */
} hrl_event;

/** A listener. Called on the thread that runs the trainer: the caller's in
 *  hrl_trainer_step, the library's after hrl_trainer_start. It may call hrl_trainer_stop,
 *  hrl_trainer_pause, hrl_trainer_resume and hrl_trainer_get_status, nothing else of this
 *  trainer. Training waits for it. */
typedef void (*hrl_listener_fn)(const hrl_event *event, void *data);

/** Creates a trainer. Writes no files.
 *  @param scenario copied; may be destroyed afterwards.
 *  @param options copied; NULL: the defaults.
 *  @param trainer receives it, NULL on failure. Freed with hrl_trainer_destroy.
 *  Errors: HRL_ERROR_ARGUMENT (an option out of bounds), HRL_ERROR_MISMATCH (a pretrained
 *  pair of another model, or wider than training.hidden_low and hidden_high allow),
 *  HRL_ERROR_MEMORY, HRL_ERROR_THREAD, HRL_ERROR_NUMERIC (the scenario's numbers overflow).
 *  Since 0.1. */
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

/** Starts or continues training on a thread of the library, until all episodes are done or
 *  hrl_trainer_stop is called. Returns when the thread runs. The output folder is created and
 *  locked before, so that an unusable folder is an error here.
 *  Errors: HRL_ERROR_STATE (running, completed or failed), HRL_ERROR_THREAD,
 *  HRL_ERROR_LOCKED, HRL_ERROR_IO. No listener is called on failure. */
HRL_API hrl_status hrl_trainer_start(hrl_trainer *trainer, hrl_error *error);

/** Waits until the background run has ended. Returns how it ended: HRL_OK when completed
 *  or stopped, otherwise its error. Returns HRL_OK at once if none was started. */
HRL_API hrl_status hrl_trainer_wait(hrl_trainer *trainer, hrl_error *error);

/** Requests a stop: the current unit of work is completed, files are saved, and listeners
 *  receive HRL_EVENT_STOPPED. Returns immediately; may be called from any thread, listener or
 *  signal handler. A trainer that is not running stops at its next start or step. NULL is
 *  ignored. */
HRL_API void hrl_trainer_stop(hrl_trainer *trainer);

/** Does one unit of work on the calling thread.
 *  @param more receives 1 while there is more to do, 0 when the run is completed or
 *         stopped; may be NULL.
 *  Errors: HRL_ERROR_STATE (a background run is active; completed; failed), and whatever a
 *  unit of work can fail with; the trainer is then failed. */
HRL_API hrl_status hrl_trainer_step(hrl_trainer *trainer, int *more, hrl_error *error);

/** Pauses a run after the current unit of work. Files and results do not depend on pauses, and
 *  elapsed time does not include them. A background run waits in state HRL_TRAINER_PAUSED;
 *  hrl_trainer_step fails with HRL_ERROR_STATE meanwhile. A stop ends a pause and takes
 *  precedence. May be called from any thread, listener or signal handler; a run that is paused
 *  before its start begins paused. NULL is ignored. Since 0.2. */
HRL_API void hrl_trainer_pause(hrl_trainer *trainer);

/** Continues a paused run. May be called from any thread, listener or signal handler. NULL is
 *  ignored.
 *  Since 0.2. */
HRL_API void hrl_trainer_resume(hrl_trainer *trainer);

/** Fills `status` (set its `size` first). Any thread, any time.
 *  Errors: HRL_ERROR_ARGUMENT. */
HRL_API hrl_status hrl_trainer_get_status(const hrl_trainer *trainer,
                                          hrl_trainer_status *status);

/** Saves the run as a checkpoint folder, with everything needed to resume.
 *  @param folder created; must not exist, or must be a checkpoint, which is replaced.
 *  Errors: HRL_ERROR_STATE (a background run is active), HRL_ERROR_IO. */
HRL_API hrl_status hrl_trainer_save(hrl_trainer *trainer, const char *folder,
                                    hrl_error *error);

/** Loads the run of a checkpoint folder, which then continues exactly as it would have. Its
 *  seed and counters replace the trainer's, and its number of episodes unless options.episodes
 *  was given. On failure nothing changes.
 *  Errors: HRL_ERROR_STATE (not idle), HRL_ERROR_NOT_FOUND, HRL_ERROR_FORMAT,
 *  HRL_ERROR_CORRUPT, HRL_ERROR_VERSION, HRL_ERROR_MISMATCH (another scenario or other
 *  parameters), HRL_ERROR_IO. */
HRL_API hrl_status hrl_trainer_load(hrl_trainer *trainer, const char *folder,
                                    hrl_error *error);

/** Loads the most recently written run in a folder of checkpoints, from its highest intact
 *  episode, like hrl_trainer_load. Skipped checkpoints and other runs are logged. The same
 *  call works for the first start and for every later one.
 *  @param folder NULL: where this trainer writes its own.
 *  @param seed only runs of this seed; NULL: of any.
 *  @param found receives 0 if there is nothing to resume or the folder is missing; the trainer
 *  then starts anew, which is not an error.
 *  Errors as hrl_trainer_load, if there are checkpoints but none can be resumed. Since 0.2. */
HRL_API hrl_status hrl_trainer_load_latest(hrl_trainer *trainer, const char *folder,
                                           const uint64_t *seed, int *found,
                                           hrl_error *error);

HRL_END_DECLS

#endif
