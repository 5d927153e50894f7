#include "environments/lifecycle/features.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "environments/lifecycle/utility.h"

/* Plans that one unit of the strategist's second action means: with the same deviation as
 * for shares, exploration would hardly move the buffer. */
static const double buffer_unit = 6.0;

/* Consumption may differ from the goal's plan by that factor at most. */
static const double most_departure = 2.0; /* its logarithm */

/* Odd, 1:1 near 0, bounded by +-limit. */
static inline float soften(double x, double limit) {
  double part = x * (1.0 / limit);
  return (float)(x / sqrt(1.0 + part * part));
}

static double bounded(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

struct hrlp_lifecycle_measures hrlp_lifecycle_measure(
    const struct hrlp_lifecycle_forecast *forecast,
    const struct hrlp_lifecycle_state *state) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double aversion = forecast->utility.risk_aversion;
  double unit = forecast->price[state->month] * forecast->reference;
  size_t place = 0;
  double plan = hrlp_lifecycle_plan(forecast, state->month, state->cash, state->job,
                                    state->level, 0.0, &place);
  /* whoever has little can live on it for some months, in a way: others come */
  double price = forecast->price[state->month];
  double floor = config->consumption_floor * price;
  double poor = hrlp_min((state->cash + 5.0 * floor) / 6.0,
                         0.5 * forecast->ahead[state->month] * state->level * price);
  plan = hrlp_max(plan, hrlp_max(poor, 0.02 * unit));
  double now = hrlp_utility(aversion, plan / unit);
  double weight = forecast->weight[state->month];
  double worth = weight * now;
  if (place + 1 < HRLP_LIFECYCLE_HORIZONS) { /* what follows it */
    int64_t horizon = forecast->horizon[place];
    double ahead =
        forecast->weight[state->month + horizon] * forecast->horizon_discount[place];
    double later = forecast->ahead[state->month + horizon] * state->level;
    later = hrlp_max(later, plan / forecast->price[state->month]);
    worth += ahead * (hrlp_utility(aversion, later / forecast->reference) - now);
  }
  /* the slope only chooses the unit that an agent counts in at a state: kept within
   * bounds, so that no rare state outweighs all others */
  double usual =
      hrlp_max(forecast->ahead[state->month] * state->level, 0.5 * plan / price) /
      forecast->reference;
  double level = hrlp_utility_inverse(aversion, worth / weight);
  level = bounded(level, 0.75 * usual, 3.0 * usual);
  return (struct hrlp_lifecycle_measures){
      .plan = plan,
      .slope = weight * hrlp_utility_power(aversion, level),
      .potential = worth};
}

double hrlp_lifecycle_goal_plan(const struct hrlp_lifecycle_forecast *forecast,
                                const struct hrlp_lifecycle_state *state,
                                const struct hrlp_lifecycle_measures *measures,
                                double buffer) {
  double plan = hrlp_lifecycle_plan(forecast, state->month, state->cash, state->job,
                                    state->level, buffer, NULL);
  double usual = forecast->ahead[state->month] * forecast->price[state->month];
  double least = hrlp_min(0.6 * usual * state->level, measures->plan);
  least = hrlp_max(least, 1e-3 * measures->plan); /* where expenses eat up all income */
  return bounded(plan, hrlp_min(least, state->cash), state->cash);
}

#define COMMON 15

static void common_features(const struct hrlp_lifecycle_forecast *forecast,
                            const struct hrlp_lifecycle_state *state,
                            const struct hrlp_lifecycle_measures *measures, float *x) {
  double price = forecast->price[state->month];
  double unit = forecast->reference * price;
  double months = state->cash / measures->plan;
  double human = hrlp_lifecycle_human(forecast, state->month, state->job, state->level);
  const float *clock = forecast->clock + (size_t)state->month * HRLP_LIFECYCLE_CLOCK;
  x[0] = soften(months - 1.0, 1.0);
  x[1] = soften((months - 3.0) / 3.0, 1.5);
  x[2] = soften((months - 12.0) / 12.0, 2.0);
  x[3] = soften(log(state->cash / unit), 2.5);
  x[4] = soften(2.0 * log(measures->plan / unit), 2.0);
  x[5] = (float)state->job;
  x[6] = soften(state->net / measures->plan - 1.0, 1.5);
  memcpy(x + 7, clock, HRLP_LIFECYCLE_CLOCK * sizeof *x);
  x[11] =
      soften(human / (state->cash + (human > 0.0 ? human : 0.0) + unit) * 2.0 - 1.0, 2.0);
  x[12] = state->level == 1.0
              ? 0.0f
              : soften(2.0 * log(state->level > 1e-6 ? state->level : 1e-6), 2.0);
  size_t whole = (size_t)(state->month + 1) * HRLP_LIFECYCLE_HORIZONS - 1;
  double room = (state->cash + human) * forecast->plan_share[whole] / measures->plan;
  x[13] = soften(room - 1.0, 1.5);
  x[14] = soften(state->cash / unit / 24.0, 3.0);
}

/* The share for the portfolio by Samuelson's, corrected for the worth of income. */
static double textbook_share(const struct hrlp_lifecycle_forecast *forecast,
                             const struct hrlp_lifecycle_state *state, double plan) {
  double rest = hrlp_max(state->cash - plan, 0.5 * plan);
  double human = hrlp_lifecycle_human(forecast, state->month, state->job, state->level);
  return bounded(forecast->share * (1.0 + human / rest), 0.0, 1.0);
}

void hrlp_lifecycle_strategist_observe(const struct hrlp_lifecycle_forecast *forecast,
                                       const struct hrlp_lifecycle_state *state,
                                       const struct hrlp_lifecycle_measures *measures,
                                       double trend, int64_t period, float *observation,
                                       float *offset) {
  double price = forecast->price[state->month];
  double left = (double)(forecast->months - state->month + 1);
  double buffer = forecast->buffer * price;
  double plan = hrlp_lifecycle_goal_plan(forecast, state, measures, buffer);
  float *x = observation + COMMON;
  common_features(forecast, state, measures, observation);
  x[0] = soften(trend, 1.0);
  x[1] = (float)(left < (double)period ? left / (double)period : 1.0);
  x[2] = soften(2.0 * log(plan / measures->plan), 2.0);
  x[3] = (float)forecast->config.risk_tolerance;
  bool retired = hrlp_lifecycle_retired(&forecast->config, state->month);
  offset[0] = (float)textbook_share(forecast, state, plan);
  offset[1] =
      retired ? 0.0f : (float)(forecast->buffer / forecast->reference / buffer_unit);
  offset[2] = (float)forecast->config.risk_tolerance;
}

hrl_goal hrlp_lifecycle_goal(const struct hrlp_lifecycle_forecast *forecast,
                             const float *action) {
  double buffer = (double)action[1] * buffer_unit * forecast->reference;
  return (hrl_goal){.target_invest_ratio =
                        forecast->has_risk ? bounded((double)action[0], 0.0, 1.0) : 0.0,
                    .safety_buffer = buffer > 0.0 ? buffer : 0.0,
                    .aggressiveness = bounded((double)action[2], 0.0, 1.0)};
}

void hrlp_lifecycle_executor_observe(const struct hrlp_lifecycle_forecast *forecast,
                                     const struct hrlp_lifecycle_state *state,
                                     const struct hrlp_lifecycle_measures *measures,
                                     const hrl_goal *goal, double plan, double next_goal,
                                     float *observation, float *offset) {
  double unit = forecast->reference * forecast->price[state->month];
  float *x = observation + COMMON;
  common_features(forecast, state, measures, observation);
  x[0] = soften(2.0 * log(plan / measures->plan), 2.0);
  x[1] = soften(plan / state->cash * 2.0 - 1.0, 2.0);
  x[2] = (float)goal->target_invest_ratio;
  x[3] = soften(goal->safety_buffer / forecast->reference / 3.0, 2.0);
  x[4] = soften(
      (state->cash - goal->safety_buffer / forecast->reference * unit) / unit - 1.0, 2.0);
  x[5] = (float)goal->aggressiveness;
  x[6] = (float)next_goal;
  x[7] = soften(log(state->cash / plan), 2.0);
  x[8] = (float)forecast->config.risk_tolerance;
  offset[0] = 0.0f;
  offset[1] = (float)goal->target_invest_ratio;
}

void hrlp_lifecycle_decision(const struct hrlp_lifecycle_forecast *forecast,
                             const float *action, double plan, double *consumption,
                             double *share) {
  *consumption = plan * exp(bounded((double)action[0], -most_departure, most_departure));
  *share = forecast->has_risk ? bounded((double)action[1], 0.0, 1.0) : 0.0;
}

void hrlp_lifecycle_context(const struct hrlp_lifecycle_forecast *forecast,
                            float features[HRLP_LIFECYCLE_CONTEXT]) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double unit = forecast->reference;
  double aversion = forecast->utility.risk_aversion;
  double income = hrlp_max(config->income, unit);
  double working = config->income > 0.0 ? 1.0 : 0.0;
  float *x = features;
  x[0] = soften(log(aversion / 3.0), 2.0);
  x[1] = soften(200.0 * (1.0 - forecast->beta), 2.0);
  x[2] = soften(log((double)forecast->months / 150.0), 2.0);
  x[3] = soften(log((double)forecast->utility.bequest_months / 12.0 + 0.1), 3.0);
  x[4] = soften(40.0 * config->job_loss_probability, 2.0);
  x[5] = soften(5.0 * config->job_finding_probability - 1.0, 2.0);
  x[6] = (float)(working * config->unemployment_replacement);
  x[7] = soften(3.0 * working * config->income_transitory_std, 2.0);
  x[8] = soften(50.0 * working * config->income_permanent_std, 2.0);
  x[9] = soften(4.0 * config->variable_expense_std / income, 2.0);
  x[10] = soften(5.0 * config->shock_probability * config->shock_mean / unit, 2.0);
  /* without a portfolio it is as with one that is not worth having */
  x[11] = soften(2.0 * (forecast->has_risk ? forecast->share : 0.0) - 1.0, 2.0);
  x[12] = soften(20.0 * (forecast->has_risk ? forecast->log_std : 0.045), 2.0);
  x[13] = soften(1000.0 * (forecast->safe / forecast->growth - 1.0), 2.0);
  x[14] = soften(log(config->consumption_floor / unit + 0.01) + 1.8, 2.0);
  x[15] = soften(config->initial_cash / unit / 12.0 - 1.0, 2.0);
  /* what a month leaves with a job, without and as a pensioner: where that is below 0,
   * savings go to expenses, and the floor decides what they are worth */
  double costs = config->fixed_expenses + config->variable_expense_mean +
                 config->shock_probability * config->shock_mean;
  double kept = config->unemployment_replacement * config->income;
  double pension = config->retirement_month > 0
                       ? config->pension_replacement * config->income
                       : config->income;
  x[16] = soften((config->income - costs) / unit - 1.0, 2.0);
  x[17] = soften(2.0 * (kept - costs) / unit, 3.0);
  x[18] = soften((pension - costs) / unit - 0.5, 2.0);
}
