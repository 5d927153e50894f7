/* socketio/queue.h - what waits to be sent to one client, in bounded memory.
 *
 * A message is text that many queues share: it is built once for a broadcast, counted,
 * and freed by its last holder. One thread only.
 */
#ifndef SERVE_SOCKETIO_QUEUE_H
#define SERVE_SOCKETIO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may become of a message that waits. */
enum message_kind {
  MESSAGE_CONTROL,   /* for one client: pings, acknowledgements; never dropped */
  MESSAGE_LIFECYCLE, /* started, stopped, completed, error; never dropped */
  MESSAGE_PROGRESS,  /* newer progress of the same run may replace it */
};

struct message {
  unsigned holders;
  enum message_kind kind;
  uint64_t run; /* that it tells of; 0: of none */
  size_t length;
  char text[]; /* zero-terminated */
};

/* A message with `length` bytes of `text` behind `prefix`, held once. NULL: no memory. */
struct message *message_create(enum message_kind kind, const char *prefix,
                               const char *text, size_t length);
struct message *message_hold(struct message *message);
/* NULL is ignored. */
void message_release(struct message *message);

/* Progress that may wait before the newest replaces the rest. One unit of training ends a
 * few hundred episodes at most: a client that keeps up never has this many waiting. */
#define QUEUE_PROGRESS_MAX 512
/* Everything else that may wait; past it the client is not reading at all. */
#define QUEUE_OTHERS_MAX 256
/* Runs whose progress may be replaced by newer at a time; that of others stays. */
#define QUEUE_RUNS_MAX 64

struct queue {
  struct message **items; /* a ring of `room` places */
  size_t room;
  size_t first;
  size_t count;
  size_t progress;       /* of `count`, how many are MESSAGE_PROGRESS */
  int64_t waiting_since; /* microseconds: since when nothing left it */
  int64_t merging_since; /* since when it lost progress and was never empty; 0: not */
};

/* Appends, holding the message. False: it is full or there is no memory. */
bool queue_push(struct queue *queue, struct message *message, int64_t now);

/* The first message, or NULL. It stays in the queue. */
struct message *queue_first(const struct queue *queue);

/* Removes the first message, if there is one, and releases it. */
void queue_pop(struct queue *queue, int64_t now);

/* Whether the client stayed behind for `limit` microseconds: a message waits that long,
 * or it loses progress that long without ever catching up. */
bool queue_is_behind(const struct queue *queue, int64_t now, int64_t limit);

/* Releases everything. */
void queue_clear(struct queue *queue);

#endif
