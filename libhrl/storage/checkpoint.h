/* storage/checkpoint.h - a run on disk: checkpoint folders.
 *
 * A folder is written under a temporary name beside its place, each file and the folder
 * synced, then renamed: a reader, also one after a power cut, sees the whole old one, the
 * whole new one, or none. */
#ifndef HRLP_CHECKPOINT_H
#define HRLP_CHECKPOINT_H

#include "storage/run.h"
#include "storage/metadata.h"

/* What is written, made once for a moment of a run. */
struct hrlp_snapshot {
  char *
      files[HRLP_METADATA_FILES]; /* high_agent.pt, low_agent.pt, training_history.json */
  size_t lengths[HRLP_METADATA_FILES];
  char *metadata;
  size_t metadata_length;
};

hrl_status hrlp_snapshot_take(struct hrlp_snapshot *snapshot,
                              const struct hrl_scenario *scenario,
                              const struct hrlp_agents *agents,
                              const struct hrlp_run *run, hrl_error *error);
void hrlp_snapshot_free(struct hrlp_snapshot *snapshot);

/* Writes a checkpoint folder; one that exists is replaced if it is a checkpoint. */
hrl_status hrlp_checkpoint_write(const char *folder, const struct hrlp_snapshot *snapshot,
                                 hrl_error *error);

/* Reads a checkpoint folder into agents and run, which must be new ones of `scenario`. On
 * failure they are to be thrown away. */
hrl_status hrlp_checkpoint_read(const char *folder, const struct hrl_scenario *scenario,
                                struct hrlp_agents *agents, struct hrlp_run *run,
                                hrl_error *error);

/* Whether a folder looks like a checkpoint's: it holds metadata.json. */
bool hrlp_is_checkpoint(const char *folder);

/* The numbers N of the checkpoint_episode_N in a folder, ascending; freed with free. A
 * missing folder has none. */
hrl_status hrlp_checkpoint_list(const char *folder, uint64_t **episodes, size_t *count,
                                hrl_error *error);

/* Removes what interrupted writes left in a folder of checkpoints; `count` receives how
 * many. Only while the folder's lock is held. */
hrl_status hrlp_checkpoint_clean(const char *folder, size_t *count, hrl_error *error);

#endif
