#include "serve/net/websocket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

/* How long a client may take part in closing. */
#define CLOSE_TIME (5 * MICROSECONDS_PER_SECOND)
/* Bytes read before others get their turn. */
#define READ_AT_ONCE 65536
/* Frames that may wait, such as answers to pings, before no more is read. */
#define WAITING_MAX 16

struct websocket {
  struct loop *loop;
  struct watch watch;
  uint32_t events; /* that are watched for */
  wslay_event_context_ptr frames;
  const struct websocket_owner *owner; /* NULL: nobody's, or it is closing */
  void *owner_data;
  bool wanted;   /* the owner wants to be told that it is writable */
  bool running;  /* the library is at work: nothing may be freed */
  bool lost;     /* the client is gone; what it sent before may still be read */
  bool dead;     /* the socket is of no more use */
  size_t budget; /* bytes that may be read in this turn */
  char *early;
  size_t early_length, early_taken;
  struct timer timer; /* of closing, or of more to read */
  bool closing;
  void (*release)(void *data);
  void *release_data;
};

static ssize_t would_block(wslay_event_context_ptr frames, int error) {
  wslay_event_set_error(frames, error);
  return -1;
}

static ssize_t read_some(wslay_event_context_ptr frames, uint8_t *buffer, size_t length,
                         int flags, void *data) {
  struct websocket *websocket = data;
  (void)flags;
  size_t early = websocket->early_length - websocket->early_taken;
  /* one that sends pings and takes no answers is not read from */
  if (websocket->budget == 0 || wslay_event_get_queued_msg_count(frames) >= WAITING_MAX)
    return would_block(frames, WSLAY_ERR_WOULDBLOCK);
  if (length > websocket->budget) length = websocket->budget;
  if (early > 0) {
    if (length > early) length = early;
    memcpy(buffer, websocket->early + websocket->early_taken, length);
    websocket->early_taken += length;
    websocket->budget -= length;
    return (ssize_t)length;
  }
  ssize_t got = recv(websocket->watch.descriptor, buffer, length, 0);
  if (got > 0) {
    websocket->budget -= (size_t)got;
    return got;
  }
  bool again = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  if (!again) websocket->dead = true;
  return would_block(frames, again ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
}

static ssize_t write_some(wslay_event_context_ptr frames, const uint8_t *buffer,
                          size_t length, int flags, void *data) {
  struct websocket *websocket = data;
  int more = (flags & WSLAY_MSG_MORE) != 0 ? MSG_MORE : 0;
  ssize_t sent = send(websocket->watch.descriptor, buffer, length, MSG_NOSIGNAL | more);
  if (sent >= 0) return sent;
  bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (!again) websocket->dead = true;
  return would_block(frames, again ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
}

static void take_message(wslay_event_context_ptr frames,
                         const struct wslay_event_on_msg_recv_arg *message, void *data) {
  struct websocket *websocket = data;
  (void)frames;
  if (message->opcode != WSLAY_TEXT_FRAME || websocket->owner == NULL) return;
  const char *text = message->msg == NULL ? "" : (const char *)message->msg;
  websocket->owner->take(websocket->owner_data, text, message->msg_length);
}

void websocket_destroy(struct websocket *websocket) {
  if (websocket->running) { /* whoever runs it sees to the rest */
    websocket->owner = NULL;
    websocket->dead = true;
    return;
  }
  timer_cancel(websocket->loop, &websocket->timer);
  watch_remove(websocket->loop, &websocket->watch);
  wslay_event_context_free(websocket->frames);
  websocket->release(websocket->release_data);
  free(websocket->early);
  free(websocket);
}

/* Whether there is nothing left to do: both sides have said goodbye, or one has gone. */
static bool is_over(const struct websocket *websocket) {
  return websocket->dead || (!wslay_event_want_read(websocket->frames) &&
                             !wslay_event_want_write(websocket->frames));
}

static void watch_for(struct websocket *websocket) {
  wslay_event_context_ptr frames = websocket->frames;
  bool choked = wslay_event_want_write(frames) != 0;
  bool full = wslay_event_get_queued_msg_count(frames) >= WAITING_MAX;
  uint32_t events = wslay_event_want_read(frames) && !full ? EPOLLIN : 0;
  if (choked || websocket->wanted) events |= EPOLLOUT;
  if (events == websocket->events) return;
  websocket->events = events;
  watch_change(websocket->loop, &websocket->watch, events);
}

/* Reads and writes what can be, and ends it once that is all. */
static void run(struct websocket *websocket, bool readable) {
  websocket->running = true;
  websocket->budget = READ_AT_ONCE;
  readable |= websocket->early_taken < websocket->early_length;
  if (readable && wslay_event_recv(websocket->frames) != 0) websocket->dead = true;
  if (!websocket->dead && wslay_event_send(websocket->frames) != 0)
    websocket->dead = true;
  if (!is_over(websocket) && websocket->wanted && websocket->owner != NULL &&
      !wslay_event_want_write(websocket->frames)) {
    websocket->wanted = false;
    websocket->owner->writable(websocket->owner_data);
  }
  websocket->running = false;
  websocket->dead |= websocket->lost;
  bool closed = wslay_event_get_close_received(websocket->frames) != 0 ||
                !wslay_event_want_read(websocket->frames);
  if ((is_over(websocket) || closed) && websocket->owner != NULL) {
    const struct websocket_owner *owner = websocket->owner;
    websocket->owner = NULL;
    owner->gone(websocket->owner_data);
  }
  if (is_over(websocket)) {
    websocket_destroy(websocket);
    return;
  }
  if (closed && !websocket->closing) {
    websocket->closing = true;
    timer_start(websocket->loop, &websocket->timer, CLOSE_TIME);
  }
  bool full = wslay_event_get_queued_msg_count(websocket->frames) >= WAITING_MAX;
  if (websocket->early_taken < websocket->early_length && !full && !websocket->closing)
    timer_start(websocket->loop, &websocket->timer, 0);
  watch_for(websocket);
}

static void happens(struct watch *watch, uint32_t events) {
  struct websocket *websocket = holder_of(watch, struct websocket, watch);
  websocket->lost = (events & (EPOLLHUP | EPOLLERR)) != 0;
  run(websocket, (events & EPOLLIN) != 0 || websocket->lost);
}

/* What came early has been waiting, or the client does not take part in closing. */
static void time_is_up(struct timer *timer) {
  struct websocket *websocket = holder_of(timer, struct websocket, timer);
  if (websocket->closing)
    websocket_destroy(websocket);
  else
    run(websocket, true);
}

struct websocket *websocket_create(const struct websocket_settings *settings) {
  static const struct wslay_event_callbacks callbacks = {
      .recv_callback = read_some,
      .send_callback = write_some,
      .on_msg_recv_callback = take_message,
  };
  struct websocket *websocket = calloc(1, sizeof *websocket);
  if (websocket == NULL) return NULL;
  websocket->loop = settings->loop;
  websocket->watch = (struct watch){happens, settings->descriptor};
  websocket->timer.run = time_is_up;
  websocket->events = EPOLLIN;
  websocket->running =
      true; /* until websocket_start: whoever is told of it may close it */
  websocket->release = settings->release;
  websocket->release_data = settings->release_data;
  websocket->early_length = settings->early_length;
  if (settings->early_length > 0) websocket->early = malloc(settings->early_length);
  if ((settings->early_length == 0 || websocket->early != NULL) &&
      wslay_event_context_server_init(&websocket->frames, &callbacks, websocket) == 0) {
    if (websocket->early != NULL)
      memcpy(websocket->early, settings->early, settings->early_length);
    wslay_event_config_set_max_recv_msg_length(websocket->frames, settings->message_max);
    if (watch_add(websocket->loop, &websocket->watch, websocket->events)) {
      if (websocket->early_length > 0) timer_start(websocket->loop, &websocket->timer, 0);
      return websocket;
    }
    wslay_event_context_free(websocket->frames);
  }
  free(websocket->early);
  free(websocket);
  return NULL;
}

void websocket_own(struct websocket *websocket, const struct websocket_owner *owner,
                   void *data) {
  websocket->owner = owner;
  websocket->owner_data = data;
}

void websocket_start(struct websocket *websocket) { run(websocket, true); }

void websocket_want(struct websocket *websocket) {
  websocket->wanted = true;
  if (!websocket->running) watch_for(websocket);
}

bool websocket_is_choked(const struct websocket *websocket) {
  return wslay_event_want_write(websocket->frames) != 0;
}

bool websocket_send(struct websocket *websocket, const char *text, size_t length) {
  const struct wslay_event_msg message = {
      .opcode = WSLAY_TEXT_FRAME, .msg = (const uint8_t *)text, .msg_length = length};
  if (websocket->dead || wslay_event_queue_msg(websocket->frames, &message) != 0)
    return false;
  if (wslay_event_send(websocket->frames) != 0) {
    websocket->dead = true;
    if (!websocket->closing) timer_start(websocket->loop, &websocket->timer, 0);
  }
  if (!websocket->running) watch_for(websocket);
  return true;
}

void websocket_close(struct websocket *websocket, enum websocket_code code) {
  websocket->owner = NULL;
  websocket->wanted = false;
  if (wslay_event_queue_close(websocket->frames, (uint16_t)code, NULL, 0) ==
      WSLAY_ERR_NOMEM)
    websocket->dead = true;
  if (!websocket->closing) {
    websocket->closing = true;
    timer_start(websocket->loop, &websocket->timer, CLOSE_TIME);
  }
  if (!websocket->running) run(websocket, false);
}
