/* The scenario reader. What it accepts must survive being written and read again, with
 * every value the same to the last bit and inside its bounds. */
#include <math.h>

#include <hrl/household.h>
#include <hrl/memory.h>

#include "../task_sample.h"
#include "fuzz.h"
#include "scenario/keys.h"

static void check_bounds(const hrl_scenario *scenario) {
  const struct hrlp_keys *keys = hrlp_keys_of(scenario);
  for (size_t i = 0; i < hrlp_keys_count(keys); i++) {
    double value = hrlp_key_get(scenario, i);
    PROMISE(isfinite(value));
    PROMISE(hrlp_key_check(hrlp_keys_at(keys, i), value) == HRL_OK);
  }
}

static void check_equal(const hrl_scenario *a, const hrl_scenario *b) {
  PROMISE(hrlp_keys_of(a) == hrlp_keys_of(b));
  for (size_t i = 0; i < hrlp_keys_count(hrlp_keys_of(a)); i++) {
    double x = hrlp_key_get(a, i);
    double y = hrlp_key_get(b, i);
    PROMISE(x == y);
  }
  PROMISE(strcmp(hrl_scenario_description(a), hrl_scenario_description(b)) == 0);
  PROMISE(strcmp(hrl_scenario_name(a), hrl_scenario_name(b)) == 0);
}

static void write_and_read(const hrl_scenario *scenario) {
  hrl_error error = HRL_ERROR_INIT;
  char *text = NULL;
  hrl_status status = hrl_scenario_format(scenario, &text, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  hrl_scenario *again = NULL;
  status = hrl_scenario_parse(text, strlen(text), "fuzz", &again, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  check_equal(scenario, again);
  hrl_scenario_destroy(again);
  hrl_free(text);
}

/* The same text as that of a program's own task. */
static void read_as_task(const uint8_t *data, size_t size) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  hrl_scenario *again = NULL;
  char *text = calloc(size + 1, 1);
  char *written = NULL;
  PROMISE(text != NULL);
  memcpy(text, data, size);
  hrl_status status = hrl_task_make_scenario(&walk_task, text, &scenario, &error);
  free(text);
  promise_error(status, &error);
  PROMISE((status == HRL_OK) == (scenario != NULL));
  if (status != HRL_OK) return;
  check_bounds(scenario);
  PROMISE(hrl_scenario_format(scenario, &written, &error) == HRL_OK);
  PROMISE(hrl_task_make_scenario(&walk_task, written, &again, &error) == HRL_OK);
  check_equal(scenario, again);
  hrl_free(written);
  hrl_scenario_destroy(again);
  hrl_scenario_destroy(scenario);
}

static double months_of(const hrl_scenario *scenario) {
  double months = 0.0;
  hrl_error error = HRL_ERROR_INIT;
  PROMISE(hrl_scenario_get(scenario, "environment.max_months", &months, &error) ==
          HRL_OK);
  return months;
}

/* Months of what may be lived with any values that are within bounds: a household is
 * made, or it is told why not, and none of its figures is beyond all numbers. */
static void live(hrl_scenario *scenario) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_household *households = NULL;
  if (months_of(scenario) > 600.0) return; /* nothing but slow */
  hrl_status status = hrl_household_create(scenario, 2, 1, &households, &error);
  promise_error(status, &error);
  PROMISE((status == HRL_OK) == (households != NULL));
  if (status != HRL_OK) return;
  double actions[6] = {0.2, 0.3, 0.5, 0.0, 0.0, 1.0};
  double reward[2];
  double change[2];
  double consumption[2];
  uint8_t ruined[2] = {0};
  uint8_t ended[2] = {0};
  hrl_step_result month = {sizeof month, reward, change, ruined, ended, consumption};
  for (int i = 0; i < 3; i++) {
    if (ruined[0] || ruined[1] || ended[0]) break;
    PROMISE(hrl_household_step(households, actions, &month, &error) == HRL_OK);
    for (int k = 0; k < 2; k++)
      PROMISE(isfinite(reward[k]) && isfinite(change[k]) && isfinite(consumption[k]));
  }
  hrl_household_destroy(households);
}

/* Households of a family keep its bounds, and each may be lived. */
static void draw_and_live(hrl_scenario *scenario) {
  if (!hrl_scenario_is_family(scenario)) {
    live(scenario);
    return;
  }
  for (uint64_t number = 0; number < 2; number++) {
    hrl_error error = HRL_ERROR_INIT;
    hrl_scenario *drawn = NULL;
    hrl_status status = hrl_scenario_draw(scenario, 1, number, &drawn, &error);
    promise_error(status, &error);
    PROMISE((status == HRL_OK) == (drawn != NULL));
    if (status != HRL_OK) return;
    check_bounds(drawn);
    PROMISE(!hrl_scenario_is_family(drawn));
    live(drawn);
    hrl_scenario_destroy(drawn);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = NULL;
  read_as_task(data, size);
  hrl_status status =
      hrl_scenario_parse((const char *)data, size, "fuzz", &scenario, &error);
  promise_error(status, &error);
  PROMISE((status == HRL_OK) == (scenario != NULL));
  if (status != HRL_OK) return 0;
  check_bounds(scenario);
  write_and_read(scenario);
  draw_and_live(scenario);
  hrl_scenario_destroy(scenario);
  return 0;
}
