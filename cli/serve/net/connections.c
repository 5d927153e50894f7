#include "serve/net/connections.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/net/connection.h"
#include "serve/net/exchange.h"
#include "serve/net/tunnel.h"

/* How often it is looked whether something is overdue. */
#define CHECK_INTERVAL (MICROSECONDS_PER_SECOND / 10)
/* What the library may use for one connection: a head and the headers in it, and its
 * answer. */
#define CONNECTION_MEMORY 32768

static void run(struct connections *connections) {
  MHD_UNSIGNED_LONG_LONG milliseconds;
  MHD_run(connections->daemon);
  if (MHD_get_timeout(connections->daemon, &milliseconds) == MHD_YES)
    timer_start(connections->settings.loop, &connections->again,
                (int64_t)milliseconds * 1000);
}

static void run_again(struct timer *timer) {
  run(holder_of(timer, struct connections, again));
}

static void something_happens(struct watch *watch, uint32_t events) {
  (void)events;
  run(holder_of(watch, struct connections, watch));
}

/* The library's own deadlines begin anew with every byte, and it closes without an
 * answer. */
static void check_all(struct timer *timer) {
  struct connections *connections = holder_of(timer, struct connections, check);
  int64_t now = clock_now();
  for (struct connection *c = connections->first; c != NULL; c = c->next)
    exchange_check(c, now);
  if (connections->first != NULL)
    timer_start(connections->settings.loop, timer, CHECK_INTERVAL);
}

static void name_peer(struct connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  struct sockaddr_in6 any;
  if (info == NULL || info->client_addr == NULL) return;
  bool is_ipv6 = info->client_addr->sa_family == AF_INET6;
  if (!is_ipv6 && info->client_addr->sa_family != AF_INET) return;
  socklen_t length = is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  memcpy(&any, info->client_addr, length);
  if (getnameinfo((struct sockaddr *)&any, length, connection->client,
                  sizeof connection->client, NULL, 0, NI_NUMERICHOST) != 0)
    connection->client[0] = '\0';
}

static void begin_connection(struct connections *connections, struct MHD_Connection *mhd,
                             void **context) {
  struct connection *connection = calloc(1, sizeof *connection);
  *context = connection;
  if (connection == NULL) return; /* its first request closes it */
  connection->connections = connections;
  connection->mhd = mhd;
  connection->watch.descriptor =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  connection->since = clock_now();
  name_peer(connection);
  connection->next = connections->first;
  if (connection->next != NULL) connection->next->previous = connection;
  connections->first = connection;
  if (!connections->check.started)
    timer_start(connections->settings.loop, &connections->check, CHECK_INTERVAL);
}

static void end_connection(struct connection *connection) {
  if (connection == NULL) return;
  if (connection->previous != NULL)
    connection->previous->next = connection->next;
  else
    connection->connections->first = connection->next;
  if (connection->next != NULL) connection->next->previous = connection->previous;
  free(connection);
}

static void connection_changes(void *data, struct MHD_Connection *mhd, void **context,
                               enum MHD_ConnectionNotificationCode code) {
  struct connections *connections = data;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    connections->count++;
    begin_connection(connections, mhd, context);
  } else {
    connections->count--;
    end_connection(*context);
    *context = NULL;
  }
}

/* Paths and queries come as they were sent. */
static size_t leave_escaped(void *data, struct MHD_Connection *mhd, char *text) {
  (void)data, (void)mhd;
  return strlen(text);
}

struct connections *connections_create(const struct connections_settings *settings) {
  struct connections *connections = calloc(1, sizeof *connections);
  if (connections == NULL) return NULL;
  connections->settings = *settings;
  connections->again.run = run_again;
  connections->check.run = check_all;
  unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_UPGRADE |
                   MHD_ALLOW_SUSPEND_RESUME;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)settings->certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)settings->key},
      {MHD_OPTION_END, 0, NULL}};
  if (settings->certificate == NULL)
    tls[0].option = MHD_OPTION_END;
  else
    flags |= MHD_USE_TLS;
  connections->daemon = MHD_start_daemon(
      flags, 0, NULL, NULL, exchange_take, connections, MHD_OPTION_NOTIFY_CONNECTION,
      connection_changes, connections, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, NULL,
      MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
      leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT, settings->most,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_ARRAY,
      tls, MHD_OPTION_END);
  if (connections->daemon == NULL) {
    free(connections);
    return NULL;
  }
  connections->watch = (struct watch){
      something_happens,
      MHD_get_daemon_info(connections->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd};
  if (watch_add(settings->loop, &connections->watch, EPOLLIN)) return connections;
  MHD_stop_daemon(connections->daemon);
  free(connections);
  return NULL;
}

void connections_destroy(struct connections *connections) {
  if (connections == NULL) return;
  for (struct connection *c = connections->first; c != NULL; c = c->next)
    exchange_abandon(c);
  tunnel_end_all(connections);
  timer_cancel(connections->settings.loop, &connections->again);
  timer_cancel(connections->settings.loop, &connections->check);
  watch_remove(connections->settings.loop, &connections->watch);
  MHD_stop_daemon(connections->daemon);
  free(connections);
}

void connections_add(struct connections *connections, int descriptor,
                     const struct sockaddr *peer, socklen_t length) {
  if (connections->count >= connections->settings.most) {
    close(descriptor);
    return;
  }
  /* it closes what it does not take */
  (void)MHD_add_connection(connections->daemon, descriptor, peer, length);
  connections_run_soon(connections);
}

unsigned connections_count(const struct connections *connections) {
  return connections->count;
}

unsigned connections_busy(const struct connections *connections) {
  unsigned busy = connections->tunnel_count;
  for (struct connection *c = connections->first; c != NULL; c = c->next)
    busy += c->request != NULL;
  return busy;
}
