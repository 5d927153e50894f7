#include "serve/websocket.h"

#include <stdlib.h>
#include <string.h>

#include "serve/cors.h"
#include "serve/polling.h"

/* Frames written before others get their turn. */
#define FRAMES_AT_ONCE 64
/* Seconds that a client has to take part in closing. */
#define CLOSE_SECONDS 5
/* How long a WebSocket may be tried beside polling. */
#define UPGRADE_TIME ((int64_t)10 * LWS_USEC_PER_SEC)

/* 16 bytes in base64, and the 22 digits of them that are not padding. */
#define KEY_LENGTH 24
#define KEY_DIGITS 22
static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/* libwebsockets 4.1 copies the extensions into 256 bytes. */
#define EXTENSIONS_MAX 255

const char *websocket_handshake_fault(struct lws *wsi) {
  char value[KEY_LENGTH + 1];
  if (lws_hdr_total_length(wsi, WSI_TOKEN_HOST) == 0) return "Missing Host";
  if (!request_header(wsi, WSI_TOKEN_VERSION, value, sizeof value) ||
      strcmp(value, "13") != 0)
    return "Sec-WebSocket-Version must be 13";
  if (!request_header(wsi, WSI_TOKEN_KEY, value, sizeof value) ||
      strspn(value, base64) != KEY_DIGITS || strcmp(value + KEY_DIGITS, "==") != 0)
    return "Sec-WebSocket-Key must be 16 bytes in base64";
  if (lws_hdr_total_length(wsi, WSI_TOKEN_EXTENSIONS) > EXTENSIONS_MAX)
    return "Sec-WebSocket-Extensions is too long";
  return NULL;
}

/* The session that the query names. False: it names one that cannot have a WebSocket. */
static bool find_session(struct server *server, struct lws *wsi,
                         struct session **session) {
  char id[64];
  *session = NULL;
  if (!request_query(wsi, "sid", id, sizeof id)) return true;
  *session = session_find(server, id);
  return *session != NULL && (*session)->transport == TRANSPORT_POLLING;
}

bool websocket_check(struct request *request) {
  char value[64];
  struct lws *wsi = request->wsi;
  struct session *session;
  if (!request_query(wsi, "EIO", value, sizeof value) || strcmp(value, "4") != 0)
    polling_refuse(request, ENGINE_BAD_VERSION);
  else if (!request_query(wsi, "transport", value, sizeof value) ||
           strcmp(value, "websocket") != 0)
    polling_refuse(request, ENGINE_UNKNOWN_TRANSPORT);
  else if (!find_session(request->server, wsi, &session))
    polling_refuse(request,
                   session == NULL ? ENGINE_UNKNOWN_SESSION : ENGINE_BAD_REQUEST);
  else if (cors_is_foreign(request->server, wsi))
    polling_refuse(request, ENGINE_FORBIDDEN);
  else if (session == NULL &&
           request->server->session_count >= request->server->options.max_clients)
    request_reply_detail(request, 503, "Too many clients");
  else
    return true;
  return false;
}

int websocket_open(struct connection *connection, struct lws *wsi) {
  connection->server->websockets++;
  struct session *session;
  /* checked before, but the session may have ended in between */
  if (!find_session(connection->server, wsi, &session)) return -1;
  if (session != NULL) {
    session->transport = TRANSPORT_PROBING;
    session->probe_arrived = false;
    session->upgrade_by = lws_now_usecs() + UPGRADE_TIME;
  } else {
    session = session_create(connection->server, TRANSPORT_WEBSOCKET);
    if (session == NULL) return -1;
  }
  session->websocket = wsi;
  connection->session = session;
  if (session->transport == TRANSPORT_PROBING) return 0;
  char text[HANDSHAKE_SIZE];
  session_handshake(session, text, sizeof text);
  session_send_text(session, "", text);
  return 0;
}

/* The packets of a WebSocket that is being tried. False: it is not what it should be. */
static bool take_probe(struct session *session, const struct engine_packet *packet) {
  if (packet->type == ENGINE_PING && packet->length == 5 &&
      memcmp(packet->data, "probe", 5) == 0) {
    session->probe_arrived = true;
    lws_callback_on_writable(session->websocket);
    return true;
  }
  if (packet->type != ENGINE_UPGRADE || !session->probe_arrived) return false;
  session->transport = TRANSPORT_WEBSOCKET;
  polling_release(session);
  lws_callback_on_writable(session->websocket);
  return true;
}

/* The client broke the protocol: the session ends; one that was only trying a WebSocket
 * stays on polling. */
static int refuse(struct connection *connection, struct lws *wsi, int code) {
  struct session *session = connection->session;
  connection->session = NULL;
  if (session != NULL) {
    session->websocket = NULL;
    if (session->transport == TRANSPORT_PROBING)
      session->transport = TRANSPORT_POLLING;
    else
      session_close(session);
  }
  lws_close_reason(wsi, (enum lws_close_status)code, NULL, 0);
  return -1;
}

static int take_message(struct connection *connection, struct lws *wsi, const char *text,
                        size_t length) {
  struct session *session = connection->session;
  struct engine_packet packet;
  if (session == NULL) return 0;
  if (!engine_packet_parse(text, length, &packet))
    return refuse(connection, wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR);
  if (session->transport == TRANSPORT_PROBING)
    return take_probe(session, &packet)
               ? 0
               : refuse(connection, wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR);
  bool closing = packet.type == ENGINE_CLOSE;
  if (session_take_packet(session, &packet)) return 0;
  return refuse(connection, wsi,
                closing ? LWS_CLOSE_STATUS_NORMAL : LWS_CLOSE_STATUS_PROTOCOL_ERR);
}

int websocket_take(struct connection *connection, struct lws *wsi, const char *piece,
                   size_t length) {
  /* the data of a binary event, which nobody here knows */
  if (lws_frame_is_binary(wsi)) return 0;
  bool complete = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
  if (connection->length == 0 && complete)
    return take_message(connection, wsi, piece, length);
  if (connection->length + length > SOCKETIO_BODY_MAX)
    return refuse(connection, wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
  char *text = realloc(connection->text, connection->length + length + 1);
  if (text == NULL) return refuse(connection, wsi, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION);
  if (length > 0) memcpy(text + connection->length, piece, length);
  connection->text = text;
  connection->length += length;
  if (!complete) return 0;
  int result = take_message(connection, wsi, text, connection->length);
  free(connection->text);
  connection->text = NULL;
  connection->length = 0;
  return result;
}

static int write_text(struct lws *wsi, unsigned char *text, size_t length) {
  return lws_write(wsi, text, length, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

int websocket_write(struct connection *connection, struct lws *wsi) {
  if (connection->close_code != 0) {
    lws_close_reason(wsi, (enum lws_close_status)connection->close_code, NULL, 0);
    return -1;
  }
  struct session *session = connection->session;
  if (session == NULL) return 0;
  if (session->transport == TRANSPORT_PROBING) {
    unsigned char reply[MESSAGE_HEADROOM + 6] = "";
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): sent with its length */
    memcpy(reply + MESSAGE_HEADROOM, "3probe", 6);
    if (!session->probe_arrived) return 0;
    polling_release(session);
    return write_text(wsi, reply + MESSAGE_HEADROOM, 6);
  }
  for (int i = 0; i < FRAMES_AT_ONCE; i++) {
    struct message *message = queue_first(&session->queue);
    /* the first one has been given room for */
    if (message == NULL || (i > 0 && lws_send_pipe_choked(wsi))) break;
    if (write_text(wsi, message->text, message->length) != 0) return -1;
    queue_pop(&session->queue, lws_now_usecs());
  }
  if (session->queue.count > 0) lws_callback_on_writable(wsi);
  return 0;
}

void websocket_gone(struct connection *connection) {
  struct session *session = connection->session;
  connection->server->websockets--;
  connection->session = NULL;
  free(connection->text);
  connection->text = NULL;
  connection->length = 0;
  if (session == NULL) return;
  session->websocket = NULL;
  if (session->transport == TRANSPORT_PROBING)
    session->transport = TRANSPORT_POLLING;
  else
    session_close(session);
}

void websocket_give_up(struct session *session, int code) {
  struct connection *connection = lws_wsi_user(session->websocket);
  connection->session = NULL;
  connection->close_code = code;
  lws_set_timeout(session->websocket, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
  lws_callback_on_writable(session->websocket);
}

void websocket_leave(struct session *session) {
  struct connection *connection = lws_wsi_user(session->websocket);
  /* its last messages, if the socket has room for them */
  if (session->transport == TRANSPORT_WEBSOCKET &&
      !lws_send_pipe_choked(session->websocket))
    websocket_write(connection, session->websocket);
  websocket_give_up(session, LWS_CLOSE_STATUS_GOINGAWAY);
}
