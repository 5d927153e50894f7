/* common/run_curve.h - what a record has of a run. */
#ifndef CLI_RUN_CURVE_H
#define CLI_RUN_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#include <hrl/runs.h>

/* An evaluation of a run. */
struct evaluated {
  uint64_t episode;
  hrl_evaluation figures;
};

/* What the record has of a run. */
struct curve {
  hrl_run run;
  hrl_progress *points;
  size_t point_count;
  struct evaluated *evaluations;
  size_t evaluation_count;
  bool short_of_memory;
};

/* Reads a run; at most `points` points of progress, 0: all. Freed with curve_free, also
 * after a failure. */
hrl_status curve_read(hrl_runs *runs, uint64_t id, size_t points, struct curve *curve,
                      hrl_error *error);
void curve_free(struct curve *curve);

#endif
