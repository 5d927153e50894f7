/* sweep/options.h - the options of hrl-sweep. */
#ifndef CLI_SWEEP_OPTIONS_H
#define CLI_SWEEP_OPTIONS_H

#include "common/options.h"

/* Places in the table, and in command_line.values. */
enum sweep_option {
  SWEEP_OUTPUT,
  SWEEP_THREADS,
  SWEEP_FORMAT,
  SWEEP_NO_RECORD,
  SWEEP_QUIET,
};

extern const struct command sweep_command;

#endif
