#include "eval/output_file.h"

#include <errno.h>
#include <string.h>

#include "common/console.h"

bool output_file_open(struct output_file *output, const char *option, const char *path) {
  *output = (struct output_file){.option = option, .path = path};
  output->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
  if (output->file == NULL)
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("%s: cannot write %s: %s", option, path, strerror(errno));
  return output->file != NULL;
}

bool output_file_failed(struct output_file *output) {
  if (ferror(output->file) && output->reason == 0)
    output->reason = errno != 0 ? errno : EIO;
  return ferror(output->file) != 0;
}

int output_file_close(struct output_file *output, hrl_status status,
                      const hrl_error *error) {
  bool to_stdout = output->file == stdout;
  int closed = to_stdout ? fflush(stdout) : fclose(output->file);
  if (closed != 0 && output->reason == 0) output->reason = errno;
  if (output->reason == EPIPE) {
    if (to_stdout) console_forgive();
    return EXIT_DONE;
  }
  if (output->reason != 0) {
    console_error("%s: cannot write %s: %s", output->option,
                  to_stdout ? "standard output" : output->path,
                  /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
                  strerror(output->reason));
    console_forgive();
  } else if (status != HRL_OK) {
    console_error("%s", error->message);
  }
  return output->reason != 0 || status != HRL_OK ? EXIT_FAILED : EXIT_DONE;
}
