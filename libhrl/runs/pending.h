/* runs/pending.h - the queue in the run database: runs to complete, by whichever process
 * takes them.
 *
 * A run is in the queue while its row says so (`queue`), and at most one queue at work
 * holds the claim on it, a lock that dies with its process. A run in the queue without a
 * claim waits, however far it came. All that is decided is decided in a transaction that
 * excludes other writers. */
#ifndef HRLP_PENDING_H
#define HRLP_PENDING_H

#include <stdbool.h>

#include <hrl/runs.h>

#include "base/error.h"

/* A run that was taken, or could be. */
struct hrlp_pending {
  int64_t id; /* 0: none */
  int32_t priority;
  bool own;               /* its files are in a folder of its own */
  hrl_run run;            /* once it is taken; so is the next */
  hrl_scenario *scenario; /* the taker's */
};

/* What somebody wants of a run. */
struct hrlp_wish {
  bool in_queue; /* false: it is to stop */
  bool hold;     /* it is to pause */
};

enum hrlp_change { HRLP_PAUSE, HRLP_RESUME, HRLP_STOP, HRLP_CANCEL };

/* Opens a record for a queue; with `create` makes it. Closed with hrl_runs_close. */
hrl_status hrlp_pending_open(const char *folder, bool create, hrl_runs **runs,
                             hrl_error *error);

/* Puts a run into the queue, with `claim` taken by the caller. `in_output`: its files are
 * to be in the output folder, where no other's of its scenario are. Fills id, priority
 * and own. */
hrl_status hrlp_pending_add(hrl_runs *runs, const hrl_scenario *scenario,
                            const hrl_trainer_options *options, int32_t priority,
                            bool in_output, bool claim, struct hrlp_pending *pending,
                            hrl_error *error);

/* The first that waits and is none of `skipped`, and how many wait, held ones aside; more
 * than 128 are not counted. */
hrl_status hrlp_pending_next(hrl_runs *runs, const int64_t *skipped, size_t skipped_count,
                             struct hrlp_pending *next, size_t *waiting,
                             hrl_error *error);

/* Takes it. id 0: somebody was faster. */
hrl_status hrlp_pending_take(hrl_runs *runs, int64_t id, struct hrlp_pending *taken,
                             hrl_error *error);

/* Makes a taken run wait again, with its progress, and gives the claim back. If this
 * cannot be recorded there is no harm, because the claim decides which runs wait. False:
 * somebody has stopped the run meanwhile; then it has ended. */
bool hrlp_pending_return(hrl_runs *runs, int64_t id);

/* Gives the claim back: the run has ended, or could not be kept. */
void hrlp_pending_release(hrl_runs *runs, int64_t id);

hrl_status hrlp_pending_wish(hrl_runs *runs, int64_t id, struct hrlp_wish *wish,
                             hrl_error *error);

/* `waits` receives whether nobody has taken it. */
hrl_status hrlp_pending_change(hrl_runs *runs, int64_t id, enum hrlp_change change,
                               bool *waits, hrl_error *error);

/* It has ended, and leaves the queue. `problem`: why it failed, or NULL. */
hrl_status hrlp_pending_end(hrl_runs *runs, int64_t id, hrl_run_state state,
                            const char *problem, hrl_error *error);

#endif
