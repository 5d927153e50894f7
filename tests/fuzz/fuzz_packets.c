/* Engine.IO and Socket.IO: a long-polling body is taken apart, each of its packets
 * parsed, and each message given to the code that answers it. The sessions' functions
 * that it answers with are here, without any network. */
#include "fuzz.h"

#include "serve/socketio/packets.h"
#include "serve/socketio/socketio.h"

static size_t sent;

static bool is_inside(const char *part, size_t length, const char *whole, size_t size) {
  uintptr_t from = (uintptr_t)part;
  uintptr_t begin = (uintptr_t)whole;
  return from >= begin && from <= begin + size && length <= begin + size - from;
}

/* Whatever a client sent, what it is answered is packets again, each of them one. */
static void check_answer(const char *text, size_t length) {
  struct engine_packet engine;
  struct socket_packet packet;
  sent++;
  PROMISE(memchr(text, ENGINE_SEPARATOR, length) == NULL);
  PROMISE(memchr(text, '\0', length) == NULL);
  PROMISE(engine_packet_parse(text, length, &engine) && engine.type == ENGINE_MESSAGE);
  PROMISE(socket_packet_parse(engine.data, engine.length, &packet));
  if (packet.length == 0) return;
  json_t *json = json_loadb(packet.data, packet.length, 0, NULL);
  PROMISE(json != NULL);
  json_decref(json);
}

void session_send(struct session *session, struct message *message) {
  (void)session;
  check_answer(message->text, message->length);
}

void session_send_text(struct session *session, const char *prefix, const char *text) {
  struct message *message = message_create(MESSAGE_CONTROL, prefix, text, strlen(text));
  PROMISE(message != NULL);
  session_send(session, message);
  message_release(message);
}

void session_hold(struct session *session, int64_t now) {
  PROMISE(subscription_next(&session->subscription) >= now); /* or it was due */
}

void session_make_id(char id[SESSION_ID_SIZE]) {
  memset(id, 'a', SESSION_ID_SIZE - 1);
  id[SESSION_ID_SIZE - 1] = '\0';
}

int64_t clock_now(void) { return 0; }

void sessions_each(struct sessions *sessions,
                   void (*visit)(struct session *session, void *data), void *data) {
  (void)sessions, (void)visit, (void)data;
}

static void check_message(const char *text, size_t length, struct session *session) {
  struct socket_packet packet;
  bool parsed = socket_packet_parse(text, length, &packet);
  if (parsed) {
    PROMISE(is_inside(packet.data, packet.length, text, length));
    PROMISE(packet.space_length <= SOCKET_NAMESPACE_MAX);
    PROMISE(socket_packet_is_default(&packet) ||
            is_inside(packet.space, packet.space_length, text, length));
    PROMISE(packet.has_id || packet.id == 0);
    PROMISE(packet.id < 1000000000000000);
  }
  sent = 0;
  bool taken = socketio_take(session, text, length);
  PROMISE(parsed || !taken);
  /* one message of a client makes no more than an acknowledgement and an event */
  PROMISE(sent <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct engine_payload payload = {.text = (const char *)data, .length = size};
  struct engine_packet packet;
  struct session session = {0};
  bool bad = false;
  size_t packets = 0;
  while (engine_payload_next(&payload, &packet, &bad)) {
    PROMISE(is_inside(packet.data, packet.length, (const char *)data, size));
    PROMISE(memchr(packet.data, ENGINE_SEPARATOR, packet.length) == NULL);
    PROMISE(++packets <= size);
    if (packet.type == ENGINE_MESSAGE)
      check_message(packet.data, packet.length, &session);
  }
  PROMISE(payload.ended || bad);
  return 0;
}
