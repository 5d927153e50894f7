/* 09 - A policy of one's own for the household of the model "lifecycle".
 *
 * The rule here: consume 0.7 of what income leaves and a little of what there was before,
 * a twelfth of it without a job, and hold a share of the rest in the portfolio. 1,000
 * households live side by side, each for one episode; certainty equivalents tell what
 * each share is worth.
 *
 * Usage: 09_own_lifecycle [SCENARIO] */
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

#define COUNT 1000

/* Shares of cash on hand: invest, save, consume. */
static void choose(const hrl_lifecycle_observation *now, double share, double *action) {
  double net = now->income > now->expenses ? now->income - now->expenses : 0.0;
  double before = now->cash_on_hand > net ? now->cash_on_hand - net : 0.0;
  double consume = 0.7 * net + before / (now->job > 0.0 ? 400.0 : 12.0);
  action[2] = consume < now->cash_on_hand ? consume / now->cash_on_hand : 1.0;
  action[0] = share * (1.0 - action[2]);
  action[1] = (1.0 - share) * (1.0 - action[2]);
}

static hrl_status play(hrl_household *households, double share, hrl_error *error) {
  static hrl_lifecycle_observation now[COUNT];
  static double actions[COUNT][3], reward[COUNT];
  static uint8_t truncated[COUNT];
  hrl_step_result result = {
      .size = sizeof result, .reward = reward, .truncated = truncated};
  double total = 0.0;
  double discount = 1.0;
  hrl_status status = hrl_household_reset_all(households, 0, error);
  do { /* all of them end in the same month */
    if (status == HRL_OK)
      status = hrl_household_observe_lifecycle(households, now, error);
    for (int i = 0; i < COUNT; i++) choose(&now[i], share, actions[i]);
    if (status == HRL_OK)
      status = hrl_household_step(households, actions[0], &result, error);
    for (int i = 0; i < COUNT; i++) total += discount * reward[i];
    discount *= hrl_household_discount(households);
  } while (status == HRL_OK && !truncated[0]);
  if (status == HRL_OK)
    printf("portfolio share %.2f: worth %.2f euro a month\n", share,
           hrl_household_certainty_equivalent(households, total / COUNT));
  return status;
}

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_household *households = NULL;
  hrl_status status =
      hrl_scenario_load(argc > 1 ? argv[1] : "first_portfolio", &scenario, &error);
  if (status == HRL_OK)
    status = hrl_household_create(scenario, COUNT, 1, &households, &error);
  for (int i = 0; i <= 4 && status == HRL_OK; i++)
    status = play(households, i / 4.0, &error);
  if (status != HRL_OK) fprintf(stderr, "09_own_lifecycle: %s\n", error.message);
  hrl_household_destroy(households);
  hrl_scenario_destroy(scenario);
  return status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
