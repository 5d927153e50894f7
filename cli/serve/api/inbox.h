/* api/inbox.h - news of all runs from their threads to the event loop, in bounded memory.
 */
#ifndef SERVE_API_INBOX_H
#define SERVE_API_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <hrl/queue.h>

/* Bound of waiting progress events. The loop takes them within milliseconds; if it is
 * delayed, newer progress of a run replaces older. */
#define INBOX_PROGRESS_MAX 960
/* Other news that may wait. A run whose news finds no room waits for the loop. */
#define INBOX_OTHERS_MAX 64
#define INBOX_MAX (INBOX_PROGRESS_MAX + INBOX_OTHERS_MAX)

enum news_type {
  NEWS_STARTED,
  NEWS_PROGRESS,
  NEWS_PAUSED,
  NEWS_RESUMED,
  NEWS_QUEUED, /* it was paused before it began, and waits again */
  NEWS_STOPPED,
  NEWS_COMPLETED,
  NEWS_FAILED, /* it could not begin, or not go on */
  NEWS_ENDED,  /* the last of a run */
};

struct news {
  enum news_type type;
  uint64_t run;
  uint64_t episode; /* where it tells of training; so is the next */
  uint64_t total;
  bool has_progress;
  hrl_progress progress;
};

/* What comes with all news but progress; "" where there is nothing to tell. */
struct news_text {
  char scenario[HRL_NAME_SIZE];
  char start_time[HRL_TIME_SIZE];
  char error[HRL_ERROR_MESSAGE_SIZE];
};

struct inbox {
  pthread_mutex_t lock;
  pthread_cond_t room; /* for an item of `texts` */
  struct news items[INBOX_MAX];
  size_t first;
  size_t count;
  struct news_text texts[INBOX_OTHERS_MAX]; /* a ring of its own */
  size_t first_text;
  size_t text_count;
  bool quiet;  /* the loop looks in by itself: progress need not wake it */
  bool closed; /* nobody looks in any more */
};

void inbox_begin(struct inbox *inbox);
void inbox_end(struct inbox *inbox);

/* Adds an event, if clients receive it. True: the loop must be woken. Not on the loop's
 * thread. `wake` is called before this waits for room. */
bool inbox_put(struct inbox *inbox, const hrl_queue_event *event,
               void (*wake)(void *data), void *data);

/* Nobody will look in any more: nothing waits for room. */
void inbox_close(struct inbox *inbox);

/* Whether progress may wait until the loop looks in by itself. */
void inbox_set_quiet(struct inbox *inbox, bool quiet);

/* Takes the oldest; *text is set but for progress. False: it is empty. */
bool inbox_take(struct inbox *inbox, struct news *news, struct news_text *text);

#endif
