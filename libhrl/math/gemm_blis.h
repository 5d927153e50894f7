/* math/gemm_blis.h - hrlp_gemm by BLIS, for operands of any size. */
#ifndef HRLP_GEMM_BLIS_H
#define HRLP_GEMM_BLIS_H

#include "math/gemm_types.h"

void hrlp_gemm_blis(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                    size_t n, size_t k, const float *a, size_t lda, const float *b,
                    size_t ldb, bool accumulate, float *c, size_t ldc);

#endif
