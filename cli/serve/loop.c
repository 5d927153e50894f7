#include "serve/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/api.h"
#include "serve/cors.h"
#include "serve/log.h"
#include "serve/polling.h"
#include "serve/training.h"
#include "serve/websocket.h"

/* A body that is larger than this is not even read and forgotten. */
#define DISCARD_MAX ((int64_t)64 * 1024 * 1024)
/* Connections taken before others get their turn. */
#define ACCEPTS_AT_ONCE 64

static struct server *server_of(struct lws *wsi) {
  return lws_context_user(lws_get_context(wsi));
}

static void drop_request(struct connection *connection) {
  if (connection->request != NULL) request_destroy(connection->request);
  connection->request = NULL;
}

/* The request is complete. */
static void handle(struct request *request) {
  lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
  api_handle(request);
  /* while it waits, what else the client sends would keep the loop busy for nothing */
  if (!request->replied) lws_rx_flow_control(request->wsi, 0);
}

/* Whether the client waits with the body for "100 Continue". */
static bool wants_to_be_told(struct lws *wsi) {
  char value[16];
  return request_header(wsi, WSI_TOKEN_HTTP_EXPECT, value, sizeof value) &&
         strcasecmp(value, "100-continue") == 0;
}

static int write_continue(struct lws *wsi) {
  static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
  unsigned char buffer[LWS_PRE + sizeof text];
  memcpy(buffer + LWS_PRE, text, sizeof text);
  return lws_write(wsi, buffer + LWS_PRE, sizeof text - 1, LWS_WRITE_HTTP_HEADERS) < 0
             ? -1
             : 0;
}

/* The headers of a request have arrived. */
static int begin_request(struct connection *connection, struct lws *wsi) {
  drop_request(connection);
  connection->server = server_of(wsi);
  struct request *request = request_create(connection->server, wsi);
  if (request == NULL) return -1;
  connection->request = request;
  char text[24] = "";
  char *end = text;
  bool has_length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
  request_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text);
  long long length = strtoll(text, &end, 10);
  bool is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0';
  if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
    request_reply_detail(request, 411, "Length Required");
  } else if (has_length && !is_number) {
    request_reply_detail(request, 400, "Invalid Content-Length");
  } else if (length > DISCARD_MAX) {
    request->too_large = true;
    handle(request);
  } else if (length > 0) {
    if (wants_to_be_told(wsi) && write_continue(wsi) != 0) return -1;
    bool socketio = strncmp(request->path, "/socket.io", 10) == 0;
    request->body_limit = socketio ? SOCKETIO_BODY_MAX : API_BODY_MAX;
    request->reading = true;
  } else {
    handle(request);
  }
  return 0;
}

static int take_body(struct connection *connection, const char *piece, size_t length) {
  struct request *request = connection->request;
  if (request == NULL || !request->reading || length == 0) return 0;
  return request_take_body(request, piece, length) ? 0 : -1;
}

static int end_body(struct connection *connection) {
  struct request *request = connection->request;
  if (request == NULL || !request->reading) return 0;
  request->reading = false;
  handle(request);
  return 0;
}

/* Each connection carries one request: libwebsockets 4.1 takes the bytes of a request
 * that was sent too early for the body of that same request, and spins. */
static int write_answer(struct connection *connection) {
  struct request *request = connection->request;
  bool done;
  if (request == NULL) return 0;
  if (request_write(request, &done) != 0) return -1;
  if (!done) return 0;
  drop_request(connection);
  return -1;
}

/* Writes all of an answer at once: libwebsockets ends the exchange when its callback
 * gives 1. */
static int write_whole(struct request *request) {
  bool done;
  int failed = request_write(request, &done);
  if (failed == 0 && !done) failed = request_write(request, &done);
  request_destroy(request);
  return failed != 0 ? -1 : 1;
}

/* An offer to speak another protocol, such as h2c of curl and Java, may be ignored (RFC
 * 9110, 7.8): the request is answered as it is. One with a body is not: libwebsockets 4.1
 * would not read it. */
static int ignore_upgrade(struct request *request) {
  char length[24] = "";
  request_header(request->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length);
  bool has_body =
      lws_hdr_total_length(request->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 ||
      (length[0] != '\0' && strcmp(length, "0") != 0);
  bool waits = strncmp(request->path, "/socket.io", 10) == 0 ||
               strcmp(request->path, "/api/training/stop") == 0;
  if (has_body || waits)
    request_reply_detail(
        request, 400,
        "this request cannot be combined with an upgrade; send it without "
        "the header Upgrade");
  else
    api_handle(request);
  return write_whole(request);
}

/* A request to become something else than HTTP. 0: go on; 1: it was answered. */
static int check_upgrade(struct server *server, struct lws *wsi, const char *protocol) {
  struct request *request = request_create(server, wsi);
  if (request == NULL) return -1;
  if (strcasecmp(protocol, "websocket") != 0) return ignore_upgrade(request);
  bool accepted = false;
  const char *fault = websocket_handshake_fault(wsi);
  if (strcmp(request->path, "/socket.io/") != 0 &&
      strcmp(request->path, "/socket.io") != 0)
    request_reply_detail(request, 404, "Not Found");
  else if (!token_is_right(server, wsi))
    request_reply_detail(request, 401, "Not authenticated");
  else if (fault != NULL)
    request_reply_detail(request, 400, fault);
  else
    accepted = websocket_check(request);
  if (!accepted) return write_whole(request);
  request->status = 101;
  request->head_written = true; /* by libwebsockets */
  request->replied = true;
  request_destroy(request);
  return 0;
}

static void accept_connections(struct server *server, int listener) {
  for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
    /* cppcheck-suppress nullPointer ; accept4 may be asked not to name the peer */
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (peer == -1) return;
    if (server->connections >= server->connections_max)
      close(peer);
    else
      lws_adopt_socket_vhost(server->vhost, peer);
  }
}

static void take_signal(struct server *server, int signals) {
  struct signalfd_siginfo info;
  if (read(signals, &info, sizeof info) != (ssize_t)sizeof info) return;
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
  log_note(server->options.log_json, "%s: ending", strsignal((int)info.ssi_signo));
  server_end(server);
}

/* The listener's place, or listener_count. */
static size_t find_listener(const struct server *server, const struct lws *wsi) {
  size_t i = 0;
  while (i < server->listener_count && server->listener_wsis[i] != wsi) i++;
  return i;
}

static void readable(struct lws *wsi) {
  struct server *server = server_of(wsi);
  if (find_listener(server, wsi) < server->listener_count)
    accept_connections(server, lws_get_socket_fd(wsi));
  else
    take_signal(server, lws_get_socket_fd(wsi));
}

static void forget(struct server *server, const struct lws *wsi) {
  size_t listener = find_listener(server, wsi);
  if (listener < server->listener_count)
    server->listener_wsis[listener] = NULL;
  else
    server->connections--;
}

static void websocket_begin(struct connection *connection, struct lws *wsi) {
  *connection = (struct connection){.server = server_of(wsi)};
}

/* libwebsockets also reports the end (CLOSED) of an upgrade that failed half-way and
 * never was ESTABLISHED: such a connection has no server yet. */
static bool is_websocket(const struct connection *connection) {
  return connection != NULL && connection->server != NULL;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                    void *in, size_t length) {
  /* for some of the reasons below that are not ours it is something else */
  struct connection *connection = user;
  switch (reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
      if (server_of(wsi)->training != NULL) training_take_news(server_of(wsi)->training);
      return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
      readable(wsi);
      return 0;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
      server_of(wsi)->connections++;
      return 0;
    case LWS_CALLBACK_WSI_DESTROY:
      forget(server_of(wsi), wsi);
      return 0;
    case LWS_CALLBACK_HTTP:
      return begin_request(connection, wsi);
    case LWS_CALLBACK_HTTP_BODY:
      return take_body(connection, in, length);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      return end_body(connection);
    case LWS_CALLBACK_HTTP_WRITEABLE:
      return write_answer(connection);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      return check_upgrade(server_of(wsi), wsi, in); /* nothing is kept for it yet */
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
      if (connection != NULL) drop_request(connection);
      return 0;
    case LWS_CALLBACK_ESTABLISHED:
      websocket_begin(connection, wsi);
      return websocket_open(connection, wsi);
    case LWS_CALLBACK_RECEIVE:
      return is_websocket(connection) ? websocket_take(connection, wsi, in, length) : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return is_websocket(connection) ? websocket_write(connection, wsi) : -1;
    case LWS_CALLBACK_CLOSED:
      if (is_websocket(connection)) websocket_gone(connection);
      return 0;
    default:
      return 0;
  }
}

const struct lws_protocols serve_protocols[] = {
    {.name = "hrl-serve",
     .callback = callback,
     .per_session_data_size = sizeof(struct connection),
     .rx_buffer_size = 16384},
    {.name = NULL},
};

bool loop_begin(struct server *server, int signals) {
  const char *protocol = serve_protocols[0].name;
  lws_sock_file_fd_type descriptor = {.filefd = signals};
  if (lws_adopt_descriptor_vhost(server->files, LWS_ADOPT_RAW_FILE_DESC, descriptor,
                                 protocol, NULL) == NULL)
    return false;
  for (size_t i = 0; i < server->listener_count; i++) {
    descriptor.filefd = server->listeners[i];
    server->listener_wsis[i] = lws_adopt_descriptor_vhost(
        server->files, LWS_ADOPT_RAW_FILE_DESC, descriptor, protocol, NULL);
    if (server->listener_wsis[i] == NULL) return false;
  }
  server->connections = 0; /* these are not clients */
  return true;
}
