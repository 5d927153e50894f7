/* serve/options.h - the options of hrl-serve. */
#ifndef SERVE_OPTIONS_H
#define SERVE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/http/cors.h"

/* Text points into argv. */
struct serve_options {
  char *hosts; /* addresses, separated by commas, or NULL; to be freed */
  uint16_t port;
  const char *scenarios;     /* folder, or NULL: where the library looks */
  const char *models;        /* folder */
  const char *results;       /* folder */
  const char *reports;       /* folder */
  char *cors_origin;         /* origins, separated by commas, or "*"; to be freed */
  char token[TOKEN_MAX + 1]; /* "" : none is wanted */
  const char *tls_cert;
  const char *tls_key;
  unsigned max_clients;
  unsigned threads;
  unsigned concurrency; /* runs at a time */
  int64_t progress_interval; /* microseconds, as all that follow */
  int64_t ping_interval;
  int64_t ping_timeout;
  int64_t client_timeout;
  bool log_json;
};

/* Reads the command line and the token's file. False: end with *exit_code; help or an
 * error was shown. */
bool serve_options_parse(int argc, char **argv, struct serve_options *options,
                         int *exit_code);

#endif
