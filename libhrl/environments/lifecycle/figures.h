/* environments/lifecycle/figures.h - what is measured of an episode. */
#ifndef HRLP_LIFECYCLE_FIGURES_H
#define HRLP_LIFECYCLE_FIGURES_H

#include <hrl/evaluate.h>

#include "environments/episode.h"
#include "environments/lifecycle/household.h"

/* Sums over the decisions of an episode. */
struct hrlp_life_sums {
  double worth;       /* sum of beta^(t-1) u, in the unit of utility */
  double discount;    /* beta^(t-1) of the next month */
  double reward;      /* the same, not discounted */
  double consumption; /* real euro */
  double distance;    /* of the risky share from the goal's */
  int64_t months;
  double cash_mean, cash_square; /* Welford, of cash */
  double share_mean[3], share_square[3];
};

/* A decision was carried out: shares (invest, save, consume) of cash on hand; the goal's
 * risky share, NaN where there is none. */
void hrlp_life_count(const struct hrlp_lifecycle_forecast *forecast,
                     const struct hrlp_life *life, const double shares[3], double target,
                     struct hrlp_life_sums *sums);

/* Closes an episode after its last decision. The strategic return is the mean worth of a
 * month: certainty equivalents follow from its mean over episodes. */
void hrlp_life_close(const struct hrlp_lifecycle_forecast *forecast,
                     const struct hrlp_life *life, const struct hrlp_life_sums *sums,
                     struct hrlp_episode *episode);

/* Tells of the month behind, all but its episode and goal. */
void hrlp_life_tell(const struct hrlp_lifecycle_forecast *forecast,
                    const struct hrlp_life *life, const double shares[3],
                    hrl_trajectory_month *month);

/* The constant real euro a month that are worth as much as that strategic return. */
double hrlp_life_certainty_equivalent(const struct hrlp_lifecycle_forecast *forecast,
                                      double strategic_return);

#endif
