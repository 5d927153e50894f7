/* math/gemm_types.h - how the operands of a matrix product lie, and what becomes of it. */
#ifndef HRLP_GEMM_TYPES_H
#define HRLP_GEMM_TYPES_H

#include <stdbool.h>
#include <stddef.h>

enum hrlp_transpose { HRLP_PLAIN = 0, HRLP_TRANSPOSED = 1 };

/* What becomes of C once its sums are complete, in the same pass where a kernel can. */
enum hrlp_gemm_end_kind {
  HRLP_END_NOTHING = 0,
  HRLP_END_BIAS,          /* c[i,j] += operand[j] */
  HRLP_END_BIAS_TANH,     /* c[i,j] = tanh(c[i,j] + operand[j]) */
  HRLP_END_BIAS_RELU,     /* c[i,j] = max(0, c[i,j] + operand[j]) */
  HRLP_END_TANH_BACKWARD, /* c[i,j] *= 1 - operand[i,j]^2 */
  HRLP_END_RELU_BACKWARD  /* c[i,j] = operand[i,j] <= 0 ? 0 : c[i,j] */
};

/* Whether an end is a gradient's way back through an activation. */
static inline bool hrlp_gemm_is_backward(enum hrlp_gemm_end_kind kind) {
  return kind == HRLP_END_TANH_BACKWARD || kind == HRLP_END_RELU_BACKWARD;
}

struct hrlp_gemm_end {
  enum hrlp_gemm_end_kind kind;
  /* bias [n]; backward: what the layer gave, [m, n] with C's ldc. That may be C itself,
   * if `scratch` is given and nothing is accumulated: less memory to go through. */
  const float *operand;
  float *column_sums; /* [n], backward only, or NULL: += sum over rows of c, in order */
  float *scratch;     /* [m, n] without gaps, or NULL: for products in place that are too
                         large for the small kernels */
};

#endif
