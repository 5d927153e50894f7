/* Which product goes where: small ones to our own kernels, where BLIS's call costs more
 * than the work; large ones to BLIS. tests/bench/throughput has the figures. */
#include "math/gemm.h"

#include <string.h>

#include "math/gemm_plain.h"
#include "math/gemm_small.h"
#include "math/vector.h"

#ifdef HRLP_ONLY_PLAIN /* of the same test */
#undef HRLP_SMALL_KERNELS
#undef HRLP_USE_BLIS
#endif
#ifdef HRLP_USE_BLIS
#include "math/gemm_blis.h"
#endif

#if defined(HRLP_SMALL_KERNELS)
typedef void (*gemm_fn)(enum hrlp_transpose, enum hrlp_transpose, size_t, size_t, size_t,
                        const float *, size_t, const float *, size_t, bool, float *,
                        size_t, const struct hrlp_gemm_end *);

/* The best kernel that this processor runs, or NULL. The answer never changes, so threads
 * that ask at once agree. */
static gemm_fn small_kernel(void) {
#ifdef HRLP_ONLY_KERNEL /* of a test that asks for each in turn */
  return HRLP_ONLY_KERNEL;
#endif
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return hrlp_gemm_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return hrlp_gemm_avx2;
  return NULL;
}

static bool is_small(size_t m, size_t n, size_t k) {
  return k <= HRLP_GEMM_SMALL / 16 && m <= HRLP_GEMM_SMALL / 16 &&
         k * n <= HRLP_GEMM_SMALL;
}
#endif

void hrlp_gemm(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
               size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
               bool accumulate, float *c, size_t ldc) {
#if defined(HRLP_SMALL_KERNELS)
  gemm_fn kernel = is_small(m, n, k) ? small_kernel() : NULL;
  if (kernel != NULL) {
    static const struct hrlp_gemm_end nothing = {.kind = HRLP_END_NOTHING};
    kernel(trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate, c, ldc, &nothing);
    return;
  }
#endif
#ifdef HRLP_USE_BLIS
  hrlp_gemm_blis(trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
#else
  hrlp_gemm_plain(trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
#endif
}

/* Ends a row of C at c. */
static void end_row(const struct hrlp_gemm_end *end, size_t n, const float *operand,
                    float *c) {
  switch (end->kind) {
    case HRLP_END_NOTHING:
      return;
    case HRLP_END_BIAS:
      hrlp_add_bias(c, operand, 1, n);
      return;
    case HRLP_END_BIAS_TANH:
      hrlp_add_bias_tanh(c, operand, 1, n);
      return;
    case HRLP_END_BIAS_RELU:
      hrlp_add_bias_relu(c, operand, 1, n);
      return;
    case HRLP_END_TANH_BACKWARD:
      hrlp_tanh_backward(c, operand, n);
      break;
    case HRLP_END_RELU_BACKWARD:
      hrlp_relu_backward(c, operand, n);
      break;
  }
  if (end->column_sums != NULL) hrlp_add_column_sums(end->column_sums, c, 1, n);
}

void hrlp_gemm_then(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                    size_t n, size_t k, const float *a, size_t lda, const float *b,
                    size_t ldb, bool accumulate, float *c, size_t ldc,
                    const struct hrlp_gemm_end *end) {
#if defined(HRLP_SMALL_KERNELS)
  gemm_fn kernel = is_small(m, n, k) ? small_kernel() : NULL;
  if (kernel != NULL) {
    kernel(trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate, c, ldc, end);
    return;
  }
#endif
  bool backward = hrlp_gemm_is_backward(end->kind);
  bool in_place = backward && end->operand == c;
  float *sums = in_place ? end->scratch : c;
  size_t stride = in_place ? n : ldc;
  hrlp_gemm(trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate, sums, stride);
  if (end->kind == HRLP_END_NOTHING) return;
  for (size_t i = 0; i < m; i++) {
    end_row(end, n, end->operand + (backward ? i * ldc : 0), sums + i * stride);
    if (in_place) memcpy(c + i * ldc, sums + i * stride, n * sizeof *c);
  }
}

const char *hrlp_gemm_name(void) {
#if defined(HRLP_SMALL_KERNELS)
  if (small_kernel() == hrlp_gemm_avx512)
    return "own AVX-512 kernels for small products, BLIS";
  if (small_kernel() == hrlp_gemm_avx2)
    return "own AVX2 kernels for small products, BLIS";
#endif
#ifdef HRLP_USE_BLIS
  return "BLIS";
#else
  return "plain loops";
#endif
}
