/* 02 - Own the loop: the run advances only when it is told to, on the caller's thread.
 *
 * A step plays one batch of episodes and learns from it. Between two steps nothing runs, so
 * a game loop, a notebook or an event loop decides when time is spent, and when enough is
 * enough.
 *
 * Usage: 02_step [SCENARIO [EPISODES]] */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

static hrl_status run(hrl_trainer *trainer, hrl_error *error) {
  int more = 1;
  int steps = 0;
  while (more) {
    hrl_status status = hrl_trainer_step(trainer, &more, error);
    if (status != HRL_OK) return status;
    steps++;
    hrl_trainer_status now = {.size = sizeof now};
    status = hrl_trainer_get_status(trainer, &now);
    if (status != HRL_OK) return status;
    if (steps % 10 == 0)
      printf("step %3d: episode %4llu, reward %7.2f, stability %.3f\n", steps,
             (unsigned long long)now.episode, now.progress.avg_reward,
             now.progress.stability);
    /* the program stops after 400 episodes, fewer than requested */
    if (now.episode >= 400) hrl_trainer_stop(trainer); /* the next step ends the run */
  }
  hrl_trainer_status end = {.size = sizeof end};
  hrl_status status = hrl_trainer_get_status(trainer, &end);
  if (status != HRL_OK) return status;
  printf("%s after %d steps and %llu episodes\n",
         end.state == HRL_TRAINER_STOPPED ? "stopped" : "completed", steps,
         (unsigned long long)end.episode);
  return HRL_OK;
}

int main(int argc, char **argv) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_status status =
      hrl_scenario_load(argc > 1 ? argv[1] : "bologna_coppia", &scenario, &error);
  if (status == HRL_OK) status = hrl_trainer_create(scenario, &options, &trainer, &error);
  if (status == HRL_OK) status = run(trainer, &error);
  if (status != HRL_OK) fprintf(stderr, "02_step: %s\n", error.message);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
