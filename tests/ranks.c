#include "ranks.h"

#include <check.h>
#include <string.h>

void meeting_begin(struct meeting *meeting, uint32_t ranks) {
  *meeting = (struct meeting){.ranks = ranks};
  pthread_mutex_init(&meeting->mutex, NULL);
  pthread_cond_init(&meeting->event, NULL);
  for (uint32_t i = 0; i < ranks; i++) meeting->seats[i] = (struct seat){meeting, i, 0};
}

void meeting_end(struct meeting *meeting) {
  pthread_mutex_destroy(&meeting->mutex);
  pthread_cond_destroy(&meeting->event);
}

/* Waits for all; false where one has aborted. With the mutex held. */
static bool await_all(struct meeting *meeting) {
  size_t round = meeting->round;
  if (meeting->aborted) return false;
  if (++meeting->arrived == meeting->ranks) {
    meeting->arrived = 0;
    meeting->round++;
    pthread_cond_broadcast(&meeting->event);
    return true;
  }
  while (meeting->round == round && !meeting->aborted)
    pthread_cond_wait(&meeting->event, &meeting->mutex);
  return meeting->round != round;
}

/* All bring `own`, and each takes what it wants of it: all blocks where `root` is ALL, or only
 * that rank's. */
#define ALL UINT32_MAX
static int meet(struct seat *seat, const void *own, void *target, size_t bytes,
                uint32_t root) {
  struct meeting *meeting = seat->meeting;
  pthread_mutex_lock(&meeting->mutex);
  meeting->calls++;
  seat->calls++;
  bool met = seat->calls != meeting->calls_until_failure || seat->rank != meeting->failing;
  if (met) {
    meeting->given[seat->rank] = own;
    meeting->bytes[seat->rank] = bytes;
    met = await_all(meeting);
  }
  for (uint32_t i = 0; met && i < meeting->ranks; i++) {
    ck_assert_uint_eq(meeting->bytes[i], bytes); /* the same call on all ranks */
    if (i == seat->rank || bytes == 0) continue;
    if (root == ALL)
      memcpy((char *)target + i * bytes, meeting->given[i], bytes);
    else if (i == root)
      memcpy(target, meeting->given[i], bytes);
  }
  met = met && await_all(meeting); /* nobody goes on while others read */
  pthread_mutex_unlock(&meeting->mutex);
  return met ? 0 : -1;
}

static int gather(void *data, void *blocks, size_t bytes) {
  struct seat *seat = data;
  return meet(seat, (char *)blocks + seat->rank * bytes, blocks, bytes, ALL);
}

static int broadcast(void *data, uint32_t root, void *buffer, size_t bytes) {
  return meet(data, buffer, buffer, bytes, root);
}

static int barrier(void *data) { return meet(data, NULL, NULL, 0, 0); }

static void give_up(void *data) {
  struct meeting *meeting = ((struct seat *)data)->meeting;
  pthread_mutex_lock(&meeting->mutex);
  meeting->aborted = true;
  pthread_cond_broadcast(&meeting->event);
  pthread_mutex_unlock(&meeting->mutex);
}

hrl_communicator meeting_communicator(struct meeting *meeting, uint32_t rank) {
  return (hrl_communicator){.size = sizeof(hrl_communicator),
                            .rank = rank,
                            .ranks = meeting->ranks,
                            .data = &meeting->seats[rank],
                            .gather = gather,
                            .broadcast = broadcast,
                            .barrier = barrier,
                            .give_up = give_up};
}
