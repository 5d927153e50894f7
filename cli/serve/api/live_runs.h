/* api/live_runs.h - the runs that this process is at work on, as the loop knows them. */
#ifndef SERVE_API_LIVE_RUNS_H
#define SERVE_API_LIVE_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include <hrl/scenario.h>
#include <hrl/trainer.h>

enum run_phase {
  RUN_WAITING, /* taken, and has not begun */
  RUN_TRAINING,
  RUN_PAUSED,
  RUN_GONE, /* its files are free, and clients know it */
};

/* How it ended, once it did. */
enum run_end { RUN_COMPLETED, RUN_STOPPED, RUN_FAILED, RUN_ENDS };

struct run {
  struct run *next;
  uint64_t id; /* 0: of a start that came to nothing */
  enum run_phase phase;
  uint64_t begun;   /* the how-manieth that began; 0: it has not */
  enum run_end end; /* RUN_ENDS: not yet */
  char name[HRL_NAME_SIZE];
  uint64_t episode;
  uint64_t total;
  char start_time[HRL_TIME_SIZE];
  bool has_progress;
  hrl_progress progress;
  bool held;                          /* its progress has not gone out yet */
  int64_t sent;                       /* when progress last went out; 0: it did not */
  bool stopping;                      /* somebody waits for its end */
  char error[HRL_ERROR_MESSAGE_SIZE]; /* why it failed, or "" */
};

/* NULL: there is none. */
struct run *runs_find(struct run *runs, uint64_t id);

/* Finds it or adds one that waits. NULL: out of memory. */
struct run *runs_enter(struct run **runs, uint64_t id, const char *name);

/* Frees those that are gone; with `all` the others, too. */
void runs_forget(struct run **runs, bool all);

/* The one that began last, or NULL: none that is still here has. */
const struct run *runs_latest(const struct run *runs);

/* How many there are, those that are gone aside, and how many train. */
unsigned runs_count(const struct run *runs);
unsigned runs_count_training(const struct run *runs);
/* How many of them have progress that did not go out yet. */
unsigned runs_count_held(const struct run *runs);

#endif
