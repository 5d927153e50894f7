/* hrl/household.h: the household as an environment for anyone's agents. A thin coat over
 * both models: it owns the memory, remembers which households are past their end, and
 * checks everything before anything moves. */
#include <hrl/household.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "environments/budget/household.h"
#include "environments/lifecycle/stepper.h"
#include "environments/models.h"
#include "scenario/definition.h"
#include "scenario/scenario.h"

#define MOST_HOUSEHOLDS 1000000
#define EPISODE_LIMIT (UINT64_C(1) << 56)
/* of the struct's first version; later members are NULL for callers built with it */
#define LEAST_RESULT_SIZE (offsetof(hrl_step_result, truncated) + sizeof(uint8_t *))

struct hrl_household {
  size_t count;
  bool is_lifecycle;
  struct hrlp_lifecycle_stepper stepper; /* of the model "lifecycle" */
  struct hrlp_household batch;           /* of the model "budget" */
  struct hrlp_month
      month;           /* where a month's results go that the caller did not ask for */
  double *consumption; /* [N] the same */
  uint8_t *ended;      /* [N] 1: past its end, to be reset before the next month */
  void *batch_memory;
};

static hrl_status check_episodes(uint64_t first, uint64_t count, hrl_error *error) {
  if (first < EPISODE_LIMIT && count <= EPISODE_LIMIT - first) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "episode %" PRIu64 " is too large: episode numbers are below 2^56",
                   first >= EPISODE_LIMIT ? first : first + (count - 1));
}

static void begin(hrl_household *households, size_t index, uint64_t episode) {
  if (households->is_lifecycle)
    hrlp_lifecycle_stepper_begin(&households->stepper, index, episode);
  else
    hrlp_household_reset(&households->batch, index, episode);
  households->ended[index] = 0;
}

static void begin_all(hrl_household *households, uint64_t first_episode) {
  for (size_t i = 0; i < households->count; i++) begin(households, i, first_episode + i);
}

static bool allocate(hrl_household *households, size_t count) {
  if (!households->is_lifecycle) {
    households->batch_memory = hrlp_alloc(1, hrlp_household_memory(count));
    if (households->batch_memory == NULL) return false;
  }
  households->consumption = hrlp_alloc(count, sizeof *households->consumption);
  households->ended = hrlp_alloc(count, sizeof *households->ended);
  struct hrlp_month *month = &households->month;
  month->reward = hrlp_alloc(count, sizeof *month->reward);
  month->wealth_change = hrlp_alloc(count, sizeof *month->wealth_change);
  month->insolvent = hrlp_alloc(count, sizeof *month->insolvent);
  month->finished = hrlp_alloc(count, sizeof *month->finished);
  return households->consumption != NULL && households->ended != NULL &&
         month->reward != NULL && month->wealth_change != NULL &&
         month->insolvent != NULL && month->finished != NULL;
}

hrl_status hrl_household_create(const hrl_scenario *scenario, size_t count, uint64_t seed,
                                hrl_household **result, hrl_error *error) {
  if (result != NULL) *result = NULL;
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a scenario and a place for the households are needed");
  if (count < 1 || count > MOST_HOUSEHOLDS)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "count: found %zu, expected 1 to %d households", count,
                     MOST_HOUSEHOLDS);
  hrl_status status =
      hrlp_scenario_check_household(scenario, "hrl_household_create", error);
  if (status == HRL_OK) status = hrlp_household_check(scenario, error);
  if (status != HRL_OK) return status;
  hrl_household *households = hrlp_alloc(1, sizeof *households);
  if (households == NULL) return hrlp_fail_memory(error, "the households");
  households->count = count;
  households->is_lifecycle = scenario->model == HRLP_MODEL_LIFECYCLE;
  if (!allocate(households, count))
    status = hrlp_fail_memory(error, "the households");
  else if (households->is_lifecycle)
    status =
        hrlp_lifecycle_stepper_create(&households->stepper, scenario, count, seed, error);
  else
    hrlp_household_attach(&households->batch, households->batch_memory, count,
                          &scenario->environment, &scenario->reward, seed);
  if (status != HRL_OK) {
    hrl_household_destroy(households);
    return status;
  }
  begin_all(households, 0);
  *result = households;
  return HRL_OK;
}

void hrl_household_destroy(hrl_household *households) {
  if (households == NULL) return;
  hrlp_free(households->month.finished);
  hrlp_free(households->month.insolvent);
  hrlp_free(households->month.wealth_change);
  hrlp_free(households->month.reward);
  hrlp_free(households->ended);
  hrlp_free(households->consumption);
  hrlp_lifecycle_stepper_destroy(&households->stepper);
  hrlp_free(households->batch_memory);
  hrlp_free(households);
}

size_t hrl_household_count(const hrl_household *households) {
  return households == NULL ? 0 : households->count;
}

size_t hrl_household_actions(const hrl_household *households) {
  if (households == NULL) return 0;
  return households->is_lifecycle ? HRLP_LIFECYCLE_SHARES : 1;
}

double hrl_household_discount(const hrl_household *households) {
  if (households == NULL || !households->is_lifecycle) return NAN;
  return households->stepper.forecast->beta;
}

double hrl_household_certainty_equivalent(const hrl_household *households,
                                          double discounted_reward) {
  if (households == NULL || !households->is_lifecycle) return NAN;
  return hrlp_lifecycle_stepper_equivalent(&households->stepper, discounted_reward);
}

static hrl_status check_handle(const hrl_household *households, hrl_error *error) {
  if (households != NULL) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_ARGUMENT, "households are needed, found NULL");
}

hrl_status hrl_household_reset(hrl_household *households, size_t index, uint64_t episode,
                               hrl_error *error) {
  hrl_status status = check_handle(households, error);
  if (status == HRL_OK && index >= households->count)
    status =
        hrlp_fail(error, HRL_ERROR_ARGUMENT,
                  "index: found %zu, expected less than %zu, the number of households",
                  index, households->count);
  if (status == HRL_OK) status = check_episodes(episode, 1, error);
  if (status == HRL_OK) begin(households, index, episode);
  return status;
}

hrl_status hrl_household_reset_all(hrl_household *households, uint64_t first_episode,
                                   hrl_error *error) {
  hrl_status status = check_handle(households, error);
  if (status == HRL_OK) status = check_episodes(first_episode, households->count, error);
  if (status == HRL_OK) begin_all(households, first_episode);
  return status;
}

hrl_status hrl_household_reset_where(hrl_household *households, const uint8_t *where,
                                     const uint64_t *episodes, hrl_error *error) {
  hrl_status status = check_handle(households, error);
  if (status != HRL_OK) return status;
  if (where == NULL || episodes == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "where and episodes are needed, found NULL");
  for (size_t i = 0; i < households->count && status == HRL_OK; i++)
    if (where[i] != 0) status = check_episodes(episodes[i], 1, error);
  for (size_t i = 0; i < households->count && status == HRL_OK; i++)
    if (where[i] != 0) begin(households, i, episodes[i]);
  return status;
}

static void observe_budget(const struct hrlp_household *batch, size_t i,
                           hrl_observation *observation) {
  const struct hrlp_budget_config *environment = &batch->environment;
  *observation = (hrl_observation){
      .income = environment->income,
      .fixed_expenses = batch->fixed[i],
      .variable_expense = batch->variable[i],
      .cash = batch->cash[i],
      .inflation = environment->inflation,
      .risk_tolerance = environment->risk_tolerance,
      .months_remaining = (double)(environment->max_months - batch->month[i]),
      .portfolio = batch->portfolio[i]};
}

void hrl_household_observe(const hrl_household *households,
                           hrl_observation *observations) {
  if (households == NULL || observations == NULL) return;
  for (size_t i = 0; i < households->count; i++)
    if (households->is_lifecycle)
      hrlp_lifecycle_stepper_observe(&households->stepper, i, households->ended[i],
                                     &observations[i]);
    else
      observe_budget(&households->batch, i, &observations[i]);
}

hrl_status hrl_household_observe_lifecycle(const hrl_household *households,
                                           hrl_lifecycle_observation *observations,
                                           hrl_error *error) {
  hrl_status status = check_handle(households, error);
  if (status != HRL_OK) return status;
  if (observations == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a place for the observations is needed, found NULL");
  if (!households->is_lifecycle)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "found households of the model 'budget', expected 'lifecycle'; use "
                     "hrl_household_observe");
  for (size_t i = 0; i < households->count; i++)
    hrlp_lifecycle_stepper_observe_all(&households->stepper, i, households->ended[i],
                                       &observations[i]);
  return HRL_OK;
}

static hrl_status fail_share(size_t index, double share, hrl_error *error) {
  char found[HRLP_NUMBER_SIZE] = "no finite number";
  if (isfinite(share)) hrlp_format_number(found, share);
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "invest[%zu]: found %s, expected a share of income from 0 to 1", index,
                   found);
}

/* What is checked before anything moves. */
static hrl_status check_step(const hrl_household *households, const double *actions,
                             const hrl_step_result *result, hrl_error *error) {
  hrl_status status = check_handle(households, error);
  if (status != HRL_OK) return status;
  if (actions == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "shares to invest are needed, found NULL");
  if (result != NULL && result->size < LEAST_RESULT_SIZE)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "result->size: found %zu, expected sizeof(hrl_step_result), %zu",
                     result->size, sizeof *result);
  for (size_t i = 0; i < households->count; i++) {
    if (households->ended[i])
      return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                       "household %zu is past its end; reset it before the next month",
                       i);
    if (households->is_lifecycle) {
      status = hrlp_lifecycle_stepper_check(actions, i, error);
      if (status != HRL_OK) return status;
    } else if (!(actions[i] >= 0.0 && actions[i] <= 1.0)) {
      return fail_share(i, actions[i], error);
    }
  }
  return HRL_OK;
}

/* Copies what the caller asked for out of the month. */
static void report(const hrl_household *households, const hrl_step_result *result) {
  const struct hrlp_month *month = &households->month;
  size_t count = households->count;
  hrl_step_result wanted = {0};
  memcpy(&wanted, result, result->size < sizeof wanted ? result->size : sizeof wanted);
  if (wanted.reward != NULL)
    memcpy(wanted.reward, month->reward, count * sizeof *month->reward);
  if (wanted.wealth_change != NULL)
    memcpy(wanted.wealth_change, month->wealth_change,
           count * sizeof *month->wealth_change);
  if (wanted.terminated != NULL) memcpy(wanted.terminated, month->insolvent, count);
  /* who is insolvent in the last month is terminated, not truncated */
  if (wanted.truncated != NULL)
    for (size_t i = 0; i < count; i++)
      wanted.truncated[i] = month->finished[i] && !month->insolvent[i];
  if (wanted.consumption != NULL)
    memcpy(wanted.consumption, households->consumption,
           count * sizeof *households->consumption);
}

static void step_budget(hrl_household *households, const double *invest) {
  struct hrlp_household *batch = &households->batch;
  hrlp_household_step(batch, 0, batch->count, NULL, invest, &households->month);
  for (size_t i = 0; i < batch->count; i++)
    households->consumption[i] = batch->fixed[i] + batch->variable[i];
}

hrl_status hrl_household_step(hrl_household *households, const double *actions,
                              const hrl_step_result *result, hrl_error *error) {
  hrl_status status = check_step(households, actions, result, error);
  if (status != HRL_OK) return status;
  if (households->is_lifecycle)
    hrlp_lifecycle_stepper_step(
        &households->stepper, actions,
        &(struct hrlp_lifecycle_step){.reward = households->month.reward,
                                      .wealth_change = households->month.wealth_change,
                                      .consumption = households->consumption,
                                      .finished = households->month.finished});
  else
    step_budget(households, actions);
  memcpy(households->ended, households->month.finished, households->count);
  if (result != NULL) report(households, result);
  return HRL_OK;
}
