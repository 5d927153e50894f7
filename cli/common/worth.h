/* common/worth.h - the figure that an evaluation is told by: the certainty equivalent
 * where the model has one, the strategic return elsewhere. */
#ifndef CLI_WORTH_H
#define CLI_WORTH_H

#include <math.h>

#include <hrl/runs.h>

static inline double evaluation_worth(const hrl_evaluation *evaluation) {
  return isfinite(evaluation->certainty_equivalent) ? evaluation->certainty_equivalent
                                                    : evaluation->strategic_return;
}

/* Its standard error. */
static inline double evaluation_worth_stderr(const hrl_evaluation *evaluation) {
  return isfinite(evaluation->certainty_equivalent)
             ? evaluation->certainty_equivalent_stderr
             : evaluation->strategic_return_stderr;
}

/* The same of a recorded run's best and last evaluation; NaN where there was none. */
static inline double run_best_worth(const hrl_run *run) {
  if (run->best_episode == 0) return NAN;
  return isfinite(run->best_equivalent) ? run->best_equivalent : run->best_return;
}

static inline double run_final_worth(const hrl_run *run) {
  if (run->final_episode == 0) return NAN;
  return isfinite(run->final_equivalent) ? run->final_equivalent : run->final_return;
}

static inline double run_final_worth_stderr(const hrl_run *run) {
  return isfinite(run->final_equivalent) ? run->final_equivalent_stderr
                                         : run->final_stderr;
}

#endif
