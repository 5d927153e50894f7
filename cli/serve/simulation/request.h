/* simulation/request.h - what is to be played, and its bounds. */
#ifndef SERVE_SIMULATION_REQUEST_H
#define SERVE_SIMULATION_REQUEST_H

#include <hrl/policy.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Months of the episodes that are told one by one: some 5 MB of text. */
#define PLAY_MONTHS_TOLD 60000
/* Months that are played for one request: seconds. */
#define PLAY_MONTHS_MAX 2000000
/* Months of percentiles that are told; of more, every so many. */
#define PLAY_POINTS 600

struct play_request {
  const hrl_policy *policy;
  const hrl_scenario *household;
  uint64_t episodes, seed;
  const atomic_bool *ending; /* true: give up */
};

#endif
