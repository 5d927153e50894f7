/* gemm_sample.h - all kernels of matrix products, shapes, and the definition to hold them
 * to. */
#ifndef TEST_GEMM_SAMPLE_H
#define TEST_GEMM_SAMPLE_H

#include <check.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/gemm.h"
#include "math/gemm_plain.h"
#ifdef HRLP_USE_BLIS
#include "math/gemm_blis.h"
#endif
#ifdef HRLP_SMALL_KERNELS
#include "gemm_sixteen.h"
#include "math/gemm_small.h"
#endif
#include "near.h"
#include "noise.h"

/* Half a unit in the last place of a float near 1. */
#define ROUNDING (0.5 * (double)FLT_EPSILON)
/* A sum of k products of floats, in any order, is within (k + 1) roundings of the sum of
 * their sizes; one more for what is accumulated into. */
#define PRODUCT_TOLERANCE(k, size) (((double)(k) + 2.0) * ROUNDING * (size))

#define PAD 3 /* elements past each row's end that must not be touched */
#define MOST (129 + PAD)
#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef void (*gemm_fn)(enum hrlp_transpose, enum hrlp_transpose, size_t, size_t, size_t,
                        const float *, size_t, const float *, size_t, bool, float *,
                        size_t);

static bool always(void) { return true; }

typedef void (*kernel_fn)(enum hrlp_transpose, enum hrlp_transpose, size_t, size_t,
                          size_t, const float *, size_t, const float *, size_t, bool,
                          float *, size_t, const struct hrlp_gemm_end *);

#ifdef HRLP_SMALL_KERNELS
static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
#endif

/* Products with an end. */
static const struct kernel {
  const char *name;
  kernel_fn run;
  bool (*runs_here)(void);
  bool is_small; /* takes small operands only */
} kernels[] = {{"hrlp_gemm_then", hrlp_gemm_then, always, false},
#ifdef HRLP_SMALL_KERNELS
               {"AVX2", hrlp_gemm_avx2, has_avx2, true},
               {"sixteen lanes", gemm_sixteen, has_avx2, true},
               {"AVX-512", hrlp_gemm_avx512, has_avx512, true}
#endif
};

/* Products alone. */
static const struct {
  const char *name;
  gemm_fn run;
} bare[] = {{"hrlp_gemm", hrlp_gemm},
#ifdef HRLP_USE_BLIS
            {"BLIS", hrlp_gemm_blis},
#endif
            {"plain loops", hrlp_gemm_plain}};

static const struct hrlp_gemm_end no_end = {.kind = HRLP_END_NOTHING};

static const size_t sizes[] = {0, 1, 2, 3, 7, 8, 17, 33, 64, 129};
static float a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];
static double expected[MOST * MOST], tolerance[MOST * MOST];

struct shape {
  int trans_a, trans_b;
  size_t m, n, k;
  bool accumulate;
};

static size_t lda(const struct shape *s) { return (s->trans_a ? s->m : s->k) + PAD; }
static size_t ldb(const struct shape *s) { return (s->trans_b ? s->k : s->n) + PAD; }

/* What C holds before. What is not accumulated into may hold anything. */
static float before(const struct shape *s, size_t i) {
  static const float values[4] = {0.5f, -1.25f, 3.0f, 1e-3f};
  bool inside = i % (s->n + PAD) < s->n;
  return s->accumulate || !inside ? values[i % 4] : NAN;
}

/* Fills `expected` by the definition. Past a row's end everything stays as it is. */
static void define(const struct shape *s) {
  size_t ldc = s->n + PAD;
  for (size_t at = 0; at < s->m * ldc; at++) {
    size_t i = at / ldc;
    size_t j = at % ldc;
    double sum = s->accumulate || j >= s->n ? (double)before(s, at) : 0.0;
    double size = fabs(sum);
    for (size_t p = 0; p < s->k && j < s->n; p++) {
      double term = (double)(s->trans_a ? a[p * lda(s) + i] : a[i * lda(s) + p]) *
                    (double)(s->trans_b ? b[j * ldb(s) + p] : b[p * ldb(s) + j]);
      sum += term;
      size += fabs(term);
    }
    expected[at] = sum;
    tolerance[at] = j < s->n ? PRODUCT_TOLERANCE(s->k, size) : 0.0;
  }
}

static bool takes(const struct kernel *kernel, const struct shape *s) {
  if (!kernel->runs_here()) return false;
#ifdef HRLP_SMALL_KERNELS
  if (kernel->is_small)
    return s->k * s->n <= HRLP_GEMM_SMALL && 16 * s->k <= HRLP_GEMM_SMALL &&
           16 * s->m <= HRLP_GEMM_SMALL;
#endif
  (void)s;
  return true;
}

static void clear_result(const struct shape *s) {
  for (size_t i = 0; i < s->m * (s->n + PAD); i++) c[i] = before(s, i);
}

static void check_result(const struct shape *s, const char *name) {
  size_t ldc = s->n + PAD;
  for (size_t i = 0; i < s->m * ldc; i++)
    CHECK(fabs((double)c[i] - expected[i]) <= tolerance[i],
          "%s: %d%d %zux%zux%zu accumulate %d: [%zu,%zu] is %.9g, expected %.9g", name,
          s->trans_a, s->trans_b, s->m, s->n, s->k, s->accumulate, i / ldc, i % ldc,
          (double)c[i], expected[i]);
}

static void run_kernel(const struct kernel *kernel, const struct shape *s, size_t ldc,
                       float *result, const struct hrlp_gemm_end *end) {
  kernel->run((enum hrlp_transpose)s->trans_a, (enum hrlp_transpose)s->trans_b, s->m,
              s->n, s->k, a, lda(s), b, ldb(s), s->accumulate, result, ldc, end);
}

static void check_product(const struct shape *s) {
  define(s);
  for (size_t which = 0; which < COUNT(bare); which++) {
    clear_result(s);
    bare[which].run((enum hrlp_transpose)s->trans_a, (enum hrlp_transpose)s->trans_b,
                    s->m, s->n, s->k, a, lda(s), b, ldb(s), s->accumulate, c, s->n + PAD);
    check_result(s, bare[which].name);
  }
  for (size_t which = 0; which < COUNT(kernels); which++) {
    if (!takes(&kernels[which], s)) continue;
    clear_result(s);
    run_kernel(&kernels[which], s, s->n + PAD, c, &no_end);
    check_result(s, kernels[which].name);
  }
}

#endif
