/* Saving a run and taking one over. */
#include <stdio.h>
#include <stdlib.h>

#include "storage/checkpoint.h"
#include "trainer/trainer.h"

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
                          "its counters do not fit parallel_episodes");
  if (trainer->episodes_given) run.total_episodes = trainer->options.episodes;
  if (status == HRL_OK && run.total_episodes < run.episode)
    status = hrlp_fail_at(
        error, HRL_ERROR_ARGUMENT, folder, 0, 0,
        "has %llu episodes behind it, more than the %llu asked for; ask "
        "for more",
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
  hrlp_trainer_show(trainer, HRL_TRAINER_IDLE, NULL);
  return HRL_OK;
}

/* Whether a checkpoint that cannot be loaded for this reason is passed over for an older
 * one: it is damaged or another run's. The rest is for the caller to put right, and would
 * lose the newest episodes. */
static bool is_passed_over(hrl_status status) {
  return status != HRL_OK && status != HRL_ERROR_ARGUMENT && status != HRL_ERROR_MEMORY;
}

/* The newest checkpoint of a folder of checkpoints that can be read whole; where there is
 * none, what is amiss with the newest. */
static hrl_status load_newest(hrl_trainer *trainer, const char *folder,
                              hrl_error *error) {
  uint64_t *episodes = NULL;
  size_t count = 0;
  hrl_status status = hrlp_checkpoint_list(folder, &episodes, &count, error);
  if (status == HRL_OK && count == 0)
    status =
        hrlp_fail_at(error, HRL_ERROR_FORMAT, folder, 0, 0,
                     "is neither a checkpoint (it holds no metadata.json) nor a folder "
                     "of checkpoints");
  if (status != HRL_OK) {
    free(episodes);
    return status;
  }
  hrl_error newest = HRL_ERROR_INIT;
  size_t i = count;
  do {
    char name[64];
    snprintf(name, sizeof name, "checkpoint_episode_%llu",
             (unsigned long long)episodes[--i]);
    char *path = hrlp_path_join(folder, name);
    hrl_error problem = HRL_ERROR_INIT;
    status = path == NULL ? hrlp_fail_memory(&problem, "a file name")
                          : load_folder(trainer, path, &problem);
    if (newest.status == HRL_OK) newest = problem;
    if (status == HRL_OK)
      hrlp_output_log(trainer, "resuming from %s", path);
    else if (is_passed_over(status))
      hrlp_output_log(trainer, "skipped %s: %s", path, problem.message);
    else
      newest = problem;
    free(path);
  } while (i > 0 && is_passed_over(status));
  free(episodes);
  if (status == HRL_OK) return HRL_OK;
  if (error != NULL && error->status == HRL_OK) *error = newest;
  return newest.status;
}

hrl_status hrl_trainer_load(hrl_trainer *trainer, const char *folder, hrl_error *error) {
  if (trainer == NULL || folder == NULL || folder[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_trainer_load: expected a trainer and a folder's name");
  hrl_status status = hrlp_trainer_check_free(trainer, "hrl_trainer_load", true, error);
  if (status != HRL_OK) return status;
  if (hrlp_is_folder(folder) && !hrlp_is_checkpoint(folder))
    return load_newest(trainer, folder, error);
  return load_folder(trainer, folder, error);
}
