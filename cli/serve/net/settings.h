/* net/settings.h - what connections are given. */
#ifndef SERVE_NET_SETTINGS_H
#define SERVE_NET_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/http/cors.h"
#include "serve/http/routing.h"
#include "serve/net/loop.h"

/* The largest head of a request. */
#define HEAD_MAX 8192

struct connections_settings {
  struct loop *loop;
  const struct router *router;
  const struct access_policy *access;
  unsigned most;           /* connections at the same time */
  size_t message_max;      /* of a WebSocket's client */
  const char *certificate; /* PEM, or NULL: no TLS */
  const char *key;
  bool log_json;
};

#endif
