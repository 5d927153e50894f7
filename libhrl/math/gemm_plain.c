#include "math/gemm_plain.h"

void hrlp_gemm_plain(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                     size_t n, size_t k, const float *a, size_t lda, const float *b,
                     size_t ldb, bool accumulate, float *c, size_t ldc) {
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      float sum = accumulate ? c[i * ldc + j] : 0.0f;
      for (size_t p = 0; p < k; p++) {
        float x = trans_a == HRLP_TRANSPOSED ? a[p * lda + i] : a[i * lda + p];
        float y = trans_b == HRLP_TRANSPOSED ? b[j * ldb + p] : b[p * ldb + j];
        sum += x * y;
      }
      c[i * ldc + j] = sum;
    }
  }
}
