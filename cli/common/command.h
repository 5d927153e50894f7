/* common/command.h - a program's table of options. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>
#include <stdint.h>

/* One option. */
struct option_spec {
  const char *name;     /* without the dashes */
  const char *argument; /* what its value is called; NULL: it takes none */
  const char *help;     /* one phrase */
  const char *standard; /* default value, as shown by --help; NULL: none */
  uint64_t minimum;     /* of a number */
  uint64_t maximum;     /* of a number; 0: the value is text */
};

/* The largest whole number that JSON readers and writers agree on having. */
#define OPTION_NUMBER_MAX ((uint64_t)INT64_MAX)

/* Every table ends with these two. */
#define OPTION_HELP_AND_VERSION                                                      \
  {"help", NULL, "show this text and exit", NULL, 0, 0}, {                           \
    "version", NULL, "show the versions of program and library and exit", NULL, 0, 0 \
  }

/* A program as its user sees it. */
struct command {
  const char *program;
  const char *about;     /* what it does, one sentence */
  const char *arguments; /* the other arguments, such as "MODEL [SCENARIO]" */
  size_t argument_count; /* how many there may be */
  const struct option_spec *options;
  size_t option_count;
  const char *closing; /* last lines of --help */
};

#endif
