#include "serve/api/pending.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool failure_set(struct failure *failure, unsigned status, const char *code,
                 const char *format, ...) {
  va_list arguments;
  failure->status = status;
  failure->code = code;
  va_start(arguments, format);
  vsnprintf(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  return false;
}

void pending_begin(struct pending *pending) { pthread_mutex_init(&pending->lock, NULL); }

void pending_end(struct pending *pending) { pthread_mutex_destroy(&pending->lock); }

static struct pending_entry *find(struct pending *pending, const char *id) {
  for (size_t i = 0; i < PENDING_MAX; i++)
    if (strcmp(pending->entries[i].id, id) == 0) return &pending->entries[i];
  return NULL;
}

/* A place for one more: a free one, or that of the failure that is the oldest. */
static struct pending_entry *find_place(struct pending *pending) {
  for (size_t i = 0; i < PENDING_MAX; i++) {
    size_t at = (pending->next + i) % PENDING_MAX;
    if (pending->entries[at].is_on) continue;
    pending->next = at + 1;
    return &pending->entries[at];
  }
  return NULL;
}

bool pending_reserve(struct pending *pending, pending_name *name, const void *data,
                     char id[HRL_NAME_SIZE]) {
  pthread_mutex_lock(&pending->lock);
  struct pending_entry *place = find_place(pending);
  if (place != NULL) {
    place->id[0] = '\0';
    unsigned copy = 1;
    while (!name(data, copy, id) || find(pending, id) != NULL) copy++;
    *place = (struct pending_entry){.is_on = true};
    memcpy(place->id, id, HRL_NAME_SIZE);
  }
  pthread_mutex_unlock(&pending->lock);
  return place != NULL;
}

void pending_release(struct pending *pending, const char *id,
                     const struct failure *failure) {
  pthread_mutex_lock(&pending->lock);
  struct pending_entry *entry = find(pending, id);
  if (entry != NULL) {
    entry->is_on = false;
    entry->failure = *failure;
    if (failure->status == 0) entry->id[0] = '\0';
  }
  pthread_mutex_unlock(&pending->lock);
}

struct pending_entry pending_find(struct pending *pending, const char *id) {
  pthread_mutex_lock(&pending->lock);
  const struct pending_entry *found = id[0] == '\0' ? NULL : find(pending, id);
  struct pending_entry entry = {.is_on = false};
  if (found != NULL) entry = *found;
  pthread_mutex_unlock(&pending->lock);
  return entry;
}
