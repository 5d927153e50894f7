/* 06 - Two trainers at once in one program: they share nothing and do not wait for each
 * other.
 *
 * Usage: 06_two_trainers [SCENARIO SCENARIO [EPISODES]] */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

/* Makes a trainer for a scenario, each with one thread to work with, and starts it. */
static hrl_status start(const char *name, uint64_t episodes, hrl_trainer **trainer,
                        hrl_error *error) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = episodes;
  options.threads = 1;
  hrl_scenario *scenario = NULL;
  hrl_status status = hrl_scenario_load(name, &scenario, error);
  if (status == HRL_OK) status = hrl_trainer_create(scenario, &options, trainer, error);
  hrl_scenario_destroy(scenario); /* the trainer has a copy */
  if (status == HRL_OK) status = hrl_trainer_start(*trainer, error);
  return status;
}

static hrl_status finish(const char *name, hrl_trainer *trainer, hrl_error *error) {
  hrl_trainer_status end = {.size = sizeof end};
  hrl_status status = hrl_trainer_wait(trainer, error);
  if (status == HRL_OK) status = hrl_trainer_get_status(trainer, &end);
  if (status == HRL_OK)
    printf("%-16s %llu episodes, reward %7.2f, best evaluation %7.2f\n", name,
           (unsigned long long)end.episode, end.progress.avg_reward, end.best_eval_score);
  return status;
}

int main(int argc, char **argv) {
  const char *names[2] = {"milano_junior", "milano_senior"};
  uint64_t episodes = argc > 3 ? strtoull(argv[3], NULL, 10) : 1000;
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainers[2] = {NULL, NULL};
  hrl_status status = HRL_OK;
  for (int i = 0; i < 2; i++) {
    if (argc > 2) names[i] = argv[1 + i];
    if (status == HRL_OK) status = start(names[i], episodes, &trainers[i], &error);
  }
  for (int i = 0; i < 2; i++)
    if (status == HRL_OK) status = finish(names[i], trainers[i], &error);
  if (status != HRL_OK) fprintf(stderr, "06_two_trainers: %s\n", error.message);
  for (int i = 0; i < 2; i++) hrl_trainer_destroy(trainers[i]); /* stops what still runs */
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
