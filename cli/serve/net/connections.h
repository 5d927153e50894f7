/* net/connections.h - HTTP over the connections of clients, by libmicrohttpd.
 *
 * Requests go to a router once they are complete; answers go back whenever they are
 * there. The library is given every connection by net/accept.h and runs inside the event
 * loop.
 */
#ifndef SERVE_NET_CONNECTIONS_H
#define SERVE_NET_CONNECTIONS_H

#include <sys/socket.h>

#include "serve/net/settings.h"

struct connections;

/* `settings` are copied, what they point to is not. NULL: it cannot be. */
struct connections *connections_create(const struct connections_settings *settings);
/* Closes all. NULL is ignored. */
void connections_destroy(struct connections *connections);

/* Takes over a connected socket that does not block. */
void connections_add(struct connections *connections, int descriptor,
                     const struct sockaddr *peer, socklen_t length);

/* How many there are; how many of them have a request without a whole answer, or have
 * become WebSockets. */
unsigned connections_count(const struct connections *connections);
unsigned connections_busy(const struct connections *connections);

#endif
