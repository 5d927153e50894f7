#include "environments/lifecycle/stepper.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "environments/lifecycle/figures.h"
#include "environments/lifecycle/lifecycle.h"
#include "environments/lifecycle/task.h"

/* Shares in single precision, added up, are this near to 1. */
#define SUM_TOLERANCE 1e-6

hrl_status hrlp_lifecycle_stepper_create(struct hrlp_lifecycle_stepper *stepper,
                                         const hrl_scenario *scenario, size_t count,
                                         uint64_t seed, hrl_error *error) {
  *stepper = (struct hrlp_lifecycle_stepper){.seed = seed, .count = count};
  hrl_status status = hrlp_lifecycle.create(scenario, &stepper->task, error);
  if (status != HRL_OK) return status;
  stepper->forecast = hrlp_lifecycle_forecast_of(stepper->task);
  stepper->lives = hrlp_alloc(count, sizeof *stepper->lives);
  stepper->going = hrlp_alloc(count, sizeof(struct hrlp_life *));
  stepper->wealth = hrlp_alloc(count, sizeof *stepper->wealth);
  if (stepper->lives == NULL || stepper->going == NULL || stepper->wealth == NULL)
    return hrlp_fail_memory(error, "the households");
  return HRL_OK;
}

void hrlp_lifecycle_stepper_destroy(struct hrlp_lifecycle_stepper *stepper) {
  hrlp_free(stepper->wealth);
  hrlp_free(stepper->going);
  hrlp_free(stepper->lives);
  hrlp_lifecycle.destroy(stepper->task);
}

void hrlp_lifecycle_stepper_begin(struct hrlp_lifecycle_stepper *stepper, size_t i,
                                  uint64_t episode) {
  hrlp_life_begin(stepper->forecast, stepper->seed, episode, &stepper->lives[i]);
  stepper->wealth[i] = stepper->task->initial_wealth;
}

void hrlp_lifecycle_stepper_observe_all(const struct hrlp_lifecycle_stepper *stepper,
                                        size_t i, bool ended,
                                        hrl_lifecycle_observation *observation) {
  const struct hrlp_lifecycle_forecast *forecast = stepper->forecast;
  const struct hrlp_life *life = &stepper->lives[i];
  /* before its decision a month is still to come, of which cash on hand is what it has */
  int64_t left = ended ? 0 : forecast->months + 1 - life->month;
  *observation = (hrl_lifecycle_observation){
      .cash_on_hand = ended ? life->cash + life->portfolio : life->cash_on_hand,
      .income = life->income,
      .expenses = life->expenses,
      .cash = life->cash,
      .portfolio = life->portfolio,
      .job = (double)life->job,
      .level = life->level,
      .price = forecast->price[life->month],
      .taxes = life->tax,
      .transfer = life->transfer,
      .months_remaining = (double)left};
}

void hrlp_lifecycle_stepper_observe(const struct hrlp_lifecycle_stepper *stepper,
                                    size_t i, bool ended, hrl_observation *observation) {
  const struct hrlp_lifecycle_config *config = &stepper->forecast->config;
  hrl_lifecycle_observation all;
  hrlp_lifecycle_stepper_observe_all(stepper, i, ended, &all);
  double fixed = config->fixed_expenses * all.price;
  *observation = (hrl_observation){.income = all.income,
                                   .fixed_expenses = fixed,
                                   .variable_expense = all.expenses - fixed,
                                   .cash = all.cash_on_hand - all.portfolio,
                                   .inflation = config->inflation,
                                   .risk_tolerance = config->risk_tolerance,
                                   .months_remaining = all.months_remaining,
                                   .portfolio = all.portfolio};
}

hrl_status hrlp_lifecycle_stepper_check(const double *shares, size_t i,
                                        hrl_error *error) {
  static const char *const names[HRLP_LIFECYCLE_SHARES] = {"invest", "save", "consume"};
  double sum = 0.0;
  for (size_t k = 0; k < HRLP_LIFECYCLE_SHARES; k++) {
    double share = shares[HRLP_LIFECYCLE_SHARES * i + k];
    sum += share;
    if (share >= 0.0 && share <= 1.0) continue;
    char found[HRLP_NUMBER_SIZE] = "no finite number";
    if (isfinite(share)) hrlp_format_number(found, share);
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "%s of household %zu: found %s, expected a share of cash on hand "
                     "from 0 to 1",
                     names[k], i, found);
  }
  if (fabs(sum - 1.0) <= SUM_TOLERANCE) return HRL_OK;
  char found[HRLP_NUMBER_SIZE];
  hrlp_format_number(found, sum);
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "household %zu: the shares invest, save and consume add up to %s, "
                   "expected 1",
                   i, found);
}

void hrlp_lifecycle_stepper_step(struct hrlp_lifecycle_stepper *stepper,
                                 const double *shares,
                                 const struct hrlp_lifecycle_step *month) {
  const struct hrlp_lifecycle_forecast *forecast = stepper->forecast;
  size_t going = 0;
  for (size_t i = 0; i < stepper->count; i++) {
    const double *own = shares + HRLP_LIFECYCLE_SHARES * i;
    struct hrlp_life *life = &stepper->lives[i];
    double kept = own[0] + own[1];
    hrlp_life_decide(forecast, life, own[2] * life->cash_on_hand,
                     kept > 0.0 ? own[0] / kept : 0.0);
    double wealth = life->cash + life->portfolio;
    month->consumption[i] = life->consumption;
    month->wealth_change[i] = wealth - stepper->wealth[i];
    month->reward[i] = hrlp_life_worth(forecast, life->month, life->consumption);
    month->finished[i] = life->month == forecast->months;
    stepper->wealth[i] = wealth;
    if (month->finished[i])
      month->reward[i] += forecast->beta * hrlp_life_bequest(forecast, wealth);
    else
      stepper->going[going++] = life;
  }
  hrlp_life_advance(forecast, stepper->seed, stepper->going, going);
}

double hrlp_lifecycle_stepper_equivalent(const struct hrlp_lifecycle_stepper *stepper,
                                         double discounted) {
  return hrlp_life_certainty_equivalent(stepper->forecast,
                                        discounted / stepper->forecast->total_weight);
}
