/* 05 - Drive the household with a policy of one's own, without libhrl's agents.
 *
 * The rule here: keep a buffer of cash that covers the safety threshold, invest what is
 * above it. 1,000 households live side by side, each for one episode.
 *
 * Usage: 05_own_policy [SCENARIO] */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

#define COUNT 1000

/* The share of income to invest. */
static double choose(const hrl_observation *now, double buffer) {
  double spare = now->cash + now->income - now->fixed_expenses - now->variable_expense - buffer;
  double share = spare / now->income;
  return share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
}

static hrl_status play(hrl_household *households, double buffer, hrl_error *error) {
  static hrl_observation now[COUNT];
  static double invest[COUNT], reward[COUNT];
  static uint8_t terminated[COUNT], truncated[COUNT], over[COUNT];
  hrl_step_result result = {sizeof result, reward, NULL, terminated, truncated, NULL};
  double total = 0.0;
  int insolvent = 0;
  for (int left = COUNT; left > 0;) {
    hrl_household_observe(households, now);
    for (int i = 0; i < COUNT; i++) invest[i] = choose(&now[i], buffer);
    hrl_status status = hrl_household_step(households, invest, &result, error);
    if (status != HRL_OK) return status;
    for (int i = 0; i < COUNT; i++) {
      if (!over[i]) total += reward[i];
      if (!terminated[i] && !truncated[i]) continue;
      insolvent += !over[i] && terminated[i];
      left -= !over[i];
      over[i] = 1;
      /* an episode is over: the next one begins, here only to keep the others company */
      status = hrl_household_reset(households, (size_t)i, (uint64_t)(COUNT + i), error);
      if (status != HRL_OK) return status;
    }
  }
  printf("buffer %.2f euro: mean reward %.2f, %d of %d households insolvent\n", buffer,
         total / COUNT, insolvent, COUNT);
  return HRL_OK;
}

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_household *households = NULL;
  double buffer = 0.0;
  hrl_status status =
      hrl_scenario_load(argc > 1 ? argv[1] : "bologna_coppia", &scenario, &error);
  if (status == HRL_OK)
    status = hrl_scenario_get(scenario, "environment.safety_threshold", &buffer, &error);
  if (status == HRL_OK)
    status = hrl_household_create(scenario, COUNT, 1, &households, &error);
  if (status == HRL_OK) status = play(households, buffer, &error);
  if (status != HRL_OK) fprintf(stderr, "05_own_policy: %s\n", error.message);
  hrl_household_destroy(households);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
