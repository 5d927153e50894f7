/* net/loop.h - the event loop: descriptors, timers, and a way to wake it.
 *
 * One thread runs it. Only loop_wake may be called from others.
 */
#ifndef SERVE_NET_LOOP_H
#define SERVE_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#define MICROSECONDS_PER_SECOND ((int64_t)1000000)

struct loop;

/* Monotonic microseconds. */
int64_t clock_now(void);

/* Runs once when its time has come. All zero but for `run`: it is not started. */
struct timer {
  void (*run)(struct timer *timer);
  struct timer *next; /* the rest is the loop's */
  int64_t due;
  uint64_t turn;
  bool started;
};

/* A descriptor that is looked after. */
struct watch {
  void (*run)(struct watch *watch, uint32_t events); /* EPOLLIN, EPOLLOUT ... */
  int descriptor;
};

/* The struct that holds a timer or a watch. */
#define holder_of(part, type, member) \
  ((type *)(void *)((char *)(part)-offsetof(type, member)))

/* NULL: the system does not give what it needs. */
struct loop *loop_create(void);
void loop_destroy(struct loop *loop);

/* Waits for the next thing to happen, or only looks, and deals with it. False: it cannot.
 */
bool loop_turn(struct loop *loop, bool wait);

/* Makes the loop call `woken` soon. */
void loop_wake(struct loop *loop);
void loop_on_wake(struct loop *loop, void (*woken)(void *data), void *data);

/* Starts a timer, or starts it anew. One with a delay of 0 runs in the next turn. */
void timer_start(struct loop *loop, struct timer *timer, int64_t delay);
void timer_cancel(struct loop *loop, struct timer *timer);

/* `events` until changed; false: out of memory or descriptors. */
bool watch_add(struct loop *loop, struct watch *watch, uint32_t events);
void watch_change(struct loop *loop, struct watch *watch, uint32_t events);
/* To be called before the descriptor is closed. */
void watch_remove(struct loop *loop, struct watch *watch);

#endif
