#include "serve/socketio/socketio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"

struct message *socketio_event(enum message_kind kind, const char *event,
                               json_t *payload) {
  json_t *array = json_pack("[s, o]", event, payload);
  char *text = json_print(array, JSON_COMPACT);
  json_decref(array);
  struct message *message =
      text == NULL ? NULL : message_create(kind, "42", text, strlen(text));
  free(text);
  return message;
}

static void send_event(struct session *session, const char *event, json_t *payload) {
  struct message *message = socketio_event(MESSAGE_CONTROL, event, payload);
  if (message == NULL) {
    session->doomed = true;
    return;
  }
  session_send(session, message);
  message_release(message);
}

static void send_if_joined(struct session *session, void *message) {
  if (session->joined) session_send(session, message);
}

void socketio_broadcast(struct sessions *sessions, enum message_kind kind,
                        const char *event, json_t *payload) {
  struct message *message = socketio_event(kind, event, payload);
  if (message == NULL) return;
  sessions_each(sessions, send_if_joined, message);
  message_release(message);
}

/* Text that a client sent, as JSON text that can be sent back. */
static void refuse_space(struct session *session, const struct socket_packet *packet) {
  char text[SOCKET_NAMESPACE_MAX + 64];
  for (size_t i = 0; i < packet->space_length; i++)
    if ((unsigned char)packet->space[i] < 0x20) return;
  snprintf(text, sizeof text, "%.*s,{\"message\":\"Invalid namespace\"}",
           (int)packet->space_length, packet->space);
  session_send_text(session, "44", text);
}

static bool join(struct session *session, const struct socket_packet *packet) {
  if (!socket_packet_is_default(packet)) {
    refuse_space(session, packet);
    return true;
  }
  if (session->joined) return false;
  session->joined = true;
  session_make_id(session->socket_id);
  char text[SESSION_ID_SIZE + 16];
  snprintf(text, sizeof text, "{\"sid\":\"%s\"}", session->socket_id);
  session_send_text(session, "40", text);
  send_event(session, "connection_established",
             json_pack("{s:s, s:s}", "message", "Connected to training updates", "sid",
                       session->socket_id));
  return true;
}

static void take_event(struct session *session, const char *event) {
  if (strcmp(event, "subscribe_training") == 0)
    send_event(session, "subscription_confirmed",
               json_pack("{s:s}", "message", "Subscribed to training updates"));
}

/* An event is ["name", argument...]; unknown names are acknowledged and otherwise
 * ignored, as Socket.IO servers do. */
static bool take_event_packet(struct session *session,
                              const struct socket_packet *packet) {
  if (!socket_packet_is_default(packet) || !session->joined) return false;
  json_t *array = json_loadb(packet->data, packet->length, JSON_ALLOW_NUL, NULL);
  const char *event = json_string_value(json_array_get(array, 0));
  if (event != NULL) {
    take_event(session, event);
    char text[32];
    snprintf(text, sizeof text, "%llu[]", (unsigned long long)packet->id);
    if (packet->has_id) session_send_text(session, "43", text);
  }
  json_decref(array);
  return event != NULL;
}

bool socketio_take(struct session *session, const char *text, size_t length) {
  struct socket_packet packet;
  if (!socket_packet_parse(text, length, &packet)) return false;
  switch (packet.type) {
    case SOCKET_CONNECT:
      return join(session, &packet);
    case SOCKET_DISCONNECT:
      if (!socket_packet_is_default(&packet)) return true;
      session->joined = false;
      session->stranger_since = clock_now();
      return true;
    case SOCKET_EVENT:
      return take_event_packet(session, &packet);
    case SOCKET_ACK: /* nothing that is sent asks for one */
    case SOCKET_BINARY_ACK:
      return true;
    case SOCKET_BINARY_EVENT: /* not known; its data follows in other packets */
      return socket_packet_is_default(&packet) && session->joined;
    case SOCKET_CONNECT_ERROR:
      break;
  }
  return false;
}
