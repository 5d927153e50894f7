/* Saving a run and taking one over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "storage/checkpoint.h"
#include "storage/checkpoint_list.h"
#include "trainer/queued.h"
#include "trainer/state.h"

hrl_status hrl_trainer_save(hrl_trainer *trainer, const char *folder, hrl_error *error) {
  if (trainer == NULL || folder == NULL || folder[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_save: expected a trainer and a folder's name");
  hrl_status status = hrlp_trainer_check_free(trainer, "hrl_trainer_save", false, error);
  if (status != HRL_OK) return status;
  struct hrlp_snapshot snapshot;
  status = hrlp_snapshot_take(&snapshot, trainer->scenario, &trainer->agents,
                              &trainer->run, error);
  if (status == HRL_OK) status = hrlp_checkpoint_write(folder, &snapshot, error);
  hrlp_snapshot_free(&snapshot);
  return status;
}

/* Reads a checkpoint into new agents and a new run, and takes them over if all went well.
 */
static hrl_status load_folder(hrl_trainer *trainer, const char *folder,
                              hrl_error *error) {
  const struct hrl_scenario *scenario = trainer->scenario;
  struct hrlp_agents_config config = hrlp_agents_configure(&scenario->training);
  struct hrlp_agents agents;
  struct hrlp_run run = {0};
  hrl_status status = hrlp_agents_create_for(&agents, &config, scenario, 0, error);
  if (status == HRL_OK) status = hrlp_history_create(&run.history, error);
  if (status == HRL_OK)
    status = hrlp_checkpoint_read(folder, scenario, &agents, &run, error);
  if (status == HRL_OK && run.episode - run.round_first > (uint64_t)config.households)
    status = hrlp_fail_at(error, HRL_ERROR_FORMAT, folder, 0, 0,
                          "its counters do not match parallel_episodes");
  if (trainer->episodes_given) run.total_episodes = trainer->options.episodes;
  if (status == HRL_OK && run.total_episodes < run.episode)
    status = hrlp_fail_at(
        error, HRL_ERROR_ARGUMENT, folder, 0, 0,
        "already has %llu episodes, more than the %llu requested; request more",
        (unsigned long long)run.episode, (unsigned long long)run.total_episodes);
  if (status != HRL_OK) {
    hrlp_history_destroy(&run.history);
    hrlp_agents_destroy(&agents);
    return status;
  }
  hrlp_history_destroy(&trainer->run.history);
  hrlp_agents_destroy(&trainer->agents);
  trainer->agents = agents;
  trainer->run = run;
  trainer->is_loaded = true;
  hrlp_trainer_set_status(trainer, HRL_TRAINER_IDLE, NULL);
  return HRL_OK;
}

/* Whether a checkpoint that cannot be loaded for this reason is passed over for an older
 * one: it is damaged or another run's. The rest is for the caller to put right, and would
 * lose the newest episodes. */
static bool is_passed_over(hrl_status status) {
  return status != HRL_OK && status != HRL_ERROR_ARGUMENT && status != HRL_ERROR_MEMORY;
}

/* Logs why checkpoints were skipped. If the scenario was changed, none of them matches;
 * this is logged once. */
struct skipped {
  char reason[HRL_ERROR_MESSAGE_SIZE];
  size_t repeated;
};

/* A message without the name of the file that it begins with. */
static const char *reason_of(const hrl_error *problem) {
  const char *colon = strstr(problem->message, ": ");
  return colon != NULL ? colon + 2 : problem->message;
}

static void end_skipped(const hrl_trainer *trainer, struct skipped *skipped) {
  if (skipped->repeated > 0)
    hrlp_trainer_log(trainer, "skipped %zu more checkpoint(s) for the same reason",
                     skipped->repeated);
  skipped->repeated = 0;
}

static void log_skipped(const hrl_trainer *trainer, struct skipped *skipped,
                        const char *path, const hrl_error *problem) {
  const char *reason = reason_of(problem);
  if (problem->status == HRL_ERROR_MISMATCH && strcmp(skipped->reason, reason) == 0) {
    skipped->repeated++;
    return;
  }
  end_skipped(trainer, skipped);
  snprintf(skipped->reason, sizeof skipped->reason, "%s", reason);
  hrlp_trainer_log(trainer, "skipped %s: %s", path, problem->message);
}

/* Logs the runs that are not resumed, all except that of entry `taken`. */
static void log_left_aside(const hrl_trainer *trainer, const char *folder,
                           const struct hrlp_checkpoint_list *list, size_t taken) {
  size_t told = list->count; /* the run told last */
  for (size_t i = 0; i < list->count; i++) {
    const struct hrlp_checkpoint_entry *entry = &list->entries[i];
    if (!entry->readable ||
        (taken < list->count && entry->run == list->entries[taken].run))
      continue;
    if (told < list->count && entry->run == list->entries[told].run) continue;
    told = i;
    hrlp_trainer_log(trainer,
                     "%s: ignored a run with seed %llu, started %s, up to episode %llu",
                     folder, (unsigned long long)entry->seed, entry->start_time,
                     (unsigned long long)entry->episode);
  }
}

/* The first checkpoint of a folder of them that can be read whole, in the order of
 * hrlp_checkpoint_list_runs; `seed` and `start_time` (NULL: any) bound the choice. Where
 * there is none to choose from, *found is false; where none could be read, what is amiss
 * with the first.
 */
static hrl_status load_newest(hrl_trainer *trainer, const char *folder,
                              const uint64_t *seed, const char *start_time, bool *found,
                              hrl_error *error) {
  struct hrlp_checkpoint_list list;
  struct skipped skipped = {0};
  hrl_error newest = HRL_ERROR_INIT;
  size_t taken = SIZE_MAX;
  *found = false;
  hrl_status status = hrlp_checkpoint_list_runs(folder, &list, error);
  if (status != HRL_OK) return status;
  for (size_t i = 0; i < list.count && taken == SIZE_MAX; i++) {
    const struct hrlp_checkpoint_entry *entry = &list.entries[i];
    hrl_error problem = HRL_ERROR_INIT;
    if (seed != NULL && entry->readable && entry->seed != *seed) continue;
    if (start_time != NULL &&
        (!entry->readable || strcmp(entry->start_time, start_time) != 0))
      continue;
    *found = true;
    status = load_folder(trainer, entry->path, &problem);
    if (newest.status == HRL_OK) newest = problem;
    if (status == HRL_OK) {
      taken = i;
    } else if (is_passed_over(status)) {
      log_skipped(trainer, &skipped, entry->path, &problem);
    } else {
      newest = problem;
      break;
    }
  }
  end_skipped(trainer, &skipped);
  if (status == HRL_OK && *found)
    hrlp_trainer_log(trainer, "resuming from %s", list.entries[taken].path);
  if (status == HRL_OK) log_left_aside(trainer, folder, &list, taken);
  hrlp_checkpoint_list_free(&list);
  if (status != HRL_OK && error != NULL && error->status == HRL_OK) *error = newest;
  return status;
}

hrl_status hrl_trainer_load_latest(hrl_trainer *trainer, const char *folder,
                                   const uint64_t *seed, int *found, hrl_error *error) {
  bool any = false;
  if (found != NULL) *found = 0;
  if (trainer == NULL || found == NULL || (folder != NULL && folder[0] == '\0'))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_load_latest: expected a trainer, a folder's name or "
                     "NULL, and room for the answer");
  if (folder == NULL) folder = trainer->checkpoints;
  if (folder == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_load_latest: the trainer has no output folder to look "
                     "in");
  hrl_status status =
      hrlp_trainer_check_free(trainer, "hrl_trainer_load_latest", true, error);
  if (status == HRL_OK) status = load_newest(trainer, folder, seed, NULL, &any, error);
  *found = any;
  return status;
}

hrl_status hrl_trainer_load(hrl_trainer *trainer, const char *folder, hrl_error *error) {
  if (trainer == NULL || folder == NULL || folder[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_load: expected a trainer and a folder's name");
  hrl_status status = hrlp_trainer_check_free(trainer, "hrl_trainer_load", true, error);
  if (status != HRL_OK) return status;
  if (!hrlp_is_folder(folder) || hrlp_is_checkpoint(folder))
    return load_folder(trainer, folder, error);
  bool found = false;
  status = load_newest(trainer, folder, NULL, NULL, &found, error);
  if (status == HRL_OK && !found)
    status =
        hrlp_fail_at(error, HRL_ERROR_FORMAT, folder, 0, 0,
                     "is neither a checkpoint (it holds no metadata.json) nor a folder "
                     "of checkpoints");
  return status;
}

hrl_status hrlp_trainer_enter(hrl_trainer *trainer, const char *folder, int64_t id,
                              hrl_error *error) {
  trainer->record_folder = hrlp_copy_text(folder);
  trainer->record_id = id;
  return trainer->record_folder == NULL ? hrlp_fail_memory(error, "a folder's name")
                                        : HRL_OK;
}

hrl_status hrlp_trainer_load_own(hrl_trainer *trainer, const char *start_time,
                                 hrl_error *error) {
  bool found = false;
  return load_newest(trainer, trainer->checkpoints, &trainer->options.seed, start_time,
                     &found, error);
}
