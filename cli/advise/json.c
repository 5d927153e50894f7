#include "advise/output.h"
#include "common/json_text.h"
#include "common/rule_text.h"

static json_t *numbers(const double *values, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(array, json_number(values[i]));
  return array;
}

static json_t *situation_json(const struct answer *answer) {
  const hrl_situation *now = &answer->situation;
  return json_pack("{s:I, s:o, s:o, s:b}", "month", (json_int_t)now->month, "cash",
                   json_number(now->cash), "portfolio", json_number(now->portfolio),
                   "unemployed", now->unemployed);
}

static json_t *allocation_json(const hrl_advice *now) {
  return json_pack("{s:o, s:o, s:o, s:o}", "amount", json_number(now->amount), "consume",
                   json_number(now->consume), "save", json_number(now->save), "invest",
                   json_number(now->invest));
}

static json_t *goal_json(const hrl_advice *now) {
  return json_pack("{s:o, s:o, s:o, s:I}", "target_invest_ratio",
                   json_number(now->goal.target_invest_ratio), "safety_buffer",
                   json_number(now->goal.safety_buffer), "aggressiveness",
                   json_number(now->goal.aggressiveness), "months",
                   (json_int_t)now->months_of_goal);
}

static json_t *expected_json(const hrl_advice *now) {
  return json_pack("{s:o, s:o, s:o, s:o}", "income", json_number(now->now.income),
                   "fixed_expenses", json_number(now->now.fixed_expenses),
                   "variable_expense", json_number(now->now.variable_expense),
                   "months_remaining", json_number(now->now.months_remaining));
}

static json_t *point_json(const struct advice_point *point) {
  return json_pack("{s:o, s:o}", "wealth", json_number(point->wealth), "consumption",
                   json_number(point->consumption));
}

static json_t *month_json(const struct advice *advice, const struct advice_month *month) {
  json_t *object = json_pack(
      "{s:I, s:o, s:o, s:o, s:o, s:o}", "month", (json_int_t)month->month, "share_left",
      json_number(month->share_left), "cash", numbers(month->cash, ADVICE_LEVELS),
      "portfolio", numbers(month->portfolio, ADVICE_LEVELS), "wealth",
      numbers(month->wealth, ADVICE_LEVELS), "consumption",
      numbers(month->consumption, ADVICE_LEVELS));
  if (advice->has_lines) {
    json_object_set_new(object, "best_rule", point_json(&month->lines[ADVICE_RULE]));
    json_object_set_new(object, "optimum", point_json(&month->lines[ADVICE_OPTIMUM]));
  }
  return object;
}

static json_t *futures_json(const struct advice *advice) {
  json_t *months = json_array();
  for (size_t i = 0; i < advice->count; i++)
    json_array_append_new(months, month_json(advice, &advice->months[i]));
  return json_pack("{s:I, s:o, s:o}", "count", (json_int_t)advice->futures, "levels",
                   numbers(advice_levels, ADVICE_LEVELS), "months", months);
}

/* What one player comes to. */
static json_t *value_json(const struct advice *advice, const hrl_evaluation *evaluation) {
  json_t *object = json_pack(
      "{s:o, s:o, s:o, s:o, s:o}", "strategic_return",
      json_number(evaluation->strategic_return), "strategic_return_stderr",
      json_number(evaluation->strategic_return_stderr), "final_wealth",
      json_number(evaluation->wealth), "solvent", json_number(evaluation->solvent),
      "consumption", json_number(evaluation->consumption));
  if (advice->is_lifecycle)
    json_object_set_new(object, "certainty_equivalent",
                        json_number(evaluation->certainty_equivalent));
  return object;
}

static json_t *comparison_json(const struct advice *advice) {
  char rule[RULE_TEXT_SIZE];
  rule_describe(&advice->rule, advice->is_lifecycle, rule, sizeof rule);
  json_t *decision = json_pack(
      "{s:o, s:o, s:o}", "consume", json_number(advice->rule_now.consume), "save",
      json_number(advice->rule_now.save), "invest", json_number(advice->rule_now.invest));
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s}", "rule", rule, "rule_this_month",
                   decision, "policy", value_json(advice, &advice->policy), "best_rule",
                   value_json(advice, &advice->best_rule), "lead",
                   json_number(advice->lead), "lead_stderr",
                   json_number(advice->lead_stderr), "unit",
                   advice->is_lifecycle ? "euro a month" : "strategic return");
}

json_t *advise_to_json(const struct question *question, const struct answer *answer) {
  const struct advice *advice = &answer->advice;
  json_t *outside = advice->outside[0] == '\0' ? json_null() : json_text(advice->outside);
  return json_pack(
      "{s:o, s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "scenario",
      json_text(hrl_scenario_name(answer->scenario)), "model", json_text(question->model),
      "household_model", hrl_scenario_model(answer->scenario), "label",
      json_text(answer->label), "seed", (json_int_t)question->seed, "situation",
      situation_json(answer), "this_month", allocation_json(&advice->now), "expected",
      expected_json(&advice->now), "goal", goal_json(&advice->now), "comparison",
      comparison_json(advice), "outside", outside, "futures", futures_json(advice));
}
