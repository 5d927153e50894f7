/* A program of version 0.1: compiled with the headers of that version, run with the
 * library as it is now. What it hands over is as long as it was then, with garbage behind
 * it that the library must neither read nor change. Works in the current folder; prints
 * what it saw. */
#include <hrl/hrl.h>

#include <stdio.h>
#include <string.h>

#define GARBAGE 512
#define FENCED(type, name)          \
  struct {                          \
    type it;                        \
    unsigned char garbage[GARBAGE]; \
  } name;                           \
  memset(&name, 0xA5, sizeof name)
#define WHOLE(name) is_garbage((name).garbage, #name)
#define TRY(call) \
  if ((call) != HRL_OK) return fail(#call, &error)

static int fail(const char *call, const hrl_error *error) {
  fprintf(stderr, "%s: %s\n", call, error->message);
  return 0;
}

static int is_garbage(const unsigned char *garbage, const char *name) {
  for (int i = 0; i < GARBAGE; i++)
    if (garbage[i] != 0xA5) {
      fprintf(stderr, "%s: byte %d behind it was changed\n", name, i);
      return 0;
    }
  return 1;
}

static void take_event(const hrl_event *event, void *data) {
  int *counts = data;
  if (event->size >= sizeof *event && event->type <= HRL_EVENT_ERROR)
    counts[event->type]++;
}

static int train(const hrl_scenario *scenario) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainer = NULL;
  int counts[HRL_EVENT_ERROR + 1] = {0};
  int more = 1;
  FENCED(hrl_trainer_options, options);
  FENCED(hrl_trainer_status, status);
  options.it = (hrl_trainer_options)HRL_TRAINER_OPTIONS_INIT;
  options.it.episodes = 16;
  options.it.output = "models";
  status.it.size = sizeof status.it;
  TRY(hrl_trainer_create(scenario, &options.it, &trainer, &error));
  TRY(hrl_trainer_add_listener(trainer, take_event, counts, &error));
  while (more) TRY(hrl_trainer_step(trainer, &more, &error));
  TRY(hrl_trainer_get_status(trainer, &status.it));
  hrl_trainer_destroy(trainer);
  printf("trained %d of %d, state %d, events", (int)status.it.episode,
         (int)status.it.total_episodes, (int)status.it.state);
  for (int i = 0; i <= HRL_EVENT_ERROR; i++) printf(" %d", counts[i]);
  printf("\n");
  return WHOLE(options) && WHOLE(status);
}

static int take_month(const hrl_trajectory_month *month, void *data) {
  double *cash = data;
  *cash = month->cash;
  return month->size < sizeof *month;
}

static int evaluate(void) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_policy *policy = NULL;
  double cash = -1.0;
  FENCED(hrl_evaluate_options, options);
  FENCED(hrl_evaluation, result);
  options.it = (hrl_evaluate_options)HRL_EVALUATE_OPTIONS_INIT;
  options.it.episodes = 16;
  result.it.size = sizeof result.it;
  TRY(hrl_policy_load("models/even", &policy, &error));
  TRY(hrl_evaluate_policy(policy, NULL, &options.it, &result.it, &error));
  TRY(hrl_evaluate_trajectory(policy, NULL, &options.it, take_month, &cash, &error));
  hrl_policy_destroy(policy);
  printf("evaluated, mean of %.1f months\n", result.it.months);
  return WHOLE(options) && WHOLE(result) && cash != -1.0;
}

static int step(const hrl_scenario *scenario) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_household *households = NULL;
  double invest[2] = {0.1, 0.2};
  double reward[2], change[2];
  hrl_observation seen[2];
  uint8_t terminated[2], truncated[2];
  FENCED(hrl_step_result, result);
  memset(&result.it, 0, sizeof result.it);
  result.it.size = sizeof result.it;
  result.it.reward = reward;
  result.it.wealth_change = change;
  result.it.terminated = terminated;
  result.it.truncated = truncated;
  TRY(hrl_household_create(scenario, 2, 7, &households, &error));
  TRY(hrl_household_reset_all(households, 0, &error));
  TRY(hrl_household_step(households, invest, &result.it, &error));
  hrl_household_observe(households, seen);
  hrl_household_destroy(households);
  printf("stepped, portfolio %.0f and %.0f\n", seen[0].portfolio, seen[1].portfolio);
  return WHOLE(result);
}

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  if (argc != 2) return 2;
  if (hrl_scenario_load(argv[1], &scenario, &error) != HRL_OK)
    return fail("hrl_scenario_load", &error) == 0;
  int done = train(scenario) && evaluate() && step(scenario);
  hrl_scenario_destroy(scenario);
  return done ? 0 : 1;
}
