#include "environments/lifecycle/advice.h"

#include <math.h>

#include "base/error.h"
#include "environments/lifecycle/features.h"
#include "environments/lifecycle/household.h"
#include "environments/lifecycle/task.h"
#include "environments/remaining.h"

void hrlp_lifecycle_start(const struct hrlp_task *task, hrl_observation *now) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double price = forecast->price[1];
  double variable = config->variable_expense_mean * price;
  double fixed = config->fixed_expenses * price;
  double cash =
      config->initial_cash * forecast->safe + forecast->labour[3] - fixed - variable;
  *now = (hrl_observation){.income = forecast->labour[3],
                           .fixed_expenses = fixed,
                           .variable_expense = variable,
                           .cash = fmax(cash, fmax(config->consumption_floor, 1.0)),
                           .inflation = config->inflation,
                           .risk_tolerance = config->risk_tolerance,
                           .months_remaining = (double)config->max_months};
  if (config->beginning.month == 0) return;
  struct hrlp_life life;
  hrlp_life_begin(forecast, 0, 0, &life); /* which meets no noise amid a life */
  fixed = config->fixed_expenses * forecast->price[life.month];
  now->income = life.income;
  now->fixed_expenses = fixed;
  now->variable_expense = life.expenses - fixed;
  now->portfolio = life.portfolio;
  now->cash = life.cash_on_hand - life.portfolio;
  now->months_remaining = (double)(config->max_months + 1 - life.month);
}

hrl_status hrlp_lifecycle_check(const struct hrlp_task *task, const hrl_observation *now,
                                size_t index, hrl_error *error) {
  if (!isfinite(now->cash) || !isfinite(now->fixed_expenses) || !isfinite(now->income) ||
      !isfinite(now->variable_expense) || !isfinite(now->portfolio))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "household %zu: income, cash, expenses and portfolio must be finite "
                     "numbers",
                     index);
  return hrlp_remaining_check(task, now, index, error);
}

static struct hrlp_lifecycle_state make_state(
    const struct hrlp_lifecycle_forecast *forecast, const hrl_observation *now) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  int64_t t = forecast->months + 1 - (int64_t)now->months_remaining;
  double floor = config->consumption_floor * forecast->price[t];
  double employed = forecast->labour[2 * t + 1];
  double unemployed = forecast->labour[2 * t];
  bool retired = hrlp_lifecycle_retired(config, t);
  int job = retired || now->income >= (employed + unemployed) / 2.0;
  double usual = job ? employed : unemployed;
  double level = 1.0;
  if (config->income_permanent_std > 0.0 && usual > 0.0)
    level = fmin(fmax(now->income / usual, 0.05), 20.0);
  return (struct hrlp_lifecycle_state){
      .month = t,
      .cash = fmax(now->cash + now->portfolio, fmax(floor, 1e-6)),
      .net = now->income - now->fixed_expenses - now->variable_expense,
      .level = level,
      .job = job};
}

void hrlp_lifecycle_advise_strategist(const struct hrlp_task *task,
                                      const hrl_observation *now,
                                      const hrl_observation *previous, int64_t period,
                                      float *observation, float *offset) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  struct hrlp_lifecycle_state state = make_state(forecast, now);
  struct hrlp_lifecycle_measures measures = hrlp_lifecycle_measure(forecast, &state);
  double before = previous == NULL ? state.cash : previous->cash + previous->portfolio;
  double trend = log(state.cash / fmax(before, 1e-6));
  hrlp_lifecycle_strategist_observe(forecast, &state, &measures, trend, period,
                                    observation, offset);
}

hrl_goal hrlp_lifecycle_advise_goal(const struct hrlp_task *task, const float *action) {
  return hrlp_lifecycle_goal(hrlp_lifecycle_forecast_of(task), action);
}

/* Consumption that the goal asks for. */
static double plan(const struct hrlp_lifecycle_forecast *forecast,
                   const struct hrlp_lifecycle_state *state,
                   const struct hrlp_lifecycle_measures *measures, const hrl_goal *goal) {
  return hrlp_lifecycle_goal_plan(forecast, state, measures,
                                  goal->safety_buffer * forecast->price[state->month]);
}

void hrlp_lifecycle_advise_executor(const struct hrlp_task *task,
                                    const hrl_observation *now, const hrl_goal *goal,
                                    int64_t months_to_next_goal, int64_t period,
                                    float *observation, float *offset) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  struct hrlp_lifecycle_state state = make_state(forecast, now);
  struct hrlp_lifecycle_measures measures = hrlp_lifecycle_measure(forecast, &state);
  hrlp_lifecycle_executor_observe(
      forecast, &state, &measures, goal, plan(forecast, &state, &measures, goal),
      (double)months_to_next_goal / (double)period, observation, offset);
}

hrl_allocation hrlp_lifecycle_advise_allocation(const struct hrlp_task *task,
                                                const hrl_observation *now,
                                                const hrl_goal *goal,
                                                const float *action) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  struct hrlp_lifecycle_state state = make_state(forecast, now);
  struct hrlp_lifecycle_measures measures = hrlp_lifecycle_measure(forecast, &state);
  double consumption;
  double share;
  hrlp_lifecycle_decision(forecast, action, plan(forecast, &state, &measures, goal),
                          &consumption, &share);
  double floor = forecast->config.consumption_floor * forecast->price[state.month];
  consumption = fmin(fmax(consumption, floor), state.cash);
  double consume = consumption / state.cash;
  double rest = 1.0 - consume;
  return (hrl_allocation){
      .invest = share * rest, .save = rest - share * rest, .consume = consume};
}

/* A measure of a household in its own unit; how far apart two may lie. */
static void compare(const char *key, double trained, double other, double allowed,
                    struct hrlp_text *text) {
  if (fabs(other - trained) <= allowed * (1.0 + 1e-9)) return;
  hrlp_text_format(text, "%s%s is %.4g, trained on %.4g", text->length > 0 ? "; " : "",
                   key, other, trained);
}

void hrlp_lifecycle_differences(const struct hrlp_task *trained,
                                const struct hrlp_task *other, struct hrlp_text *text) {
  const struct hrlp_lifecycle_forecast *x = hrlp_lifecycle_forecast_of(trained);
  const struct hrlp_lifecycle_forecast *y = hrlp_lifecycle_forecast_of(other);
  const struct hrlp_lifecycle_config *a = &x->config;
  const struct hrlp_lifecycle_config *b = &y->config;
  double unit_a = x->reference;
  double unit_b = y->reference;
  compare("income in units of planned consumption", a->income / unit_a,
          b->income / unit_b, 0.1 * a->income / unit_a + 0.05, text);
  compare("initial_cash in units of planned consumption", a->initial_cash / unit_a,
          b->initial_cash / unit_b, 3.0 + 0.2 * a->initial_cash / unit_a, text);
  compare("yearly risk in units of planned consumption", x->buffer / unit_a,
          y->buffer / unit_b, 0.5, text);
  compare("max_months", (double)a->max_months, (double)b->max_months,
          0.25 * (double)a->max_months, text);
  compare("retirement_month", (double)a->retirement_month, (double)b->retirement_month,
          0.25 * (double)a->max_months, text);
  compare("job_loss_probability", a->job_loss_probability, b->job_loss_probability, 0.01,
          text);
  compare("cash_return", a->cash_return, b->cash_return, 0.01, text);
  compare("risky share without income", x->share, y->share, 0.15, text);
  compare("utility.risk_aversion", x->utility.risk_aversion, y->utility.risk_aversion,
          0.5, text);
  compare("utility.discount_factor", x->utility.discount_factor,
          y->utility.discount_factor, 0.01, text);
  compare("utility.bequest_months", (double)x->utility.bequest_months,
          (double)y->utility.bequest_months, 12.0, text);
}
