/* ranks.h - threads as the ranks of a run. */
#ifndef TEST_RANKS_H
#define TEST_RANKS_H

#include <hrl/distributed.h>
#include <pthread.h>
#include <stdbool.h>

#define MOST_RANKS 8

/* What the ranks share: where they meet, and what each brings. */
struct meeting {
  pthread_mutex_t mutex;
  pthread_cond_t event;
  uint32_t ranks;
  uint32_t arrived;
  size_t round;
  bool aborted;
  size_t calls;                   /* of all ranks */
  size_t calls_until_failure;     /* the call of rank `failing` that fails; 0: none */
  uint32_t failing;
  const void *given[MOST_RANKS];  /* in the round in hand */
  size_t bytes[MOST_RANKS];
  struct seat {
    struct meeting *meeting;
    uint32_t rank;
    size_t calls;
  } seats[MOST_RANKS];
};

void meeting_begin(struct meeting *meeting, uint32_t ranks);
void meeting_end(struct meeting *meeting);

hrl_communicator meeting_communicator(struct meeting *meeting, uint32_t rank);

#endif
