#include "serve/net/tunnel.h"

#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A WebSocket's connection. The library keeps its part only where it has to carry TLS;
 * otherwise it has given the socket away, with all that it kept for it. */
struct tunnel {
  struct tunnel *next, *previous;
  struct connections *connections;
  struct websocket *websocket;
  int descriptor;                            /* the tunnel's own, or -1 */
  struct MHD_UpgradeResponseHandle *upgrade; /* or NULL */
};

static void leave_list(struct tunnel *tunnel) {
  struct connections *connections = tunnel->connections;
  if (tunnel->previous != NULL)
    tunnel->previous->next = tunnel->next;
  else
    connections->tunnels = tunnel->next;
  if (tunnel->next != NULL) tunnel->next->previous = tunnel->previous;
  connections->tunnel_count--;
}

static void websocket_is_over(void *data) {
  struct tunnel *tunnel = data;
  struct connections *connections = tunnel->connections;
  leave_list(tunnel);
  if (tunnel->descriptor != -1) {
    close(tunnel->descriptor);
    connections->count--;
  }
  if (tunnel->upgrade != NULL)
    (void)MHD_upgrade_action(tunnel->upgrade, MHD_UPGRADE_ACTION_CLOSE);
  connections_run_soon(connections);
  free(tunnel);
}

/* NULL: out of memory or descriptors. */
static struct tunnel *open_tunnel(struct connections *connections, MHD_socket socket,
                                  const char *early, size_t early_length) {
  bool is_plain = connections->settings.certificate == NULL;
  struct tunnel *tunnel = calloc(1, sizeof *tunnel);
  if (tunnel == NULL) return NULL;
  tunnel->connections = connections;
  tunnel->descriptor = is_plain ? fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1;
  const struct websocket_settings settings = {
      .loop = connections->settings.loop,
      .descriptor = is_plain ? tunnel->descriptor : socket,
      .message_max = connections->settings.message_max,
      .early = early,
      .early_length = early_length,
      .release = websocket_is_over,
      .release_data = tunnel,
  };
  if (settings.descriptor != -1) tunnel->websocket = websocket_create(&settings);
  if (tunnel->websocket == NULL) {
    if (tunnel->descriptor != -1) close(tunnel->descriptor);
    free(tunnel);
    return NULL;
  }
  tunnel->next = connections->tunnels;
  if (tunnel->next != NULL) tunnel->next->previous = tunnel;
  connections->tunnels = tunnel;
  connections->tunnel_count++;
  if (is_plain) connections->count++;
  return tunnel;
}

/* The connection is no longer HTTP. */
static void become_websocket(void *data, struct MHD_Connection *mhd, void *context,
                             const char *early, size_t early_length, MHD_socket socket,
                             struct MHD_UpgradeResponseHandle *upgrade) {
  struct connection *connection = context;
  (void)data, (void)mhd;
  struct request *request = connection->request;
  struct tunnel *tunnel =
      open_tunnel(connection->connections, socket, early, early_length);
  connection->phase = PHASE_UPGRADED;
  bool kept = tunnel != NULL && tunnel->descriptor == -1;
  if (kept) tunnel->upgrade = upgrade;
  if (tunnel != NULL) {
    struct websocket *websocket = tunnel->websocket;
    request->upgraded(request, websocket);
    websocket_start(websocket);
  }
  if (!kept) {
    (void)MHD_upgrade_action(upgrade, MHD_UPGRADE_ACTION_CLOSE);
    connections_run_soon(connection->connections);
  }
  connection_end_request(connection, true);
}

void tunnel_end_all(struct connections *connections) {
  struct tunnel *next;
  for (struct tunnel *tunnel = connections->tunnels; tunnel != NULL; tunnel = next) {
    next = tunnel->next;
    websocket_destroy(tunnel->websocket);
  }
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

struct MHD_Response *tunnel_response(const struct request *request) {
  char accepted[32];
  if (!accept_key(request_header(request, "sec-websocket-key"), accepted)) return NULL;
  struct MHD_Response *response = MHD_create_response_for_upgrade(become_websocket, NULL);
  if (response == NULL) return NULL;
  (void)MHD_add_response_header(response, "upgrade", "websocket");
  (void)MHD_add_response_header(response, "sec-websocket-accept", accepted);
  return response;
}
