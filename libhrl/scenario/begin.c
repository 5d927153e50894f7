/* Where a household's simulation begins. */
#include <math.h>
#include <string.h>

#include <hrl/scenario.h>

#include "base/error.h"
#include "base/text.h"
#include "scenario/content.h"
#include "scenario/definition.h"

#define MOST_EURO 1e12

static hrl_status check_euro(const char *name, double value, hrl_error *error) {
  if (value >= 0.0 && value <= MOST_EURO) return HRL_OK;
  char found[HRLP_NUMBER_SIZE] = "no finite number";
  if (isfinite(value)) hrlp_format_number(found, value);
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "%s: found %s, expected euro from 0 to 1e12", name, found);
}

static hrl_status check(const hrl_situation *now, int64_t months, hrl_error *error) {
  if (now->month < 1 || now->month > (uint64_t)months)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "month: found %llu, expected 1 to %lld, the last of the scenario's "
                     "environment.max_months",
                     (unsigned long long)now->month, (long long)months);
  hrl_status status = check_euro("cash", now->cash, error);
  return status == HRL_OK ? check_euro("portfolio", now->portfolio, error) : status;
}

hrl_status hrl_scenario_begin_at(hrl_scenario *scenario, const hrl_situation *now,
                                 hrl_error *error) {
  if (scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "a scenario is needed");
  if (scenario->family != NULL)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "%s is a family of households; draw one of them with hrl_scenario_draw first",
        scenario->name);
  hrl_status status =
      hrlp_scenario_check_household(scenario, "hrl_scenario_begin_at", error);
  if (status != HRL_OK) return status;
  const bool lifecycle = scenario->model == HRLP_MODEL_LIFECYCLE;
  struct hrlp_beginning *beginning =
      lifecycle ? &scenario->lifecycle.beginning : &scenario->environment.beginning;
  if (now == NULL) {
    *beginning = (struct hrlp_beginning){0};
    return HRL_OK;
  }
  hrl_situation given = HRL_SITUATION_INIT;
  memcpy(&given, now, now->size < sizeof given ? now->size : sizeof given);
  status =
      check(&given,
            lifecycle ? scenario->lifecycle.max_months : scenario->environment.max_months,
            error);
  if (status == HRL_OK && given.unemployed && !lifecycle)
    status = hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "unemployed: the model '%s' has no jobs; set environment.income instead",
        hrl_scenario_model(scenario));
  if (status != HRL_OK) return status;
  *beginning = (struct hrlp_beginning){.month = (int64_t)given.month,
                                       .cash = given.cash,
                                       .portfolio = given.portfolio,
                                       .unemployed = given.unemployed != 0};
  return HRL_OK;
}
