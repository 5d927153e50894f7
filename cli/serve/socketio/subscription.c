#include "serve/socketio/subscription.h"

#include <stdio.h>
#include <stdlib.h>

/* Progress of one run for one client. There are no more of these than runs that are on:
 * whatever ends or pauses a run flushes its. */
struct feed {
  struct feed *next;
  uint64_t run;
  int64_t sent; /* when the last went out */
  struct message *held;
};

/* An optional whole number. False: something else is there. */
static bool read_number(const json_t *wish, const char *key, json_int_t least,
                        json_int_t most, json_int_t *number) {
  const json_t *value = json_object_get(wish, key);
  *number = 0;
  if (value == NULL || json_is_null(value)) return true;
  *number = json_integer_value(value);
  return json_is_integer(value) && *number >= least && *number <= most;
}

bool subscription_read(const json_t *wish, struct subscription *subscription,
                       char *problem, size_t size) {
  json_int_t run, interval;
  if (!read_number(wish, "run_id", 1, INT64_MAX, &run)) {
    snprintf(problem, size, "run_id: expected the number of a run, or null for all");
    return false;
  }
  if (!read_number(wish, "interval_ms", 0, SUBSCRIPTION_INTERVAL_MAX, &interval)) {
    snprintf(problem, size, "interval_ms: expected milliseconds from 0 to %d",
             SUBSCRIPTION_INTERVAL_MAX);
    return false;
  }
  *subscription =
      (struct subscription){.run = (uint64_t)run, .interval = (int64_t)interval * 1000};
  return true;
}

bool subscription_wants(const struct subscription *subscription, uint64_t run) {
  return run == 0 || subscription->run == 0 || subscription->run == run;
}

static struct feed *find_feed(const struct subscription *subscription, uint64_t run) {
  struct feed *feed = subscription->feeds;
  while (feed != NULL && feed->run != run) feed = feed->next;
  return feed;
}

bool subscription_allows(struct subscription *subscription, struct message *progress,
                         int64_t now) {
  if (subscription->interval == 0) return true;
  struct feed *feed = find_feed(subscription, progress->run);
  if (feed == NULL) {
    feed = calloc(1, sizeof *feed);
    if (feed == NULL) return true;
    *feed = (struct feed){.next = subscription->feeds, .run = progress->run, .sent = now};
    subscription->feeds = feed;
    return true;
  }
  message_release(feed->held);
  feed->held = NULL;
  if (now - feed->sent >= subscription->interval) {
    feed->sent = now;
    return true;
  }
  feed->held = message_hold(progress);
  return false;
}

/* Takes a feed out; gives what it held. */
static struct message *remove_feed(struct feed **link) {
  struct feed *feed = *link;
  struct message *held = feed->held;
  *link = feed->next;
  free(feed);
  return held;
}

struct message *subscription_flush(struct subscription *subscription, uint64_t run) {
  for (struct feed **link = &subscription->feeds; *link != NULL; link = &(*link)->next)
    if ((*link)->run == run) return remove_feed(link);
  return NULL;
}

struct message *subscription_due(struct subscription *subscription, int64_t now) {
  for (struct feed *feed = subscription->feeds; feed != NULL; feed = feed->next) {
    struct message *held = feed->held;
    if (held == NULL || now - feed->sent < subscription->interval) continue;
    feed->held = NULL;
    feed->sent = now;
    return held;
  }
  return NULL;
}

int64_t subscription_next(const struct subscription *subscription) {
  int64_t next = SUBSCRIPTION_NEVER;
  for (const struct feed *feed = subscription->feeds; feed != NULL; feed = feed->next)
    if (feed->held != NULL && feed->sent + subscription->interval < next)
      next = feed->sent + subscription->interval;
  return next;
}

struct message *subscription_take(struct subscription *subscription) {
  struct message *held = NULL;
  while (held == NULL && subscription->feeds != NULL)
    held = remove_feed(&subscription->feeds);
  return held;
}

void subscription_clear(struct subscription *subscription) {
  while (subscription->feeds != NULL) message_release(remove_feed(&subscription->feeds));
  *subscription = (struct subscription){0};
}
