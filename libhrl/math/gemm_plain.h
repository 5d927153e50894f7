/* math/gemm_plain.h - matrix products in plain loops: the specification. */
#ifndef HRLP_GEMM_PLAIN_H
#define HRLP_GEMM_PLAIN_H

#include "math/gemm_types.h"

/* The specification: the same result by three plain loops, up to rounding. */
void hrlp_gemm_plain(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                     size_t n, size_t k, const float *a, size_t lda, const float *b,
                     size_t ldb, bool accumulate, float *c, size_t ldc);

#endif
