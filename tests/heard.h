/* heard.h - a listener that writes down what it hears, for the tests of trainers. */
#ifndef TEST_HEARD_H
#define TEST_HEARD_H

#include "trial.h"

/* What a listener heard. */
struct heard {
  hrl_event_type types[512];
  uint64_t episodes[512];
  size_t count;
  uint64_t progress[256]; /* numbers of the episodes reported */
  size_t progress_count;
  int id;
  struct heard *follows; /* must have heard as much before this one does */
  uint64_t stop_at;      /* episode at which to ask for a stop; 0: never */
};

static inline void hear(const hrl_event *event, void *data) {
  struct heard *heard = data;
  ck_assert_uint_eq(event->size, sizeof *event);
  ck_assert_str_eq(event->scenario, "trial");
  ck_assert_ptr_nonnull(event->trainer);
  ck_assert_uint_gt(strlen(event->start_time), 0);
  if (heard->follows != NULL) ck_assert_uint_eq(heard->follows->count, heard->count + 1);
  heard->types[heard->count] = event->type;
  heard->episodes[heard->count++] = event->episode;
  if (event->type == HRL_EVENT_PROGRESS) {
    ck_assert_ptr_nonnull(event->progress);
    ck_assert_uint_eq(event->progress->episode, event->episode);
    heard->progress[heard->progress_count++] = event->progress->episode;
    if (event->episode == heard->stop_at) hrl_trainer_stop(event->trainer);
  }
  ck_assert((event->type == HRL_EVENT_CHECKPOINT) <= (event->path != NULL));
  ck_assert((event->type == HRL_EVENT_EVALUATED) <= (event->evaluation != NULL));
  ck_assert((event->type == HRL_EVENT_COMPLETED) <= (event->evaluation != NULL));
}

static inline bool is_last(hrl_event_type type) {
  return type == HRL_EVENT_COMPLETED || type == HRL_EVENT_STOPPED ||
         type == HRL_EVENT_ERROR;
}

/* STARTED first and once, exactly one last event, at the end. */
static inline void assert_whole_story(const struct heard *heard, hrl_event_type last) {
  ck_assert_uint_gt(heard->count, 1);
  for (size_t i = 0; i < heard->count; i++) {
    ck_assert_int_eq(heard->types[i] == HRL_EVENT_STARTED, i == 0);
    ck_assert_int_eq(is_last(heard->types[i]), i + 1 == heard->count);
  }
  ck_assert_int_eq(heard->types[heard->count - 1], last);
}

static inline void start_and_wait(hrl_trainer *trainer) {
  OK(hrl_trainer_start(trainer, &error));
  OK(hrl_trainer_wait(trainer, &error));
}

#endif
