#include "math/vector.h"

#include <math.h>
#include <stdint.h>

#include "base/clones.h"
#include "math/tanh.h"

static inline float tanh_fast(float x) {
  x = x > HRLP_TANH_LIMIT ? HRLP_TANH_LIMIT : x;
  x = x < -HRLP_TANH_LIMIT ? -HRLP_TANH_LIMIT : x;
  float s = x * x;
  return x * HRLP_TANH_P(s) / HRLP_TANH_Q(s);
}

HRLP_CLONES void hrlp_add_bias(float *restrict y, const float *restrict bias, size_t rows,
                               size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) y[i * columns + j] += bias[j];
}

HRLP_CLONES void hrlp_add_bias_tanh(float *restrict y, const float *restrict bias,
                                    size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      y[i * columns + j] = tanh_fast(y[i * columns + j] + bias[j]);
}

HRLP_CLONES void hrlp_add_bias_relu(float *restrict y, const float *restrict bias,
                                    size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      float x = y[i * columns + j] + bias[j];
      y[i * columns + j] = x < 0.0f ? 0.0f : x; /* this way round NaN stays NaN */
    }
}

HRLP_CLONES void hrlp_tanh_backward(float *restrict d, const float *restrict y,
                                    size_t count) {
  for (size_t i = 0; i < count; i++) d[i] *= 1.0f - y[i] * y[i];
}

HRLP_CLONES void hrlp_relu_backward(float *restrict d, const float *restrict y,
                                    size_t count) {
  for (size_t i = 0; i < count; i++) d[i] = y[i] <= 0.0f ? 0.0f : d[i];
}

/* Few columns: eight rows side by side, so that no sum waits for the one before it. */
static inline size_t add_narrow(float *restrict sums, const float *restrict d,
                                size_t rows, size_t columns) {
  float side[8 * 7] = {0};
  size_t whole = rows - rows % 8;
  for (size_t i = 0; i < whole; i += 8, d += 8 * columns)
    for (size_t j = 0; j < 8 * columns; j++) side[j] += d[j];
  for (size_t i = 0; i < 8; i++)
    for (size_t j = 0; j < columns; j++) sums[j] += side[i * columns + j];
  return whole;
}

HRLP_CLONES void hrlp_add_column_sums(float *restrict sums, const float *restrict d,
                                      size_t rows, size_t columns) {
  size_t first = columns < 8 && rows >= 8 ? add_narrow(sums, d, rows, columns) : 0;
  for (size_t i = first; i < rows; i++)
    for (size_t j = 0; j < columns; j++) sums[j] += d[i * columns + j];
}

/* exp(x) = 2^n exp(r), |r| <= log(2) / 2, exp(r) by the polynomial of Cephes' expf. */
static inline float exp_fast(float x) {
  const float to_integer = 12582912.0f; /* 1.5 * 2^23: what is added to it is rounded */
  x = x < -87.0f ? -87.0f : x;
  float shifted = x * 1.44269504088896341f + to_integer;
  float n = shifted - to_integer;
  float r = x - n * 0.693359375f - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  union {
    float number;
    uint32_t bits;
  } power = {.number = shifted};
  power.bits = (power.bits + 127u) << 23; /* the low bits of `shifted` are n */
  return p * power.number;
}

HRLP_CLONES void hrlp_exp(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = exp_fast(x[i]);
}

HRLP_CLONES void hrlp_accumulate(float *restrict target, const float *restrict source,
                                 size_t count) {
  for (size_t i = 0; i < count; i++) target[i] += source[i];
}

HRLP_CLONES double hrlp_sum_squares(const float *x, size_t count) {
  /* eight sums side by side: an order of its own, the same for every register width */
  double sums[8] = {0};
  size_t whole = count - count % 8;
  for (size_t i = 0; i < whole; i += 8)
    for (size_t j = 0; j < 8; j++) sums[j] += (double)x[i + j] * (double)x[i + j];
  for (size_t i = whole; i < count; i++) sums[i - whole] += (double)x[i] * (double)x[i];
  double total = 0.0;
  for (size_t j = 0; j < 8; j++) total += sums[j];
  return total;
}

HRLP_CLONES void hrlp_adam_update(const struct hrlp_adam_step *step, float *restrict x,
                                  float *restrict m, float *restrict v,
                                  const float *restrict g, size_t count) {
  const float b1 = step->beta1;
  const float b2 = step->beta2;
  const float one_b1 = 1.0f - b1;
  const float one_b2 = 1.0f - b2;
  const float scale = step->scale;
  const float rate = step->rate;
  const float root = step->root_correction;
  const float epsilon = step->epsilon;
  /* The moments of a unit that gets no gradient any more fade until they are subnormal,
   * where arithmetic is a hundred times slower. So small, they change no parameter. */
  const float nothing = 1e-30f;
  for (size_t i = 0; i < count; i++) {
    float gradient = g[i] * scale;
    float first = b1 * m[i] + one_b1 * gradient;
    float second = b2 * v[i] + one_b2 * gradient * gradient;
    m[i] = __builtin_fabsf(first) < nothing ? 0.0f : first;
    v[i] = second < nothing ? 0.0f : second;
    x[i] -= rate * m[i] / (__builtin_sqrtf(v[i]) * root + epsilon);
  }
}

bool hrlp_all_finite(const float *x, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!isfinite(x[i])) return false;
  return true;
}
