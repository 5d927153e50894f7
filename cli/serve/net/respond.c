#include "serve/net/respond.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "serve/http/answer.h"

static void add_header(void *data, const char *name, const char *value) {
  /* one that cannot be a header is left out */
  (void)MHD_add_response_header(data, name, value);
}

static void websocket_is_over(void *data) {
  struct connection *connection = data;
  connection->websocket = NULL;
  (void)MHD_upgrade_action(connection->upgrade, MHD_UPGRADE_ACTION_CLOSE);
  connections_run_soon(connection->connections);
}

/* The connection is no longer HTTP. */
static void become_websocket(void *data, struct MHD_Connection *mhd, void *context,
                             const char *early, size_t early_length, MHD_socket socket,
                             struct MHD_UpgradeResponseHandle *upgrade) {
  struct connection *connection = context;
  (void)data, (void)mhd;
  struct request *request = connection->request;
  const struct websocket_settings settings = {
      .loop = connection->connections->settings.loop,
      .descriptor = socket,
      .message_max = connection->connections->settings.message_max,
      .early = early,
      .early_length = early_length,
      .release = websocket_is_over,
      .release_data = connection,
  };
  connection->phase = PHASE_UPGRADED;
  connection->upgrade = upgrade;
  connection->websocket = websocket_create(&settings);
  if (connection->websocket != NULL)
    request->upgraded(request, connection->websocket);
  else
    websocket_is_over(connection);
  connection_end_request(connection, true);
}

/* The answer to a key (RFC 6455, 4.2.2). False: there is no SHA-1. */
static bool accept_key(const char *key, char text[32]) {
  char joined[96];
  unsigned char digest[20];
  int length =
      snprintf(joined, sizeof joined, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  gnutls_datum_t raw = {digest, sizeof digest}, encoded = {NULL, 0};
  if (gnutls_hash_fast(GNUTLS_DIG_SHA1, joined, (size_t)length, digest) != 0 ||
      gnutls_base64_encode2(&raw, &encoded) != 0)
    return false;
  snprintf(text, 32, "%.*s", (int)encoded.size, (const char *)encoded.data);
  gnutls_free(encoded.data);
  return true;
}

static struct MHD_Response *make_upgrade(const struct request *request) {
  char accepted[32];
  const char *key = request_header(request, "sec-websocket-key");
  if (!accept_key(key, accepted)) return NULL;
  struct MHD_Response *response = MHD_create_response_for_upgrade(become_websocket, NULL);
  if (response == NULL) return NULL;
  add_header(response, "upgrade", "websocket");
  add_header(response, "sec-websocket-accept", accepted);
  return response;
}

enum MHD_Result respond(struct connection *connection) {
  struct request *request = connection->request;
  struct MHD_Response *response =
      request->status == 101
          ? make_upgrade(request)
          : MHD_create_response_from_buffer(request->reply_length, request->reply,
                                            MHD_RESPMEM_MUST_FREE);
  if (response == NULL) return MHD_NO;
  if (request->status != 101) request->reply = NULL; /* it is the response's */
  answer_headers(request, add_header, response);
  enum MHD_Result result = MHD_queue_response(connection->mhd, request->status, response);
  MHD_destroy_response(response);
  return result;
}

void respond_raw(struct connection *connection, unsigned status, const char *detail) {
  char text[256];
  connection->request->status = status;
  connection->told = true;
  size_t body = strlen("{\"detail\":\"\"}") + strlen(detail);
  int length = snprintf(text, sizeof text,
                        "HTTP/1.1 %u %s\r\ncontent-type: " TYPE_JSON
                        "\r\nconnection: close\r\ncontent-length: %zu\r\n\r\n"
                        "{\"detail\":\"%s\"}",
                        status, detail, body, detail);
  connection->request->reply_length = body;
  const union MHD_ConnectionInfo *tls =
      MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  /* a client that does not take these few bytes gets none */
  if (tls != NULL && tls->tls_session != NULL)
    (void)!gnutls_record_send(tls->tls_session, text, (size_t)length);
  else
    (void)!send(connection->watch.descriptor, text, (size_t)length,
                MSG_NOSIGNAL | MSG_DONTWAIT);
}

void respond_close(struct connection *connection) {
  /* the library sees its end, and closes */
  (void)shutdown(connection->watch.descriptor, SHUT_RDWR);
}
