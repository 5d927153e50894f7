/* api/inbox.h - events from the training thread to the event loop, in bounded memory. */
#ifndef SERVE_API_INBOX_H
#define SERVE_API_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <hrl/trainer.h>

/* News that may wait. The loop takes them within milliseconds; should it be held up for
 * longer, progress that nobody saw is replaced by newer. */
#define INBOX_MAX 1024
/* Of these, kept free for what is not progress: a run has three such events at most. */
#define INBOX_RESERVED 8

struct news {
  hrl_event_type type;
  uint64_t episode;
  bool has_progress;
  hrl_progress progress;
};

struct inbox {
  pthread_mutex_t lock;
  struct news items[INBOX_MAX];
  size_t first;
  size_t count;
  bool quiet; /* the loop looks in by itself: progress need not wake it */
  char start_time[HRL_TIME_SIZE]; /* of the run */
  hrl_error error;                /* of the run, once it failed */
};

void inbox_begin(struct inbox *inbox);
void inbox_end(struct inbox *inbox);

/* Puts an event in. True: the loop must be woken. */
bool inbox_put(struct inbox *inbox, const hrl_event *event);

/* Whether progress may wait until the loop looks in by itself. */
void inbox_set_quiet(struct inbox *inbox, bool quiet);

/* Takes the oldest. False: it is empty. */
bool inbox_take(struct inbox *inbox, struct news *news);

/* Copies what is told once for a run; either may be NULL. */
void inbox_read_run(struct inbox *inbox, char start_time[HRL_TIME_SIZE],
                    hrl_error *error);

#endif
