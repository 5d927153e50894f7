#include "rl/return_scale.h"

#include <math.h>

void hrlp_return_scale_update(struct hrlp_return_scale *scale, const float *returns,
                              size_t count, double decay) {
  scale->weight *= decay;
  scale->sum_squares *= decay;
  for (size_t i = 0; i < count; i++)
    scale->sum_squares += (double)returns[i] * (double)returns[i];
  scale->weight += (double)count;
}

void hrlp_return_scale_add(struct hrlp_return_scale *scale, double mean_square,
                           size_t count, double decay) {
  scale->weight = scale->weight * decay + (double)count;
  scale->sum_squares = scale->sum_squares * decay + mean_square * (double)count;
}

double hrlp_return_scale_get(const struct hrlp_return_scale *scale) {
  if (scale->weight <= 0.0) return 1.0;
  double root = sqrt(scale->sum_squares / scale->weight);
  return root > 1e-6 ? root : 1e-6;
}
