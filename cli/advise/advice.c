#include "advise/advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/memory.h>
#include <hrl/percentiles.h>

const double advice_levels[ADVICE_LEVELS] = {5.0, 25.0, 50.0, 75.0, 95.0};

/* The best rule is picked on so many futures, which are not those that it is judged by:
 * neither it nor the pair has seen them. */
#define PICKED_ON 64

/* Receives months; not 0, which ends it, where there is no room for one. */
static int keep_month(const hrl_percentiles *month, void *data) {
  struct advice *advice = data;
  if ((advice->count & (advice->count - 1)) == 0) { /* 0 and powers of 2: it is full */
    size_t room = advice->count == 0 ? 1 : 2 * advice->count;
    struct advice_month *grown = realloc(advice->months, room * sizeof *advice->months);
    if (grown == NULL) return 1;
    advice->months = grown;
  }
  struct advice_month *kept = &advice->months[advice->count++];
  kept->month = month->month;
  kept->share_left = (double)month->episodes / (double)advice->futures;
  memcpy(kept->cash, month->cash, sizeof kept->cash);
  memcpy(kept->portfolio, month->portfolio, sizeof kept->portfolio);
  memcpy(kept->wealth, month->wealth, sizeof kept->wealth);
  memcpy(kept->consumption, month->consumption, sizeof kept->consumption);
  return 0;
}

/* Keeps what is done in the first of the months that are heard of. */
static int keep_decision(const hrl_percentiles *month, void *data) {
  struct advice *advice = data;
  if (month->month != advice->months[0].month) return 0;
  advice->rule_now = (struct advice_decision){month->consumption[0], month->cash[0],
                                              month->portfolio[0]};
  return 0;
}

/* The rule's decision this month. Its income and expenses are known, so that one future
 * suffices in the model `lifecycle`. */
static hrl_status ask_rule(struct advice *advice, const struct advice_request *request,
                           const hrl_evaluate_options *options, hrl_error *error) {
  const hrl_advice *now = &advice->now;
  if (!advice->is_lifecycle) {
    double invest = advice->rule.save * now->amount;
    double consume = now->now.fixed_expenses + now->now.variable_expense;
    advice->rule_now =
        (struct advice_decision){consume, now->amount - invest - consume, invest};
    return HRL_OK;
  }
  static const double any = 50.0;
  hrl_evaluate_options one = *options;
  hrl_percentiles_request wanted = HRL_PERCENTILES_REQUEST_INIT;
  one.episodes = 1;
  wanted.levels = &any;
  wanted.count = 1;
  wanted.hear = keep_decision;
  wanted.data = advice;
  return hrl_percentiles_rule(request->scenario, &advice->rule, &one, &wanted, error);
}

/* The standard error of the difference of two certainty equivalents, by the delta method:
 * a and b are theirs, and how much the two go together is in the error of the difference
 * of their returns. A euro is worth another return to each: where they lie far apart, one
 * slope for both would be wrong by a factor. Written so that it is 0 where nothing
 * varies, and keeps its digits where the two are nearly alike. */
static double lead_error(const hrl_evaluation *policy, const hrl_evaluation *rule,
                         double of_returns) {
  double a = policy->certainty_equivalent_stderr;
  double b = rule->certainty_equivalent_stderr;
  double x = policy->strategic_return_stderr;
  double y = rule->strategic_return_stderr;
  double square = (a - b) * (a - b);
  double apart = of_returns * of_returns - (x - y) * (x - y);
  if (x > 0.0 && y > 0.0 && apart > 0.0) square += (a / x) * (b / y) * apart;
  return sqrt(square);
}

/* The pair beside the best simple rule; its episodes are the futures that are shown. */
static hrl_status compare(struct advice *advice, const struct advice_request *request,
                          const hrl_evaluate_options *options, hrl_error *error) {
  hrl_evaluate_options picking = *options;
  picking.episodes = PICKED_ON;
  hrl_percentiles_request wanted = HRL_PERCENTILES_REQUEST_INIT;
  wanted.levels = advice_levels;
  wanted.count = ADVICE_LEVELS;
  wanted.hear = keep_month;
  wanted.data = advice;
  hrl_status status = hrl_pick_rule(request->scenario, &picking, &advice->rule, error);
  if (status == HRL_OK)
    status = hrl_evaluate_against_rule(
        request->policy, request->scenario, &advice->rule, options, &wanted,
        &advice->policy, &advice->best_rule, &advice->lead, &advice->lead_stderr, error);
  if (status == HRL_OK) status = ask_rule(advice, request, options, error);
  if (status != HRL_OK || !advice->is_lifecycle) return status;
  advice->lead =
      advice->policy.certainty_equivalent - advice->best_rule.certainty_equivalent;
  advice->lead_stderr =
      lead_error(&advice->policy, &advice->best_rule, advice->lead_stderr);
  return HRL_OK;
}

hrl_status advice_collect(struct advice *advice, const struct advice_request *request,
                          hrl_error *error) {
  *advice = (struct advice){.now = {.size = sizeof advice->now},
                            .rule = {.size = sizeof advice->rule},
                            .policy = {.size = sizeof advice->policy},
                            .best_rule = {.size = sizeof advice->best_rule},
                            .futures = request->futures};
  advice->is_lifecycle = strcmp(hrl_scenario_model(request->scenario), "lifecycle") == 0;
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = request->futures;
  options.seed = request->seed;
  options.threads = request->threads;
  hrl_status status =
      hrl_policy_differences(request->policy, request->scenario, &advice->outside, error);
  if (status == HRL_OK)
    status = hrl_policy_advise(request->policy, request->scenario, &advice->now, error);
  if (status == HRL_OK) status = compare(advice, request, &options, error);
  advice->has_lines = request->lines;
  if (status == HRL_OK && request->lines)
    status = advice_draw_lines(advice, request, &options, error);
  return status;
}

void advice_free(struct advice *advice) {
  hrl_free(advice->outside);
  free(advice->months);
  *advice = (struct advice){0};
}

const struct advice_month *advice_month_at(const struct advice *advice, uint64_t month) {
  size_t i = 0;
  while (i + 1 < advice->count && advice->months[i].month < month) i++;
  return &advice->months[i];
}
