/* serve/context.h - the server's parts put together, but for what is the process' own. */
#ifndef SERVE_CONTEXT_H
#define SERVE_CONTEXT_H

#include "serve/server.h"

/* Makes the context of libwebsockets and hands every part what stands above it. `options` and
 * `connections_max` of the server must be set. False: it cannot. */
bool context_create(struct server *server);

#endif
