/* api/rate_limit.h - how often progress goes to the clients.
 *
 * Each event costs the loop one frame for each client, and training shares the processor
 * with it. A few clients get every episode at any speed; the frames of all others are
 * drawn from a budget that fills steadily: a thousand get them as fast as training can
 * spare.
 */
#ifndef SERVE_API_RATE_LIMIT_H
#define SERVE_API_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Clients that cost nothing */
#define RATE_LIMIT_FREE_CLIENTS 5
/* A thousand clients get two events a second. */
#define RATE_LIMIT_FRAMES_PER_SECOND 2000
/* Frames that may go out at once: what a unit of training brings, to a dozen clients. */
#define RATE_LIMIT_BURST 2000

struct rate_limit {
  int64_t interval; /* least microseconds between two events of a run */
  double budget;    /* frames that may go out */
  int64_t filled;   /* when the budget was last filled */
};

/* Whether an event of a run, whose last one went out at `last` (0: none did), may go to
 * `clients` now; it is then counted as sent. */
bool rate_limit_allows(struct rate_limit *limit, int64_t last, unsigned clients,
                       int64_t now);

/* Microseconds until it may. */
int64_t rate_limit_wait(const struct rate_limit *limit, int64_t last, unsigned clients,
                        int64_t now);

#endif
