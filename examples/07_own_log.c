/* 07 - The program's own log and progress display: the library never prints.
 *
 * Remarks of the library go to a log function, the course of the run to a listener; both
 * get a pointer to the program's own data.
 *
 * Usage: 07_own_log [SCENARIO [EPISODES]] */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

struct display {
  FILE *log;
  int width; /* of the bar, in characters */
  int shown; /* how many of them are drawn */
};

static void write_log(const char *message, void *data) {
  struct display *display = data;
  fprintf(display->log, "[libhrl] %s\n", message);
}

static void draw(const hrl_event *event, void *data) {
  struct display *display = data;
  int want = (int)((uint64_t)display->width * event->episode / event->total_episodes);
  if (event->type == HRL_EVENT_STARTED)
    fprintf(display->log, "[app] %s: %llu episodes\n", event->scenario,
            (unsigned long long)event->total_episodes);
  for (; event->type == HRL_EVENT_PROGRESS && display->shown < want; display->shown++) {
    putchar('#');
    fflush(stdout);
  }
  if (event->type == HRL_EVENT_COMPLETED)
    printf("\nreward %.2f, strategic return %.2f\n", event->progress->avg_reward,
           event->evaluation->strategic_return);
  if (event->type == HRL_EVENT_ERROR) printf("\nfailed: %s\n", event->error->message);
}

int main(int argc, char **argv) {
  struct display display = {.log = stderr, .width = 50};
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
  options.output = "models";
  options.keep = 2; /* numbered checkpoints to keep */
  options.log = write_log;
  options.log_data = &display;
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_status status =
      hrl_scenario_load(argc > 1 ? argv[1] : "roma_famiglia", &scenario, &error);
  if (status == HRL_OK) status = hrl_trainer_create(scenario, &options, &trainer, &error);
  if (status == HRL_OK) status = hrl_trainer_add_listener(trainer, draw, &display, &error);
  if (status == HRL_OK) status = hrl_trainer_start(trainer, &error);
  if (status == HRL_OK) status = hrl_trainer_wait(trainer, &error);
  if (status != HRL_OK) fprintf(stderr, "07_own_log: %s\n", error.message);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
