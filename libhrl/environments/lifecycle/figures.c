#include "environments/lifecycle/figures.h"

#include <math.h>

#include "environments/lifecycle/utility.h"

static void add_moment(double *mean, double *square, double value, double count) {
  double difference = value - *mean;
  *mean += difference / count;
  *square += difference * (value - *mean);
}

void hrlp_life_count(const struct hrlp_lifecycle_forecast *forecast,
                     const struct hrlp_life *life, const double shares[3], double target,
                     struct hrlp_life_sums *sums) {
  double worth = hrlp_life_worth(forecast, life->month, life->consumption);
  if (sums->months == 0) sums->discount = 1.0;
  sums->worth += sums->discount * worth;
  sums->discount *= forecast->beta;
  sums->reward += worth;
  sums->consumption += life->consumption / forecast->price[life->month];
  double rest = life->cash + life->portfolio;
  sums->distance += fabs(target - (rest > 0.0 ? life->portfolio / rest : 0.0));
  double count = (double)++sums->months;
  add_moment(&sums->cash_mean, &sums->cash_square, life->cash, count);
  for (int i = 0; i < 3; i++)
    add_moment(&sums->share_mean[i], &sums->share_square[i], shares[i], count);
}

void hrlp_life_close(const struct hrlp_lifecycle_forecast *forecast,
                     const struct hrlp_life *life, const struct hrlp_life_sums *sums,
                     struct hrlp_episode *episode) {
  double months = sums->months > 0 ? (double)sums->months : 1.0;
  double wealth = life->cash + life->portfolio;
  double left = sums->discount * hrlp_life_bequest(forecast, wealth);
  double deviation = sqrt(sums->cash_square / months);
  double variance =
      (sums->share_square[0] + sums->share_square[1] + sums->share_square[2]) / 3.0;
  *episode = (struct hrlp_episode){
      .reward = sums->reward + hrlp_life_bequest(forecast, wealth),
      .strategic_return = (sums->worth + left) / forecast->total_weight,
      .months = sums->months,
      .final_cash = life->cash,
      .total_invested = life->portfolio,
      .portfolio = life->portfolio,
      .wealth = wealth,
      .stability = 1.0 - (double)life->rescued / months,
      .goal_adherence = sums->distance / months,
      .sharpe = deviation > 1e-9 ? sums->cash_mean / deviation : 0.0,
      .policy_stability = variance / months,
      .insolvent = false,
      .consumption = sums->consumption / months,
      .rescued = life->rescued > 0};
}

double hrlp_life_certainty_equivalent(const struct hrlp_lifecycle_forecast *forecast,
                                      double strategic_return) {
  return forecast->reference *
         hrlp_utility_inverse(forecast->utility.risk_aversion, strategic_return);
}

void hrlp_life_tell(const struct hrlp_lifecycle_forecast *forecast,
                    const struct hrlp_life *life, const double shares[3],
                    hrl_trajectory_month *month) {
  double fixed = forecast->config.fixed_expenses * forecast->price[life->month];
  double kept = life->cash + life->portfolio;
  month->month = (uint64_t)life->month;
  month->allocation = (hrl_allocation){shares[0], shares[1], shares[2]};
  month->fixed = fixed;
  month->variable = life->expenses - fixed;
  month->cash = life->cash;
  month->portfolio = life->portfolio;
  month->reward = hrlp_life_worth(forecast, life->month, life->consumption);
  month->insolvent = 0;
  month->income = life->income;
  month->job = life->job;
  month->taxes = life->tax;
  month->transfer = life->transfer;
  month->consumption = life->consumption;
  month->share = kept > 0.0 ? life->portfolio / kept : NAN;
  month->invested = life->invested;
}
