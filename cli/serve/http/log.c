#include "serve/http/log.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/console.h"
#include "common/json_text.h"

void time_text(char text[TIME_TEXT_SIZE]) {
  struct timespec now;
  struct tm local;
  char seconds[24];
  clock_gettime(CLOCK_REALTIME, &now);
  /* neither fails for a time that the clock gave and room that is wide enough */
  (void)localtime_r(&now.tv_sec, &local);
  (void)strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &local);
  snprintf(text, TIME_TEXT_SIZE, "%s.%06u", seconds,
           (unsigned)(now.tv_nsec / 1000) % 1000000);
}

/* One write for a line, so that lines of several processes do not mix. */
static void put_json(json_t *object) {
  char *text =
      object == NULL ? NULL : json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));
  if (text != NULL) fprintf(stderr, "%s\n", text);
  free(text);
  json_decref(object);
}

/* A path is whatever a client sends: nothing in it may look like a line of its own. */
static void put_plain(char *out, size_t size, const char *text) {
  snprintf(out, size, "%s", text);
  console_make_printable(out);
  for (; *out != '\0'; out++)
    if (*out == '"') *out = '?';
}

void log_access(const struct access_record *record, bool json) {
  char now[TIME_TEXT_SIZE];
  time_text(now);
  double milliseconds = (double)record->duration / 1000;
  if (json) {
    put_json(json_pack("{s:s, s:s, s:s, s:o, s:i, s:I, s:f}", "time", now, "client",
                       record->client, "method", record->method, "path",
                       json_text(record->path), "status", (int)record->status, "bytes",
                       (json_int_t)record->bytes, "ms", milliseconds));
    return;
  }
  char path[256];
  put_plain(path, sizeof path, record->path);
  fprintf(stderr, "%s %s \"%s %s\" %u %zu %.1fms\n", now, record->client, record->method,
          path, record->status, record->bytes, milliseconds);
}

void log_note(bool json, const char *format, ...) {
  char now[TIME_TEXT_SIZE];
  time_text(now);
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (json) {
    put_json(json_pack("{s:s, s:o}", "time", now, "message", json_text(message)));
    return;
  }
  char plain[sizeof message];
  put_plain(plain, sizeof plain, message);
  fprintf(stderr, "%s %s\n", now, plain);
}
