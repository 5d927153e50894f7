/* serve_pace.h - how often progress goes to the clients.
 *
 * Each event costs the loop one frame for each client, and training shares the processor
 * with it. A few clients get every episode at any speed; the frames of all others are drawn
 * from a budget that fills steadily: a thousand get them as fast as training can spare.
 */
#ifndef SERVE_PACE_H
#define SERVE_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Clients that cost nothing */
#define PACE_FREE_CLIENTS 5
/* A thousand clients get two events a second. */
#define PACE_FRAMES_PER_SECOND 2000
/* Frames that may go out at once: what a unit of training brings, to a dozen clients. */
#define PACE_BURST 2000

struct pace {
  int64_t interval; /* least microseconds between two events */
  int64_t last;     /* when the last one went out; 0: none did */
  double budget;    /* frames that may go out */
  int64_t filled;   /* when the budget was last filled */
};

/* Whether an event may go to `clients` now; it is then counted as sent. */
bool pace_allows(struct pace *pace, unsigned clients, int64_t now);

/* Microseconds until one may. */
int64_t pace_wait(const struct pace *pace, unsigned clients, int64_t now);

#endif
