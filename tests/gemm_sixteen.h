/* The kernel for vectors of sixteen, as AVX-512 has, made of what AVX2 has: so that its
 * shapes are tested on every machine. As hrlp_gemm_avx512. */
#ifndef GEMM_SIXTEEN_H
#define GEMM_SIXTEEN_H

#include "math/gemm.h"

void gemm_sixteen(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                  size_t n, size_t k, const float *a, size_t lda, const float *b,
                  size_t ldb, bool accumulate, float *c, size_t ldc,
                  const struct hrlp_gemm_end *end);

#endif
