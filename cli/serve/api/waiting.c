#include "serve/api/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "serve/api/training_json.h"

static void client_gone(struct request *request) {
  ((struct waiter *)request->owner)->request = NULL;
}

static void append(struct waiters *waiters, struct waiter *waiter) {
  struct waiter **link = &waiters->first;
  while (*link != NULL) link = &(*link)->next;
  waiter->next = NULL;
  *link = waiter;
}

void waiters_add(struct waiters *waiters, const struct waiter *given) {
  struct waiter *waiter = malloc(sizeof *waiter);
  if (waiter == NULL) {
    if (given->request != NULL) request_reply_json(given->request, 500, NULL);
    return;
  }
  *waiter = *given;
  append(waiters, waiter);
  if (waiter->request == NULL) return;
  waiter->request->owner = waiter;
  waiter->request->gone = client_gone;
}

static void answer(const struct waiter *waiter, unsigned status, json_t *json) {
  if (waiter->request == NULL) {
    json_decref(json);
    return;
  }
  waiter->request->gone = NULL;
  request_reply_json(waiter->request, status, json);
}

static void refuse(const struct waiter *waiter, unsigned status, const char *what,
                   const char *why) {
  if (waiter->request == NULL) return;
  waiter->request->gone = NULL;
  request_reply_detail(waiter->request, status, "%s%s", what, why);
}

/* Each gives whether the request was answered. */

/* It is in the queue, for its turn or for its files. */
static void tell_queued(const struct waiters *waiters, const struct waiter *waiter,
                        const struct run *run) {
  struct run waiting = {
      .id = waiter->run, .episode = waiter->episode, .total = waiter->total};
  bool has_begun = run != NULL && run->begun != 0;
  memcpy(waiting.name, waiter->name, sizeof waiting.name);
  if (!has_begun) waiters->queued(waiters->owner, waiter);
  if (waiter->kind == WAIT_FOR_START)
    answer(waiter, 202,
           training_json_queued_answer(waiter->name, waiter->total, waiter->run));
  else
    answer(waiter, 200,
           training_json_change_answer(has_begun ? run : &waiting, "queued"));
}

static bool settle_start(const struct waiters *waiters, const struct waiter *waiter,
                         const struct run *run, bool room, int64_t now) {
  if (run != NULL && run->begun != 0) {
    answer(waiter, 202, training_json_start_answer(run, waiter->plain));
    return true;
  }
  if (run != NULL && run->phase == RUN_GONE && run->end == RUN_FAILED) {
    refuse(waiter, 500, "Failed to start training: ", run->error);
    return true;
  }
  bool ended = run != NULL && run->phase == RUN_GONE;
  if (room && !ended && now < waiter->until) return false;
  tell_queued(waiters, waiter, run);
  return true;
}

/* The request may come when the run has nothing left to train, and its files may fail. */
static bool settle_stop(const struct waiter *waiter, const struct run *run) {
  if (run != NULL && run->phase != RUN_GONE) return false;
  if (run == NULL)
    refuse(waiter, 409, "The run has ended", "");
  else if (run->end == RUN_FAILED)
    refuse(waiter, 500, "Training failed: ", run->error);
  else
    answer(waiter, 200, training_json_stop_answer(run, waiter->plain));
  return true;
}

static bool settle_pause(const struct waiter *waiter, const struct run *run) {
  if (run != NULL && run->phase == RUN_PAUSED)
    answer(waiter, 200, training_json_change_answer(run, "paused"));
  else if (run == NULL || run->phase == RUN_GONE)
    refuse(waiter, 409, "The run has ended", "");
  else
    return false;
  return true;
}

static bool settle_resume(const struct waiters *waiters, const struct waiter *waiter,
                          const struct run *run, bool room, int64_t now) {
  struct run waiting = {
      .id = waiter->run, .episode = waiter->episode, .total = waiter->total};
  bool ended = run != NULL && run->phase == RUN_GONE;
  if (run != NULL && (run->phase == RUN_TRAINING || (ended && run->begun != 0))) {
    answer(waiter, 200, training_json_change_answer(run, "resumed"));
    return true;
  }
  if (ended && run->end == RUN_FAILED) {
    refuse(waiter, 500, "Failed to start training: ", run->error);
    return true;
  }
  bool elsewhere = waiter->elsewhere && run == NULL;
  if ((room || elsewhere) && !ended && now < waiter->until) return false;
  memcpy(waiting.name, waiter->name, sizeof waiting.name);
  if (elsewhere)
    answer(waiter, 202, training_json_change_answer(&waiting, "resuming"));
  else
    tell_queued(waiters, waiter, run);
  return true;
}

static bool settle(const struct waiters *waiters, const struct waiter *waiter,
                   const struct run *run, bool room, int64_t now) {
  switch (waiter->kind) {
    case WAIT_FOR_START:
      return settle_start(waiters, waiter, run, room, now);
    case WAIT_FOR_STOP:
      return settle_stop(waiter, run);
    case WAIT_FOR_PAUSE:
      return settle_pause(waiter, run);
    case WAIT_FOR_RESUME:
      return settle_resume(waiters, waiter, run, room, now);
  }
  return true;
}

void waiters_settle(struct waiters *waiters, struct run *runs, bool room, int64_t now) {
  /* an answer may bring a client's next request, and that another waiter */
  struct waiter *left = waiters->first;
  waiters->first = NULL;
  while (left != NULL) {
    struct waiter *waiter = left;
    left = waiter->next;
    if (settle(waiters, waiter, runs_find(runs, waiter->run), room, now))
      free(waiter);
    else
      append(waiters, waiter);
  }
}

/* Takes those out that wait for something of a run. */
static struct waiter *take(struct waiters *waiters, uint64_t run, enum waiter_kind kind,
                           enum waiter_kind other) {
  struct waiter *taken = NULL;
  struct waiter **link = &waiters->first;
  struct waiter **end = &taken;
  while (*link != NULL) {
    struct waiter *waiter = *link;
    if (waiter->run != run || (waiter->kind != kind && waiter->kind != other)) {
      link = &waiter->next;
      continue;
    }
    *link = waiter->next;
    waiter->next = NULL;
    *end = waiter;
    end = &waiter->next;
  }
  return taken;
}

void waiters_answer_queued(struct waiters *waiters, uint64_t run) {
  struct waiter *left = take(waiters, run, WAIT_FOR_START, WAIT_FOR_RESUME);
  while (left != NULL) {
    struct waiter *waiter = left;
    left = waiter->next;
    tell_queued(waiters, waiter, NULL);
    free(waiter);
  }
}

void waiters_refuse_pauses(struct waiters *waiters, uint64_t run) {
  struct waiter *left = take(waiters, run, WAIT_FOR_PAUSE, WAIT_FOR_PAUSE);
  while (left != NULL) {
    struct waiter *waiter = left;
    left = waiter->next;
    refuse(waiter, 409, "Another request has resumed the run", "");
    free(waiter);
  }
}

int64_t waiters_due(const struct waiters *waiters) {
  int64_t due = INT64_MAX;
  for (const struct waiter *w = waiters->first; w != NULL; w = w->next)
    if ((w->kind == WAIT_FOR_START || w->kind == WAIT_FOR_RESUME) && w->until < due)
      due = w->until;
  return due;
}

void waiters_end(struct waiters *waiters) {
  while (waiters->first != NULL) {
    struct waiter *waiter = waiters->first;
    waiters->first = waiter->next;
    free(waiter);
  }
}
