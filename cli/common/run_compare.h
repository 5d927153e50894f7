/* common/run_compare.h - runs of a record side by side: their curves, what differs in
 * their configuration, and by how much one is better. */
#ifndef CLI_RUN_COMPARE_H
#define CLI_RUN_COMPARE_H

#include <jansson.h>

#include "common/run_curve.h"

#define COMPARE_RUNS_MAX 8

/* How to compare. */
struct compare_options {
  size_t points;     /* of each curve at most; 0: all */
  uint64_t episodes; /* that each pair plays; 0: none do, the record is asked */
  uint64_t seed;     /* of their noise */
  uint32_t threads;  /* 0: as many as there are processors */
};

/* How the agents of a run do beside those of the first, on the same noise. */
struct pairing {
  const char *source; /* "models": played now; "recorded": their last evaluations; NULL */
  uint64_t episodes;
  double difference, standard_error;
};

struct comparison {
  size_t count;
  struct curve curves[COMPARE_RUNS_MAX];
  hrl_scenario *scenarios[COMPARE_RUNS_MAX]; /* NULL where it cannot be read */
  struct pairing pairings[COMPARE_RUNS_MAX]; /* [0] is not used */
  json_t *differences;                       /* key: values, one a run */
};

/* Compares all with the first. Freed with comparison_free, also after a failure. */
hrl_status comparison_make(hrl_runs *runs, const uint64_t *ids, size_t count,
                           const struct compare_options *options,
                           struct comparison *comparison, hrl_error *error);
void comparison_free(struct comparison *comparison);

/* NULL: out of memory. */
json_t *comparison_json(const struct comparison *comparison);

#endif
