/* runs/recorder.h - writes a run into the record while it trains, on a thread of its own.
 *
 * What the trainer tells is kept in memory of a fixed size and written in batches; the
 * trainer waits for the database only once, at the end, and not for long. Nothing that
 * happens to the database is a failure of the run: it is remarked upon. */
#ifndef HRLP_RECORDER_H
#define HRLP_RECORDER_H

#include <stdbool.h>

#include <hrl/trainer.h>

#include "base/error.h"

struct hrlp_recorder;

/* What is known of a run when it begins, or goes on. */
struct hrlp_run_card {
  const hrl_scenario *scenario;
  const hrl_trainer_options *options; /* with `output` */
  const char *start_time;
  const char *folder; /* of the record; NULL: the options' output */
  int64_t id;         /* in the record, where a queue put it; 0: not there yet */
  uint64_t seed;
  uint64_t episode; /* done before */
  uint64_t total_episodes;
};

/* Begins; the database is opened later, by the thread. NULL where that cannot be, with
 * why in `error`. */
struct hrlp_recorder *hrlp_recorder_create(const struct hrlp_run_card *card,
                                           hrl_error *error);

/* Records an event; after the last one, waits until it is written. Returns true, once, if
 * `remark` should go to the trainer's log. */
bool hrlp_recorder_notify(struct hrlp_recorder *recorder, const hrl_event *event,
                          hrl_error *remark);

/* Ends and frees. A run whose last event was not heard is recorded as interrupted. NULL
 * is ignored. */
void hrlp_recorder_destroy(struct hrlp_recorder *recorder);

#endif
