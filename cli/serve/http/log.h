/* http/log.h - one line on standard error for each request. */
#ifndef SERVE_HTTP_LOG_H
#define SERVE_HTTP_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access_record {
  const char *client; /* address */
  const char *method;
  const char *path; /* without the query, which may hold a token */
  unsigned status;  /* 499: the client left before its answer */
  size_t bytes;     /* of the answer's body */
  int64_t duration; /* microseconds */
};

void log_access(const struct access_record *record, bool json);

/* A remark about the running service. */
void log_note(bool json, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The present time as the interface has it: local ISO-8601 with microseconds. */
#define TIME_TEXT_SIZE 32
void time_text(char text[TIME_TEXT_SIZE]);

#endif
