/* common/options.h - command lines.
 *
 * A program has one table of options; the parser, --help and the test that holds the
 * manual to it all read that table. Options stand before or after the other arguments,
 * as "--name value" or "--name=value"; "--" ends them; the last of two that contradict
 * each other counts.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/command.h"

#define OPTIONS_MAX 24
#define ARGUMENTS_MAX 32
#define GIVEN_MAX 64

/* What the user gave, or else the table's standard values. */
struct option_value {
  bool given;
  uint64_t number;  /* of a number; 0 where `standard` is not one */
  const char *text; /* the value as typed, or `standard`; NULL: neither */
};

struct command_line {
  struct option_value values[OPTIONS_MAX]; /* in the order of the table */
  const char *arguments[ARGUMENTS_MAX];    /* NULL where not given */
  /* Values in the order they were typed, for options that may be given several times. */
  struct {
    size_t option; /* place in the table */
    const char *text;
  } given[GIVEN_MAX];
  size_t given_count;
};

/* Parses argv. True: go on. False: end with *exit_code; help or an error was shown. */
bool options_parse(const struct command *command, int argc, char **argv,
                   struct command_line *line, int *exit_code);

/* Reads a whole number from `minimum` to `maximum`: decimal digits and nothing else. */
bool options_parse_number(const char *text, uint64_t minimum, uint64_t maximum,
                          uint64_t *number);

#endif
