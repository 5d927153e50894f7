#include "serve/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

_Static_assert(MESSAGE_HEADROOM >= LWS_PRE, "libwebsockets needs more headroom");

/* How long a client may be connected without joining the default namespace. */
#define JOIN_TIME ((int64_t)45 * LWS_USEC_PER_SEC)
/* Sessions that get to send before others get their turn. */
#define SESSIONS_AT_ONCE 50

void session_make_id(char id[SESSION_ID_SIZE]) {
  unsigned char random[(SESSION_ID_SIZE - 1) / 2];
  size_t got = 0;
  while (got < sizeof random) {
    ssize_t n = getrandom(random + got, sizeof random - got, 0);
    if (n > 0) got += (size_t)n;
  }
  for (size_t i = 0; i < sizeof random; i++) snprintf(id + 2 * i, 3, "%02x", random[i]);
}

/* Ids begin with two hexadecimal digits; anything else is in no bucket. */
static struct session **bucket(struct server *server, const char *id) {
  unsigned value = 0;
  for (int i = 0; i < 2; i++) {
    const char *digits = "0123456789abcdef";
    const char *digit = id[i] == '\0' ? NULL : strchr(digits, id[i]);
    if (digit == NULL) return NULL;
    value = value * 16 + (unsigned)(digit - digits);
  }
  return &server->sessions[value];
}

struct session *session_create(struct server *server, enum session_transport transport) {
  if (server->session_count >= server->options.max_clients || server->ending) return NULL;
  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return NULL;
  session->server = server;
  session->transport = transport;
  session->stranger_since = lws_now_usecs();
  session->ping_at = session->stranger_since + server->options.ping_interval;
  session_make_id(session->id);
  struct session **list = bucket(server, session->id);
  session->next = *list;
  *list = session;
  server->session_count++;
  server_watch(server);
  return session;
}

struct session *session_find(struct server *server, const char *id) {
  struct session **list = bucket(server, id);
  struct session *session = list == NULL ? NULL : *list;
  while (session != NULL && strcmp(session->id, id) != 0) session = session->next;
  return session;
}

void session_close(struct session *session) {
  const struct session_carrier *carrier = session->server->carrier;
  carrier->poll_close(session);
  if (session->websocket != NULL) carrier->websocket_leave(session);
  struct session **link = bucket(session->server, session->id);
  while (*link != session) link = &(*link)->next;
  *link = session->next;
  session->server->session_count--;
  lws_dll2_remove(&session->line);
  queue_clear(&session->queue);
  free(session);
}

/* Gets the queues of the next sessions in line going. */
static void serve_line(lws_sorted_usec_list_t *turn) {
  struct server *server = lws_container_of(turn, struct server, turn);
  for (int i = 0; i < SESSIONS_AT_ONCE && server->line.head != NULL; i++) {
    struct session *session = lws_container_of(server->line.head, struct session, line);
    lws_dll2_remove(&session->line);
    if (session->transport == TRANSPORT_WEBSOCKET)
      lws_callback_on_writable(session->websocket);
    else
      server->carrier->poll_flush(session);
  }
  if (server->line.head != NULL)
    lws_sul_schedule(server->context, 0, turn, serve_line, 1);
}

/* A broadcast has something for everybody: they take turns with all else that happens. */
static void stand_in_line(struct session *session) {
  struct server *server = session->server;
  if (!lws_dll2_is_detached(&session->line)) return;
  if (server->line.head == NULL)
    lws_sul_schedule(server->context, 0, &server->turn, serve_line, 1);
  lws_dll2_add_tail(&session->line, &server->line);
}

void session_send(struct session *session, struct message *message) {
  if (session->doomed) return;
  session->doomed = !queue_push(&session->queue, message, lws_now_usecs());
  if (!session->doomed) stand_in_line(session);
}

void session_send_text(struct session *session, const char *prefix, const char *text) {
  struct message *message = message_create(MESSAGE_CONTROL, prefix, text, strlen(text));
  if (message == NULL) {
    session->doomed = true;
    return;
  }
  session_send(session, message);
  message_release(message);
}

bool session_take_packet(struct session *session, const struct engine_packet *packet) {
  switch (packet->type) {
    case ENGINE_CLOSE:
      return false;
    case ENGINE_PONG:
      session->pong_by = 0;
      return true;
    case ENGINE_MESSAGE:
      return session->server->carrier->take_message(session, packet->data,
                                                    packet->length);
    case ENGINE_NOOP:
    case ENGINE_BINARY: /* the data of a binary event, which nobody here knows */
      return true;
    case ENGINE_OPEN:
    case ENGINE_PING: /* "2probe" on a WebSocket is taken before this */
    case ENGINE_UPGRADE:
      break;
  }
  return false;
}

void session_handshake(const struct session *session, char *text, size_t size) {
  const struct serve_options *options = &session->server->options;
  snprintf(text, size,
           "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingTimeout\":%lld,"
           "\"pingInterval\":%lld,\"maxPayload\":%d}",
           session->id, session->transport == TRANSPORT_POLLING ? "\"websocket\"" : "",
           (long long)options->ping_timeout / 1000,
           (long long)options->ping_interval / 1000, SOCKETIO_BODY_MAX);
}

void session_check_timeouts(struct session *session, int64_t now) {
  const struct serve_options *options = &session->server->options;
  bool silent = session->pong_by != 0 && now >= session->pong_by;
  bool stranger = !session->joined && now - session->stranger_since >= JOIN_TIME;
  if (session->doomed || silent || stranger ||
      queue_is_behind(&session->queue, now, options->client_timeout)) {
    session_close(session);
    return;
  }
  if (session->transport == TRANSPORT_PROBING) {
    /* the client tells that it upgrades once no poll of its is open any more */
    if (session->probe_arrived) session->server->carrier->poll_release(session);
    if (now >= session->upgrade_by) {
      session->server->carrier->websocket_give_up(session,
                                                  LWS_CLOSE_STATUS_POLICY_VIOLATION);
      session->websocket = NULL;
      session->transport = TRANSPORT_POLLING;
    }
  }
  if (session->pong_by == 0 && now >= session->ping_at) {
    session->ping_at = now + options->ping_interval;
    session->pong_by = now + options->ping_timeout;
    session_send_text(session, "", "2");
  }
}

void session_each(struct server *server,
                  void (*visit)(struct session *session, void *data), void *data) {
  for (size_t i = 0; i < SESSION_BUCKETS; i++) {
    struct session *next;
    for (struct session *session = server->sessions[i]; session != NULL; session = next) {
      next = session->next;
      visit(session, data);
    }
  }
}
