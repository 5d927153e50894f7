#include "serve/socketio/polling.h"

#include <stdlib.h>
#include <string.h>

/* The next poll takes the rest. Python's client refuses bodies of more packets. */
#define POLL_BODY_MAX 131072
#define POLL_PACKETS_MAX 16

static const char *const error_texts[] = {
    [ENGINE_UNKNOWN_TRANSPORT] = "Transport unknown",
    [ENGINE_UNKNOWN_SESSION] = "Session ID unknown",
    [ENGINE_BAD_METHOD] = "Bad handshake method",
    [ENGINE_BAD_REQUEST] = "Bad request",
    [ENGINE_FORBIDDEN] = "Forbidden",
    [ENGINE_BAD_VERSION] = "Unsupported protocol version",
};

void polling_refuse(struct request *request, enum engine_error error) {
  const char *text = error_texts[error];
  request_reply_json(
      request, 400,
      json_pack("{s:i, s:s, s:s}", "code", (int)error, "message", text, "detail", text));
}

static void poll_gone(struct request *request) {
  struct session *session = request->owner;
  session->poll = NULL;
}

/* Gives the poll up: it can be answered by whoever calls this. */
static struct request *take_poll(struct session *session) {
  struct request *poll = session->poll;
  session->poll = NULL;
  if (poll != NULL) poll->gone = NULL;
  return poll;
}

/* Moves what waits, up to `most` packets, into `body`. Gives its length. */
static size_t fill_body(struct session *session, char *body, size_t room, int most) {
  int64_t now = clock_now();
  size_t length = 0;
  for (int packets = 0; packets < most; packets++) {
    struct message *message = queue_first(&session->queue);
    size_t separator = length > 0;
    if (message == NULL || length + separator + message->length > room) break;
    if (separator) body[length++] = ENGINE_SEPARATOR;
    memcpy(body + length, message->text, message->length);
    length += message->length;
    queue_pop(&session->queue, now);
  }
  return length;
}

/* Answers `poll` with what waits in the queue and `last`, a packet or nothing, behind. */
static void answer_poll(struct session *session, struct request *poll, const char *last) {
  struct message *first = queue_first(&session->queue);
  size_t room = POLL_BODY_MAX;
  if (first != NULL && first->length > room) room = first->length;
  char *body = malloc(room + 2);
  if (body == NULL) {
    request_reply_detail(poll, 500, "out of memory");
    return;
  }
  size_t length = fill_body(session, body, room, POLL_PACKETS_MAX - (last[0] != '\0'));
  if (last[0] != '\0') {
    if (length > 0) body[length++] = ENGINE_SEPARATOR;
    body[length++] = last[0];
  }
  request_reply(poll, 200, TYPE_TEXT, body, length);
  free(body);
}

void polling_flush(struct session *session) {
  if (session->poll == NULL || session->queue.count == 0) return;
  answer_poll(session, take_poll(session), "");
}

void polling_release(struct session *session) {
  struct request *poll = take_poll(session);
  if (poll != NULL) request_reply(poll, 200, TYPE_TEXT, "6", 1);
}

void polling_close(struct session *session) {
  struct request *poll = take_poll(session);
  if (poll != NULL) answer_poll(session, poll, "1");
}

static void open_session(struct sessions *sessions, struct request *request) {
  if (request->method != METHOD_GET) {
    polling_refuse(request, ENGINE_BAD_METHOD);
    return;
  }
  struct session *session = session_create(sessions, TRANSPORT_POLLING);
  if (session == NULL) {
    request_reply_detail(request, 503, "Too many clients");
    return;
  }
  char text[HANDSHAKE_SIZE];
  session_handshake(session, text, sizeof text);
  request_reply(request, 200, TYPE_TEXT, text, strlen(text));
}

static void wait_for_messages(struct session *session, struct request *request) {
  if (session->poll != NULL) {
    /* nobody can say which of two polls the client still listens to */
    polling_refuse(take_poll(session), ENGINE_BAD_REQUEST);
    polling_refuse(request, ENGINE_BAD_REQUEST);
    session_close(session);
    return;
  }
  session->poll = request;
  request->owner = session;
  request->gone = poll_gone;
  polling_flush(session);
}

static void take_packets(struct session *session, struct request *request) {
  struct engine_payload payload = {request->body, request->length, false};
  struct engine_packet packet;
  bool bad = request->length == 0;
  bool closing = false;
  while (!bad && !closing && engine_payload_next(&payload, &packet, &bad)) {
    closing = packet.type == ENGINE_CLOSE;
    bad = !session_take_packet(session, &packet) && !closing;
  }
  if (bad || closing) session_close(session);
  if (bad)
    polling_refuse(request, ENGINE_BAD_REQUEST);
  else
    request_reply(request, 200, TYPE_TEXT, "ok", 2);
}

void polling_handle(struct sessions *sessions, struct request *request) {
  char value[64];
  if (!request_query(request, "EIO", value, sizeof value) || strcmp(value, "4") != 0) {
    polling_refuse(request, ENGINE_BAD_VERSION);
    return;
  }
  if (!request_query(request, "transport", value, sizeof value) ||
      strcmp(value, "polling") != 0) {
    bool websocket = strcmp(value, "websocket") == 0;
    polling_refuse(request, websocket ? ENGINE_BAD_REQUEST : ENGINE_UNKNOWN_TRANSPORT);
    return;
  }
  if (!request_query(request, "sid", value, sizeof value)) {
    open_session(sessions, request);
    return;
  }
  struct session *session = session_find(sessions, value);
  /* NOLINTBEGIN(bugprone-branch-clone): in the order in which they are asked */
  if (session == NULL)
    polling_refuse(request, ENGINE_UNKNOWN_SESSION);
  else if (session->transport == TRANSPORT_WEBSOCKET)
    polling_refuse(request, ENGINE_BAD_REQUEST);
  else if (request->method == METHOD_GET)
    wait_for_messages(session, request);
  else if (request->method == METHOD_POST)
    take_packets(session, request);
  else
    polling_refuse(request, ENGINE_BAD_REQUEST);
  /* NOLINTEND(bugprone-branch-clone) */
}
