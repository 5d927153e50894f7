#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

/* A round of work is one number: which round it is in the upper half, how many of its
 * shards nobody has taken in the lower. Who takes one counts it down in one step, and a
 * round ends when all its shards are done: a helper that the system lets wait while
 * another program has its processor is not waited for, the others do its part. */
struct hrlp_pool {
  pthread_mutex_t mutex;
  pthread_cond_t work_ready; /* a new round began, or the pool ends */
  pthread_cond_t round_done; /* a helper finished the last shard */
  hrlp_shard_fn work;
  void *context;
  _Atomic(uint64_t) ticket;
  atomic_size_t undone;   /* shards of this round that are not done */
  atomic_size_t sleepers; /* helpers that wait for work_ready */
  size_t helpers;
  bool ending;
  pthread_t *threads;
};

#define UNTAKEN 0xffffffffu /* the lower half of a ticket */

/* Turns of a busy wait, some tens of microseconds, before a thread sleeps: rounds of work
 * follow each other so closely that waking up would take longer than the work. After
 * every few turns whoever else wants the processor may have it. */
#define SPINS 4000
#define SPINS_TO_YIELD 100

static inline void relax(int turn) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
  if (turn % SPINS_TO_YIELD == SPINS_TO_YIELD - 1) sched_yield();
}

/* Does shards of this round until none is left; says whether it did the last one that was
 * undone. */
static bool take_shards(struct hrlp_pool *pool) {
  bool last = false;
  uint64_t ticket = atomic_load(&pool->ticket);
  while ((ticket & UNTAKEN) > 0) {
    if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1)) continue;
    /* until this shard is done the round lasts, and `work` and `context` are its own */
    pool->work(pool->context, (size_t)(ticket & UNTAKEN) - 1);
    last = atomic_fetch_sub(&pool->undone, 1) == 1;
    ticket = atomic_load(&pool->ticket);
  }
  return last;
}

static bool has_work(struct hrlp_pool *pool) {
  return (atomic_load(&pool->ticket) & UNTAKEN) > 0;
}

/* False when the pool ends. */
static bool wait_for_work(struct hrlp_pool *pool) {
  for (int i = 0; i < SPINS; i++) {
    if (has_work(pool)) return true;
    relax(i);
  }
  pthread_mutex_lock(&pool->mutex);
  /* counted before the last look: hrlp_pool_run looks at the count after it gave out work
   */
  atomic_fetch_add(&pool->sleepers, 1);
  while (!pool->ending && !has_work(pool))
    pthread_cond_wait(&pool->work_ready, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  bool ending = pool->ending;
  pthread_mutex_unlock(&pool->mutex);
  return !ending;
}

static void *help(void *data) {
  struct hrlp_pool *pool = data;
  while (wait_for_work(pool)) {
    if (!take_shards(pool)) continue;
    /* the caller may be asleep */
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->round_done);
    pthread_mutex_unlock(&pool->mutex);
  }
  return NULL;
}

/* Threads inherit the signal mask: with everything blocked, signals reach only threads
 * of the host program. */
static hrl_status start_helpers(struct hrlp_pool *pool, size_t wanted, hrl_error *error) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  hrl_status status = HRL_OK;
  while (pool->helpers < wanted && status == HRL_OK) {
    int failure = pthread_create(&pool->threads[pool->helpers], NULL, help, pool);
    if (failure == 0)
      pool->helpers++;
    else
      status = hrlp_fail(error, HRL_ERROR_THREAD,
                         "could not create worker thread %zu of %zu (error %d); use "
                         "fewer threads",
                         pool->helpers + 1, wanted, failure);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

hrl_status hrlp_pool_create(size_t threads, struct hrlp_pool **result, hrl_error *error) {
  *result = NULL;
  struct hrlp_pool *pool = hrlp_alloc(1, sizeof *pool);
  if (pool == NULL) return hrlp_fail_memory(error, "a thread pool");
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->work_ready, NULL);
  pthread_cond_init(&pool->round_done, NULL);
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

void hrlp_pool_run(struct hrlp_pool *pool, hrlp_shard_fn work, void *context,
                   size_t shards) {
  if (pool == NULL || pool->helpers == 0 || shards < 2) {
    for (size_t shard = 0; shard < shards; shard++) work(context, shard);
    return;
  }
  pool->work = work;
  pool->context = context;
  atomic_store(&pool->undone, shards);
  uint64_t round = (atomic_load(&pool->ticket) >> 32) + 1;
  atomic_store(&pool->ticket, round << 32 | (uint64_t)shards);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->work_ready);
    pthread_mutex_unlock(&pool->mutex);
  }
  take_shards(pool);
  for (int i = 0; i < SPINS && atomic_load(&pool->undone) > 0; i++) relax(i);
  if (atomic_load(&pool->undone) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(&pool->undone) > 0)
    pthread_cond_wait(&pool->round_done, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

void hrlp_pool_destroy(struct hrlp_pool *pool) {
  if (pool == NULL) return;
  pthread_mutex_lock(&pool->mutex);
  pool->ending = true;
  pthread_cond_broadcast(&pool->work_ready);
  pthread_mutex_unlock(&pool->mutex);
  for (size_t i = 0; i < pool->helpers; i++) pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->round_done);
  pthread_cond_destroy(&pool->work_ready);
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
