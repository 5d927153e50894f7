/* api/waiting.h - requests that are answered once something has become of a run. */
#ifndef SERVE_API_WAITING_H
#define SERVE_API_WAITING_H

#include "serve/api/live_runs.h"
#include "serve/http/request.h"

enum waiter_kind { WAIT_FOR_START, WAIT_FOR_STOP, WAIT_FOR_PAUSE, WAIT_FOR_RESUME };

struct waiter {
  struct waiter *next;
  struct request *request; /* NULL: its client has left */
  enum waiter_kind kind;
  bool plain; /* it is answered without the run's number */
  uint64_t run;
  char name[HRL_NAME_SIZE]; /* of the scenario; so are the next */
  uint64_t episode;
  uint64_t total;
  int32_t priority;
  int64_t until;  /* a start that has not begun by then is queued */
  bool elsewhere; /* another process may be at work on it, or this one about to be */
};

struct waiters {
  struct waiter *first;
  /* told of one that was answered as queued */
  void (*queued)(void *owner, const struct waiter *waiter);
  void *owner;
};

/* Has a request wait, or answers it where memory is short. */
void waiters_add(struct waiters *waiters, const struct waiter *waiter);

/* Answers those about whose run it is known what became of it. `room`: another run could
 * begin. */
void waiters_settle(struct waiters *waiters, struct run *runs, bool room, int64_t now);

/* A run that has not begun is paused, or leaves the queue: those who wait for it to begin
 * are told first that it was in there. */
void waiters_answer_queued(struct waiters *waiters, uint64_t run);

/* Somebody resumed a run: whoever waits for its pause may wait in vain. */
void waiters_refuse_pauses(struct waiters *waiters, uint64_t run);

/* When the next has waited long enough; INT64_MAX: none will have. */
int64_t waiters_due(const struct waiters *waiters);

/* Frees all; their requests have ended. */
void waiters_end(struct waiters *waiters);

#endif
