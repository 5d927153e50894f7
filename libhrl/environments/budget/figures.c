#include "environments/budget/figures.h"

#include <math.h>

/* Welford's update: stable where a mean is large beside its spread. Four at a time,
 * because a division of four is no slower than one. */
static inline void add_to_moments(double mean[4], double square[4], const double value[4],
                                  double count) {
  for (int i = 0; i < 4; i++) {
    double difference = value[i] - mean[i];
    mean[i] += difference / count;
    square[i] += difference * (value[i] - mean[i]);
  }
}

void hrlp_episode_add(struct hrlp_episode_sums *sums, double reward, double wealth_change,
                      double cash, const double shares[3], double target) {
  sums->months++;
  double count = (double)sums->months;
  sums->months_solvent += cash > 0.0;
  sums->reward += reward;
  sums->wealth_change += wealth_change;
  const double value[4] = {cash, shares[0], shares[1], shares[2]};
  add_to_moments(sums->mean, sums->square, value, count);
  sums->distance += fabs(target - shares[0]);
}

struct hrlp_episode hrlp_episode_close(const struct hrlp_episode_sums *sums,
                                       double lambda, double mu, double final_cash,
                                       double invested, double portfolio) {
  double months = sums->months > 0 ? (double)sums->months : 1.0;
  double deviation = sqrt(sums->square[0] / months);
  double variance =
      (sums->square[1] + sums->square[2] + sums->square[3]) / (3.0 * months);
  return (struct hrlp_episode){
      .reward = sums->reward,
      .strategic_return = sums->reward + lambda * sums->wealth_change / 1000.0 +
                          mu * (double)sums->months_solvent,
      .months = sums->months,
      .final_cash = final_cash,
      .total_invested = invested,
      .portfolio = portfolio,
      .wealth = final_cash + portfolio,
      .stability = (double)sums->months_solvent / months,
      .goal_adherence = sums->distance / months,
      /* a constant balance has no spread to divide by */
      .sharpe = deviation > 1e-9 ? sums->mean[0] / deviation : 0.0,
      .policy_stability = variance,
      .insolvent = final_cash < 0.0,
  };
}
