/* net/respond.h - brings answers to clients. */
#ifndef SERVE_NET_RESPOND_H
#define SERVE_NET_RESPOND_H

#include "serve/net/connection.h"

/* Hands the request's answer to the library, which is asking for it. */
enum MHD_Result respond(struct connection *connection);

/* Sends an answer without libmicrohttpd, which accepts none in the middle of a body; the
 * connection must then be closed. */
void respond_raw(struct connection *connection, unsigned status, const char *detail);

/* Ends a connection. */
void respond_close(struct connection *connection);

#endif
