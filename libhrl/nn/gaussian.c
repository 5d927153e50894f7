#include "nn/gaussian.h"

#include <math.h>

void hrlp_gaussian_precision(const float *log_std, size_t count, float *precision) {
  for (size_t i = 0; i < count; i++) precision[i] = expf(-log_std[i]);
}

float hrlp_gaussian_entropy(const float *log_std, size_t count) {
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++) sum += log_std[i] + 0.5f + HRLP_HALF_LOG_TWO_PI;
  return sum;
}
