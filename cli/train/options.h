/* train/options.h - the options of hrl-train. */
#ifndef CLI_TRAIN_OPTIONS_H
#define CLI_TRAIN_OPTIONS_H

#include "common/options.h"

/* Places in the table, and in command_line.values. */
enum train_option {
  TRAIN_EPISODES,
  TRAIN_SEED,
  TRAIN_SAVE_INTERVAL,
  TRAIN_EVAL_EPISODES,
  TRAIN_THREADS,
  TRAIN_OUTPUT,
  TRAIN_KEEP,
  TRAIN_RESUME,
  TRAIN_PRETRAINED,
  TRAIN_PROGRESS_EVERY,
  TRAIN_NO_RECORD,
  TRAIN_PATIENCE,
  TRAIN_MIN_IMPROVEMENT,
  TRAIN_MIN_EPISODES,
  TRAIN_TARGET,
  TRAIN_TENSORBOARD,
  TRAIN_JSON,
  TRAIN_QUIET,
  TRAIN_LIST,
};

extern const struct command train_command;

/* Reads the value of --min-improvement or --target as a finite number; prints an error
 * otherwise. */
bool train_number(const struct command_line *line, enum train_option option,
                  double *number);

/* The command that resumes from `checkpoint` with the same options, quoted for a shell;
 * it begins with `program`. Freed with free; NULL: out of memory. */
char *train_resume_command(const struct command_line *line, const char *program,
                           const char *checkpoint);

#endif
