/* math/gemm.h - the one seam through which all matrix products go.
 *
 * Row-major single precision. Behind it: kernels of our own for small operands
 * (gemm_kernel.h), BLIS for all others (gemm_blis.c), and the plain loops (gemm_plain.c),
 * which are the specification: tests compare, and -Dblis=disabled uses them alone. */
#ifndef HRLP_GEMM_H
#define HRLP_GEMM_H

#include "math/gemm_types.h"

/* C[m,n] = A'[m,k] B'[k,n]          (accumulate = false)
 * C[m,n] = A'[m,k] B'[k,n] + C[m,n] (accumulate = true)
 * where X' is X or its transpose as stored. lda, ldb, ldc: elements from one stored row
 * to the next. Any of m, n, k may be 0. Runs on the calling thread alone; calls on
 * different threads may overlap. */
void hrlp_gemm(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
               size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
               bool accumulate, float *c, size_t ldc);

/* hrlp_gemm, then `end`. */
void hrlp_gemm_then(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                    size_t n, size_t k, const float *a, size_t lda, const float *b,
                    size_t ldb, bool accumulate, float *c, size_t ldc,
                    const struct hrlp_gemm_end *end);

/* What is behind hrlp_gemm on this machine, for people. Static text. */
const char *hrlp_gemm_name(void);

#endif
