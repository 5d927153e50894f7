#include "serve/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/console.h"

/* The first descriptor of socket activation; sd_listen_fds(3). */
#define ACTIVATION_FIRST 3

static bool is_activated(void) {
  const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
  return pid != NULL && count != NULL && strtol(pid, NULL, 10) == (long)getpid() &&
         strtol(count, NULL, 10) == 1;
}

static int take_activated(void) {
  /* NOLINTBEGIN(concurrency-mt-unsafe): the process has one thread yet */
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDS");
  /* NOLINTEND(concurrency-mt-unsafe) */
  int flags = fcntl(ACTIVATION_FIRST, F_GETFL);
  if (flags == -1 || fcntl(ACTIVATION_FIRST, F_SETFL, flags | O_NONBLOCK) == -1 ||
      fcntl(ACTIVATION_FIRST, F_SETFD, FD_CLOEXEC) == -1) {
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("the socket of the service manager: %s", strerror(errno));
    return -1;
  }
  return ACTIVATION_FIRST;
}

/* errno tells why it is -1. */
static int open_one(const struct addrinfo *address) {
  int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int listener = socket(address->ai_family, type, address->ai_protocol);
  if (listener == -1) return -1;
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 &&
      listen(listener, SOMAXCONN) == 0)
    return listener;
  int reason = errno;
  close(listener);
  errno = reason;
  return -1;
}

int listen_open(const char *host, uint16_t port) {
  if (is_activated()) return take_activated();
  char service[8];
  snprintf(service, sizeof service, "%u", port);
  struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *addresses = NULL;
  int failed = getaddrinfo(host, service, &wanted, &addresses);
  if (failed != 0) {
    console_error("--host %s: %s", host, gai_strerror(failed));
    return -1;
  }
  int listener = -1;
  for (struct addrinfo *a = addresses; a != NULL && listener == -1; a = a->ai_next)
    listener = open_one(a);
  if (listener == -1)
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    console_error("cannot listen on %s, port %s: %s", host, service, strerror(errno));
  freeaddrinfo(addresses);
  return listener;
}

void listen_address(int listener, char text[ADDRESS_TEXT_SIZE]) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  char host[64], port[8];
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0 ||
      getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    snprintf(text, ADDRESS_TEXT_SIZE, "an unknown address");
    return;
  }
  bool is_ipv6 = strchr(host, ':') != NULL;
  snprintf(text, ADDRESS_TEXT_SIZE, is_ipv6 ? "[%s]:%s" : "%s:%s", host, port);
}
