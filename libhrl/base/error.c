#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void hrl_error_clear(hrl_error *error) {
  if (error == NULL) return;
  error->status = HRL_OK;
  error->line = 0;
  error->column = 0;
  error->file[0] = '\0';
  error->message[0] = '\0';
}

const char *hrl_status_name(hrl_status status) {
  switch (status) {
#define STATUS_NAME(name, value, text) \
  case name:                           \
    return #name;
    HRL_STATUS_TABLE(STATUS_NAME)
#undef STATUS_NAME
  }
  return "HRL_ERROR_UNKNOWN";
}

const char *hrl_status_text(hrl_status status) {
  switch (status) {
#define STATUS_TEXT(name, value, text) \
  case name:                           \
    return text;
    HRL_STATUS_TABLE(STATUS_TEXT)
#undef STATUS_TEXT
  }
  return "unknown status";
}

/* Keeps messages on one line of UTF-8: whatever a file name or a value held, a message
 * can be printed to a terminal or a log, or sent to a client, as it is. A sequence that
 * did not fit as a whole is left out. */
static void make_printable(char *text, bool cut) {
  size_t length = strlen(text);
  for (size_t at = 0; at < length;) {
    size_t count = hrlp_sequence_length(text + at, length - at);
    if (count == 0 && cut && length - at < 4 &&
        ((unsigned char)text[at] & 0xc0) == 0xc0) {
      text[at] = '\0';
      return;
    }
    if (count == 0) text[at] = '?';
    if (hrlp_sequence_steers(text + at, count)) memset(text + at, '?', count);
    at += count == 0 ? 1 : count;
  }
}

/* Copies the end of `file` where it is too long: the end names it best. */
static void copy_file_name(char *target, const char *file) {
  size_t length = strlen(file);
  if (length >= HRL_ERROR_FILE_SIZE) file += length - (HRL_ERROR_FILE_SIZE - 1);
  memcpy(target, file, strlen(file) + 1);
}

static void fill(hrl_error *error, hrl_status status, const char *file, int line,
                 int column, const char *format, va_list arguments) {
  if (error == NULL || error->status != HRL_OK) return;
  error->status = status;
  error->line = line;
  error->column = column;
  copy_file_name(error->file, file);
  size_t room = sizeof error->message;
  int used = 0;
  if (line > 0 && column > 0)
    used = snprintf(error->message, room, "%s:%d:%d: ", error->file, line, column);
  else if (line > 0)
    used = snprintf(error->message, room, "%s:%d: ", error->file, line);
  else if (file[0] != '\0')
    used = snprintf(error->message, room, "%s: ", error->file);
  if (used < 0) used = 0;
  int wanted = vsnprintf(error->message + used, room - (size_t)used, format, arguments);
  make_printable(error->message, wanted >= 0 && (size_t)wanted >= room - (size_t)used);
}

hrl_status hrlp_fail(hrl_error *error, hrl_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fill(error, status, "", 0, 0, format, arguments);
  va_end(arguments);
  return status;
}

hrl_status hrlp_fail_at(hrl_error *error, hrl_status status, const char *file, int line,
                        int column, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fill(error, status, file, line, column, format, arguments);
  va_end(arguments);
  return status;
}

hrl_status hrlp_fail_errno(hrl_error *error, int errno_value, const char *file,
                           const char *what) {
  /* strerror is not safe with threads; this is, and in its GNU form returns the text */
  char room[128];
  const char *reason = strerror_r(errno_value, room, sizeof room);
  hrl_status status = errno_value == ENOENT   ? HRL_ERROR_NOT_FOUND
                      : errno_value == ENOMEM ? HRL_ERROR_MEMORY
                                              : HRL_ERROR_IO;
  return hrlp_fail_at(error, status, file, 0, 0, "%s: %s", what, reason);
}

hrl_status hrlp_fail_memory(hrl_error *error, const char *what) {
  return hrlp_fail(error, HRL_ERROR_MEMORY, "out of memory for %s", what);
}
