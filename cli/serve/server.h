/* serve/server.h - the server as its parts see it.
 *
 * One thread runs the event loop and owns everything here. The training thread of the
 * library reaches it only through the inbox of serve_training.c.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

#include "serve/listen.h"
#include "serve/options.h"

struct request;
struct session;
struct session_carrier;
struct training;

/* Sessions are found by the first digits of their id. */
#define SESSION_BUCKETS 256

struct server {
  struct serve_options options;
  struct lws_context *context;
  struct lws_vhost *vhost; /* of clients */
  struct lws_vhost *files; /* of other descriptors: without TLS */
  int listeners[LISTENERS_MAX];
  struct lws *listener_wsis[LISTENERS_MAX]; /* their places in the loop, NULL once closed */
  size_t listener_count;
  unsigned connections;     /* of clients */
  unsigned connections_max;
  unsigned websockets; /* of these, how many have become one */

  struct request *requests; /* every HTTP request that is not answered in full */
  struct session *sessions[SESSION_BUCKETS];
  unsigned session_count;
  const struct session_carrier *carrier; /* of sessions */
  lws_dll2_owner_t line; /* sessions with something to send, in turn */
  lws_sorted_usec_list_t turn;
  bool checking; /* `timeouts` is scheduled: it runs while anything can time out */
  lws_sorted_usec_list_t timeouts;

  struct training *training;

  bool ending;     /* asked to end */
  bool closing;    /* training is over, clients are being closed */
  bool ended;      /* the loop may be left */
  int64_t give_up; /* when the loop is left whatever happens */
};

/* What libwebsockets keeps for a connection. */
struct connection {
  struct server *server;   /* NULL until first used */
  struct request *request; /* in work, or NULL */
  struct session *session; /* of a WebSocket, or NULL */
  int close_code;          /* of a WebSocket that is to be closed, or 0 */
  char *text;              /* a WebSocket message that arrives in parts */
  size_t length;
};

/* The largest head of a request. */
#define HEADERS_MAX 8192

/* The largest Socket.IO message or long-polling body from a client, as the handshake
 * tells it; the largest body of any other request. */
#define SOCKETIO_BODY_MAX 1000000
#define API_BODY_MAX 65536

/* Makes sure that timeouts are looked after: something that can time out has begun. */
void server_watch(struct server *server);

/* Begins the end: no new clients, training stopped and saved, clients closed. Those that
 * poll connect anew for what is left to tell them. */
void server_end(struct server *server);

#endif
