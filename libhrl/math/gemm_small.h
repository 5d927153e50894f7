/* math/gemm_small.h - the kernels for small operands, one for each instruction set. */
#ifndef HRLP_GEMM_SMALL_H
#define HRLP_GEMM_SMALL_H

#include "math/gemm_types.h"

/* Floats that a kernel may lay aside: B transposed, or a few columns of B or rows of C^T.
 * Operands for which k n, 16 k or 16 m is more are not small. */
#define HRLP_GEMM_SMALL 16384

/* Each: as hrlp_gemm and then `end`, for small operands, on processors that have the
 * instructions. */
void hrlp_gemm_avx2(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                    size_t n, size_t k, const float *a, size_t lda, const float *b,
                    size_t ldb, bool accumulate, float *c, size_t ldc,
                    const struct hrlp_gemm_end *end);
void hrlp_gemm_avx512(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                      size_t n, size_t k, const float *a, size_t lda, const float *b,
                      size_t ldb, bool accumulate, float *c, size_t ldc,
                      const struct hrlp_gemm_end *end);

#endif
