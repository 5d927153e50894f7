/* A program outside the project: trains a shipped household for a moment. Prints the
 * library's version and the state of the run; fails unless the run is completed. */
#include <stdio.h>

#include <hrl/hrl.h>

int main(void) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_trainer_status end = {.size = sizeof end};
  options.episodes = 8;
  options.eval_episodes = 1;
  hrl_status status = hrl_scenario_load("bologna_coppia", &scenario, &error);
  if (status == HRL_OK) status = hrl_trainer_create(scenario, &options, &trainer, &error);
  if (status == HRL_OK) status = hrl_trainer_start(trainer, &error);
  if (status == HRL_OK) status = hrl_trainer_wait(trainer, &error);
  if (status == HRL_OK) status = hrl_trainer_get_status(trainer, &end);
  if (status != HRL_OK) fprintf(stderr, "%s\n", error.message);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  if (hrl_version_number() != HRL_VERSION_NUMBER || end.state != HRL_TRAINER_COMPLETED)
    return 1;
  printf("libhrl %s trained %d episodes\n", hrl_version(), (int)end.episode);
  return 0;
}
