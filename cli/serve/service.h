/* serve/service.h - the service's parts put together, but for what is the process' own.
 */
#ifndef SERVE_SERVICE_H
#define SERVE_SERVICE_H

#include "serve/api/api.h"
#include "serve/api/record.h"
#include "serve/api/training.h"
#include "serve/net/accept.h"
#include "serve/net/listen.h"
#include "serve/models/models.h"
#include "serve/options.h"
#include "serve/reports/reports.h"
#include "serve/scenarios/scenarios.h"
#include "serve/simulation/simulation.h"
#include "serve/socketio/session.h"

struct service {
  struct loop *loop;
  struct sessions *sessions;
  struct training *training;
  struct record *record;
  struct workers *workers; /* for files */
  struct workers *players; /* for simulations and reports */
  struct scenarios scenarios;
  struct models models;
  struct simulations simulations;
  struct reports reports;
  struct connections *connections;
  struct access_policy access;
  struct api api;
  struct router router;
  struct acceptor acceptors[LISTENERS_MAX];
  size_t acceptor_count;

  /* its end */
  struct timer step;
  bool ending;     /* asked to end */
  bool closing;    /* training is over, clients are being closed */
  bool ended;      /* the loop may be left */
  int64_t give_up; /* when the loop is left whatever happens */
};

/* Makes every part. The options must live as long. False: an error was shown. */
bool service_begin(struct service *service, const struct serve_options *options,
                   unsigned connections_max);

/* Takes connections from a listening socket. False: it cannot. */
bool service_listen(struct service *service, int listener);

/* Begins the end: training stopped and saved, clients closed. Those that poll connect
 * anew for what is left to tell them. */
void service_end(struct service *service);

/* Frees what service_begin has made, also where it failed. */
void service_destroy(struct service *service);

#endif
