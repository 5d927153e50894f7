/* common/console.h - what every program does with its three standard streams. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include <stdbool.h>

#include <hrl/error.h>

/* Exit codes, the same for every program. */
enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2, /* what was typed cannot be done, or the scenario is bad */
};

/* First of all in main: messages carry `program`; a reader that goes away, or a file
 * that may not grow, is an error of the next write, not a death by signal; closed streams
 * are made safe. */
void console_begin(const char *program);

/* One line on standard error, "program: message". Whatever a file or an argument held, it
 * stays one line. */
void console_error(const char *format, ...) HRL_PRINTF(1, 2);

/* From here on console_error says nothing, or speaks again. */
void console_silence(bool silent);

/* The same for each of the lines, as "note: line". */
void console_notes(const char *lines);

/* Replaces what could steer a terminal, in place. */
void console_make_printable(char *text);

/* Sends what was printed to standard output on its way. False once any of it was lost. */
bool console_flush(void);

/* Why console_flush gave false, as text. */
const char *console_flush_reason(void);

/* Whether the reader closed the pipe early, as `head` does, which is no failure. */
bool console_reader_left(void);

/* Last of all: `exit_code`, or EXIT_FAILED, with a message, where standard output was
 * lost otherwise than by its reader's leave. */
int console_end(int exit_code);

/* Before console_end: the loss was told already, or is none, and `exit_code` counts it.
 */
void console_forgive(void);

#endif
