/* custom/check_run.h - episodes of a task that is tried: played step by step by actions
 * drawn within bounds, with guards around all memory. */
#ifndef HRLP_CUSTOM_CHECK_RUN_H
#define HRLP_CUSTOM_CHECK_RUN_H

#include "environments/custom/check_trace.h"
#include "environments/custom/findings.h"
#include "environments/custom/guarded.h"

/* Which episodes, and how. */
struct hrlp_check_request {
  const hrl_task *task;
  struct hrlp_findings *findings; /* or NULL: nobody wants to know */
  uint64_t seed;                  /* of the noise */
  uint64_t goals, actions;        /* what chooses them */
  uint64_t first;                 /* episode */
  size_t count;
  uint8_t fill;                   /* of the guards */
  struct hrlp_check_trace *trace; /* what is seen goes to its rows from `row` on */
  size_t row;
  bool follow; /* the textbook, where there is one, instead of what was drawn */
  bool onward; /* what is cut off goes on all the same, to see whether it would have */
};

enum hrlp_check_array {
  HRLP_CHECK_STATES,
  HRLP_CHECK_EPISODES,
  HRLP_CHECK_OBSERVATIONS,
  HRLP_CHECK_GOALS,
  HRLP_CHECK_ACTIONS,
  HRLP_CHECK_GOAL_ADVICE,
  HRLP_CHECK_ACTION_ADVICE,
  HRLP_CHECK_POTENTIALS,
  HRLP_CHECK_REWARDS,
  HRLP_CHECK_DEPARTURES,
  HRLP_CHECK_ENDS,
  HRLP_CHECK_ARRAYS
};

struct hrlp_check_run {
  struct hrlp_check_request request;
  struct hrlp_guarded arrays[HRLP_CHECK_ARRAYS];
  uint8_t *before; /* states, goals and actions before a call */
  size_t *index;   /* [count] row of the trace, of each that goes on */
  hrl_task_batch batch;
  bool broken; /* there is no going on */
  /* of choose_goals and choose_actions: numbers given, and those beyond the bounds */
  size_t advised[2], beyond[2];
};

/* False where memory is short; ended with hrlp_check_run_free in any case. `reset` is
 * called. */
bool hrlp_check_run_create(struct hrlp_check_run *run,
                           const struct hrlp_check_request *request);
void hrlp_check_run_free(struct hrlp_check_run *run);

/* One step of all that go on; false where none is left, or the run is broken. */
bool hrlp_check_run_step(struct hrlp_check_run *run);

/* All of it: creates, plays and frees. False where memory is short. */
bool hrlp_check_run_play(const struct hrlp_check_request *request, bool *broken);

#endif
