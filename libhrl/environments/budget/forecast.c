#include "environments/budget/forecast.h"

#include <math.h>

#include "base/memory.h"

/* E max(0, X) for X normal with this mean and deviation. */
static double expected_excess(double mean, double deviation) {
  if (deviation <= 0.0) return mean > 0.0 ? mean : 0.0;
  double z = mean / deviation;
  double density = exp(-0.5 * z * z) / sqrt(2.0 * M_PI);
  return mean * 0.5 * erfc(-z * M_SQRT1_2) + deviation * density;
}

/* Fills the tables from the horizon backward: going on for another month is worth its
 * surplus, its safety and what follows; where that is less than nothing, it pays to stop.
 */
static void fill_tables(struct hrlp_forecast *forecast) {
  const struct hrlp_budget_config *environment = &forecast->environment;
  const struct hrlp_budget_weights *weights = &forecast->reward;
  double months_value = (weights->alpha + weights->lambda) / 1000.0;
  for (int64_t t = 0; t <= forecast->months; t++) {
    forecast->price[t] = pow(forecast->growth, (double)t);
    forecast->compound[t] =
        pow(1.0 + forecast->yield, (double)(forecast->months - t)) - 1.0;
  }
  for (int64_t t = forecast->months - 1; t >= 0; t--) {
    double price = forecast->price[t + 1];
    double surplus =
        environment->income -
        (environment->fixed_expenses + environment->variable_expense_mean) * price;
    forecast->overspend[t] =
        expected_excess(-surplus, environment->variable_expense_std * price);
    double worth = months_value * surplus -
                   weights->gamma * forecast->overspend[t] / 1000.0 + weights->mu +
                   forecast->future[t + 1];
    if (worth <= 0.0) continue; /* the tables are 0: from here on it pays to stop */
    forecast->future[t] = worth;
    forecast->money[t] = surplus + forecast->money[t + 1];
    forecast->months_ahead[t] = 1.0 + forecast->months_ahead[t + 1];
  }
}

hrl_status hrlp_forecast_create(struct hrlp_forecast *forecast,
                                const struct hrlp_budget_config *environment,
                                const struct hrlp_budget_weights *reward,
                                hrl_error *error) {
  size_t room = (size_t)environment->max_months + 1;
  double yield = environment->investment_return_type == HRLP_RETURN_NONE
                     ? 0.0
                     : environment->investment_return_mean;
  *forecast =
      (struct hrlp_forecast){.environment = *environment,
                             .reward = *reward,
                             .growth = pow(1.0 + environment->inflation, 1.0 / 12.0),
                             .yield = yield,
                             .months = environment->max_months};
  double *memory = hrlp_alloc(6 * room, sizeof(double));
  if (memory == NULL) return hrlp_fail_memory(error, "the household's forecast");
  forecast->memory = memory;
  forecast->price = memory;
  forecast->overspend = memory + room;
  forecast->future = memory + 2 * room;
  forecast->money = memory + 3 * room;
  forecast->months_ahead = memory + 4 * room;
  forecast->compound = memory + 5 * room;
  fill_tables(forecast);
  size_t last = (size_t)environment->max_months;
  if (isfinite(forecast->price[last]) && isfinite(forecast->compound[0]) &&
      isfinite(forecast->future[0]))
    return HRL_OK;
  hrlp_forecast_destroy(forecast);
  return hrlp_fail(
      error, HRL_ERROR_NUMERIC,
      "prices or returns exceed the range of numbers within max_months; lower "
      "environment.inflation, investment_return_mean or max_months");
}

void hrlp_forecast_destroy(struct hrlp_forecast *forecast) {
  hrlp_free(forecast->memory);
  *forecast = (struct hrlp_forecast){0};
}

double hrlp_forecast_surplus(const struct hrlp_forecast *forecast, int64_t month,
                             double fixed) {
  return forecast->environment.income - fixed * forecast->growth -
         forecast->environment.variable_expense_mean * forecast->price[month + 1];
}

double hrlp_forecast_potential(const struct hrlp_forecast *forecast, int64_t month,
                               double cash, double portfolio) {
  return (forecast->reward.alpha * cash +
          forecast->reward.lambda * portfolio * forecast->compound[month]) /
             1000.0 +
         forecast->future[month];
}

double hrlp_forecast_shape(const struct hrlp_forecast *forecast,
                           const struct hrlp_transition *transition) {
  const struct hrlp_budget_config *environment = &forecast->environment;
  const struct hrlp_budget_weights *weights = &forecast->reward;
  int64_t month = transition->month;
  double shaped = transition->reward +
                  weights->lambda * transition->wealth_change / 1000.0 +
                  (transition->cash_after > 0.0 ? weights->mu : 0.0);
  shaped -= hrlp_forecast_potential(forecast, month, transition->cash_before,
                                    transition->portfolio_before);
  if (!transition->finished)
    shaped += hrlp_forecast_potential(forecast, month + 1, transition->cash_after,
                                      transition->portfolio_after);
  /* Noise. In the horizon's last month cash has no potential any more, so that a cheap
   * month is worth only what it adds to wealth. */
  double expected = environment->variable_expense_mean * forecast->price[month + 1];
  double dearer = transition->variable - expected;
  double euro = weights->lambda + (month + 1 < forecast->months ? weights->alpha : 0.0);
  double overspent = transition->fixed + transition->variable - environment->income;
  double earned = transition->portfolio_after - transition->invested -
                  transition->portfolio_before * (1.0 + forecast->yield);
  double growth = month + 1 < forecast->months ? forecast->compound[month + 1] : 0.0;
  shaped += (euro * dearer +
             weights->gamma *
                 ((overspent > 0.0 ? overspent : 0.0) - forecast->overspend[month]) -
             weights->lambda * (1.0 + growth) * earned) /
            1000.0;
  return shaped;
}
