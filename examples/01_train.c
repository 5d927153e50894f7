/* 01 - Train in the background and hear of every episode.
 *
 * Usage: 01_train [SCENARIO [EPISODES]] */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

/* Called on the library's thread, after every episode and at other turns of the run. */
static void hear(const hrl_event *event, void *data) {
  (void)data;
  if (event->type == HRL_EVENT_PROGRESS && event->episode % 100 == 0)
    printf("episode %4llu of %llu: reward %7.2f, %5.1f months, %8.2f euro invested\n",
           (unsigned long long)event->episode, (unsigned long long)event->total_episodes,
           event->progress->avg_reward, event->progress->avg_duration,
           event->progress->avg_invested);
  else if (event->type == HRL_EVENT_EVALUATED)
    printf("evaluation: strategic return %.2f%s\n", event->evaluation->strategic_return,
           event->is_best ? ", the best so far" : "");
  else if (event->type == HRL_EVENT_CHECKPOINT)
    printf("saved %s\n", event->path);
}

static hrl_status train(const hrl_scenario *scenario, uint64_t episodes, hrl_error *error) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = episodes;
  options.save_interval = 500; /* episodes between two evaluations and checkpoints */
  options.output = "models";
  hrl_trainer *trainer = NULL;
  hrl_status status = hrl_trainer_create(scenario, &options, &trainer, error);
  if (status == HRL_OK) status = hrl_trainer_add_listener(trainer, hear, NULL, error);
  if (status == HRL_OK) status = hrl_trainer_start(trainer, error);
  /* here the program is free to do something else */
  if (status == HRL_OK) status = hrl_trainer_wait(trainer, error);
  hrl_trainer_destroy(trainer);
  return status;
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "bologna_coppia";
  uint64_t episodes = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_status status = hrl_scenario_load(name, &scenario, &error);
  if (status == HRL_OK) status = train(scenario, episodes, &error);
  if (status != HRL_OK) fprintf(stderr, "01_train: %s\n", error.message);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
