#include "serve/api/inbox.h"

#include <stdio.h>
#include <string.h>

void inbox_begin(struct inbox *inbox) {
  memset(inbox, 0, sizeof *inbox);
  pthread_mutex_init(&inbox->lock, NULL);
  pthread_cond_init(&inbox->room, NULL);
}

void inbox_end(struct inbox *inbox) {
  pthread_cond_destroy(&inbox->room);
  pthread_mutex_destroy(&inbox->lock);
}

/* Converts an event of a run's trainer. False: clients do not receive this event. */
static bool read_training(const hrl_event *event, struct news *news) {
  switch (event->type) {
    case HRL_EVENT_STARTED:
      news->type = NEWS_STARTED;
      break;
    case HRL_EVENT_PROGRESS:
      news->type = NEWS_PROGRESS;
      break;
    case HRL_EVENT_COMPLETED:
      news->type = NEWS_COMPLETED;
      break;
    case HRL_EVENT_STOPPED:
      news->type = NEWS_STOPPED;
      break;
    case HRL_EVENT_ERROR:
      news->type = NEWS_FAILED;
      break;
    case HRL_EVENT_PAUSED:
      news->type = NEWS_PAUSED;
      break;
    case HRL_EVENT_RESUMED:
      news->type = NEWS_RESUMED;
      break;
    case HRL_EVENT_CHECKPOINT:
    case HRL_EVENT_EVALUATED:
      return false;
  }
  news->episode = event->episode;
  news->total = event->total_episodes;
  if (event->progress != NULL) {
    news->has_progress = true;
    news->progress = *event->progress;
  }
  return true;
}

/* A run that this process has not taken has no scenario here: who asked for its change
 * tells of it. */
static bool read_event(const hrl_queue_event *event, struct news *news) {
  *news = (struct news){.run = event->run};
  switch (event->type) {
    case HRL_QUEUE_TRAINING:
      return read_training(event->event, news);
    case HRL_QUEUE_ADDED:
      return false;
    case HRL_QUEUE_PAUSED:
      news->type = NEWS_PAUSED;
      break;
    case HRL_QUEUE_RESUMED:
      news->type = NEWS_QUEUED;
      break;
    case HRL_QUEUE_CANCELLED:
      news->type = NEWS_STOPPED;
      break;
    case HRL_QUEUE_FAILED:
      news->type = NEWS_FAILED;
      break;
    case HRL_QUEUE_ENDED:
      news->type = NEWS_ENDED;
      break;
  }
  return event->scenario != NULL;
}

static void read_text(const hrl_queue_event *event, struct news_text *text) {
  const hrl_event *training = event->event;
  const hrl_error *error = training != NULL ? training->error : event->error;
  const char *start_time = training != NULL ? training->start_time : NULL;
  snprintf(text->scenario, sizeof text->scenario, "%s", event->scenario);
  snprintf(text->start_time, sizeof text->start_time, "%s",
           start_time != NULL ? start_time : "");
  snprintf(text->error, sizeof text->error, "%s", error != NULL ? error->message : "");
}

/* The place of progress that finds no room: that of the newest of its run, unless other
 * news of the run came after it. NULL: there is none. */
static struct news *older_progress(struct inbox *inbox, uint64_t run) {
  for (size_t i = inbox->count; i-- > 0;) {
    struct news *news = &inbox->items[(inbox->first + i) % INBOX_MAX];
    if (news->run != run) continue;
    return news->type == NEWS_PROGRESS ? news : NULL;
  }
  return NULL;
}

static void put_progress(struct inbox *inbox, const struct news *news) {
  struct news *place = inbox->count - inbox->text_count < INBOX_PROGRESS_MAX
                           ? &inbox->items[(inbox->first + inbox->count++) % INBOX_MAX]
                           : older_progress(inbox, news->run);
  if (place != NULL) *place = *news;
}

bool inbox_put(struct inbox *inbox, const hrl_queue_event *event,
               void (*wake)(void *data), void *data) {
  struct news news;
  if (!read_event(event, &news)) return false;
  pthread_mutex_lock(&inbox->lock);
  bool wakes = news.type != NEWS_PROGRESS || (inbox->count == 0 && !inbox->quiet);
  if (news.type == NEWS_PROGRESS) {
    put_progress(inbox, &news);
  } else {
    if (inbox->text_count == INBOX_OTHERS_MAX) wake(data);
    while (inbox->text_count == INBOX_OTHERS_MAX && !inbox->closed)
      pthread_cond_wait(&inbox->room, &inbox->lock);
    if (!inbox->closed) {
      size_t at = (inbox->first_text + inbox->text_count++) % INBOX_OTHERS_MAX;
      read_text(event, &inbox->texts[at]);
      inbox->items[(inbox->first + inbox->count++) % INBOX_MAX] = news;
    }
  }
  pthread_mutex_unlock(&inbox->lock);
  return wakes;
}

void inbox_close(struct inbox *inbox) {
  pthread_mutex_lock(&inbox->lock);
  inbox->closed = true;
  pthread_cond_broadcast(&inbox->room);
  pthread_mutex_unlock(&inbox->lock);
}

void inbox_set_quiet(struct inbox *inbox, bool quiet) {
  pthread_mutex_lock(&inbox->lock);
  inbox->quiet = quiet;
  pthread_mutex_unlock(&inbox->lock);
}

bool inbox_take(struct inbox *inbox, struct news *news, struct news_text *text) {
  pthread_mutex_lock(&inbox->lock);
  bool got = inbox->count > 0;
  if (got) {
    *news = inbox->items[inbox->first];
    inbox->first = (inbox->first + 1) % INBOX_MAX;
    inbox->count--;
  }
  if (got && news->type != NEWS_PROGRESS) {
    *text = inbox->texts[inbox->first_text];
    inbox->first_text = (inbox->first_text + 1) % INBOX_OTHERS_MAX;
    inbox->text_count--;
    pthread_cond_signal(&inbox->room);
  }
  pthread_mutex_unlock(&inbox->lock);
  return got;
}
