/* environments/lifecycle/utility.h - constant relative risk aversion. */
#ifndef HRLP_LIFECYCLE_UTILITY_H
#define HRLP_LIFECYCLE_UTILITY_H

#include <math.h>

/* x^(1 - aversion), by products where that is enough: most people write 2, 3, 4 or 5. */
static inline double hrlp_utility_power(double aversion, double x) {
  if (aversion == 1.0) return 1.0;
  if (aversion == 2.0) return 1.0 / x;
  if (aversion == 3.0) return 1.0 / (x * x);
  if (aversion == 4.0) return 1.0 / (x * x * x);
  if (aversion == 5.0) return 1.0 / (x * x * x * x);
  return pow(x, 1.0 - aversion);
}

/* u(x) less u(1), so that 1 is worth nothing and, near it, 0.01 more is worth 0.01. */
static inline double hrlp_utility(double aversion, double x) {
  if (aversion == 1.0) return log(x);
  return (hrlp_utility_power(aversion, x) - 1.0) / (1.0 - aversion);
}

/* x of its power. */
static inline double hrlp_utility_root(double aversion, double power) {
  if (aversion == 2.0) return 1.0 / power;
  if (aversion == 3.0) return 1.0 / sqrt(power);
  if (aversion == 4.0) return 1.0 / cbrt(power);
  return pow(power, 1.0 / (1.0 - aversion));
}

/* x of a utility. The logarithm's limit apart, utilities are bounded on one side: what
 * lies beyond, by rounding, is as near to it as numbers get. */
static inline double hrlp_utility_inverse(double aversion, double value) {
  if (aversion == 1.0) return exp(value);
  double power = 1.0 + (1.0 - aversion) * value;
  if (power < 1e-300) power = 1e-300;
  return hrlp_utility_root(aversion, power);
}

#endif
