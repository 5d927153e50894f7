/* net/accept.h - takes the connections that clients open. */
#ifndef SERVE_NET_ACCEPT_H
#define SERVE_NET_ACCEPT_H

#include "serve/net/connections.h"

struct acceptor {
  struct watch watch; /* of a listening socket */
  struct connections *connections;
};

/* False: it cannot. */
bool accept_begin(struct acceptor *acceptor, struct loop *loop, int listener,
                  struct connections *connections);

#endif
