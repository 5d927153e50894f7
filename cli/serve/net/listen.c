#include "serve/net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/console.h"

/* The first descriptor of socket activation; sd_listen_fds(3). */
#define ACTIVATION_FIRST 3

/* How many sockets the service manager hands over; 0: it does not. */
static long count_activated(void) {
  const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
  if (pid == NULL || count == NULL || strtol(pid, NULL, 10) != (long)getpid()) return 0;
  return strtol(count, NULL, 10);
}

/* Whether a descriptor is what clients can connect to. */
static bool is_listening(int descriptor) {
  int type = 0;
  int listening = 0;
  socklen_t length = sizeof type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) != 0) return false;
  length = sizeof listening;
  return type == SOCK_STREAM &&
         getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 &&
         listening != 0;
}

static size_t take_activated(long count, int listeners[LISTENERS_MAX]) {
  /* NOLINTBEGIN(concurrency-mt-unsafe): the process has one thread yet */
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDS");
  /* NOLINTEND(concurrency-mt-unsafe) */
  if (count < 1 || count > LISTENERS_MAX) {
    console_error(
        "the service manager hands over %ld sockets (LISTEN_FDS), expected 1 to "
        "%d",
        count, LISTENERS_MAX);
    return 0;
  }
  for (int i = 0; i < (int)count; i++) {
    int descriptor = ACTIVATION_FIRST + i;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags == -1 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == -1 ||
        fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1) {
      /* NOLINTBEGIN(concurrency-mt-unsafe): glibc's is safe since 2.32 */
      console_error("descriptor %d of the service manager: %s", descriptor,
                    strerror(errno));
      /* NOLINTEND(concurrency-mt-unsafe) */
      return 0;
    }
    if (!is_listening(descriptor)) {
      console_error(
          "descriptor %d of the service manager is no listening stream socket; "
          "use ListenStream= with Accept=no",
          descriptor);
      return 0;
    }
    listeners[i] = descriptor;
  }
  return (size_t)count;
}

/* errno tells why it is -1. */
static int open_one(const struct addrinfo *address, bool only_ipv6) {
  int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int listener = socket(address->ai_family, type, address->ai_protocol);
  if (listener == -1) return -1;
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (only_ipv6 && address->ai_family == AF_INET6)
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 &&
      listen(listener, SOMAXCONN) == 0)
    return listener;
  int reason = errno;
  close(listener);
  errno = reason;
  return -1;
}

/* The first address of a host that can be listened on; errno tells why it is -1, or
 * *unknown is the resolver's reason. */
static int open_host(const char *host, uint16_t port, bool only_ipv6, int *unknown) {
  char service[8];
  snprintf(service, sizeof service, "%u", port);
  struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *addresses = NULL;
  *unknown = getaddrinfo(host, service, &wanted, &addresses);
  if (*unknown != 0) return -1;
  int listener = -1;
  int reason = 0;
  for (struct addrinfo *a = addresses; a != NULL && listener == -1; a = a->ai_next) {
    listener = open_one(a, only_ipv6);
    reason = errno;
  }
  freeaddrinfo(addresses);
  errno = reason;
  return listener;
}

static uint16_t port_of(int listener) {
  union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  } address = {.ipv6 = {0}};
  socklen_t length = sizeof address;
  if (getsockname(listener, &address.any, &length) != 0) return 0;
  return ntohs(address.any.sa_family == AF_INET6 ? address.ipv6.sin6_port
                                                 : address.ipv4.sin_port);
}

static void close_all(const int *listeners, size_t count) {
  for (size_t i = 0; i < count; i++) close(listeners[i]);
}

/* Both loopback addresses: names such as localhost are ::1 first for many clients. The
 * second is left out where there is no IPv6. Another port is tried where the one that the
 * system chose for the first is taken on the second. */
#define PORT_ATTEMPTS 16
static size_t open_loopback(uint16_t port, int listeners[LISTENERS_MAX]) {
  for (int attempt = 0;; attempt++) {
    int unknown = 0;
    listeners[0] = open_host("127.0.0.1", port, false, &unknown);
    if (listeners[0] == -1) {
      /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
      console_error("cannot listen on 127.0.0.1, port %u: %s", port, strerror(errno));
      return 0;
    }
    listeners[1] = open_host("::1", port_of(listeners[0]), true, &unknown);
    if (listeners[1] != -1) return 2;
    if (unknown != 0 || errno != EADDRINUSE) return 1;
    if (port != 0) {
      console_error(
          "cannot listen on ::1, port %u: it is in use; end what listens there, or "
          "name one address with --host",
          port);
      close(listeners[0]);
      return 0;
    }
    if (attempt == PORT_ATTEMPTS) return 1;
    close(listeners[0]);
  }
}

static size_t open_hosts(char *hosts, uint16_t port, int listeners[LISTENERS_MAX]) {
  size_t count = 0;
  char *rest = NULL;
  for (char *host = strtok_r(hosts, ",", &rest); host != NULL;
       host = strtok_r(NULL, ",", &rest)) {
    int unknown = 0;
    if (count == LISTENERS_MAX) {
      console_error("--host: at most %d addresses", LISTENERS_MAX);
      close_all(listeners, count);
      return 0;
    }
    listeners[count] = open_host(host, port, count > 0, &unknown);
    if (listeners[count] == -1) {
      if (unknown != 0)
        console_error("--host %s: %s", host, gai_strerror(unknown));
      else
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
        console_error("cannot listen on %s, port %u: %s", host, port, strerror(errno));
      close_all(listeners, count);
      return 0;
    }
    if (port == 0) port = port_of(listeners[0]);
    count++;
  }
  if (count == 0) console_error("--host: an address is needed");
  return count;
}

size_t listen_open(const char *hosts, uint16_t port, int listeners[LISTENERS_MAX]) {
  long activated = count_activated();
  if (activated != 0) return take_activated(activated, listeners);
  if (hosts == NULL) return open_loopback(port, listeners);
  char *list = strdup(hosts);
  size_t count = list == NULL ? 0 : open_hosts(list, port, listeners);
  if (list == NULL) console_error("out of memory");
  free(list);
  return count;
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
