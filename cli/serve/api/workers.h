/* api/workers.h - threads for work that takes too long for the event loop.
 *
 * The number of threads and of waiting tasks is bounded; further tasks are rejected.
 * Completed tasks return to the loop, which alone submits and collects them.
 */
#ifndef SERVE_API_WORKERS_H
#define SERVE_API_WORKERS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "serve/net/loop.h"

/* A piece of work; a part of something larger, see holder_of. */
struct job {
  void (*work)(
      struct job *job); /* on a thread of its own; touches nothing of the loop's */
  void (*done)(struct job *job); /* afterwards, on the loop; may free the job */
  struct job *next;              /* the rest is the pool's */
};

/* `threads` of them; `waiting_max` jobs may wait beside those that run. NULL: it cannot
 * be made. */
struct workers *workers_create(struct loop *loop, unsigned threads, unsigned waiting_max);

/* Waits for what is being worked at; hands everything back, what was not begun with its
 * `work` left out. NULL is ignored. */
void workers_destroy(struct workers *workers);

/* False: too many wait, or the pool is ending. */
bool workers_submit(struct workers *workers, struct job *job);

/* Jobs that were submitted and not handed back. */
unsigned workers_busy(const struct workers *workers);

/* Asks those at work to end soon: long work looks at this flag. No job is taken any
 * more. */
void workers_end(struct workers *workers);
const atomic_bool *workers_ending(const struct workers *workers);

#endif
