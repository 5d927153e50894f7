#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "environments/models.h"
#include "evaluate/evaluate.h"
#include "scenario/definition.h"
#include "scenario/scenario.h"

hrl_status hrl_evaluate_share(const hrl_scenario *scenario, double share,
                              const hrl_evaluate_options *options, hrl_evaluation *result,
                              hrl_error *error) {
  if (scenario == NULL || result == NULL || !(share >= 0.0 && share <= 1.0))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_share: expected a scenario, a share within 0..1 and a "
                     "result");
  hrl_status status =
      hrlp_scenario_check_household(scenario, "hrl_evaluate_share", error);
  if (status != HRL_OK) return status;
  hrl_rule rule = {sizeof rule, share, 0.0, 0.0, 0.0};
  return hrl_evaluate_rule(scenario, &rule, options, result, error);
}

hrl_status hrlp_rule_check(const hrl_rule *rule, struct hrlp_plan *plan,
                           hrl_error *error) {
  hrl_rule wanted = {0};
  if (rule != NULL)
    memcpy(&wanted, rule, rule->size < sizeof wanted ? rule->size : sizeof wanted);
  if (rule == NULL || !(wanted.save >= 0.0 && wanted.save <= 1.0) ||
      !(wanted.share >= 0.0 && wanted.share <= 1.0) ||
      !(wanted.buffer >= 0.0 && wanted.buffer <= 1e6) ||
      !(wanted.target >= 0.0 && wanted.target <= 1e6))
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "a rule: expected save and share within 0..1 and months of 0 or more");
  *plan = (struct hrlp_plan){
      .parameters = {wanted.save, wanted.share, wanted.buffer, wanted.target}};
  return HRL_OK;
}

void hrlp_rule_give(const struct hrlp_plan *plan, hrl_rule *rule) {
  hrl_rule found = {rule->size, plan->parameters[0], plan->parameters[1],
                    plan->parameters[2], plan->parameters[3]};
  memcpy(rule, &found, rule->size < sizeof found ? rule->size : sizeof found);
}

hrl_status hrl_evaluate_rule(const hrl_scenario *scenario, const hrl_rule *rule,
                             const hrl_evaluate_options *options, hrl_evaluation *result,
                             hrl_error *error) {
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_rule: expected a scenario, a rule and a result");
  struct hrlp_evaluation evaluation;
  struct hrlp_plan plan;
  hrl_status status = hrlp_scenario_check_household(scenario, "hrl_evaluate_rule", error);
  if (status == HRL_OK) status = hrlp_rule_check(rule, &plan, error);
  if (status != HRL_OK) return status;
  status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  if (status == HRL_OK)
    status = hrlp_evaluate_plan(&evaluation, &plan, evaluation.options.episodes, result,
                                error);
  hrlp_evaluation_end(&evaluation);
  return status;
}

/* More rules than these are screened on fewer episodes, from which the best go on. */
#define RULES_UNSCREENED 128
#define SCREEN_EPISODES 256
#define SCREEN_LEFT 24

static int compare_ranked(const void *a, const void *b) {
  const struct hrlp_ranked_rule *x = a;
  const struct hrlp_ranked_rule *y = b;
  if (x->value != y->value) return x->value < y->value ? 1 : -1;
  return (x->number > y->number) - (x->number < y->number);
}

void hrlp_rules_rank(struct hrlp_ranked_rule *rules, size_t count) {
  qsort(rules, count, sizeof *rules, compare_ranked);
}

/* Plays rule `number` for so many episodes. */
static hrl_status play_rule(const struct hrlp_evaluation *evaluation, size_t number,
                            uint64_t episodes, struct hrlp_plan *plan,
                            hrl_evaluation *result, hrl_error *error) {
  evaluation->task->environment->rule(evaluation->task, number, plan);
  return hrlp_evaluate_plan(evaluation, plan, episodes, result, error);
}

/* Puts the rules that are worth playing in full first; `*count` of them are left. */
static hrl_status screen_rules(const struct hrlp_evaluation *evaluation,
                               struct hrlp_ranked_rule *rules, size_t *count,
                               hrl_error *error) {
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < *count; i++) rules[i].number = i;
  if (*count <= RULES_UNSCREENED || evaluation->options.episodes <= SCREEN_EPISODES)
    return HRL_OK;
  for (size_t i = 0; i < *count && status == HRL_OK; i++) {
    hrl_evaluation tried = {.size = sizeof tried};
    struct hrlp_plan plan;
    status = play_rule(evaluation, i, SCREEN_EPISODES, &plan, &tried, error);
    rules[i].value = tried.strategic_return;
  }
  hrlp_rules_rank(rules, *count);
  *count = SCREEN_LEFT;
  return status;
}

static hrl_status find_best_rule(const struct hrlp_evaluation *evaluation,
                                 struct hrlp_plan *best_plan, hrl_evaluation *best,
                                 hrl_error *error) {
  size_t count = evaluation->task->environment->rules(evaluation->task);
  struct hrlp_ranked_rule *rules = hrlp_alloc(count, sizeof *rules);
  if (rules == NULL) return hrlp_fail_memory(error, "the simple rules");
  hrl_status status = screen_rules(evaluation, rules, &count, error);
  *best = (hrl_evaluation){.strategic_return = -INFINITY};
  for (size_t i = 0; i < count && status == HRL_OK; i++) {
    hrl_evaluation tried = {.size = sizeof tried};
    struct hrlp_plan plan;
    status = play_rule(evaluation, rules[i].number, evaluation->options.episodes, &plan,
                       &tried, error);
    if (status != HRL_OK || tried.strategic_return <= best->strategic_return) continue;
    *best = tried;
    *best_plan = plan;
  }
  hrlp_free(rules);
  return status;
}

/* Finds the best rule and gives what it came to. */
static hrl_status evaluate_best_rule(const hrl_scenario *scenario,
                                     const hrl_evaluate_options *options,
                                     struct hrlp_plan *plan, hrl_evaluation *result,
                                     hrl_error *error) {
  struct hrlp_evaluation evaluation;
  hrl_evaluation best;
  hrl_status status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  if (status == HRL_OK) status = find_best_rule(&evaluation, plan, &best, error);
  hrlp_evaluation_end(&evaluation);
  if (status != HRL_OK) return status;
  best.size = result->size;
  memcpy(result, &best, result->size < sizeof best ? result->size : sizeof best);
  return HRL_OK;
}

hrl_status hrl_evaluate_best_rule(const hrl_scenario *scenario,
                                  const hrl_evaluate_options *options, hrl_rule *rule,
                                  hrl_evaluation *result, hrl_error *error) {
  if (scenario == NULL || rule == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_evaluate_best_rule: expected a scenario, a rule and a result");
  struct hrlp_plan plan = {.optimum = NULL};
  hrl_status status =
      hrlp_scenario_check_household(scenario, "hrl_evaluate_best_rule", error);
  if (status == HRL_OK)
    status = evaluate_best_rule(scenario, options, &plan, result, error);
  if (status != HRL_OK) return status;
  hrlp_rule_give(&plan, rule);
  return HRL_OK;
}

/* Whether a scenario is of a task that has rule `number`. */
static hrl_status check_task_rule(const hrl_scenario *scenario, size_t number,
                                  const char *function, hrl_error *error) {
  if (scenario->definition == NULL)
    return hrlp_fail(error, HRL_ERROR_MISMATCH,
                     "%s: '%s' is a household, expected a program's own task", function,
                     scenario->name);
  const hrl_task *task = hrlp_definition_task(scenario->definition);
  if (number < task->rules) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                   "%s: rule %zu: the task '%s' has %zu, counted from 0", function,
                   number, task->name, task->rules);
}

hrl_status hrl_task_evaluate_rule(const hrl_scenario *scenario, size_t number,
                                  const hrl_evaluate_options *options,
                                  hrl_evaluation *result, hrl_error *error) {
  static const char function[] = "hrl_task_evaluate_rule";
  if (scenario == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "%s: expected a scenario and a result",
                     function);
  struct hrlp_evaluation evaluation;
  hrl_status status = check_task_rule(scenario, number, function, error);
  if (status != HRL_OK) return status;
  status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  struct hrlp_plan plan;
  if (status == HRL_OK)
    status =
        play_rule(&evaluation, number, evaluation.options.episodes, &plan, result, error);
  hrlp_evaluation_end(&evaluation);
  return status;
}

hrl_status hrl_task_evaluate_best_rule(const hrl_scenario *scenario,
                                       const hrl_evaluate_options *options,
                                       size_t *number, hrl_evaluation *result,
                                       hrl_error *error) {
  static const char function[] = "hrl_task_evaluate_best_rule";
  if (scenario == NULL || number == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "%s: expected a scenario, a number and a result", function);
  struct hrlp_plan plan = {.optimum = NULL};
  hrl_status status = check_task_rule(scenario, 0, function, error);
  if (status == HRL_OK)
    status = evaluate_best_rule(scenario, options, &plan, result, error);
  if (status == HRL_OK) *number = (size_t)plan.parameters[0];
  return status;
}

hrl_status hrl_evaluate_best_share(const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options, double *share,
                                   hrl_evaluation *result, hrl_error *error) {
  if (scenario == NULL || share == NULL || result == NULL)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "hrl_evaluate_best_share: expected a scenario, a share and a result");
  hrl_rule rule = {.size = sizeof rule};
  hrl_status status =
      hrlp_scenario_check_household(scenario, "hrl_evaluate_best_share", error);
  if (status != HRL_OK) return status;
  status = hrl_evaluate_best_rule(scenario, options, &rule, result, error);
  if (status == HRL_OK) *share = rule.save;
  return status;
}
