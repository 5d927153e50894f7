#include "serve/net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* What one turn deals with before timers get theirs. */
#define EVENTS_AT_ONCE 64

struct loop {
  int epoll;
  struct watch wakes; /* an eventfd */
  void (*woken)(void *data);
  void *woken_data;
  struct timer *timers; /* in the order of time */
  uint64_t turn;
  struct epoll_event events[EVENTS_AT_ONCE];
  int event_count; /* those of this turn */
};

int64_t clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * MICROSECONDS_PER_SECOND + now.tv_nsec / 1000;
}

static void wakes_up(struct watch *watch, uint32_t events) {
  struct loop *loop = holder_of(watch, struct loop, wakes);
  uint64_t count;
  (void)events;
  if (read(watch->descriptor, &count, sizeof count) < 0) return;
  if (loop->woken != NULL) loop->woken(loop->woken_data);
}

struct loop *loop_create(void) {
  struct loop *loop = calloc(1, sizeof *loop);
  if (loop == NULL) return NULL;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->wakes = (struct watch){wakes_up, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (loop->epoll != -1 && loop->wakes.descriptor != -1 &&
      watch_add(loop, &loop->wakes, EPOLLIN))
    return loop;
  loop_destroy(loop);
  return NULL;
}

void loop_destroy(struct loop *loop) {
  if (loop == NULL) return;
  if (loop->wakes.descriptor != -1) close(loop->wakes.descriptor);
  if (loop->epoll != -1) close(loop->epoll);
  free(loop);
}

void loop_on_wake(struct loop *loop, void (*woken)(void *data), void *data) {
  loop->woken = woken;
  loop->woken_data = data;
}

void loop_wake(struct loop *loop) {
  const uint64_t one = 1;
  /* it only fails where the loop is about to wake anyway */
  (void)!write(loop->wakes.descriptor, &one, sizeof one);
}

void timer_cancel(struct loop *loop, struct timer *timer) {
  if (!timer->started) return;
  struct timer **link = &loop->timers;
  while (*link != timer) link = &(*link)->next;
  *link = timer->next;
  timer->started = false;
}

void timer_start(struct loop *loop, struct timer *timer, int64_t delay) {
  timer_cancel(loop, timer);
  timer->due = delay > 0 ? clock_now() + delay : 0;
  timer->turn = loop->turn;
  timer->started = true;
  struct timer **link = &loop->timers;
  while (*link != NULL && (*link)->due <= timer->due) link = &(*link)->next;
  timer->next = *link;
  *link = timer;
}

/* Those that were started in this turn wait for the next: none can hold up the rest. */
static void run_timers(struct loop *loop) {
  int64_t now = clock_now();
  for (;;) {
    struct timer *timer = loop->timers;
    while (timer != NULL && timer->turn == loop->turn) timer = timer->next;
    if (timer == NULL || timer->due > now) return;
    timer_cancel(loop, timer);
    timer->run(timer);
  }
}

bool watch_add(struct loop *loop, struct watch *watch, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = watch};
  return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->descriptor, &event) == 0;
}

void watch_change(struct loop *loop, struct watch *watch, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = watch};
  (void)epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->descriptor, &event);
}

void watch_remove(struct loop *loop, struct watch *watch) {
  (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->descriptor, NULL);
  /* what has already been reported of it is forgotten */
  for (int i = 0; i < loop->event_count; i++)
    if (loop->events[i].data.ptr == watch) loop->events[i].data.ptr = NULL;
}

/* Milliseconds that the loop may wait, rounded up; -1: for ever. */
static int wait_time(const struct loop *loop) {
  if (loop->timers == NULL) return -1;
  int64_t left = loop->timers->due - clock_now();
  if (left <= 0) return 0;
  const int64_t longest = 3600 * MICROSECONDS_PER_SECOND;
  return (int)(((left < longest ? left : longest) + 999) / 1000);
}

bool loop_turn(struct loop *loop, bool wait) {
  int count =
      epoll_wait(loop->epoll, loop->events, EVENTS_AT_ONCE, wait ? wait_time(loop) : 0);
  if (count < 0 && errno != EINTR) return false;
  loop->turn++;
  loop->event_count = count > 0 ? count : 0;
  for (int i = 0; i < loop->event_count; i++) {
    struct watch *watch = loop->events[i].data.ptr;
    if (watch != NULL) watch->run(watch, loop->events[i].events);
  }
  loop->event_count = 0;
  run_timers(loop);
  return true;
}
