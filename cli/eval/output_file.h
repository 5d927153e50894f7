/* eval/output_file.h - a file that an option names, or standard output for "-". */
#ifndef CLI_EVAL_OUTPUT_FILE_H
#define CLI_EVAL_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include <hrl/error.h>

struct output_file {
  const char *option; /* "--trajectory" */
  const char *path;
  FILE *file;
  int reason; /* errno of the first write that failed, or 0 */
};

/* False where it cannot be written; the message is out. */
bool output_file_open(struct output_file *output, const char *option, const char *path);

/* Notes whether what was written so far went through. */
bool output_file_failed(struct output_file *output);

/* Ends it. `status` and `error` are of the work that wrote it. Gives an exit code, the
 * message is out. A reader that has seen enough, as `head` does, is no failure. */
int output_file_close(struct output_file *output, hrl_status status,
                      const hrl_error *error);

#endif
