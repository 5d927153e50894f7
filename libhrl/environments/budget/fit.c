#include "environments/budget/fit.h"

#include <math.h>

#include "environments/budget/task.h"

/* A measure of a household that its agents see or are rewarded by, in its own unit:
 * income does not matter, what lies beside it does. */
struct measure {
  const char *key, *unit;
  double trained, other;
  double allowed; /* how far apart the two may lie */
};

static void compare(const struct measure *measure, struct hrlp_text *text) {
  double apart = fabs(measure->other - measure->trained);
  if (apart <= measure->allowed * (1.0 + 1e-9)) return;
  hrlp_text_format(text, "%s%s is %.4g%s, trained on %.4g", text->length > 0 ? "; " : "",
                   measure->key, measure->other, measure->unit, measure->trained);
}

/* What income leaves after the expected expenses of the first month. */
static double surplus(const struct hrlp_budget_config *config) {
  return 1.0 - (config->fixed_expenses + config->variable_expense_mean) / config->income;
}

/* Weights are compared as the agents see them: relative to what a euro invested is worth.
 */
static double weight(const struct hrlp_budget_weights *weights, double value) {
  return weights->alpha > 0.0 ? value / weights->alpha : value;
}

/* The expected yield a month. */
static double yield(const struct hrlp_budget_config *config) {
  return config->investment_return_type == HRLP_RETURN_NONE
             ? 0.0
             : config->investment_return_mean;
}

static double deviation(const struct hrlp_budget_config *config) {
  return config->investment_return_type == HRLP_RETURN_STOCHASTIC
             ? config->investment_return_std
             : 0.0;
}

void hrlp_budget_differences(const struct hrlp_task *trained,
                             const struct hrlp_task *other, struct hrlp_text *text) {
  const struct hrlp_forecast *then = hrlp_budget_forecast(trained);
  const struct hrlp_forecast *now = hrlp_budget_forecast(other);
  const struct hrlp_budget_config *a = &then->environment;
  const struct hrlp_budget_config *b = &now->environment;
  const struct hrlp_budget_weights *v = &then->reward;
  const struct hrlp_budget_weights *w = &now->reward;
  static const char of_income[] = " of income";
  /* what is left of the income counts most: docs/algorithm.md, "On another household" */
  const struct measure measures[] = {
      {"what expenses leave", of_income, surplus(a), surplus(b), 0.03},
      {"fixed_expenses", of_income, a->fixed_expenses / a->income,
       b->fixed_expenses / b->income, 0.05},
      {"variable_expense_mean", of_income, a->variable_expense_mean / a->income,
       b->variable_expense_mean / b->income, 0.05},
      {"variable_expense_std", of_income, a->variable_expense_std / a->income,
       b->variable_expense_std / b->income, 0.03},
      {"safety_threshold", of_income, a->safety_threshold / a->income,
       b->safety_threshold / b->income, 0.5},
      {"initial_cash", of_income, a->initial_cash / a->income,
       b->initial_cash / b->income, 2.0},
      {"inflation", "", a->inflation, b->inflation, 0.01},
      {"max_months", "", (double)a->max_months, (double)b->max_months,
       0.25 * (double)a->max_months},
      {"risk_tolerance", "", a->risk_tolerance, b->risk_tolerance, 0.2},
      {"investment_return_mean", "", yield(a), yield(b), 0.002},
      {"investment_return_std", "", deviation(a), deviation(b), 0.02},
      {"reward.beta", " of alpha", weight(v, v->beta), weight(w, w->beta),
       0.25 * weight(v, v->beta)},
      {"reward.gamma", " of alpha", weight(v, v->gamma), weight(w, w->gamma),
       0.25 * weight(v, v->gamma)},
      {"reward.delta", " of alpha", weight(v, v->delta), weight(w, w->delta),
       0.25 * weight(v, v->delta)},
      {"reward.lambda_", " of alpha", weight(v, v->lambda), weight(w, w->lambda),
       0.25 * weight(v, v->lambda)},
      {"reward.mu", " of alpha", weight(v, v->mu), weight(w, w->mu),
       0.25 * weight(v, v->mu)},
  };
  for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
    compare(&measures[i], text);
}
