/* api/training_state.h - what the loop knows of training; of the files training*.c alone.
 *
 *     training.c         the queue, its news, the end
 *     training_tell.c    what clients are told, and how often
 *     training_start.c   POST /api/training/start
 *     training_change.c  pausing, resuming, stopping
 */
#ifndef SERVE_API_TRAINING_STATE_H
#define SERVE_API_TRAINING_STATE_H

#include <hrl/queue.h>

#include "serve/api/inbox.h"
#include "serve/api/live_runs.h"
#include "serve/api/rate_limit.h"
#include "serve/api/training_settings.h"
#include "serve/api/waiting.h"
#include "serve/api/workers.h"
#include "serve/socketio/queue.h"

struct training {
  struct training_settings settings;
  hrl_queue *queue;
  struct workers *workers; /* for what may wait for the record */
  bool ending;
  struct job suspend; /* has the queue come to its end */
  struct inbox inbox;
  struct run *runs; /* those that this process is at work on */
  struct run last;  /* the last one that ended */
  bool has_last;
  uint64_t begun;    /* how many began */
  unsigned starting; /* starts that a worker is busy with */
  char starting_name[HRL_NAME_SIZE];
  struct waiters waiters;
  struct timer patience; /* until one of them has waited long enough */
  struct rate_limit rate_limit;
  struct timer hold; /* until the next progress may go out */
};

/* ---- training.c ---- */

/* Answers requests whose changes have taken effect, and forgets ended runs. */
void training_settle(struct training *training);

/* ---- training_tell.c ---- */

void training_tell(const struct training *training, enum message_kind kind, uint64_t run,
                   const char *event, json_t *payload);

/* A run failed, or a start came to nothing. */
void training_tell_failure(struct training *training, const struct run *run,
                           const char *what);

/* Progress of a run has come. */
void training_tell_progress(struct training *training, struct run *run);
/* Another event of it is to be sent: its pending progress goes first. */
void training_flush_progress(struct training *training, struct run *run);
/* Sends what was held, as far as that may be. */
void training_release_progress(struct training *training);

#endif
