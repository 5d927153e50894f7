#include "common/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "";
static int lost_for; /* errno of the first write to standard output that failed */
static bool forgiven;
static bool silenced;

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

/* The length of what steers a terminal at the beginning of `text`, or 0: control
 * characters to U+009F, line and paragraph separators, and what changes the direction of
 * writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069). */
static size_t steering_length(const unsigned char *text) {
  if (text[0] < 0x20 || text[0] == 0x7f) return 1;
  if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0) return 2;
  if (text[0] == 0xd8 && text[1] == 0x9c) return 2;
  if (text[0] != 0xe2 || text[1] < 0x80 || text[1] > 0x81) return 0;
  bool is_mark = text[1] == 0x80 && (text[2] == 0x8e || text[2] == 0x8f);
  bool is_embedding = text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae;
  bool is_isolate = text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9;
  return is_mark || is_embedding || is_isolate ? 3 : 0;
}

void console_make_printable(char *text) {
  while (*text != '\0') {
    size_t length = steering_length((const unsigned char *)text);
    memset(text, '?', length);
    text += length > 0 ? length : 1;
  }
}

void console_silence(bool silent) { silenced = silent; }

void console_error(const char *format, ...) {
  if (silenced) return;
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

/* Why the last write failed. One inside printf left no reason: a pipe knows whether its
 * reader has gone, and a full disk refuses the next byte, too. Where it takes one, what
 * was cut off ends with its line. */
static int find_reason(void) {
  struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
  if (errno != 0) return errno;
  if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0) return EPIPE;
  return write(STDOUT_FILENO, "\n", 1) == 1 || errno == 0 ? EIO : errno;
}

bool console_flush(void) {
  errno = 0;
  bool failed = fflush(stdout) != 0 || ferror(stdout);
  if (failed && lost_for == 0) lost_for = find_reason();
  return lost_for == 0;
}

bool console_reader_left(void) { return lost_for == EPIPE; }

/* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
const char *console_flush_reason(void) { return strerror(lost_for); }

void console_forgive(void) { forgiven = true; }

int console_end(int exit_code) {
  if (console_flush()) return exit_code;
  if (forgiven || console_reader_left()) return exit_code;
  console_error("cannot write to standard output: %s", console_flush_reason());
  return exit_code == EXIT_DONE ? EXIT_FAILED : exit_code;
}
