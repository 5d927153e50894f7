/* nn/gaussian.h - the diagonal normal distribution that both agents act by. */
#ifndef HRLP_GAUSSIAN_H
#define HRLP_GAUSSIAN_H

#include <stddef.h>

/* Entropy: sum of log_std + log(2 pi e) / 2. */
float hrlp_gaussian_entropy(const float *log_std, size_t count);

/* precision[i] = exp(-log_std[i]), once for many actions under the same deviations. What
 * follows is inline: it is called for every sample. */
void hrlp_gaussian_precision(const float *log_std, size_t count, float *precision);

#define HRLP_HALF_LOG_TWO_PI 0.91893853320467274f

/* Minus the logarithm of one dimension's density, z deviations from the mean. */
static inline float hrlp_gaussian_surprise(float z, float log_std) {
  return 0.5f * z * z + log_std + HRLP_HALF_LOG_TWO_PI;
}

/* log N(action; mean, exp(log_std)^2), summed over `count` independent dimensions. */
static inline float hrlp_gaussian_log_probability(const float *action, const float *mean,
                                                  const float *log_std,
                                                  const float *precision, size_t count) {
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++)
    sum -= hrlp_gaussian_surprise((action[i] - mean[i]) * precision[i], log_std[i]);
  return sum;
}

/* Gradients of one dimension's log-density by mean and by log_std, times `factor`. */
static inline float hrlp_gaussian_d_mean(float factor, float z, float precision) {
  return factor * z * precision;
}

static inline float hrlp_gaussian_d_log_std(float factor, float z) {
  return factor * (z * z - 1.0f);
}

#endif
