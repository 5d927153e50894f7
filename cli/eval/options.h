/* eval/options.h - the options of hrl-eval. */
#ifndef CLI_EVAL_OPTIONS_H
#define CLI_EVAL_OPTIONS_H

#include "common/options.h"

/* Places in the table, and in command_line.values. */
enum eval_option {
  EVAL_EPISODES,
  EVAL_SEED,
  EVAL_THREADS,
  EVAL_HOUSEHOLDS,
  EVAL_JSON,
  EVAL_CSV,
  EVAL_TRAJECTORY,
  EVAL_PERCENTILES,
  EVAL_REPORT,
  EVAL_INSPECT,
};

extern const struct command eval_command;

#endif
