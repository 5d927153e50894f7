/* storage/run.h - the state of a run except its agents: counters and history. */
#ifndef HRLP_RUN_H
#define HRLP_RUN_H

#include <hrl/trainer.h>

#include "storage/history.h"

/* Episodes that progress is averaged over. */
#define HRLP_RECENT 10

struct hrlp_run {
  uint64_t seed;
  uint64_t total_episodes;
  uint64_t episode;     /* episodes reported */
  uint64_t round_first; /* episodes before the current batch: where it is less than
                           `episode`, the batch is played again after loading, with the
                           same noise, and episodes are not reported twice */
  char start_time[HRL_TIME_SIZE];
  double elapsed; /* seconds of training */
  bool has_best;
  double best_score;                       /* strategic return of the best evaluation */
  struct hrlp_episode recent[HRLP_RECENT]; /* the last episodes, newest last */
  size_t recent_count;
  struct hrlp_history history;
};

/* Counts an episode: recent ones, history. */
void hrlp_run_add_episode(struct hrlp_run *run, const struct hrlp_episode *episode,
                          double initial_cash);

/* The nine figures, from the recent episodes. */
hrl_progress hrlp_run_progress(const struct hrlp_run *run);

#endif
