/* environments/lifecycle/quadrature.h - points and weights for the household's noise. */
#ifndef HRLP_LIFECYCLE_QUADRATURE_H
#define HRLP_LIFECYCLE_QUADRATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario/lifecycle.h"

/* Income and committed expenses of a month at one point of their distribution. */
struct hrlp_net_point {
  double labour; /* at L = 1 */
  double costs;
  double weight;
};

/* Gauss and Hermite for a standard normal number; `count` is 1, 3, 7 or 9, and returned.
 */
#define HRLP_NORMAL_POINTS 9
size_t hrlp_normal_points(size_t count, double *points, double *weights);

/* The same for a lognormal of mean 1 and log deviation `deviation`; 1 point where that is
 * 0. The mean of the points is 1 exactly. */
size_t hrlp_lognormal_points(double deviation, size_t count, double *points,
                             double *weights);

/* Every combination of a month's transitory income (where `is_working`), variable
 * expenses and shock. */
#define HRLP_NET_POINTS_MAX (7 * 7 * 8)
size_t hrlp_net_points_all(const struct hrlp_lifecycle_config *config, double labour,
                           bool is_working, double price,
                           struct hrlp_net_point points[HRLP_NET_POINTS_MAX]);

#endif
