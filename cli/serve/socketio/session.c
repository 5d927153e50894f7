#include "serve/socketio/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* How long a client may be connected without joining the default namespace. */
#define JOIN_TIME (45 * MICROSECONDS_PER_SECOND)
/* Sessions that get to send before others get their turn. */
#define SESSIONS_AT_ONCE 50
/* How often it is looked whether something is overdue. */
#define CHECK_INTERVAL (MICROSECONDS_PER_SECOND / 10)
/* Sessions are found by the first digits of their id. */
#define BUCKETS 256

struct sessions {
  struct sessions_settings settings;
  struct session *buckets[BUCKETS];
  unsigned count;
  bool ending;
  struct session *first, *last; /* in the line of those with something to send */
  struct timer turn;            /* of the next in line */
  struct timer check;           /* runs while there are sessions */
  struct timer release;         /* of the next progress that is held */
};

static void serve_line(struct timer *timer);
static void check_all(struct timer *timer);
static void release_held(struct timer *timer);

struct sessions *sessions_create(const struct sessions_settings *settings) {
  struct sessions *sessions = calloc(1, sizeof *sessions);
  if (sessions == NULL) return NULL;
  sessions->settings = *settings;
  sessions->turn.run = serve_line;
  sessions->check.run = check_all;
  sessions->release.run = release_held;
  return sessions;
}

static void forget(struct session *session, void *data) {
  (void)data;
  subscription_clear(&session->subscription);
  queue_clear(&session->queue);
  free(session);
}

void sessions_destroy(struct sessions *sessions) {
  if (sessions == NULL) return;
  timer_cancel(sessions->settings.loop, &sessions->turn);
  timer_cancel(sessions->settings.loop, &sessions->check);
  timer_cancel(sessions->settings.loop, &sessions->release);
  sessions_each(sessions, forget, NULL);
  free(sessions);
}

unsigned sessions_count(const struct sessions *sessions) { return sessions->count; }

bool sessions_are_full(const struct sessions *sessions) {
  return sessions->count >= sessions->settings.max_clients;
}

void sessions_end(struct sessions *sessions) { sessions->ending = true; }

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
static struct session **bucket(struct sessions *sessions, const char *id) {
  unsigned value = 0;
  for (int i = 0; i < 2; i++) {
    const char *digits = "0123456789abcdef";
    const char *digit = id[i] == '\0' ? NULL : strchr(digits, id[i]);
    if (digit == NULL) return NULL;
    value = value * 16 + (unsigned)(digit - digits);
  }
  return &sessions->buckets[value];
}

struct session *session_create(struct sessions *sessions,
                               enum session_transport transport) {
  if (sessions_are_full(sessions) || sessions->ending) return NULL;
  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return NULL;
  session->sessions = sessions;
  session->transport = transport;
  session->stranger_since = clock_now();
  session->ping_at = session->stranger_since + sessions->settings.ping_interval;
  session_make_id(session->id);
  struct session **list = bucket(sessions, session->id);
  session->next = *list;
  *list = session;
  sessions->count++;
  if (!sessions->check.started)
    timer_start(sessions->settings.loop, &sessions->check, CHECK_INTERVAL);
  return session;
}

struct session *session_find(struct sessions *sessions, const char *id) {
  struct session **list = bucket(sessions, id);
  struct session *session = list == NULL ? NULL : *list;
  while (session != NULL && strcmp(session->id, id) != 0) session = session->next;
  return session;
}

static void leave_line(struct session *session) {
  struct sessions *sessions = session->sessions;
  if (!session->in_line) return;
  session->in_line = false;
  if (session->ahead != NULL)
    session->ahead->behind = session->behind;
  else
    sessions->first = session->behind;
  if (session->behind != NULL)
    session->behind->ahead = session->ahead;
  else
    sessions->last = session->ahead;
}

void session_close(struct session *session) {
  struct sessions *sessions = session->sessions;
  sessions->settings.carrier->poll_close(session);
  if (session->websocket != NULL) sessions->settings.carrier->websocket_leave(session);
  struct session **link = bucket(sessions, session->id);
  while (*link != session) link = &(*link)->next;
  *link = session->next;
  sessions->count--;
  leave_line(session);
  subscription_clear(&session->subscription);
  queue_clear(&session->queue);
  free(session);
}

/* Gets the queues of the next sessions in line going. */
static void serve_line(struct timer *timer) {
  struct sessions *sessions = holder_of(timer, struct sessions, turn);
  const struct session_carrier *carrier = sessions->settings.carrier;
  for (int i = 0; i < SESSIONS_AT_ONCE && sessions->first != NULL; i++) {
    struct session *session = sessions->first;
    leave_line(session);
    if (session->transport == TRANSPORT_WEBSOCKET)
      carrier->websocket_flush(session);
    else
      carrier->poll_flush(session);
  }
  if (sessions->first != NULL) timer_start(sessions->settings.loop, timer, 0);
}

/* A broadcast has something for everybody: they take turns with all else that happens. */
static void stand_in_line(struct session *session) {
  struct sessions *sessions = session->sessions;
  if (session->in_line) return;
  if (sessions->first == NULL) timer_start(sessions->settings.loop, &sessions->turn, 0);
  session->in_line = true;
  session->ahead = sessions->last;
  session->behind = NULL;
  if (sessions->last != NULL)
    sessions->last->behind = session;
  else
    sessions->first = session;
  sessions->last = session;
}

void session_send(struct session *session, struct message *message) {
  if (session->doomed) return;
  session->doomed = !queue_push(&session->queue, message, clock_now());
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
      return session->sessions->settings.carrier->take_message(session, packet->data,
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
  const struct sessions_settings *settings = &session->sessions->settings;
  snprintf(text, size,
           "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingTimeout\":%lld,"
           "\"pingInterval\":%lld,\"maxPayload\":%d}",
           session->id, session->transport == TRANSPORT_POLLING ? "\"websocket\"" : "",
           (long long)settings->ping_timeout / 1000,
           (long long)settings->ping_interval / 1000, SOCKETIO_BODY_MAX);
}

static void check_one(struct session *session, void *data) {
  int64_t now = *(const int64_t *)data;
  const struct sessions_settings *settings = &session->sessions->settings;
  bool silent = session->pong_by != 0 && now >= session->pong_by;
  bool stranger = !session->joined && now - session->stranger_since >= JOIN_TIME;
  if (session->doomed || silent || stranger ||
      queue_is_behind(&session->queue, now, settings->client_timeout)) {
    session_close(session);
    return;
  }
  if (session->transport == TRANSPORT_PROBING) {
    /* the client tells that it upgrades once no poll of its is open any more */
    if (session->probe_arrived) settings->carrier->poll_release(session);
    if (now >= session->upgrade_by) {
      settings->carrier->websocket_give_up(session);
      session->websocket = NULL;
      session->transport = TRANSPORT_POLLING;
    }
  }
  if (session->pong_by == 0 && now >= session->ping_at) {
    session->ping_at = now + settings->ping_interval;
    session->pong_by = now + settings->ping_timeout;
    session_send_text(session, "", "2");
  }
}

/* Sends and closes what is due. */
static void check_all(struct timer *timer) {
  struct sessions *sessions = holder_of(timer, struct sessions, check);
  int64_t now = clock_now();
  sessions_each(sessions, check_one, &now);
  if (sessions->count > 0) timer_start(sessions->settings.loop, timer, CHECK_INTERVAL);
}

/* ---- what subscriptions hold ---- */

static void release_at(struct sessions *sessions, int64_t due, int64_t now) {
  struct timer *timer = &sessions->release;
  if (due == SUBSCRIPTION_NEVER || (timer->started && timer->due <= due)) return;
  timer_start(sessions->settings.loop, timer, due - now);
}

void session_hold(struct session *session, int64_t now) {
  release_at(session->sessions, subscription_next(&session->subscription), now);
}

struct release {
  int64_t now, next;
};

static void release_one(struct session *session, void *data) {
  struct release *release = data;
  for (struct message *held;
       (held = subscription_due(&session->subscription, release->now)) != NULL;) {
    session_send(session, held);
    message_release(held);
  }
  int64_t next = subscription_next(&session->subscription);
  if (next < release->next) release->next = next;
}

/* One timer for all: clients that asked for the same interval are served together. */
static void release_held(struct timer *timer) {
  struct sessions *sessions = holder_of(timer, struct sessions, release);
  struct release release = {clock_now(), SUBSCRIPTION_NEVER};
  sessions_each(sessions, release_one, &release);
  release_at(sessions, release.next, release.now);
}

void sessions_each(struct sessions *sessions,
                   void (*visit)(struct session *session, void *data), void *data) {
  for (size_t i = 0; i < BUCKETS; i++) {
    struct session *next;
    for (struct session *session = sessions->buckets[i]; session != NULL;
         session = next) {
      next = session->next;
      visit(session, data);
    }
  }
}
