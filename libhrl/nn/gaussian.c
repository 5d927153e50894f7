#include "nn/gaussian.h"

#include <math.h>

static const float half_log_two_pi = 0.91893853320467274f;

/* Minus the logarithm of one dimension's density, z deviations from the mean. */
static inline float surprise(float z, float log_std) {
  return 0.5f * z * z + log_std + half_log_two_pi;
}

float hrlp_gaussian_log_probability(const float *action, const float *mean,
                                    const float *log_std, size_t count) {
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++)
    sum -= surprise((action[i] - mean[i]) * expf(-log_std[i]), log_std[i]);
  return sum;
}

void hrlp_gaussian_precision(const float *log_std, size_t count, float *precision) {
  for (size_t i = 0; i < count; i++) precision[i] = expf(-log_std[i]);
}

float hrlp_gaussian_log_probability_at(const float *action, const float *mean,
                                       const float *log_std, const float *precision,
                                       size_t count) {
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++)
    sum -= surprise((action[i] - mean[i]) * precision[i], log_std[i]);
  return sum;
}

float hrlp_gaussian_entropy(const float *log_std, size_t count) {
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++) sum += log_std[i] + 0.5f + half_log_two_pi;
  return sum;
}

void hrlp_gaussian_backward_at(const float *action, const float *mean,
                               const float *precision, float factor, size_t count,
                               float *d_mean, float *d_log_std) {
  for (size_t i = 0; i < count; i++) {
    float z = (action[i] - mean[i]) * precision[i];
    d_mean[i] = factor * z * precision[i];
    d_log_std[i] += factor * (z * z - 1.0f);
  }
}

void hrlp_gaussian_backward(const float *action, const float *mean, const float *log_std,
                            float factor, size_t count, float *d_mean, float *d_log_std) {
  for (size_t i = 0; i < count; i++) {
    float precision = expf(-log_std[i]);
    hrlp_gaussian_backward_at(action + i, mean + i, &precision, factor, 1, d_mean + i,
                              d_log_std + i);
  }
}
