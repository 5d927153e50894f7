/* trainer/state.h - the trainer as the files of this folder see it: what it holds, what
 * its status says, and who hears of its events.
 *
 *     trainer.c    the handle: making, listeners, thread
 *     resume.c     saving a run and taking one over
 *     training.c   the run: one unit of work after the other
 *     convergence.c  whether it ends early
 *     ranks.c      what the ranks of a run agree upon
 *     output.c     its files: lock, checkpoints, final model, record
 *     board.c      what TensorBoard is shown
 *     state.c      status and events
 *
 * All but `stop`, `mutex` and what that guards belongs to whoever does the units of work:
 * the background thread while it runs, the caller otherwise. */
#ifndef HRLP_TRAINER_STATE_H
#define HRLP_TRAINER_STATE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include <hrl/trainer.h>

#include "agents/learner.h"
#include "base/file.h"
#include "base/group.h"
#include "runs/recorder.h"
#include "storage/run.h"

/* Noise of the evaluations during a run: one seed for all of them, so that the
 * differences between two are the policies', and none of it met in training. */
#define HRLP_EVALUATION_SEED 0x68726c5f6576616cULL

struct hrlp_listener {
  hrl_listener_fn function;
  void *data;
};

struct hrl_trainer {
  struct hrl_scenario *scenario;
  hrl_trainer_options options; /* checked; `output` is the trainer's own copy or NULL */
  char *output;
  char *checkpoints;   /* output/checkpoints/NAME, or NULL */
  bool episodes_given; /* options.episodes was not 0 */
  struct hrlp_pool *pool;
  struct hrlp_group *group; /* ranks that share the run, or NULL */
  struct hrlp_agents agents;
  struct hrlp_learner *learner;
  struct hrlp_episode *round; /* [parallel_episodes] of the batch in hand */
  struct hrlp_run run;
  struct hrlp_listener *listeners;
  size_t listener_count;
  struct hrlp_lock lock;
  struct hrlp_recorder *recorder;     /* or NULL */
  char *tensorboard;                  /* folder of event files, or NULL */
  struct hrlp_tensorboard *board;     /* of this part of the run, or NULL */
  uint64_t board_interval;            /* episodes between two points */
  uint64_t board_next, board_learned; /* episodes of the next ones */
  char *record_folder;                /* where a queue has the record, or NULL */
  int64_t record_id;                  /* the run's number there, or 0 */
  double *returns;                    /* [eval_episodes] of the last evaluation */
  double *untrained; /* [eval_episodes] of agents that have not learned, or NULL */
  hrl_evaluation evaluation; /* the last one */
  const char *reason;        /* why the run ends now, NULL: it goes on */
  bool begun;                /* a run is on: between its beginning and its last event */
  bool announced;            /* STARTED was told for this part of the run */
  bool is_loaded;            /* the run is a checkpoint's, and not gone on with yet */
  double elapsed_before;     /* seconds of earlier parts of the run */
  struct timespec begun_at;

  bool paused; /* PAUSED was told, RESUMED not yet */

  atomic_bool stop;
  atomic_bool pause;
  sem_t wake;                /* posted where a pause may be over */
  pthread_mutex_t mutex;     /* guards what follows */
  bool background;           /* the thread was started and not yet joined */
  bool thread_ended;         /* it has nothing more to do but to be joined */
  hrl_trainer_status status; /* what hrl_trainer_get_status gives */
  pthread_t thread;
};

/* Adds what all events carry. */
void hrlp_trainer_complete_event(hrl_trainer *trainer, hrl_event *event);

/* Passes an event to the run's recorder, if any. After the last event it receives nothing
 * more. */
void hrlp_trainer_record(hrl_trainer *trainer, const hrl_event *event);

/* Notifies the record and all listeners. `event` needs its type and what goes with it. */
void hrlp_trainer_notify(hrl_trainer *trainer, hrl_event *event);

/* Passes a remark on to the caller's log. */
void hrlp_trainer_log(const hrl_trainer *trainer, const char *format, ...)
    HRL_PRINTF(2, 3);

/* Changes what the status says. */
void hrlp_trainer_set_status(hrl_trainer *trainer, hrl_trainer_state state,
                             const hrl_error *error);

/* Fails if a background run is active or, with `only_idle`, if the run has started.
 * `what` is the caller's name. */
hrl_status hrlp_trainer_check_free(hrl_trainer *trainer, const char *what, bool only_idle,
                                   hrl_error *error);

#endif
