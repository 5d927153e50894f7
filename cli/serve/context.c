#include "serve/context.h"

#include "serve/loop.h"
#include "serve/polling.h"
#include "serve/socketio.h"
#include "serve/websocket.h"

#define HEADER_SECONDS 15

static const struct session_carrier carrier = {.poll_flush = polling_flush,
                                               .poll_release = polling_release,
                                               .poll_close = polling_close,
                                               .websocket_leave = websocket_leave,
                                               .websocket_give_up = websocket_give_up,
                                               .take_message = socketio_take};

bool context_create(struct server *server) {
  const struct serve_options *options = &server->options;
  struct lws_context_creation_info info = {
      .port = CONTEXT_PORT_NO_LISTEN_SERVER,
      .protocols = serve_protocols,
      .user = server,
      .gid = -1,
      .uid = -1,
      .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8,
      .server_string = "hrl-serve",
      .vhost_name = "files",
      .max_http_header_data2 = HEADERS_MAX,
      .max_http_header_pool2 = server->connections_max,
      .timeout_secs = HEADER_SECONDS,
      .alpn = "http/1.1",
  };
  bool tls = options->tls_cert != NULL;
  if (tls) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  server->carrier = &carrier;
  server->context = lws_create_context(&info);
  if (server->context == NULL) return false;
  server->files = lws_create_vhost(server->context, &info);
  if (tls) {
    info.ssl_cert_filepath = options->tls_cert;
    info.ssl_private_key_filepath = options->tls_key;
  }
  info.vhost_name = "clients";
  server->vhost = lws_create_vhost(server->context, &info);
  return server->files != NULL && server->vhost != NULL;
}
