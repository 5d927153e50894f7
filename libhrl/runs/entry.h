/* runs/entry.h - a run on its way into the record. */
#ifndef HRLP_ENTRY_H
#define HRLP_ENTRY_H

#include <hrl/runs.h>

#include "runs/database.h"

/* Points of a learning curve, and evaluations, that are kept of a run, besides the last.
 */
#define HRLP_RUN_POINTS 512

/* Episodes of an evaluation whose returns are kept one by one, for paired differences. */
#define HRLP_RUN_RETURNS 4096

struct hrlp_recorded_evaluation {
  uint64_t episode;
  hrl_evaluation figures;
};

/* Where a run stands: what changes while it trains. */
struct hrlp_standing {
  hrl_run_state state;
  uint64_t episode;
  bool has_progress;
  hrl_progress progress; /* newest */
  bool has_best;         /* better than all before, since the beginning of this part */
  double best_return;
  double best_equivalent;
  uint64_t best_episode;
  bool has_final;
  struct hrlp_recorded_evaluation final; /* newest */
  size_t return_count;
  double returns[HRLP_RUN_RETURNS]; /* of the newest evaluation */
  char error[HRL_ERROR_MESSAGE_SIZE];
  const char *reason; /* why it is completed, static; NULL before */
  size_t point_count;
  size_t evaluation_count;
};

struct hrlp_entry {
  /* fixed */
  char *folder;  /* of the record */
  int64_t given; /* number of the run where it has one already, or 0 */
  char *scenario;
  char *text; /* of the scenario */
  char start_time[HRL_TIME_SIZE];
  hrl_trainer_options options;
  uint64_t seed, first_episode, total_episodes;
  uint64_t point_stride;      /* episodes between two points that are kept */
  uint64_t evaluation_stride; /* save points between two evaluations that are kept */
  /* grow; what is below the standing's counts does not change any more */
  hrl_progress points[HRLP_RUN_POINTS + 1];
  struct hrlp_recorded_evaluation evaluations[HRLP_RUN_POINTS + 1];
  /* the writer's */
  struct hrlp_database database;
  int64_t id;
  size_t points_written, evaluations_written;
};

/* Now, as start times have it. */
void hrlp_entry_time(char text[HRL_TIME_SIZE]);

/* The number of a scenario's text in the record, which is made where it is missing; in
 * the caller's transaction. */
hrl_status hrlp_entry_scenario(struct hrlp_database *database, const char *text,
                               int64_t *id, hrl_error *error);

/* Writes what is new up to `standing`, in one transaction. On failure nothing was
 * written. */
hrl_status hrlp_entry_write(struct hrlp_entry *entry,
                            const struct hrlp_standing *standing, hrl_error *error);

#endif
