/* serve/loop.h - the event loop: what libwebsockets reports, and what time brings. */
#ifndef SERVE_LOOP_H
#define SERVE_LOOP_H

#include "serve/server.h"

/* The one protocol: HTTP requests, WebSockets, the listening socket and signals. */
extern const struct lws_protocols serve_protocols[];

/* Has the loop take connections from server->listeners, and read the signal descriptor.
 * False: it cannot. */
bool loop_begin(struct server *server, int signals);

#endif
