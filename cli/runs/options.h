/* runs/options.h - the options of hrl-runs. */
#ifndef CLI_RUNS_OPTIONS_H
#define CLI_RUNS_OPTIONS_H

#include <hrl/runs.h>

#include "common/options.h"

/* Places in the table, and in command_line.values. */
enum runs_option {
  RUNS_OUTPUT,
  RUNS_SCENARIO,
  RUNS_STATE,
  RUNS_SINCE,
  RUNS_UNTIL,
  RUNS_LIMIT,
  RUNS_POINTS,
  RUNS_EPISODES,
  RUNS_SEED,
  RUNS_THREADS,
  RUNS_PRIORITY,
  RUNS_SAVE_INTERVAL,
  RUNS_EVAL_EPISODES,
  RUNS_KEEP,
  RUNS_PATIENCE,
  RUNS_MIN_IMPROVEMENT,
  RUNS_MIN_EPISODES,
  RUNS_TARGET,
  RUNS_CONCURRENCY,
  RUNS_WATCH,
  RUNS_JSON,
};

extern const struct command runs_command;

/* The runs that the options ask for. False: an option was no good, and was told. */
bool runs_filter(const struct command_line *line, hrl_runs_filter *filter);

/* The value of an option as a number; false, and told: it is none. */
bool runs_number(const struct command_line *line, enum runs_option option,
                 double *number);

/* The arguments behind the first `skipped` as numbers of runs; gives how many, or tells
 * and gives SIZE_MAX. */
size_t runs_ids_from(const struct command_line *line, size_t skipped,
                     uint64_t ids[ARGUMENTS_MAX]);

/* The same for those behind the verb. */
size_t runs_ids(const struct command_line *line, uint64_t ids[ARGUMENTS_MAX]);

#endif
