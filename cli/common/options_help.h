/* common/options_help.h - --help, from a program's table of options. */
#ifndef CLI_OPTIONS_HELP_H
#define CLI_OPTIONS_HELP_H

#include "common/command.h"

/* Prints the help text, no wider than 80 columns, to standard output. */
void options_print_help(const struct command *command);

#endif
