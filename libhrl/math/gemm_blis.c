/* The only file that knows BLIS. */
#include "math/gemm_blis.h"

#include "math/gemm_plain.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <blis.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

void hrlp_gemm_blis(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                    size_t n, size_t k, const float *a, size_t lda, const float *b,
                    size_t ldb, bool accumulate, float *c, size_t ldc) {
  /* BLIS takes empty products for an error in places, and an error for a reason to
   * abort the process */
  if (m == 0 || n == 0) return;
  if (k == 0) {
    hrlp_gemm_plain(trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
    return;
  }
  float one = 1.0f;
  float scale_c = accumulate ? 1.0f : 0.0f;
  /* our threads share the work; BLIS must not start its own */
  rntm_t runtime = BLIS_RNTM_INITIALIZER;
  bli_rntm_set_num_threads(1, &runtime);
  /* BLIS's operands are never written, but its prototypes do not say so */
  bli_sgemm_ex(trans_a == HRLP_TRANSPOSED ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE,
               trans_b == HRLP_TRANSPOSED ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE, (dim_t)m,
               (dim_t)n, (dim_t)k, &one, (float *)(uintptr_t)a, (inc_t)lda, 1,
               (float *)(uintptr_t)b, (inc_t)ldb, 1, &scale_c, c, (inc_t)ldc, 1, NULL,
               &runtime);
}
