/* environments/lifecycle/optimum.h - the best that can be done, by backward induction
 * over cash on hand and job. */
#ifndef HRLP_LIFECYCLE_OPTIMUM_H
#define HRLP_LIFECYCLE_OPTIMUM_H

#include "environments/lifecycle/forecast.h"

struct hrlp_lifecycle_optimum {
  size_t points;              /* of cash on hand */
  double *grid;               /* [points] in units of L where that wanders */
  float *consumption, *share; /* [T + 1][2][points] by month and job */
  double value;               /* expected strategic return from the start */
};

/* HRL_ERROR_LIMIT where it is not computed: more than 2,400 months, or permanent shocks
 * together with sums that are fixed in euro; HRL_ERROR_MEMORY. */
hrl_status hrlp_lifecycle_optimum_create(struct hrlp_lifecycle_optimum *optimum,
                                         const struct hrlp_lifecycle_forecast *forecast,
                                         hrl_error *error);
void hrlp_lifecycle_optimum_destroy(struct hrlp_lifecycle_optimum *optimum);

/* The best decision of month t. */
void hrlp_lifecycle_optimum_decide(const struct hrlp_lifecycle_optimum *optimum,
                                   int64_t t, double cash, int job, double level,
                                   double *consumption, double *share);

#endif
