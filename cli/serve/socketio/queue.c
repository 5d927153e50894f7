#include "serve/socketio/queue.h"

#include <stdlib.h>
#include <string.h>

struct message *message_create(enum message_kind kind, const char *prefix,
                               const char *text, size_t length) {
  size_t prefix_length = strlen(prefix);
  struct message *message = malloc(sizeof *message + prefix_length + length + 1);
  if (message == NULL) return NULL;
  message->holders = 1;
  message->kind = kind;
  message->run = 0;
  message->length = prefix_length + length;
  memcpy(message->text, prefix, prefix_length);
  if (length > 0) memcpy(message->text + prefix_length, text, length);
  message->text[message->length] = '\0';
  return message;
}

struct message *message_hold(struct message *message) {
  message->holders++;
  return message;
}

void message_release(struct message *message) {
  if (message != NULL && --message->holders == 0) free(message);
}

static struct message **place(const struct queue *queue, size_t index) {
  /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): without room nothing has a place */
  return &queue->items[(queue->first + index) % queue->room];
}

static bool make_room(struct queue *queue) {
  if (queue->count < queue->room) return true;
  size_t room = queue->room == 0 ? 8 : queue->room * 2;
  struct message **items = malloc(room * sizeof(struct message *));
  if (items == NULL) return false;
  for (size_t i = 0; i < queue->count; i++) items[i] = *place(queue, i);
  free(queue->items);
  queue->items = items;
  queue->room = room;
  queue->first = 0;
  return true;
}

/* Runs of which newer progress follows. */
struct newer {
  uint64_t runs[QUEUE_RUNS_MAX];
  size_t count;
};

static size_t find_newer(const struct newer *newer, uint64_t run) {
  size_t i = 0;
  while (i < newer->count && newer->runs[i] != run) i++;
  return i;
}

/* Whether newer progress makes a message superfluous; looked at from the newest on. */
static bool is_outdated(struct newer *newer, const struct message *message) {
  size_t found = find_newer(newer, message->run);
  if (message->kind == MESSAGE_PROGRESS) {
    if (found < newer->count) return true;
    if (newer->count < QUEUE_RUNS_MAX) newer->runs[newer->count++] = message->run;
  } else if (message->kind == MESSAGE_LIFECYCLE && found < newer->count) {
    newer->runs[found] = newer->runs[--newer->count];
  }
  return false;
}

/* Drops the progress that newer progress of its run makes superfluous, `next` being the
 * newest. The last one before each lifecycle message of the run stays: how far it came
 * must not be lost. */
static void merge_progress(struct queue *queue, const struct message *next) {
  struct newer newer = {.runs = {next->run}, .count = 1};
  size_t kept = queue->count;
  for (size_t i = queue->count; i-- > 0;) {
    struct message *message = *place(queue, i);
    if (is_outdated(&newer, message)) {
      message_release(message);
      queue->progress--;
    } else {
      *place(queue, --kept) = message;
    }
  }
  queue->first = (queue->first + kept) % queue->room;
  queue->count -= kept;
}

bool queue_push(struct queue *queue, struct message *message, int64_t now) {
  if (message->kind == MESSAGE_PROGRESS && queue->progress >= QUEUE_PROGRESS_MAX) {
    merge_progress(queue, message);
    if (queue->merging_since == 0) queue->merging_since = now;
  }
  if (queue->count - queue->progress >= QUEUE_OTHERS_MAX || !make_room(queue))
    return false;
  if (queue->count == 0) queue->waiting_since = now;
  *place(queue, queue->count++) = message_hold(message);
  if (message->kind == MESSAGE_PROGRESS) queue->progress++;
  return true;
}

struct message *queue_first(const struct queue *queue) {
  return queue->count == 0 ? NULL : *place(queue, 0);
}

void queue_pop(struct queue *queue, int64_t now) {
  if (queue->count == 0) return;
  struct message *message = *place(queue, 0);
  queue->first = (queue->first + 1) % queue->room;
  queue->count--;
  if (message->kind == MESSAGE_PROGRESS) queue->progress--;
  message_release(message);
  queue->waiting_since = now;
  if (queue->count > 0) return;
  queue->merging_since = 0;
  /* a burst is over: 1,000 clients must not keep the room of their worst moment */
  if (queue->room > 64) {
    free(queue->items);
    queue->items = NULL;
    queue->room = queue->first = 0;
  }
}

bool queue_is_behind(const struct queue *queue, int64_t now, int64_t limit) {
  if (queue->count == 0) return false;
  return now - queue->waiting_since >= limit ||
         (queue->merging_since != 0 && now - queue->merging_since >= limit);
}

void queue_clear(struct queue *queue) {
  for (size_t i = 0; i < queue->count; i++) message_release(*place(queue, i));
  free(queue->items);
  *queue = (struct queue){0};
}
