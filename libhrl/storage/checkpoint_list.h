/* storage/checkpoint_list.h - the checkpoints in a folder of them, and which to go on
 * from. */
#ifndef HRLP_CHECKPOINT_LIST_H
#define HRLP_CHECKPOINT_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include <hrl/trainer.h>

#include "base/error.h"
#include "storage/metadata.h"

/* A folder checkpoint_episode_N. A run is told from another by its seed and its start. */
struct hrlp_checkpoint_entry {
  char *path; /* malloc'ed */
  uint64_t episode;
  bool readable; /* its metadata says what follows */
  uint64_t seed;
  char start_time[HRL_TIME_SIZE];
  char raw_name[HRLP_RAW_NAME_SIZE]; /* of its scenario, "" where it does not say */
  int64_t written; /* nanoseconds of the clock when its metadata was written */
  size_t run; /* 0 for the run that was written to last, 1 for the one before it ... */
};

struct hrlp_checkpoint_list {
  struct hrlp_checkpoint_entry *entries;
  size_t count;
};

/* Lists them in the order in which they are to be tried: run after run, the one that was
 * written to last first, and in a run the highest episode first. One whose metadata
 * cannot be read comes before the runs where its number is above the newest run's, and
 * last otherwise. A missing folder has none. Freed with hrlp_checkpoint_list_free. */
hrl_status hrlp_checkpoint_list_runs(const char *folder,
                                     struct hrlp_checkpoint_list *list, hrl_error *error);
void hrlp_checkpoint_list_free(struct hrlp_checkpoint_list *list);

/* The path of the checkpoint that comes first, malloc'ed; NULL where there is none, or
 * memory is short. */
char *hrlp_checkpoint_newest(const char *folder);

#endif
