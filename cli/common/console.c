#include "common/console.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "";
static int lost_for; /* errno of the first write to standard output that failed */
static bool forgiven;

/* A file opened later must not get the number of a closed standard stream: what is
 * printed would end up in it. Opened the wrong way round, so that using it still fails.
 */
static void fill_closed_streams(void) {
  for (int stream = 0; stream <= 2; stream++) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    if (open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) {
      _exit(EXIT_FAILED); /* no stream to tell it on */
    }
  }
}

void console_begin(const char *program) {
  program_name = program;
  fill_closed_streams();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

void console_make_printable(char *text) {
  for (; *text != '\0'; text++) {
    if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = '?';
    /* U+0080..U+009F steer some terminals, too */
    if ((unsigned char)text[0] == 0xc2 && (unsigned char)text[1] >= 0x80 &&
        (unsigned char)text[1] < 0xa0)
      text[0] = text[1] = '?';
  }
}

void console_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *message = NULL;
  if (vasprintf(&message, format, arguments) < 0) message = NULL;
  va_end(arguments);
  if (message != NULL) console_make_printable(message);
  fprintf(stderr, "%s: %s\n", program_name, message != NULL ? message : "out of memory");
  free(message);
}

void console_notes(const char *lines) {
  for (const char *end; *lines != '\0'; lines = end + (*end != '\0')) {
    end = lines + strcspn(lines, "\n");
    console_error("note: %.*s", (int)(end - lines), lines);
  }
}

bool console_flush(void) {
  errno = 0;
  bool failed = fflush(stdout) != 0 || ferror(stdout);
  if (failed && lost_for == 0) lost_for = errno != 0 ? errno : EIO;
  return lost_for == 0;
}

/* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
const char *console_flush_reason(void) { return strerror(lost_for); }

void console_forgive(void) { forgiven = true; }

int console_end(int exit_code) {
  if (console_flush()) return exit_code;
  if (forgiven) return exit_code;
  console_error("cannot write to standard output: %s", console_flush_reason());
  return exit_code == EXIT_DONE ? EXIT_FAILED : exit_code;
}
