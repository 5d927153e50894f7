/* 03 - Stop at Ctrl-C, and go on from there the next time.
 *
 * Run it, press Ctrl-C, run it again: the second run resumes from the checkpoint that the
 * first one saved, and ends as a run that was never stopped would have.
 *
 * Usage: 03_resume [SCENARIO [EPISODES]] */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

static hrl_trainer *running; /* for the signal handler */

static void handle_signal(int signal) {
  (void)signal;
  hrl_trainer_stop(running); /* the one function that may be called from here */
}

/* Takes over the newest checkpoint of an earlier run, where there is one. */
static hrl_status resume(hrl_trainer *trainer, const char *name, hrl_error *error) {
  char folder[512];
  hrl_error none = HRL_ERROR_INIT;
  snprintf(folder, sizeof folder, "models/checkpoints/%s", name);
  hrl_status status = hrl_trainer_load(trainer, folder, &none);
  if (status == HRL_ERROR_NOT_FOUND) return HRL_OK; /* a fresh start */
  if (status != HRL_OK && error->status == HRL_OK) *error = none;
  return status;
}

static hrl_status train(const hrl_scenario *scenario, uint64_t episodes, hrl_error *error) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = episodes;
  options.output = "models";
  hrl_trainer_status now = {.size = sizeof now};
  hrl_status status = hrl_trainer_create(scenario, &options, &running, error);
  if (status == HRL_OK) status = resume(running, hrl_scenario_name(scenario), error);
  if (status == HRL_OK) status = hrl_trainer_get_status(running, &now);
  if (status == HRL_OK) {
    printf("begins after episode %llu\n", (unsigned long long)now.episode);
    fflush(stdout);
    signal(SIGINT, handle_signal);
    status = hrl_trainer_start(running, error);
  }
  if (status == HRL_OK) status = hrl_trainer_wait(running, error);
  if (status == HRL_OK) status = hrl_trainer_get_status(running, &now);
  if (status == HRL_OK)
    printf("%s after episode %llu\n",
           now.state == HRL_TRAINER_STOPPED ? "stopped" : "completed",
           (unsigned long long)now.episode);
  signal(SIGINT, SIG_DFL);
  hrl_trainer_destroy(running);
  return status;
}

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  uint64_t episodes = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000;
  hrl_status status =
      hrl_scenario_load(argc > 1 ? argv[1] : "torino_single", &scenario, &error);
  if (status == HRL_OK) status = train(scenario, episodes, &error);
  if (status != HRL_OK) fprintf(stderr, "03_resume: %s\n", error.message);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
