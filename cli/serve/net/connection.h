/* net/connection.h - what is kept for each connection; of net/ alone. */
#ifndef SERVE_NET_CONNECTION_H
#define SERVE_NET_CONNECTION_H

#include <microhttpd.h>

#include "serve/net/settings.h"
#include "serve/net/websocket.h"

struct connections {
  struct connections_settings settings;
  struct MHD_Daemon *daemon;
  struct watch watch; /* the library's own set of descriptors */
  struct timer again; /* it has more to do */
  struct timer check; /* runs while there are connections */
  struct connection *first;
  unsigned count;         /* of sockets */
  struct tunnel *tunnels; /* of these, what has become a WebSocket */
  unsigned tunnel_count;
};

/* What it is doing; each has its own time. */
enum phase {
  PHASE_HEAD,    /* the next request has not come in full */
  PHASE_BODY,    /* nor its body */
  PHASE_WAIT,    /* it waits for the service */
  PHASE_ANSWER,  /* it is being sent its answer */
  PHASE_UPGRADED /* it has become a WebSocket */
};

struct connection {
  struct connection *next, *previous;
  struct connections *connections;
  struct MHD_Connection *mhd;
  struct watch watch; /* of its socket, while it waits: the library does not look then */
  enum phase phase;
  int64_t since; /* when the phase began */
  char client[64];
  struct request *request; /* in work, or NULL */
  int64_t begun_at;        /* the request */
  int64_t dropped;         /* bytes of its body that were too many */
  bool handled;            /* it was given to the router */
  bool told;               /* it was answered past the library */
  bool gone;               /* the client has left */
};

/* Logs the request, which is answered or never will be, and forgets it. */
void connection_end_request(struct connection *connection, bool answered);

/* Has the library run in the next turn of the loop. */
void connections_run_soon(struct connections *connections);

#endif
