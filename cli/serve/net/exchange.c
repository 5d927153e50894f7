#include "serve/net/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "serve/net/head.h"
#include "serve/net/respond.h"

/* How long a head, a body and an answer may take. */
#define HEAD_TIME (15 * MICROSECONDS_PER_SECOND)
#define BODY_TIME (30 * MICROSECONDS_PER_SECOND)
#define ANSWER_TIME (30 * MICROSECONDS_PER_SECOND)
/* A body that is larger than this is not even read and forgotten. */
#define DISCARD_MAX ((int64_t)64 * 1024 * 1024)

static void enter(struct connection *connection, enum phase phase) {
  connection->phase = phase;
  connection->since = clock_now();
}

/* While a request waits the library does not look at its socket: the client may leave. */
static void client_leaves(struct watch *watch, uint32_t events) {
  struct connection *connection = holder_of(watch, struct connection, watch);
  (void)events;
  watch_remove(connection->connections->settings.loop, watch);
  exchange_abandon(connection);
  connections_run_soon(connection->connections);
}

void exchange_abandon(struct connection *connection) {
  struct request *request = connection->request;
  if (connection->phase != PHASE_WAIT) return;
  if (request->gone != NULL) request->gone(request);
  request->gone = NULL;
  connection->gone = true;
  enter(connection, PHASE_ANSWER);
  MHD_resume_connection(connection->mhd);
}

/* The service has an answer. */
static void answered(struct request *request) {
  struct connection *connection = request->carrier;
  request->gone = NULL;
  if (connection->phase != PHASE_WAIT) return; /* it is looked at in a moment */
  watch_remove(connection->connections->settings.loop, &connection->watch);
  enter(connection, PHASE_ANSWER);
  MHD_resume_connection(connection->mhd);
  connections_run_soon(connection->connections);
}

void *exchange_begin(void *data, const char *target, struct MHD_Connection *mhd) {
  (void)data;
  struct connection *connection =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
  if (connection == NULL) return NULL;
  struct request *request = calloc(1, sizeof *request);
  if (request == NULL) return NULL;
  request->access = connection->connections->settings.access;
  request->answered = answered;
  request->carrier = connection;
  if (!request_set_target(request, target == NULL ? "" : target)) {
    request_clear(request);
    free(request);
    return NULL;
  }
  connection->request = request;
  connection->begun_at = clock_now();
  connection->dropped = 0;
  connection->handled = false;
  connection->told = false;
  return connection;
}

/* The head has come. */
static enum MHD_Result begin_body(struct connection *connection, const char *method,
                                  const char *version) {
  struct request *request = connection->request;
  request->method = http_method_find(method);
  request->old = strcmp(version, "HTTP/1.0") == 0;
  if (!head_read(connection->mhd, request)) return MHD_NO;
  unsigned status = 0;
  const char *fault = head_fault(connection->mhd, request, &status);
  routing_begin(connection->connections->settings.router, request);
  const char *length = request_header(request, "content-length");
  enter(connection, PHASE_BODY);
  if (fault == NULL && length != NULL && strtoull(length, NULL, 10) > DISCARD_MAX) {
    status = 413;
    fault = "Request body too large";
  }
  if (fault == NULL) return MHD_YES;
  /* what follows is not read: the library closes behind such an answer */
  connection->handled = true;
  request_reply_detail(request, status, "%s", fault);
  enter(connection, PHASE_ANSWER);
  return respond(connection);
}

static enum MHD_Result take_body(struct connection *connection, const char *piece,
                                 size_t length) {
  struct request *request = connection->request;
  if (request->too_large) connection->dropped += (int64_t)length;
  if (connection->dropped > DISCARD_MAX) {
    respond_raw(connection, 413, "Request body too large");
    return MHD_NO;
  }
  return request_take_body(request, piece, length) ? MHD_YES : MHD_NO;
}

/* The request is complete, or its answer has been waited for. */
static enum MHD_Result end_body(struct connection *connection) {
  struct request *request = connection->request;
  if (connection->gone) return MHD_NO;
  if (!connection->handled) {
    connection->handled = true;
    enter(connection, PHASE_ANSWER);
    routing_handle(connection->connections->settings.router, request);
  }
  if (request->replied) return respond(connection);
  connection->watch.run = client_leaves;
  if (!watch_add(connection->connections->settings.loop, &connection->watch,
                 EPOLLRDHUP)) {
    if (request->gone != NULL) request->gone(request);
    request->gone = NULL;
    return MHD_NO;
  }
  enter(connection, PHASE_WAIT);
  MHD_suspend_connection(connection->mhd);
  return MHD_YES;
}

enum MHD_Result exchange_take(void *data, struct MHD_Connection *mhd, const char *path,
                              const char *method, const char *version, const char *piece,
                              size_t *length, void **context) {
  struct connection *connection = *context;
  (void)data, (void)mhd, (void)path;
  if (connection == NULL || connection->request == NULL) return MHD_NO;
  if (connection->phase == PHASE_HEAD) return begin_body(connection, method, version);
  if (*length == 0) return end_body(connection);
  size_t taken = *length;
  *length = 0;
  return take_body(connection, piece, taken);
}

/* The library does not notice a client that shut its side down right behind a request. */
static void check_end(struct connection *connection) {
  char byte;
  if (recv(connection->watch.descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
    respond_close(connection);
}

void exchange_end(void *data, struct MHD_Connection *mhd, void **context,
                  enum MHD_RequestTerminationCode code) {
  struct connection *connection = *context;
  (void)data, (void)mhd;
  if (connection == NULL || connection->request == NULL) return;
  bool done = code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
  struct request *request = connection->request;
  if (code == MHD_REQUEST_TERMINATED_WITH_ERROR && !request->replied &&
      !connection->gone) {
    /* the library refused it, most often before it was a whole request */
    if (connection->phase == PHASE_HEAD) request->method = METHOD_OTHER;
    request->status = 400;
    done = true;
  }
  connection_end_request(connection, done || connection->told);
  enter(connection, PHASE_HEAD);
  if (done) check_end(connection);
}

void exchange_check(struct connection *connection, int64_t now) {
  int64_t age = now - connection->since;
  switch (connection->phase) {
    case PHASE_HEAD:
      if (age >= HEAD_TIME) respond_close(connection);
      break;
    case PHASE_BODY:
      if (age < BODY_TIME) break;
      respond_raw(connection, 408, "Request Timeout");
      respond_close(connection);
      break;
    case PHASE_ANSWER: /* one that does not read its answer is not waited for */
      if (age >= ANSWER_TIME) respond_close(connection);
      break;
    case PHASE_WAIT:
    case PHASE_UPGRADED:
      break;
  }
}
