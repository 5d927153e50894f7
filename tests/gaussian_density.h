/* The logarithm of the policy's density, by the library's function, which wants the
 * precision, too. */
#ifndef GAUSSIAN_DENSITY_H
#define GAUSSIAN_DENSITY_H

#include "nn/gaussian.h"

static inline float log_density(const float *action, const float *mean,
                                const float *log_std, size_t count) {
  float precision[8];
  hrlp_gaussian_precision(log_std, count, precision);
  return hrlp_gaussian_log_probability(action, mean, log_std, precision, count);
}

#endif
