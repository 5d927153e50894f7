#include "trainer/output.h"

#include <stdio.h>
#include <stdlib.h>

#include "storage/checkpoint_list.h"
#include "storage/model.h"
#include "trainer/owner.h"

/* A run that begins where one of another seed left its checkpoints says so. One of the
 * same seed is only repeated. */
static void log_others(const hrl_trainer *trainer) {
  struct hrlp_checkpoint_list list;
  if (trainer->run.episode > 0 ||
      hrlp_checkpoint_list_runs(trainer->checkpoints, &list, NULL) != HRL_OK)
    return;
  for (size_t i = 0; i < list.count; i++) {
    const struct hrlp_checkpoint_entry *entry = &list.entries[i];
    if (!entry->readable || entry->seed == trainer->run.seed) continue;
    hrlp_trainer_log(
        trainer,
        "%s has checkpoints of another run (seed %llu, started %s, up to episode %llu); "
        "this run starts anew and replaces those of the same episodes",
        trainer->checkpoints, (unsigned long long)entry->seed, entry->start_time,
        (unsigned long long)entry->episode);
    break;
  }
  hrlp_checkpoint_list_free(&list);
}

/* Ends what an earlier run could not: the files of its model, of which some may be old
 * and some new. Whoever reads them through the library sees the new ones all the same, so
 * what cannot be done now is no failure. */
static void settle_model(hrl_trainer *trainer) {
  hrl_error problem = HRL_ERROR_INIT;
  bool settled = false;
  if (hrlp_model_settle(trainer->output, trainer->scenario->name, &settled, &problem) !=
      HRL_OK)
    hrlp_trainer_log(trainer, "the files of an interrupted save are still pending: %s",
                     problem.message);
  else if (settled)
    hrlp_trainer_log(trainer, "%s/%s_*: completed an interrupted save", trainer->output,
                     trainer->scenario->name);
}

hrl_status hrlp_output_open(hrl_trainer *trainer, hrl_error *error) {
  if (trainer->output == NULL) return HRL_OK;
  hrl_status status = hrlp_folder_create(trainer->checkpoints, error);
  if (status != HRL_OK) return status;
  char *path = hrlp_path_join(trainer->checkpoints, ".lock");
  if (path == NULL) return hrlp_fail_memory(error, "a file name");
  status = hrlp_lock_take(&trainer->lock, path, error);
  free(path);
  size_t removed = 0;
  if (status == HRL_OK)
    status =
        hrlp_owner_check(trainer->output, trainer->checkpoints, trainer->scenario, error);
  if (status == HRL_OK)
    status = hrlp_checkpoint_clean(trainer->checkpoints, &removed, error);
  if (removed > 0)
    hrlp_trainer_log(trainer, "%s: removed %zu folder(s) left by an interrupted save",
                     trainer->checkpoints, removed);
  if (status != HRL_OK) {
    hrlp_output_close(trainer);
    return status;
  }
  settle_model(trainer);
  log_others(trainer);
  return HRL_OK;
}

void hrlp_output_close(hrl_trainer *trainer) { hrlp_lock_release(&trainer->lock); }

void hrlp_output_record(hrl_trainer *trainer) {
  if (!trainer->options.record || trainer->output == NULL) return;
  hrlp_recorder_destroy(trainer->recorder); /* of an earlier part */
  struct hrlp_run_card card = {.scenario = trainer->scenario,
                               .options = &trainer->options,
                               .start_time = trainer->run.start_time,
                               .folder = trainer->record_folder,
                               .id = trainer->record_id,
                               .seed = trainer->run.seed,
                               .episode = trainer->run.episode,
                               .total_episodes = trainer->run.total_episodes};
  hrl_error problem = HRL_ERROR_INIT;
  trainer->recorder = hrlp_recorder_create(&card, &problem);
  if (trainer->recorder == NULL)
    hrlp_trainer_log(trainer, "this run is not recorded: %s", problem.message);
}

static char *checkpoint_path(const hrl_trainer *trainer, uint64_t episode) {
  char name[64];
  snprintf(name, sizeof name, "checkpoint_episode_%llu", (unsigned long long)episode);
  return hrlp_path_join(trainer->checkpoints, name);
}

char *hrlp_output_checkpoint_path(const hrl_trainer *trainer) {
  return trainer->output == NULL ? NULL : checkpoint_path(trainer, trainer->run.episode);
}

/* Removes the oldest numbered checkpoints until options.keep are left. Those beyond the
 * present episode are another run's: they neither count nor go. */
static hrl_status remove_old(hrl_trainer *trainer, hrl_error *error) {
  if (trainer->options.keep == 0) return HRL_OK;
  uint64_t *episodes = NULL;
  size_t count = 0;
  hrl_status status =
      hrlp_checkpoint_list(trainer->checkpoints, &episodes, &count, error);
  while (count > 0 && episodes[count - 1] > trainer->run.episode) count--;
  for (size_t i = 0; status == HRL_OK && i + trainer->options.keep < count; i++) {
    char *path = checkpoint_path(trainer, episodes[i]);
    status = path == NULL ? hrlp_fail_memory(error, "a file name")
                          : hrlp_folder_remove(path, error);
    free(path);
  }
  free(episodes);
  return status;
}

/* Writes one folder and tells listeners. */
static hrl_status write_folder(hrl_trainer *trainer, char *path,
                               const struct hrlp_snapshot *snapshot, hrl_error *error) {
  hrl_status status = path == NULL ? hrlp_fail_memory(error, "a file name")
                                   : hrlp_checkpoint_write(path, snapshot, error);
  if (status == HRL_OK)
    hrlp_trainer_notify(trainer,
                        &(hrl_event){.type = HRL_EVENT_CHECKPOINT, .path = path});
  free(path);
  return status;
}

hrl_status hrlp_output_checkpoint(hrl_trainer *trainer, bool best, hrl_error *error) {
  if (trainer->output == NULL) return HRL_OK;
  struct hrlp_snapshot snapshot;
  hrl_status status = hrlp_snapshot_take(&snapshot, trainer->scenario, &trainer->agents,
                                         &trainer->run, error);
  if (status != HRL_OK) return status;
  /* the best first: if killed between the two, the run resumes from the previous
   * checkpoint and reaches its best again; in the other order it would assume that the
   * best was written
   */
  if (best)
    status =
        write_folder(trainer, hrlp_path_join(trainer->checkpoints, "checkpoint_best"),
                     &snapshot, error);
  /* also where that failed: what fits is worth having */
  hrl_status written =
      write_folder(trainer, checkpoint_path(trainer, trainer->run.episode), &snapshot,
                   status == HRL_OK ? error : NULL);
  bool numbered = written == HRL_OK;
  if (status == HRL_OK) status = written;
  if (numbered) {
    hrl_status removed = remove_old(trainer, error);
    if (status == HRL_OK) status = removed;
  }
  hrlp_snapshot_free(&snapshot);
  return status;
}

hrl_status hrlp_output_finish(hrl_trainer *trainer, hrl_error *error) {
  if (trainer->output == NULL) return HRL_OK;
  struct hrlp_snapshot snapshot;
  hrl_status status = hrlp_snapshot_take(&snapshot, trainer->scenario, &trainer->agents,
                                         &trainer->run, error);
  if (status != HRL_OK) return status;
  status = hrlp_model_write(trainer->output, trainer->scenario->name, &snapshot, error);
  hrlp_snapshot_free(&snapshot);
  return status;
}
