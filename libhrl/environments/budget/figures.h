/* environments/budget/figures.h - what is measured of an episode, and means over the last
 * ones. */
#ifndef HRLP_BUDGET_FIGURES_H
#define HRLP_BUDGET_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "environments/episode.h"

/* Sums from which an episode is closed. */
struct hrlp_episode_sums {
  int64_t months;
  int64_t months_solvent;
  double reward;
  double wealth_change;
  /* of cash and of the three shares; Welford: running mean, sum of squared deviations */
  double mean[4], square[4];
  double distance; /* sum of |target - invest| */
};

/* One month: reward r, change of wealth, cash at its end, the shares (invest, save,
 * consume), and the goal's target (NaN where there is none). */
void hrlp_episode_add(struct hrlp_episode_sums *sums, double reward, double wealth_change,
                      double cash, const double shares[3], double target);

/* Closes an episode. lambda and mu weigh the strategic return as the model says. */
struct hrlp_episode hrlp_episode_close(const struct hrlp_episode_sums *sums,
                                       double lambda, double mu, double final_cash,
                                       double invested, double portfolio);

#endif
