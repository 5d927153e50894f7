/* Matrix products: every implementation there is, against the definition in double
 * precision. */
#include "suite.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/gemm.h"
#ifdef HRLP_USE_BLIS
#include "math/gemm_blis.h"
#endif
#ifdef HRLP_SMALL_KERNELS
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

#ifdef HRLP_SMALL_KERNELS
static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
#endif

static const struct {
  const char *name;
  gemm_fn gemm;
  bool (*runs_here)(void);
  bool is_small; /* takes small operands only */
} implementations[] = {{"hrlp_gemm", hrlp_gemm, always, false},
                       {"plain loops", hrlp_gemm_plain, always, false},
#ifdef HRLP_USE_BLIS
                       {"BLIS", hrlp_gemm_blis, always, false},
#endif
#ifdef HRLP_SMALL_KERNELS
                       {"AVX2", hrlp_gemm_avx2, has_avx2, true},
                       {"AVX-512", hrlp_gemm_avx512, has_avx512, true}
#endif
};

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

static bool is_taken(size_t implementation, const struct shape *s) {
  if (!implementations[implementation].runs_here()) return false;
  if (!implementations[implementation].is_small) return true;
#ifdef HRLP_SMALL_KERNELS
  return s->k * s->n <= HRLP_GEMM_SMALL && 16 * s->k <= HRLP_GEMM_SMALL &&
         16 * s->m <= HRLP_GEMM_SMALL;
#else
  return false;
#endif
}

static void check_product(const struct shape *s) {
  size_t ldc = s->n + PAD;
  define(s);
  for (size_t which = 0; which < COUNT(implementations); which++) {
    if (!is_taken(which, s)) continue;
    for (size_t i = 0; i < s->m * ldc; i++) c[i] = before(s, i);
    implementations[which].gemm((enum hrlp_transpose)s->trans_a,
                                (enum hrlp_transpose)s->trans_b, s->m, s->n, s->k, a,
                                lda(s), b, ldb(s), s->accumulate, c, ldc);
    for (size_t i = 0; i < s->m * ldc; i++)
      CHECK(fabs((double)c[i] - expected[i]) <= tolerance[i],
            "%s: %d%d %zux%zux%zu accumulate %d: [%zu,%zu] is %.9g, expected %.9g",
            implementations[which].name, s->trans_a, s->trans_b, s->m, s->n, s->k,
            s->accumulate, i / ldc, i % ldc, (double)c[i], expected[i]);
  }
}

START_TEST(products_follow_their_definition) {
  uint64_t state = 3;
  noise_fill(a, COUNT(a), 2.0, &state);
  noise_fill(b, COUNT(b), 2.0, &state);
  for (size_t m = 0; m < COUNT(sizes); m++)
    for (size_t n = 0; n < COUNT(sizes); n++)
      for (size_t k = 0; k < COUNT(sizes); k++)
        for (int way = 0; way < 2; way++)
          check_product(
              &(struct shape){_i / 2, _i % 2, sizes[m], sizes[n], sizes[k], way == 1});
}
END_TEST

START_TEST(every_small_size_works) {
  /* the ends of tiles, of vectors and of pairs of rows, in all their combinations */
  uint64_t state = 5;
  noise_fill(a, COUNT(a), 2.0, &state);
  noise_fill(b, COUNT(b), 2.0, &state);
  for (size_t m = 1; m <= 14; m++)
    for (size_t n = 1; n <= 66; n++)
      check_product(&(struct shape){_i / 2, _i % 2, m, n, 1 + (m * n) % 19, n % 2 == 0});
}
END_TEST

START_TEST(products_are_the_same_every_time) {
  static float first[128 * 64];
  uint64_t state = 4;
  noise_fill(a, COUNT(a), 1.0, &state);
  noise_fill(b, COUNT(b), 1.0, &state);
  for (int i = 0; i < 20; i++) {
    hrlp_gemm(HRLP_PLAIN, HRLP_TRANSPOSED, 128, 64, 33, a, 33, b, 33, false, c, 64);
    if (i == 0) memcpy(first, c, sizeof first);
    ck_assert_mem_eq(c, first, sizeof first);
  }
  ck_assert_ptr_nonnull(hrlp_gemm_name());
}
END_TEST

/* Which products are fused is the compiler's choice, and clang's sanitizers change it. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INSTRUMENTED
#endif
#endif

#if defined(HRLP_SMALL_KERNELS) && !defined(INSTRUMENTED)
START_TEST(instruction_sets_do_not_change_a_bit) {
  static float other[MOST * MOST];
  if (!has_avx2() || !has_avx512()) return;
  uint64_t state = 6;
  noise_fill(a, COUNT(a), 1.0, &state);
  noise_fill(b, COUNT(b), 1.0, &state);
  for (size_t n = 1; n <= 100; n++) {
    size_t k = 1 + 7 * n % 90;
    enum hrlp_transpose trans_a = (enum hrlp_transpose)(n % 2);
    enum hrlp_transpose trans_b = (enum hrlp_transpose)(n / 2 % 2);
    hrlp_gemm_avx2(trans_a, trans_b, 31, n, k, a, 120, b, 120, false, c, n);
    hrlp_gemm_avx512(trans_a, trans_b, 31, n, k, a, 120, b, 120, false, other, n);
    ck_assert_mem_eq(c, other, 31 * n * sizeof *c);
  }
}
END_TEST
#endif

START_TEST(products_carry_nan) {
  for (size_t which = 0; which < COUNT(implementations); which++) {
    if (!implementations[which].runs_here()) continue;
    memset(a, 0, sizeof a);
    memset(b, 0, sizeof b);
    a[3 * 17 + 5] = NAN;
    implementations[which].gemm(HRLP_PLAIN, HRLP_PLAIN, 17, 17, 17, a, 17, b, 17, false,
                                c, 17);
    for (size_t i = 0; i < 17; i++)
      for (size_t j = 0; j < 17; j++)
        CHECK(isnan(c[i * 17 + j]) == (i == 3), "%s: [%zu,%zu] is %g",
              implementations[which].name, i, j, (double)c[i * 17 + j]);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("gemm");
  TCase *products = tcase_create("products");
  tcase_set_timeout(products, 200);
  tcase_add_loop_test(products, products_follow_their_definition, 0, 4);
  tcase_add_loop_test(products, every_small_size_works, 0, 4);
  tcase_add_test(products, products_are_the_same_every_time);
#if defined(HRLP_SMALL_KERNELS) && !defined(INSTRUMENTED)
  tcase_add_test(products, instruction_sets_do_not_change_a_bit);
#endif
  tcase_add_test(products, products_carry_nan);
  suite_add_tcase(suite, products);
  return run_suite(suite);
}
