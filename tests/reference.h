/* reference.h - the networks in double precision and plain loops, to take finite
 * differences of and to compare with. Parameters lie as nn/mlp.h says. */
#ifndef TEST_REFERENCE_H
#define TEST_REFERENCE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "nn/mlp.h"

#define REFERENCE_WIDEST 64

/* outputs of one row; returns the least |x| that a ReLU saw, to keep away from its kink
 */
static inline double reference_mlp(const struct hrlp_mlp *mlp, const double *parameters,
                                   const float *x, double *outputs) {
  double input[REFERENCE_WIDEST];
  double sums[REFERENCE_WIDEST];
  double least = INFINITY;
  for (size_t i = 0; i < mlp->widths[0]; i++) input[i] = (double)x[i];
  for (size_t layer = 0; layer < mlp->layers; layer++) {
    size_t in = mlp->widths[layer];
    size_t out = mlp->widths[layer + 1];
    for (size_t j = 0; j < out; j++) {
      sums[j] = parameters[in * out + j];
      for (size_t i = 0; i < in; i++) sums[j] += input[i] * parameters[i * out + j];
    }
    parameters += in * out + out;
    for (size_t j = 0; j < out; j++) {
      bool last = layer + 1 == mlp->layers;
      if (!last && mlp->activation == HRLP_RELU && fabs(sums[j]) < least)
        least = fabs(sums[j]);
      input[j] = last                           ? sums[j]
                 : mlp->activation == HRLP_TANH ? tanh(sums[j])
                 : sums[j] > 0.0                ? sums[j]
                                                : 0.0;
    }
  }
  for (size_t j = 0; j < mlp->widths[mlp->layers]; j++) outputs[j] = input[j];
  return least;
}

#endif
