/* The thread pool. Where threads must meet, they wait for each other at a barrier: no
 * timing is involved, and a pool that does not run them at once runs into the time limit.
 */
#include "suite.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/thread.h"
#include "near.h"

#define ROUNDS 5000
#define MOST_SHARDS 40

static struct hrlp_pool *make_pool(size_t threads) {
  struct hrlp_pool *pool = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(hrlp_pool_create(threads, &pool, &error) == HRL_OK, "%s", error.message);
  ck_assert_ptr_nonnull(pool);
  return pool;
}

struct tally {
  atomic_int runs[MOST_SHARDS];
  size_t
      result[MOST_SHARDS]; /* written without atomics: the round's end publishes them */
  size_t round;
};

static void count_shard(void *context, size_t shard) {
  struct tally *tally = context;
  atomic_fetch_add(&tally->runs[shard], 1);
  tally->result[shard] = tally->round * 1000 + shard;
}

static void run_rounds(struct hrlp_pool *pool) {
  static struct tally tally;
  for (size_t round = 0; round < ROUNDS; round++) {
    size_t shards = round % (MOST_SHARDS + 1);
    tally.round = round;
    for (size_t i = 0; i < MOST_SHARDS; i++) atomic_store(&tally.runs[i], 0);
    hrlp_pool_run(pool, count_shard, &tally, shards);
    for (size_t i = 0; i < MOST_SHARDS; i++) {
      CHECK(atomic_load(&tally.runs[i]) == (i < shards),
            "round %zu, shard %zu ran %d times", round, i, atomic_load(&tally.runs[i]));
      CHECK(i >= shards || tally.result[i] == round * 1000 + i,
            "round %zu, shard %zu left %zu", round, i, tally.result[i]);
    }
  }
}

START_TEST(every_shard_runs_exactly_once) {
  static const size_t threads[] = {1, 2, 8};
  struct hrlp_pool *pool = make_pool(threads[_i]);
  run_rounds(pool);
  hrlp_pool_destroy(pool);
}
END_TEST

START_TEST(no_pool_means_the_calling_thread) {
  run_rounds(NULL);
  hrlp_pool_destroy(NULL);
}
END_TEST

struct meeting {
  pthread_barrier_t barrier;
  pthread_t threads[8];
  sigset_t masks[8];
};

static void meet(void *context, size_t shard) {
  struct meeting *meeting = context;
  meeting->threads[shard] = pthread_self();
  pthread_sigmask(SIG_SETMASK, NULL, &meeting->masks[shard]);
  pthread_barrier_wait(&meeting->barrier);
}

START_TEST(shards_run_at_once) {
  struct meeting meeting;
  struct hrlp_pool *pool = make_pool(8);
  for (int round = 0; round < 100; round++) {
    pthread_barrier_init(&meeting.barrier, NULL, 8);
    hrlp_pool_run(pool, meet, &meeting,
                  8); /* hangs where fewer than 8 threads take part */
    pthread_barrier_destroy(&meeting.barrier);
    bool caller = false;
    for (int i = 0; i < 8; i++) {
      caller = caller || pthread_equal(meeting.threads[i], pthread_self());
      for (int j = 0; j < i; j++)
        ck_assert(!pthread_equal(meeting.threads[i], meeting.threads[j]));
    }
    ck_assert(caller);
  }
  hrlp_pool_destroy(pool);
}
END_TEST

/* Rounds within shards: a few shards, or more than there is room for, give out work of
 * their own again and again. */
#define INNER_SHARDS 7
#define INNER_ROUNDS 50

struct nest {
  struct hrlp_pool *pool;
  struct tally tallies[MOST_SHARDS];
};

static void give_out(void *context, size_t shard) {
  struct nest *nest = context;
  struct tally *tally = &nest->tallies[shard];
  for (size_t round = 0; round < INNER_ROUNDS; round++) {
    tally->round = round;
    for (size_t i = 0; i < INNER_SHARDS; i++) atomic_store(&tally->runs[i], 0);
    hrlp_pool_run(nest->pool, count_shard, tally, INNER_SHARDS);
    for (size_t i = 0; i < INNER_SHARDS; i++) {
      CHECK(atomic_load(&tally->runs[i]) == 1, "shard %zu ran %d times", i,
            atomic_load(&tally->runs[i]));
      CHECK(tally->result[i] == round * 1000 + i, "shard %zu left %zu", i,
            tally->result[i]);
    }
  }
}

START_TEST(shards_give_out_work_themselves) {
  static const size_t threads[] = {1, 2, 3, 8};
  static const size_t shards[] = {2, 3, 12};
  static struct nest nest;
  nest.pool = make_pool(threads[_i]);
  for (int time = 0; time < 60; time++)
    hrlp_pool_run(nest.pool, give_out, &nest, shards[time % 3]);
  hrlp_pool_destroy(nest.pool);
}
END_TEST

/* All of a pool's threads give out work at the same time: more rounds than the pool
 * keeps, and the rest must run all the same. */
#define CROWD 8

struct crowd {
  struct hrlp_pool *pool;
  pthread_barrier_t barrier;
  atomic_int runs;
};

static void stand_in_crowd(void *context, size_t shard) {
  struct crowd *crowd = context;
  atomic_fetch_add(&crowd->runs, 1);
  if (shard == 1) pthread_barrier_wait(&crowd->barrier); /* all rounds are begun */
}

static void join_crowd(void *context, size_t shard) {
  struct crowd *crowd = context;
  (void)shard;
  pthread_barrier_wait(&crowd->barrier); /* every thread has a shard */
  hrlp_pool_run(crowd->pool, stand_in_crowd, crowd, 2);
}

START_TEST(rounds_beyond_the_room_run_too) {
  static struct crowd crowd;
  crowd.pool = make_pool(CROWD);
  pthread_barrier_init(&crowd.barrier, NULL, CROWD);
  for (int time = 1; time <= 50; time++) {
    hrlp_pool_run(crowd.pool, join_crowd, &crowd, CROWD);
    ck_assert_int_eq(atomic_load(&crowd.runs), time * CROWD * 2);
  }
  pthread_barrier_destroy(&crowd.barrier);
  hrlp_pool_destroy(crowd.pool);
}
END_TEST

static void pause_a_while(void) { nanosleep(&(struct timespec){0, 5000000}, NULL); }

/* Two shards of which one gives out work that only two threads can do, once the other is
 * done: the thread that is done must help, be it the caller or a helper. */
struct aid {
  struct hrlp_pool *pool;
  struct meeting meeting;
  pthread_t caller;
  bool caller_gives;
  bool late; /* by far more than any busy wait: who can help is asleep */
};

static void want_aid(void *context, size_t shard) {
  (void)shard;
  struct aid *aid = context;
  pthread_barrier_wait(&aid->meeting.barrier); /* a thread for each shard */
  bool caller = pthread_equal(pthread_self(), aid->caller) != 0;
  if (caller != aid->caller_gives) return;
  if (aid->late) pause_a_while();
  hrlp_pool_run(aid->pool, meet, &aid->meeting, 2);
  if (aid->late) pause_a_while();
}

START_TEST(who_waits_helps_with_inner_work) {
  static struct aid aid;
  aid.pool = make_pool(2);
  aid.caller = pthread_self();
  pthread_barrier_init(&aid.meeting.barrier, NULL, 2);
  for (int time = 0; time < 200; time++) {
    aid.caller_gives = time % 2 == 0;
    aid.late = time % 10 < 2;
    hrlp_pool_run(aid.pool, want_aid, &aid, 2); /* hangs where nobody helps */
  }
  pthread_barrier_destroy(&aid.meeting.barrier);
  hrlp_pool_destroy(aid.pool);
}
END_TEST

struct late {
  pthread_barrier_t barrier;
  pthread_t caller;
  int done; /* written by the helper alone */
};

static void be_late(void *context, size_t shard) {
  (void)shard;
  struct late *late = context;
  pthread_barrier_wait(&late->barrier);
  if (pthread_equal(pthread_self(), late->caller)) return;
  pause_a_while();
  late->done++;
}

START_TEST(a_round_ends_with_its_slowest_shard) {
  /* far longer than any busy wait, on both sides: helpers and caller really sleep */
  struct late late = {.caller = pthread_self()};
  struct hrlp_pool *pool = make_pool(2);
  pthread_barrier_init(&late.barrier, NULL, 2);
  for (int round = 0; round < 20; round++) {
    pause_a_while();
    hrlp_pool_run(pool, be_late, &late, 2);
    ck_assert_int_eq(late.done, round + 1);
  }
  pthread_barrier_destroy(&late.barrier);
  hrlp_pool_destroy(pool);
}
END_TEST

START_TEST(helpers_leave_signals_to_the_host) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1};
  struct meeting meeting;
  struct hrlp_pool *pool = make_pool(2);
  pthread_barrier_init(&meeting.barrier, NULL, 2);
  hrlp_pool_run(pool, meet, &meeting, 2);
  pthread_barrier_destroy(&meeting.barrier);
  hrlp_pool_destroy(pool);
  for (int i = 0; i < 2; i++) {
    bool caller = pthread_equal(meeting.threads[i], pthread_self());
    for (size_t s = 0; s < sizeof signals / sizeof *signals; s++)
      ck_assert_int_eq(sigismember(&meeting.masks[i], signals[s]), caller ? 0 : 1);
  }
}
END_TEST

START_TEST(too_many_threads_are_an_error) {
  struct hrlp_pool *pool = (struct hrlp_pool *)&pool;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_int_eq(hrlp_pool_create(SIZE_MAX, &pool, &error), HRL_ERROR_MEMORY);
  ck_assert_ptr_null(pool);
  ck_assert_str_eq(error.message, "out of memory for a thread pool");
}
END_TEST

START_TEST(pools_come_and_go) {
  for (int i = 0; i < 200; i++) {
    struct hrlp_pool *pool = make_pool(3);
    struct hrlp_pool *other = make_pool(2);
    static struct tally tally;
    atomic_store(&tally.runs[0], 0);
    if (i % 2 == 0) hrlp_pool_run(pool, count_shard, &tally, 5);
    hrlp_pool_run(other, count_shard, &tally, 5);
    ck_assert_int_eq(atomic_load(&tally.runs[0]), i % 2 == 0 ? 2 : 1);
    hrlp_pool_destroy(pool);
    hrlp_pool_destroy(other);
  }
  ck_assert_uint_ge(hrlp_processor_count(), 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("thread");
  TCase *pool = tcase_create("pool");
  tcase_set_timeout(pool, 120);
  tcase_add_loop_test(pool, every_shard_runs_exactly_once, 0, 3);
  tcase_add_test(pool, no_pool_means_the_calling_thread);
  tcase_add_test(pool, shards_run_at_once);
  tcase_add_loop_test(pool, shards_give_out_work_themselves, 0, 4);
  tcase_add_test(pool, rounds_beyond_the_room_run_too);
  tcase_add_test(pool, who_waits_helps_with_inner_work);
  tcase_add_test(pool, a_round_ends_with_its_slowest_shard);
  tcase_add_test(pool, helpers_leave_signals_to_the_host);
  tcase_add_test(pool, too_many_threads_are_an_error);
  tcase_add_test(pool, pools_come_and_go);
  suite_add_tcase(suite, pool);
  return run_suite(suite);
}
