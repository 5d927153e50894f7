#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/memory.h"

struct hrlp_pool {
  pthread_mutex_t mutex;
  pthread_cond_t work_ready; /* a new round began, or the pool ends */
  pthread_cond_t round_done; /* the last helper left the round */
  hrlp_shard_fn work;
  void *context;
  size_t shards;
  atomic_size_t next_shard;
  atomic_size_t round; /* counts rounds, so that a helper joins each once */
  atomic_size_t helpers_active;
  size_t helpers;
  bool ending;
  pthread_t *threads;
};

/* Turns of a busy wait, some tens of microseconds, before a thread sleeps: rounds of work
 * follow each other so closely that waking up would take longer than the work. */
#define SPINS 4000

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

static void take_shards(struct hrlp_pool *pool) {
  for (;;) {
    size_t shard = atomic_fetch_add(&pool->next_shard, 1);
    if (shard >= pool->shards) return;
    pool->work(pool->context, shard);
  }
}

/* Waits for a round after `seen`; false when the pool ends. */
static bool wait_for_round(struct hrlp_pool *pool, size_t seen) {
  for (int i = 0; i < SPINS; i++) {
    if (atomic_load_explicit(&pool->round, memory_order_acquire) != seen) return true;
    relax();
  }
  pthread_mutex_lock(&pool->mutex);
  while (!pool->ending && atomic_load(&pool->round) == seen)
    pthread_cond_wait(&pool->work_ready, &pool->mutex);
  bool work = atomic_load(&pool->round) != seen;
  pthread_mutex_unlock(&pool->mutex);
  return work;
}

static void *help(void *data) {
  struct hrlp_pool *pool = data;
  for (size_t seen = 0; wait_for_round(pool, seen); seen++) {
    take_shards(pool);
    if (atomic_fetch_sub(&pool->helpers_active, 1) != 1) continue;
    /* the last one wakes the caller, which may be asleep */
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
  pool->shards = shards;
  atomic_store(&pool->next_shard, 0);
  atomic_store(&pool->helpers_active, pool->helpers);
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
  pthread_cond_broadcast(&pool->work_ready);
  pthread_mutex_unlock(&pool->mutex);
  take_shards(pool);
  for (int i = 0; i < SPINS && atomic_load(&pool->helpers_active) > 0; i++) relax();
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(&pool->helpers_active) > 0)
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
