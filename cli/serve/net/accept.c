#include "serve/net/accept.h"

#include <errno.h>
#include <sys/socket.h>

/* Connections taken before others get their turn. */
#define ACCEPTS_AT_ONCE 64

static void take_connections(struct watch *watch, uint32_t events) {
  struct acceptor *acceptor = holder_of(watch, struct acceptor, watch);
  (void)events;
  for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int descriptor = accept4(watch->descriptor, (struct sockaddr *)&peer, &length,
                             SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor == -1) return;
    connections_add(acceptor->connections, descriptor, (struct sockaddr *)&peer, length);
  }
}

bool accept_begin(struct acceptor *acceptor, struct loop *loop, int listener,
                  struct connections *connections) {
  *acceptor = (struct acceptor){{take_connections, listener}, connections};
  return watch_add(loop, &acceptor->watch, EPOLLIN);
}
