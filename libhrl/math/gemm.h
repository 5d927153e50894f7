/* math/gemm.h - the one seam through which all matrix products go.
 *
 * Row-major single precision. Behind it: kernels of our own for small operands
 * (gemm_kernel.h), BLIS for all others (gemm_blis.c), and the plain loops (gemm_plain.c),
 * which are the specification: tests compare, and -Dblis=disabled uses them alone. */
#ifndef HRLP_GEMM_H
#define HRLP_GEMM_H

#include <stdbool.h>
#include <stddef.h>

enum hrlp_transpose { HRLP_PLAIN = 0, HRLP_TRANSPOSED = 1 };

/* C[m,n] = A'[m,k] B'[k,n]          (accumulate = false)
 * C[m,n] = A'[m,k] B'[k,n] + C[m,n] (accumulate = true)
 * where X' is X or its transpose as stored. lda, ldb, ldc: elements from one stored row
 * to the next. Any of m, n, k may be 0. Runs on the calling thread alone; calls on
 * different threads may overlap. */
void hrlp_gemm(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
               size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
               bool accumulate, float *c, size_t ldc);

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

/* hrlp_gemm, then `end`. */
void hrlp_gemm_then(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                    size_t n, size_t k, const float *a, size_t lda, const float *b,
                    size_t ldb, bool accumulate, float *c, size_t ldc,
                    const struct hrlp_gemm_end *end);

/* The specification: the same result by three plain loops, up to rounding. */
void hrlp_gemm_plain(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                     size_t n, size_t k, const float *a, size_t lda, const float *b,
                     size_t ldb, bool accumulate, float *c, size_t ldc);

/* What is behind hrlp_gemm on this machine, for people. Static text. */
const char *hrlp_gemm_name(void);

#endif
