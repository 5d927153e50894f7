/* environments/budget/optimum.h - the best strategic return that any policy can reach, by
 * backward induction over cash. A baseline, not used in training. */
#ifndef HRLP_BUDGET_OPTIMUM_H
#define HRLP_BUDGET_OPTIMUM_H

#include "base/error.h"
#include "environments/budget/household.h"

/* The solved household. */
struct hrlp_budget_optimum {
  double strategic_return; /* expected J of the best policy (a bound with returns) */
  double step;             /* euro from one grid point to the next, from 0 */
  size_t points;           /* grid points a month */
  int64_t months;
  float *invest; /* [months, points] euro to invest */
};

/* Solves. Exact up to the grid where the portfolio earns nothing; with returns the value
 * of a euro invested counts its growth up to the horizon, whether or not the household
 * lasts so long: an upper bound. HRL_ERROR_LIMIT where max_months is too large for the
 * table. */
hrl_status hrlp_budget_optimum_solve(struct hrlp_budget_optimum *optimum,
                                     const struct hrlp_budget_config *environment,
                                     const struct hrlp_budget_weights *reward,
                                     hrl_error *error);
void hrlp_budget_optimum_destroy(struct hrlp_budget_optimum *optimum);

/* The share of income that the best policy invests with this much cash after `month`
 * months. */
double hrlp_budget_optimum_share(const struct hrlp_budget_optimum *optimum,
                                 const struct hrlp_budget_config *environment,
                                 int64_t month, double cash);

#endif
