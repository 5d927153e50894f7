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

/* `held` was held: it goes before what comes now. */
static void send_held(struct session *session, struct message *held) {
  if (held == NULL) return;
  session_send(session, held);
  message_release(held);
}

static void send_if_wanted(struct session *session, void *data) {
  struct message *message = data;
  struct subscription *subscription = &session->subscription;
  if (!session->joined || !subscription_wants(subscription, message->run)) return;
  if (message->kind == MESSAGE_LIFECYCLE && message->run != 0)
    send_held(session, subscription_flush(subscription, message->run));
  int64_t now = clock_now();
  if (message->kind != MESSAGE_PROGRESS ||
      subscription_allows(subscription, message, now))
    session_send(session, message);
  else
    session_hold(session, now);
}

void socketio_tell(struct sessions *sessions, enum message_kind kind, uint64_t run,
                   const char *event, json_t *payload) {
  struct message *message = socketio_event(kind, event, payload);
  if (message == NULL) return;
  message->run = run;
  sessions_each(sessions, send_if_wanted, message);
  message_release(message);
}

void socketio_broadcast(struct sessions *sessions, enum message_kind kind,
                        const char *event, json_t *payload) {
  socketio_tell(sessions, kind, 0, event, payload);
}

struct listeners {
  uint64_t run;
  unsigned count;
};

static void count_listener(struct session *session, void *data) {
  struct listeners *listeners = data;
  listeners->count +=
      session->joined && subscription_wants(&session->subscription, listeners->run);
}

unsigned socketio_listeners(struct sessions *sessions, uint64_t run) {
  struct listeners listeners = {.run = run};
  sessions_each(sessions, count_listener, &listeners);
  return listeners.count;
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

/* Sends the held progress of runs that are still subscribed; then the new subscription
 * applies. */
static void subscribe(struct session *session, const json_t *wish) {
  struct subscription wanted;
  char problem[128];
  if (!subscription_read(wish, &wanted, problem, sizeof problem)) {
    send_event(session, "subscription_refused", json_pack("{s:s}", "message", problem));
    return;
  }
  for (struct message *held;
       (held = subscription_take(&session->subscription)) != NULL;) {
    if (subscription_wants(&wanted, held->run)) session_send(session, held);
    message_release(held);
  }
  session->subscription = wanted;
  json_t *confirmed = json_pack("{s:s}", "message", "Subscribed to training updates");
  if (confirmed != NULL && wanted.run != 0)
    json_object_set_new(confirmed, "run_id", json_integer((json_int_t)wanted.run));
  if (confirmed != NULL && wanted.interval != 0)
    json_object_set_new(confirmed, "interval_ms",
                        json_integer((json_int_t)(wanted.interval / 1000)));
  send_event(session, "subscription_confirmed", confirmed);
}

static void take_event(struct session *session, const char *event,
                       const json_t *argument) {
  if (strcmp(event, "subscribe_training") == 0) subscribe(session, argument);
}

/* An event is ["name", argument...]; unknown names are acknowledged and otherwise
 * ignored, as Socket.IO servers do. */
static bool take_event_packet(struct session *session,
                              const struct socket_packet *packet) {
  if (!socket_packet_is_default(packet) || !session->joined) return false;
  json_t *array = json_loadb(packet->data, packet->length, JSON_ALLOW_NUL, NULL);
  const char *event = json_string_value(json_array_get(array, 0));
  if (event != NULL) {
    take_event(session, event, json_array_get(array, 1));
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
      subscription_clear(&session->subscription);
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
