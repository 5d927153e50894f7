/* simulation/request.h - what is to be played, and its bounds. */
#ifndef SERVE_SIMULATION_REQUEST_H
#define SERVE_SIMULATION_REQUEST_H

#include <hrl/policy.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Maximum months of the episodes in a result: about 5 MB of text. */
#define PLAY_MONTHS_TOLD 60000
/* Months that are played for one request: seconds. */
#define PLAY_MONTHS_MAX 2000000
/* Maximum months of percentiles in a result; longer ones skip months. */
#define PLAY_POINTS 600

struct play_request {
  const hrl_policy *policy;
  const hrl_scenario *household;
  uint64_t episodes, seed;
  const atomic_bool *ending; /* true: give up */
};

#endif
