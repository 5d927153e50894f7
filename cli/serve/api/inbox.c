#include "serve/api/inbox.h"

#include <stdio.h>
#include <string.h>

void inbox_begin(struct inbox *inbox) {
  memset(inbox, 0, sizeof *inbox);
  pthread_mutex_init(&inbox->lock, NULL);
}

void inbox_end(struct inbox *inbox) { pthread_mutex_destroy(&inbox->lock); }

/* The place for the next news; the lock is held. */
static struct news *next_place(struct inbox *inbox, hrl_event_type type) {
  size_t limit = type == HRL_EVENT_PROGRESS ? INBOX_MAX - INBOX_RESERVED : INBOX_MAX;
  if (inbox->count < limit)
    return &inbox->items[(inbox->first + inbox->count++) % INBOX_MAX];
  /* full: the newest waiting news is progress, as the others have room of their own */
  return &inbox->items[(inbox->first + inbox->count - 1) % INBOX_MAX];
}

bool inbox_put(struct inbox *inbox, const hrl_event *event) {
  pthread_mutex_lock(&inbox->lock);
  bool wake = event->type != HRL_EVENT_PROGRESS || (inbox->count == 0 && !inbox->quiet);
  struct news *news = next_place(inbox, event->type);
  *news = (struct news){.type = event->type, .episode = event->episode};
  if (event->progress != NULL) {
    news->has_progress = true;
    news->progress = *event->progress;
  }
  if (event->start_time != NULL)
    snprintf(inbox->start_time, sizeof inbox->start_time, "%s", event->start_time);
  if (event->error != NULL) inbox->error = *event->error;
  pthread_mutex_unlock(&inbox->lock);
  return wake;
}

void inbox_set_quiet(struct inbox *inbox, bool quiet) {
  pthread_mutex_lock(&inbox->lock);
  inbox->quiet = quiet;
  pthread_mutex_unlock(&inbox->lock);
}

bool inbox_take(struct inbox *inbox, struct news *news) {
  pthread_mutex_lock(&inbox->lock);
  bool got = inbox->count > 0;
  if (got) {
    *news = inbox->items[inbox->first];
    inbox->first = (inbox->first + 1) % INBOX_MAX;
    inbox->count--;
  }
  pthread_mutex_unlock(&inbox->lock);
  return got;
}

void inbox_read_run(struct inbox *inbox, char start_time[HRL_TIME_SIZE],
                    hrl_error *error) {
  pthread_mutex_lock(&inbox->lock);
  if (start_time != NULL) memcpy(start_time, inbox->start_time, HRL_TIME_SIZE);
  if (error != NULL) *error = inbox->error;
  pthread_mutex_unlock(&inbox->lock);
}
