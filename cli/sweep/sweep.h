/* sweep/sweep.h - the runs of a plan, their states, and the processes that work on them.
 *
 * Any number of processes, on any number of machines that share the output folder, may
 * work on a sweep. What is done is a file in OUTPUT/sweep/; who is at work on a run holds
 * a lock, which ends with its process. Nothing else is exchanged: MPI or Slurm need only
 * start the processes. */
#ifndef CLI_SWEEP_SWEEP_H
#define CLI_SWEEP_SWEEP_H

#include <stdatomic.h>

#include <hrl/scenario.h>

#include "sweep/plan.h"

/* What a run came to. */
struct outcome {
  bool done;   /* for the episodes in question */
  bool failed; /* and then why: */
  char message[HRL_ERROR_MESSAGE_SIZE];
  double worth; /* certainty equivalent where the model has one, else strategic return */
  double standard_error;
  double seconds;
};

struct sweep_run {
  size_t scenario, setting;
  uint64_t seed;
  uint64_t episodes; /* in the end */
  uint64_t digest;   /* of all that decides its results */
  char name[HRL_NAME_SIZE];
  bool ended; /* by halving, before its end */
  uint64_t outcome_episodes;
  struct outcome outcome; /* of outcome_episodes */
};

struct sweep {
  struct plan plan;
  const char *output;
  char *folder;           /* OUTPUT/sweep */
  struct sweep_run *runs; /* scenarios x settings x seeds, the last fastest */
  size_t run_count;
  size_t threads; /* of this process */
  uint32_t rank, ranks;
  bool quiet;
  bool records; /* into OUTPUT/runs.db */
  atomic_bool stop;
};

/* Makes the runs of a plan, each of which is checked. False with an error. */
bool sweep_prepare(struct sweep *sweep, hrl_error *error);
void sweep_free(struct sweep *sweep);

/* A run's scenario, under its own name. */
bool sweep_scenario(const struct sweep *sweep, const struct sweep_run *run,
                    hrl_scenario **scenario, hrl_error *error);

/* Does all that is not done. False with an error, or after a stop. */
bool sweep_work(struct sweep *sweep, hrl_error *error);

/* Run `index`'s place of its setting: those of one scenario and setting follow each
 * other. */
static inline size_t sweep_group(const struct sweep *sweep, size_t index) {
  return index / sweep->plan.seed_count;
}

/* The median, quartile or other quantile of `count` sorted numbers, by interpolation. */
double sweep_quantile(const double *sorted, size_t count, double share);

/* Sorts worths; the worst first. */
void sweep_sort(double *values, size_t count);

#endif
