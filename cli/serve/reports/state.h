/* reports/state.h - what the reports of a service have. */
#ifndef SERVE_REPORTS_STATE_H
#define SERVE_REPORTS_STATE_H

#include "serve/api/pending.h"
#include "serve/api/workers.h"
#include "serve/simulation/order.h"
#include "serve/socketio/session.h"

struct reports {
  const char *folder;
  const struct order_places *places;
  struct workers *files;     /* for what takes milliseconds */
  struct workers *players;   /* for what takes seconds */
  struct sessions *sessions; /* who is told of those whose client does not wait */
  struct pending pending;
};

#endif
