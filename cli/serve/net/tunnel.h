/* net/tunnel.h - connections that have become WebSockets. */
#ifndef SERVE_NET_TUNNEL_H
#define SERVE_NET_TUNNEL_H

#include "serve/net/connection.h"

/* The answer that makes a request's connection one. NULL: out of memory. */
struct MHD_Response *tunnel_response(const struct request *request);

/* Ends all. */
void tunnel_end_all(struct connections *connections);

#endif
