#include "serve/socketio/websocket.h"

#include <stdlib.h>
#include <string.h>

#include "serve/http/cors.h"
#include "serve/http/upgrade.h"
#include "serve/net/websocket.h"
#include "serve/socketio/polling.h"

/* Frames written before others get their turn. */
#define FRAMES_AT_ONCE 64
/* How long a WebSocket may be tried beside polling. */
#define UPGRADE_TIME (10 * MICROSECONDS_PER_SECOND)

/* The session that the query names. False: it names one that cannot have a WebSocket. */
static bool find_session(struct sessions *sessions, const struct request *request,
                         struct session **session) {
  char id[64];
  *session = NULL;
  if (!request_query(request, "sid", id, sizeof id)) return true;
  *session = session_find(sessions, id);
  return *session != NULL && (*session)->transport == TRANSPORT_POLLING;
}

/* Closes the WebSocket of a session whose client broke the protocol. The session ends;
 * one that was only trying a WebSocket stays on polling. */
static void refuse(struct session *session, enum websocket_code code) {
  struct websocket *websocket = session->websocket;
  session->websocket = NULL;
  websocket_close(websocket, code);
  if (session->transport == TRANSPORT_PROBING)
    session->transport = TRANSPORT_POLLING;
  else
    session_close(session);
}

/* The packets of a WebSocket that is being tried. False: it is not what it should be. */
static bool take_probe(struct session *session, const struct engine_packet *packet) {
  if (packet->type == ENGINE_PING && packet->length == 5 &&
      memcmp(packet->data, "probe", 5) == 0) {
    session->probe_arrived = true;
    polling_release(session);
    return websocket_send(session->websocket, "3probe", 6);
  }
  if (packet->type != ENGINE_UPGRADE || !session->probe_arrived) return false;
  session->transport = TRANSPORT_WEBSOCKET;
  polling_release(session);
  websocket_flush(session);
  return true;
}

static void take(void *owner, const char *text, size_t length) {
  struct session *session = owner;
  struct engine_packet packet;
  if (!engine_packet_parse(text, length, &packet)) {
    refuse(session, WEBSOCKET_PROTOCOL_ERROR);
  } else if (session->transport == TRANSPORT_PROBING) {
    if (!take_probe(session, &packet)) refuse(session, WEBSOCKET_PROTOCOL_ERROR);
  } else if (!session_take_packet(session, &packet)) {
    bool closing = packet.type == ENGINE_CLOSE;
    refuse(session, closing ? WEBSOCKET_NORMAL : WEBSOCKET_PROTOCOL_ERROR);
  }
}

/* Sends what waits, as much as the socket takes. */
static void write_queue(struct session *session) {
  for (int i = 0; i < FRAMES_AT_ONCE; i++) {
    struct message *message = queue_first(&session->queue);
    if (message == NULL || websocket_is_choked(session->websocket)) break;
    if (!websocket_send(session->websocket, message->text, message->length)) {
      session->doomed = true;
      return;
    }
    queue_pop(&session->queue, clock_now());
  }
}

void websocket_flush(struct session *session) {
  write_queue(session);
  if (session->queue.count > 0 && !session->doomed) websocket_want(session->websocket);
}

static void writable(void *owner) {
  struct session *session = owner;
  if (session->transport == TRANSPORT_WEBSOCKET) websocket_flush(session);
}

static void gone(void *owner) {
  struct session *session = owner;
  session->websocket = NULL;
  if (session->transport == TRANSPORT_PROBING)
    session->transport = TRANSPORT_POLLING;
  else
    session_close(session);
}

static const struct websocket_owner session_owner = {
    .take = take, .writable = writable, .gone = gone};

/* The WebSocket is open. */
static void opened(struct request *request, struct websocket *websocket) {
  struct sessions *sessions = request->owner;
  struct session *session;
  bool found = find_session(sessions, request, &session);
  bool is_new = found && session == NULL;
  if (is_new) session = session_create(sessions, TRANSPORT_WEBSOCKET);
  /* checked before, but the session may have ended in between */
  if (!found || session == NULL) {
    websocket_close(websocket, WEBSOCKET_POLICY_VIOLATION);
    return;
  }
  session->websocket = websocket;
  websocket_own(websocket, &session_owner, session);
  if (is_new) {
    char text[HANDSHAKE_SIZE];
    session_handshake(session, text, sizeof text);
    session_send_text(session, "", text);
    return;
  }
  session->transport = TRANSPORT_PROBING;
  session->probe_arrived = false;
  session->upgrade_by = clock_now() + UPGRADE_TIME;
}

void websocket_handle(struct sessions *sessions, struct request *request) {
  char value[64];
  struct session *session;
  const char *fault = upgrade_fault(request);
  if (fault != NULL)
    request_reply_detail(request, 400, "%s", fault);
  else if (!request_query(request, "EIO", value, sizeof value) || strcmp(value, "4") != 0)
    polling_refuse(request, ENGINE_BAD_VERSION);
  else if (!request_query(request, "transport", value, sizeof value) ||
           strcmp(value, "websocket") != 0)
    polling_refuse(request, ENGINE_UNKNOWN_TRANSPORT);
  else if (!find_session(sessions, request, &session))
    polling_refuse(request,
                   session == NULL ? ENGINE_UNKNOWN_SESSION : ENGINE_BAD_REQUEST);
  else if (cors_is_foreign(request))
    polling_refuse(request, ENGINE_FORBIDDEN);
  else if (session == NULL && sessions_are_full(sessions))
    request_reply_detail(request, 503, "Too many clients");
  else {
    request->owner = sessions;
    request_upgrade(request, opened);
  }
}

void websocket_give_up(struct session *session) {
  websocket_close(session->websocket, WEBSOCKET_POLICY_VIOLATION);
}

void websocket_leave(struct session *session) {
  if (session->transport == TRANSPORT_WEBSOCKET) write_queue(session);
  websocket_close(session->websocket, WEBSOCKET_GOING_AWAY);
}
