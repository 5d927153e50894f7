/* base/thread.h - a pool of threads that takes numbered shards of work. */
#ifndef HRLP_THREAD_H
#define HRLP_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "base/error.h"

/* Work on shard `shard` (0-based). Shards may run at once and in any order, so they
 * must not write to the same memory. */
typedef void (*hrlp_shard_fn)(void *context, size_t shard);

struct hrlp_pool;
struct hrlp_group;

/* A pool of `threads` threads, the calling one included: 1 starts none. Idle threads
 * sleep. All signals are blocked in them: they belong to the host program. */
hrl_status hrlp_pool_create(size_t threads, struct hrlp_pool **pool, hrl_error *error);

/* Runs work(context, 0) ... work(context, shards - 1) and returns when all are done.
 * Threads that get no processor meanwhile are waited for only if they have a shard in
 * hand. At most 2^32 - 1 shards. A pool belongs to one thread, but shards may call this,
 * too: threads without work then help, and so does a caller that waits. NULL runs
 * everything on the calling thread. */
void hrlp_pool_run(struct hrlp_pool *pool, hrlp_shard_fn work, void *context,
                   size_t shards);

/* The ranks that share what is given to the pool (NULL, at first: none do), for those who
 * cut their work into shards. hrlp_pool_run itself is of this rank alone. Borrowed. */
void hrlp_pool_join(struct hrlp_pool *pool, struct hrlp_group *group);
struct hrlp_group *hrlp_pool_group(const struct hrlp_pool *pool);

/* Ends the threads. NULL is ignored. */
void hrlp_pool_destroy(struct hrlp_pool *pool);

/* pthread_create for a thread of the library: with a stack of its own size, whatever the
 * process' limit is (ulimit -s), and all signals blocked. Gives 0 or an errno. */
int hrlp_thread_create(pthread_t *thread, void *(*run)(void *), void *data);

/* HRL_ERROR_LIMIT where the calling thread has too little stack left to take part in
 * work. Looks into /proc for a process' first thread: not for every call. */
hrl_status hrlp_stack_check(hrl_error *error);

/* Number of processors this process may use; at least 1. */
size_t hrlp_processor_count(void);

#endif
