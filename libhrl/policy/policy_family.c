/* How good a pair is over many households. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "policy/policy.h"

#define MOST_HOUSEHOLDS 100000

/* What an evaluation is compared by. */
static double worth(const hrl_evaluation *evaluation) {
  return isfinite(evaluation->certainty_equivalent) ? evaluation->certainty_equivalent
                                                    : evaluation->strategic_return;
}

static hrl_status play_household(const hrl_policy *policy, const hrl_scenario *household,
                                 const hrl_evaluate_options *options, double *skill,
                                 hrl_error *error) {
  hrl_rule rule = {.size = sizeof rule};
  hrl_evaluation found[3];
  for (size_t i = 0; i < 3; i++) found[i] = (hrl_evaluation){.size = sizeof found[i]};
  hrl_status status = hrl_evaluate_policy(policy, household, options, &found[0], error);
  if (status == HRL_OK)
    status = hrl_evaluate_best_rule(household, options, &rule, &found[1], error);
  if (status == HRL_OK)
    status = hrl_evaluate_optimum(household, options, NULL, &found[2], error);
  if (status == HRL_OK)
    *skill = hrl_skill(worth(&found[0]), worth(&found[1]), worth(&found[2]));
  return status;
}

static int compare(const void *a, const void *b) {
  const double *x = a;
  const double *y = b;
  return (*x > *y) - (*x < *y);
}

/* The part of sorted numbers at or below which `share` of them lie. */
static double quantile(const double *sorted, size_t count, double share) {
  double place = share * (double)(count - 1);
  size_t below = (size_t)place;
  size_t above = below + 1 < count ? below + 1 : below;
  return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

static hrl_status summarise(const double *skills, uint64_t households,
                            hrl_family_evaluation *result, hrl_error *error) {
  hrl_family_evaluation filled = {.size = result->size,
                                  .households = households,
                                  .median = NAN,
                                  .lower_quartile = NAN,
                                  .upper_quartile = NAN,
                                  .worst = NAN,
                                  .best = NAN};
  double *sorted = hrlp_alloc((size_t)households, sizeof *sorted);
  if (sorted == NULL) return hrlp_fail_memory(error, "an evaluation");
  size_t count = 0;
  for (uint64_t i = 0; i < households; i++) {
    if (isnan(skills[i])) continue;
    if (count == 0 || skills[i] < skills[filled.worst_household])
      filled.worst_household = i;
    sorted[count++] = skills[i];
  }
  if (count > 0) {
    qsort(sorted, count, sizeof *sorted, compare);
    filled.median = quantile(sorted, count, 0.5);
    filled.lower_quartile = quantile(sorted, count, 0.25);
    filled.upper_quartile = quantile(sorted, count, 0.75);
    filled.worst = sorted[0];
    filled.best = sorted[count - 1];
  }
  hrlp_free(sorted);
  memcpy(result, &filled, result->size < sizeof filled ? result->size : sizeof filled);
  return HRL_OK;
}

hrl_status hrl_evaluate_family(const hrl_policy *policy, const hrl_scenario *family,
                               uint64_t households, const hrl_evaluate_options *options,
                               double *skills, hrl_family_evaluation *result,
                               hrl_error *error) {
  if (policy != NULL && family == NULL) family = policy->scenario;
  if (policy == NULL || result == NULL || family->family == NULL || households < 1 ||
      households > MOST_HOUSEHOLDS)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "hrl_evaluate_family: expected a policy, a family, 1 to %d households "
        "and a result",
        MOST_HOUSEHOLDS);
  hrl_evaluate_options filled = HRL_EVALUATE_OPTIONS_INIT;
  if (options != NULL)
    memcpy(&filled, options,
           options->size < sizeof filled ? options->size : sizeof filled);
  filled.size = sizeof filled;
  filled.log = NULL; /* households lie within the family */
  double *found = hrlp_alloc((size_t)households, sizeof *found);
  if (found == NULL) return hrlp_fail_memory(error, "an evaluation");
  hrl_status status = HRL_OK;
  for (uint64_t i = 0; i < households && status == HRL_OK; i++) {
    hrl_scenario *household = NULL;
    status = hrl_scenario_draw(family, filled.seed, i, &household, error);
    if (status == HRL_OK)
      status = play_household(policy, household, &filled, &found[i], error);
    hrl_scenario_destroy(household);
  }
  if (status == HRL_OK) status = summarise(found, households, result, error);
  if (status == HRL_OK && skills != NULL)
    memcpy(skills, found, (size_t)households * sizeof *skills);
  hrlp_free(found);
  return status;
}
