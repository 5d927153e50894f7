#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

/* A round of work (a call of hrlp_pool_run) is distributed by an atomic count of its
 * shards that are not taken. A thread takes a shard by decrementing it; the round ends
 * when all shards are done. A helper that the system has preempted is waited for only
 * while it works on a shard; otherwise the other threads do its part.
 *
 * The lower half of the ticket is the count, the upper half the nesting depth of the
 * round (1: not nested). */
struct round {
  atomic_bool taken;
  hrlp_shard_fn work;
  void *context;
  _Atomic(uint64_t) ticket;
  atomic_size_t undone; /* shards that are not done */
} __attribute__((aligned(64)));

/* Calls at a time, from within shards; what is more runs on its own thread. */
#define MOST_ROUNDS 4

/* Threads that sleep. */
struct sleepers {
  pthread_cond_t event;
  atomic_size_t count;
};

struct hrlp_pool {
  struct round rounds[MOST_ROUNDS];
  pthread_mutex_t mutex;
  struct sleepers idle; /* helpers: the event is that work came, or that the pool ends */
  struct sleepers
      owners; /* of rounds: the event is that work came, or that a round is done */
  size_t helpers;
  bool ending;
  pthread_t *threads;
  struct hrlp_group *group; /* or NULL */
};

void hrlp_pool_join(struct hrlp_pool *pool, struct hrlp_group *group) {
  pool->group = group;
}

struct hrlp_group *hrlp_pool_group(const struct hrlp_pool *pool) {
  return pool == NULL ? NULL : pool->group;
}

/* Depth of the round on whose shard this thread works; 0: none. */
static _Thread_local uint64_t depth;

/* Turns of a busy wait, some tens to hundreds of microseconds, before a thread sleeps:
 * rounds of work follow each other so closely that waking up would take longer than the
 * work. After every few turns whoever else wants the processor may have it. */
#define SPINS 4000
#define SPINS_TO_YIELD 100

static inline void relax(int turn) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
  if (turn % SPINS_TO_YIELD == SPINS_TO_YIELD - 1) sched_yield();
}

static void wake(struct hrlp_pool *pool, struct sleepers *sleepers) {
  if (atomic_load(&sleepers->count) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&sleepers->event);
  pthread_mutex_unlock(&pool->mutex);
}

static bool has_shards(uint64_t ticket, uint64_t above) {
  return (uint32_t)ticket > 0 && ticket >> 32 > above;
}

/* Does shards of `round` until all are given out, if it is deeper than `above`; says
 * whether it did any. */
static bool take_shards(struct hrlp_pool *pool, struct round *round, uint64_t above) {
  bool some = false;
  uint64_t ticket = atomic_load(&round->ticket);
  while (has_shards(ticket, above)) {
    if (!atomic_compare_exchange_weak(&round->ticket, &ticket, ticket - 1)) continue;
    /* until this shard is done the round lasts, and `work` and `context` are its own */
    uint64_t outside = depth;
    depth = ticket >> 32;
    round->work(round->context, (uint32_t)ticket - 1);
    depth = outside;
    some = true;
    if (atomic_fetch_sub(&round->undone, 1) == 1) wake(pool, &pool->owners);
    ticket = atomic_load(&round->ticket);
  }
  return some;
}

/* The same for all rounds. */
static bool take_any(struct hrlp_pool *pool, uint64_t above) {
  bool some = false;
  for (size_t i = 0; i < MOST_ROUNDS; i++)
    some = take_shards(pool, &pool->rounds[i], above) || some;
  return some;
}

static bool has_work(struct hrlp_pool *pool, uint64_t above) {
  for (size_t i = 0; i < MOST_ROUNDS; i++)
    if (has_shards(atomic_load(&pool->rounds[i].ticket), above)) return true;
  return false;
}

/* Sleeps until there is work deeper than `above`, or nothing to wait for any more:
 * `round` is done or, where it is NULL, the pool ends. False in the latter case. */
static bool await_event(struct hrlp_pool *pool, struct round *round, uint64_t above) {
  struct sleepers *sleepers = round == NULL ? &pool->idle : &pool->owners;
  bool over;
  pthread_mutex_lock(&pool->mutex);
  /* counted before the last look: who brings an event looks at the count afterwards */
  atomic_fetch_add(&sleepers->count, 1);
  for (;;) {
    over = round == NULL ? pool->ending : atomic_load(&round->undone) == 0;
    if (over || has_work(pool, above)) break;
    pthread_cond_wait(&sleepers->event, &pool->mutex);
  }
  atomic_fetch_sub(&sleepers->count, 1);
  pthread_mutex_unlock(&pool->mutex);
  return !over;
}

/* Waits until `round` is done, and meanwhile helps with deeper rounds, for which its
 * shards may be waiting. Helping with others could delay its own round. */
static void await_round(struct hrlp_pool *pool, struct round *round, uint64_t own_depth) {
  for (int turn = 0; atomic_load(&round->undone) > 0; turn++) {
    if (take_any(pool, own_depth)) turn = 0;
    relax(turn);
    if (turn < SPINS) continue;
    if (!await_event(pool, round, own_depth)) return;
    turn = 0;
  }
}

static void *help(void *data) {
  struct hrlp_pool *pool = data;
  for (int turn = 0;; turn++) {
    if (take_any(pool, 0)) turn = 0;
    relax(turn);
    if (turn < SPINS) continue;
    if (!await_event(pool, NULL, 0)) return NULL;
    turn = 0;
  }
}

/* Several times what the deepest call needs; only what is used takes memory. */
#define STACK_SIZE ((size_t)1 << 20)

/* Threads inherit the signal mask: with everything blocked, signals reach only threads
 * of the host program. */
int hrlp_thread_create(pthread_t *thread, void *(*run)(void *), void *data) {
  sigset_t all;
  sigset_t before;
  pthread_attr_t attributes;
  int failure = pthread_attr_init(&attributes);
  if (failure != 0) return failure;
  failure = pthread_attr_setstacksize(&attributes, STACK_SIZE);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (failure == 0) failure = pthread_create(thread, &attributes, run, data);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return failure;
}

/* What work needs on the thread that asks for it: most of it for large matrix products.
 */
#define STACK_NEEDED ((size_t)96 << 10)

hrl_status hrlp_stack_check(hrl_error *error) {
  pthread_attr_t attributes;
  void *lowest = NULL;
  size_t size = 0;
  char here = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return HRL_OK;
  bool known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
  pthread_attr_destroy(&attributes);
  size_t left = known ? (size_t)((uintptr_t)&here - (uintptr_t)lowest) : SIZE_MAX;
  if (!known || left > size || left >= STACK_NEEDED) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_LIMIT,
                   "the calling thread has %zu KiB of stack left, %zu are needed; give "
                   "it more (ulimit -s, pthread_attr_setstacksize)",
                   left >> 10, STACK_NEEDED >> 10);
}

static hrl_status start_helpers(struct hrlp_pool *pool, size_t wanted, hrl_error *error) {
  hrl_status status = HRL_OK;
  while (pool->helpers < wanted && status == HRL_OK) {
    int failure = hrlp_thread_create(&pool->threads[pool->helpers], help, pool);
    if (failure == 0)
      pool->helpers++;
    else
      status = hrlp_fail(error, HRL_ERROR_THREAD,
                         "could not create worker thread %zu of %zu (error %d); use "
                         "fewer threads",
                         pool->helpers + 1, wanted, failure);
  }
  return status;
}

hrl_status hrlp_pool_create(size_t threads, struct hrlp_pool **result, hrl_error *error) {
  *result = NULL;
  struct hrlp_pool *pool = hrlp_alloc(1, sizeof *pool);
  if (pool == NULL) return hrlp_fail_memory(error, "a thread pool");
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->idle.event, NULL);
  pthread_cond_init(&pool->owners.event, NULL);
  hrl_status status = HRL_OK;
  if (threads > 1) {
    pool->threads = hrlp_alloc(threads - 1, sizeof *pool->threads);
    status = pool->threads == NULL ? hrlp_fail_memory(error, "a thread pool")
                                   : start_helpers(pool, threads - 1, error);
  }
  if (status != HRL_OK) {
    hrlp_pool_destroy(pool);
    return status;
  }
  *result = pool;
  return HRL_OK;
}

static struct round *take_round(struct hrlp_pool *pool) {
  for (size_t i = 0; i < MOST_ROUNDS; i++)
    if (!atomic_exchange(&pool->rounds[i].taken, true)) return &pool->rounds[i];
  return NULL;
}

void hrlp_pool_run(struct hrlp_pool *pool, hrlp_shard_fn work, void *context,
                   size_t shards) {
  struct round *round = NULL;
  if (pool != NULL && pool->helpers > 0 && shards > 1) round = take_round(pool);
  if (round == NULL) {
    for (size_t shard = 0; shard < shards; shard++) work(context, shard);
    return;
  }
  uint64_t own_depth = depth + 1;
  round->work = work;
  round->context = context;
  atomic_store(&round->undone, shards);
  atomic_store(&round->ticket, own_depth << 32 | (uint64_t)shards);
  wake(pool, &pool->idle);
  wake(pool, &pool->owners);
  take_shards(pool, round, 0);
  await_round(pool, round, own_depth);
  atomic_store(&round->taken, false);
}

void hrlp_pool_destroy(struct hrlp_pool *pool) {
  if (pool == NULL) return;
  pthread_mutex_lock(&pool->mutex);
  pool->ending = true;
  pthread_cond_broadcast(&pool->idle.event);
  pthread_mutex_unlock(&pool->mutex);
  for (size_t i = 0; i < pool->helpers; i++) pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->owners.event);
  pthread_cond_destroy(&pool->idle.event);
  pthread_mutex_destroy(&pool->mutex);
  hrlp_free(pool->threads);
  hrlp_free(pool);
}

size_t hrlp_processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : (size_t)count;
}
