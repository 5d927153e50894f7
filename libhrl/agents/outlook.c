#include "agents/outlook.h"

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
 * surplus, its safety and what follows; where that is less than nothing, it pays to stop. */
static void fill_tables(struct hrlp_outlook *outlook) {
  const struct hrlp_environment *environment = &outlook->environment;
  const struct hrlp_reward *weights = &outlook->reward;
  double months_value = (weights->alpha + weights->lambda) / 1000.0;
  for (int64_t t = 0; t <= outlook->months; t++) {
    outlook->price[t] = pow(outlook->growth, (double)t);
    outlook->compound[t] = pow(1.0 + outlook->yield, (double)(outlook->months - t)) - 1.0;
  }
  for (int64_t t = outlook->months - 1; t >= 0; t--) {
    double price = outlook->price[t + 1];
    double surplus = environment->income - (environment->fixed_expenses +
                                            environment->variable_expense_mean) * price;
    outlook->overspend[t] =
        expected_excess(-surplus, environment->variable_expense_std * price);
    double worth = months_value * surplus - weights->gamma * outlook->overspend[t] / 1000.0 +
                   weights->mu + outlook->future[t + 1];
    if (worth <= 0.0) continue; /* the tables are 0: from here on it pays to stop */
    outlook->future[t] = worth;
    outlook->money[t] = surplus + outlook->money[t + 1];
    outlook->months_ahead[t] = 1.0 + outlook->months_ahead[t + 1];
  }
}

hrl_status hrlp_outlook_create(struct hrlp_outlook *outlook,
                               const struct hrlp_environment *environment,
                               const struct hrlp_reward *reward, hrl_error *error) {
  size_t room = (size_t)environment->max_months + 1;
  double yield = environment->investment_return_type == HRLP_RETURN_NONE
                     ? 0.0
                     : environment->investment_return_mean;
  *outlook = (struct hrlp_outlook){.environment = *environment,
                                   .reward = *reward,
                                   .growth = pow(1.0 + environment->inflation, 1.0 / 12.0),
                                   .yield = yield,
                                   .months = environment->max_months};
  double *memory = hrlp_alloc(6 * room, sizeof(double));
  if (memory == NULL) return hrlp_fail_memory(error, "the household's outlook");
  outlook->memory = memory;
  outlook->price = memory;
  outlook->overspend = memory + room;
  outlook->future = memory + 2 * room;
  outlook->money = memory + 3 * room;
  outlook->months_ahead = memory + 4 * room;
  outlook->compound = memory + 5 * room;
  fill_tables(outlook);
  size_t last = (size_t)environment->max_months;
  if (isfinite(outlook->price[last]) && isfinite(outlook->compound[0]) &&
      isfinite(outlook->future[0]))
    return HRL_OK;
  hrlp_outlook_destroy(outlook);
  return hrlp_fail(error, HRL_ERROR_NUMERIC,
                   "prices or returns grow beyond all numbers within max_months; lower "
                   "environment.inflation, investment_return_mean or max_months");
}

void hrlp_outlook_destroy(struct hrlp_outlook *outlook) {
  hrlp_free(outlook->memory);
  *outlook = (struct hrlp_outlook){0};
}

double hrlp_outlook_surplus(const struct hrlp_outlook *outlook, int64_t month,
                            double fixed) {
  return outlook->environment.income - fixed * outlook->growth -
         outlook->environment.variable_expense_mean * outlook->price[month + 1];
}

double hrlp_outlook_potential(const struct hrlp_outlook *outlook, int64_t month, double cash,
                              double portfolio) {
  return (outlook->reward.alpha * cash +
          outlook->reward.lambda * portfolio * outlook->compound[month]) / 1000.0 +
         outlook->future[month];
}

double hrlp_outlook_shape(const struct hrlp_outlook *outlook,
                          const struct hrlp_transition *transition) {
  const struct hrlp_environment *environment = &outlook->environment;
  const struct hrlp_reward *weights = &outlook->reward;
  int64_t month = transition->month;
  double shaped = transition->reward + weights->lambda * transition->wealth_change / 1000.0 +
                  (transition->cash_after > 0.0 ? weights->mu : 0.0);
  shaped -= hrlp_outlook_potential(outlook, month, transition->cash_before,
                                   transition->portfolio_before);
  if (!transition->finished)
    shaped += hrlp_outlook_potential(outlook, month + 1, transition->cash_after,
                                     transition->portfolio_after);
  /* Luck. In the horizon's last month cash has no potential any more, so that a cheap month
   * is worth only what it adds to wealth. */
  double expected = environment->variable_expense_mean * outlook->price[month + 1];
  double dearer = transition->variable - expected;
  double euro = weights->lambda + (month + 1 < outlook->months ? weights->alpha : 0.0);
  double overspent = transition->fixed + transition->variable - environment->income;
  double earned = transition->portfolio_after - transition->invested -
                  transition->portfolio_before * (1.0 + outlook->yield);
  double growth = month + 1 < outlook->months ? outlook->compound[month + 1] : 0.0;
  shaped += (euro * dearer +
             weights->gamma * ((overspent > 0.0 ? overspent : 0.0) - outlook->overspend[month]) -
             weights->lambda * (1.0 + growth) * earned) /
            1000.0;
  return shaped;
}
