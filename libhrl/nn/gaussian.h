/* nn/gaussian.h - the diagonal normal distribution that both agents act by. */
#ifndef HRLP_GAUSSIAN_H
#define HRLP_GAUSSIAN_H

#include <stddef.h>

/* log N(action; mean, exp(log_std)^2), summed over `count` independent dimensions. */
float hrlp_gaussian_log_probability(const float *action, const float *mean,
                                    const float *log_std, size_t count);

/* Entropy: sum of log_std + log(2 pi e) / 2. */
float hrlp_gaussian_entropy(const float *log_std, size_t count);

/* Gradients of the log-probability, times `factor`: d_mean[i] is set, d_log_std[i] is
 * added to. */
void hrlp_gaussian_backward(const float *action, const float *mean, const float *log_std,
                            float factor, size_t count, float *d_mean, float *d_log_std);

/* The same two, bit for bit, for many actions under the same deviations: precision[i] =
 * exp(-log_std[i]) is computed once. Inline: they are called for every sample of every
 * epoch, with two or three dimensions. */
void hrlp_gaussian_precision(const float *log_std, size_t count, float *precision);

#define HRLP_HALF_LOG_TWO_PI 0.91893853320467274f

/* Minus the logarithm of one dimension's density, z deviations from the mean. */
static inline float hrlp_gaussian_surprise(float z, float log_std) {
  return 0.5f * z * z + log_std + HRLP_HALF_LOG_TWO_PI;
}

static inline float hrlp_gaussian_log_probability_at(const float *action,
                                                     const float *mean,
                                                     const float *log_std,
                                                     const float *precision,
                                                     size_t count) {
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++)
    sum -= hrlp_gaussian_surprise((action[i] - mean[i]) * precision[i], log_std[i]);
  return sum;
}

static inline void hrlp_gaussian_backward_at(const float *action, const float *mean,
                                             const float *precision, float factor,
                                             size_t count, float *d_mean,
                                             float *d_log_std) {
  for (size_t i = 0; i < count; i++) {
    float z = (action[i] - mean[i]) * precision[i];
    d_mean[i] = factor * z * precision[i];
    d_log_std[i] += factor * (z * z - 1.0f);
  }
}

#endif
