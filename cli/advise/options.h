/* advise/options.h - the options of hrl-advise. */
#ifndef CLI_ADVISE_OPTIONS_H
#define CLI_ADVISE_OPTIONS_H

#include "common/options.h"

/* Places in the table, and in command_line.values. */
enum advise_option {
  ADVISE_CASH,
  ADVISE_PORTFOLIO,
  ADVISE_MONTH,
  ADVISE_UNEMPLOYED,
  ADVISE_WHAT_IF,
  ADVISE_FUTURES,
  ADVISE_SEED,
  ADVISE_THREADS,
  ADVISE_JSON,
};

extern const struct command advise_command;

#endif
