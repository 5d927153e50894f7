/* socketio/subscription.h - what one client wants to hear of training: of which run, and
 * how often of its progress.
 *
 * Progress that comes too soon is held, newer in the place of older, until its time has
 * come or something else of its run is told. */
#ifndef SERVE_SOCKETIO_SUBSCRIPTION_H
#define SERVE_SOCKETIO_SUBSCRIPTION_H

#include <jansson.h>

#include "serve/socketio/queue.h"

/* Milliseconds between two events of progress, at most. */
#define SUBSCRIPTION_INTERVAL_MAX 3600000

/* All zero: everything. */
struct subscription {
  uint64_t run;       /* 0: of all */
  int64_t interval;   /* microseconds; 0: every event */
  struct feed *feeds; /* the rest is subscription.c's */
};

/* Reads what a client asks for: an object that may have `run_id` and `interval_ms`;
 * anything else, and NULL, is everything. False: a value is none; `problem` says so. */
bool subscription_read(const json_t *wish, struct subscription *subscription,
                       char *problem, size_t size);

/* Whether a message of `run` (0: of none) is wanted at all. */
bool subscription_wants(const struct subscription *subscription, uint64_t run);

/* Whether progress may go out now; otherwise it is held. Without memory it goes. */
bool subscription_allows(struct subscription *subscription, struct message *progress,
                         int64_t now);

/* What was held of a run, which is released by the caller; NULL: nothing. Its next
 * progress goes out at once. */
struct message *subscription_flush(struct subscription *subscription, uint64_t run);

/* The same for one whose time has come, and which counts as sent now. */
struct message *subscription_due(struct subscription *subscription, int64_t now);

/* When that is; SUBSCRIPTION_NEVER: nothing is held. */
#define SUBSCRIPTION_NEVER INT64_MAX
int64_t subscription_next(const struct subscription *subscription);

/* What was held of any run, as above. */
struct message *subscription_take(struct subscription *subscription);

/* Releases everything. */
void subscription_clear(struct subscription *subscription);

#endif
