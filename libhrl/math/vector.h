/* math/vector.h - elementwise kernels over arrays of floats.
 *
 * Each is written as a plain loop and compiled for several instruction sets, chosen when
 * the library is loaded. Sums run in the same fixed order on each, so that the choice
 * does not change a bit. */
#ifndef HRLP_VECTOR_H
#define HRLP_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

/* y[i,j] += bias[j] for `rows` rows of `columns`. */
void hrlp_add_bias(float *y, const float *bias, size_t rows, size_t columns);

/* y[i,j] = tanh(y[i,j] + bias[j]); absolute error below 5e-7. */
void hrlp_add_bias_tanh(float *y, const float *bias, size_t rows, size_t columns);

/* y[i,j] = max(0, y[i,j] + bias[j]) */
void hrlp_add_bias_relu(float *y, const float *bias, size_t rows, size_t columns);

/* d[i] *= 1 - y[i]^2: the gradient through y = tanh(x). */
void hrlp_tanh_backward(float *d, const float *y, size_t count);

/* d[i] = y[i] <= 0 ? 0 : d[i]: the gradient through y = max(0, x). */
void hrlp_relu_backward(float *d, const float *y, size_t count);

/* sums[j] += sum over rows of d[i,j]: rows in order, or where there are less than eight
 * columns, eight rows side by side. */
void hrlp_add_column_sums(float *sums, const float *d, size_t rows, size_t columns);

/* x[i] = exp(x[i]), relative error below 3e-7, for x[i] <= 88; below -87 it is exp(-87).
 * NaN stays NaN. */
void hrlp_exp(float *x, size_t count);

/* target[i] += source[i] */
void hrlp_accumulate(float *target, const float *source, size_t count);

/* Sum of squares, in double precision, in a fixed order. */
double hrlp_sum_squares(const float *x, size_t count);

/* One step of Adam (Kingma and Ba 2015) on `count` parameters, as torch.optim.Adam
 * computes it:
 *   g' = g scale;  m = b1 m + (1 - b1) g';  v = b2 v + (1 - b2) g'^2
 *   x -= rate / (1 - b1^step) * m / (sqrt(v) / sqrt(1 - b2^step) + epsilon)
 * Moments below 1e-30 become 0. */
struct hrlp_adam_step {
  float scale; /* of the gradient: its norm clip */
  float beta1, beta2;
  float rate;            /* learning rate / (1 - beta1^step) */
  float root_correction; /* 1 / sqrt(1 - beta2^step) */
  float epsilon;
};
void hrlp_adam_update(const struct hrlp_adam_step *step, float *x, float *m, float *v,
                      const float *g, size_t count);

/* False where any x[i] is infinite or not a number. */
bool hrlp_all_finite(const float *x, size_t count);

#endif
