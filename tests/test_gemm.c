/* Matrix products: every implementation there is, against the definition in double
 * precision. */
#include "suite.h"

#include "gemm_sample.h"
#include "sanitizer.h"

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

/* ---- ends ---- */

static const enum hrlp_gemm_end_kind ends[] = {
    HRLP_END_NOTHING,   HRLP_END_BIAS,          HRLP_END_BIAS_TANH,
    HRLP_END_BIAS_RELU, HRLP_END_TANH_BACKWARD, HRLP_END_RELU_BACKWARD};

/* The end of one sum, in double precision. */
static double end_of(enum hrlp_gemm_end_kind kind, double sum, double other) {
  switch (kind) {
    case HRLP_END_NOTHING:
      return sum;
    case HRLP_END_BIAS:
      return sum + other;
    case HRLP_END_BIAS_TANH:
      return tanh(sum + other);
    case HRLP_END_BIAS_RELU:
      return fmax(0.0, sum + other);
    case HRLP_END_TANH_BACKWARD:
      return sum * (1.0 - other * other);
    case HRLP_END_RELU_BACKWARD:
      return other <= 0.0 ? 0.0 : sum;
  }
  return NAN;
}

/* C's rows, and the operand's of a way back, lie ldc apart. `in_place`: the operand is in
 * C. */
static void check_end(const struct kernel *which, const struct shape *s, size_t ldc,
                      enum hrlp_gemm_end_kind kind, const float *operand, bool in_place) {
  static float sums[MOST], product[MOST * MOST], scratch[MOST * MOST];
  struct hrlp_gemm_end end = {.kind = kind,
                              .operand = operand,
                              .column_sums = hrlp_gemm_is_backward(kind) ? sums : NULL};
  for (size_t j = 0; j < s->n; j++) sums[j] = 0.25f;
  for (size_t i = 0; i < s->m * ldc + PAD; i++) c[i] = 77.0f;
  if (in_place) {
    for (size_t i = 0; i < s->m * ldc; i++)
      if (i % ldc < s->n) c[i] = operand[i];
    end.operand = c;
    end.scratch = scratch;
  }
  hrlp_gemm_plain((enum hrlp_transpose)s->trans_a, (enum hrlp_transpose)s->trans_b, s->m,
                  s->n, s->k, a, lda(s), b, ldb(s), false, product, ldc);
  run_kernel(which, s, ldc, c, &end);
  double tolerance_here = 4e-7 * (1.0 + (double)s->k);
  for (size_t j = 0; j < s->n; j++) {
    double total = 0.25;
    for (size_t i = 0; i < s->m; i++) {
      size_t at = i * ldc + j;
      double should = end_of(kind, (double)product[at],
                             (double)operand[hrlp_gemm_is_backward(kind) ? at : j]);
      CHECK(fabs((double)c[at] - should) <= tolerance_here,
            "%s: end %d of %d%d %zux%zux%zu: [%zu,%zu] is %.9g, expected %.9g",
            which->name, (int)kind, s->trans_a, s->trans_b, s->m, s->n, s->k, i, j,
            (double)c[at], should);
      total += should;
    }
    if (hrlp_gemm_is_backward(kind))
      CHECK(fabs((double)sums[j] - total) <= tolerance_here * (double)(s->m + 1),
            "%s: end %d of %d%d %zux%zux%zu: sum of column %zu is %.9g, expected %.9g",
            which->name, (int)kind, s->trans_a, s->trans_b, s->m, s->n, s->k, j,
            (double)sums[j], total);
  }
  for (size_t i = 0; i < s->m * ldc + PAD; i++)
    CHECK((i < s->m * ldc && i % ldc < s->n) || c[i] == 77.0f,
          "%s: wrote past the end of a row", which->name);
}

START_TEST(ends_follow_their_definition) {
  static const size_t ms[] = {1, 3, 6, 8, 31};
  static const size_t ns[] = {1, 2, 3, 7, 8, 15, 16, 17, 24, 33, 64, 81, 112};
  static const size_t ks[] = {0, 1, 3, 8, 9, 64};
  static float operand[MOST * MOST];
  uint64_t state = 7;
  noise_fill(a, COUNT(a), 0.5, &state);
  noise_fill(b, COUNT(b), 0.5, &state);
  noise_fill(operand, COUNT(operand), 1.0, &state);
  operand[1] = 0.0f; /* the kink of ReLU */
  for (size_t m = 0; m < COUNT(ms); m++)
    for (size_t n = 0; n < COUNT(ns); n++)
      for (size_t k = 0; k < COUNT(ks); k++)
        for (size_t e = 0; e < COUNT(ends); e++)
          for (size_t which = 0; which < COUNT(kernels); which++) {
            struct shape s = {_i / 2, _i % 2, ms[m], ns[n], ks[k], false};
            if (!takes(&kernels[which], &s)) continue;
            for (size_t gap = 0; gap <= PAD; gap += PAD)
              for (int in_place = 0; in_place <= hrlp_gemm_is_backward(ends[e]);
                   in_place++)
                check_end(&kernels[which], &s, ns[n] + gap, ends[e], operand,
                          in_place == 1);
          }
}
END_TEST

START_TEST(large_products_end_alike) {
  /* too long for the small kernels: goes to BLIS, or the plain loops */
  static float x[3 * 1100], y[1100 * 5];
  float z[3 * 7], product[3 * 7] = {0}, bias[5] = {0.5f, -0.5f, 0.0f, 1.0f, -1.0f};
  uint64_t state = 8;
  noise_fill(x, COUNT(x), 0.1, &state);
  noise_fill(y, COUNT(y), 0.1, &state);
  hrlp_gemm_plain(HRLP_PLAIN, HRLP_PLAIN, 3, 5, 1100, x, 1100, y, 5, false, product, 7);
  for (size_t e = 0; e < COUNT(ends); e++) {
    float sums[5] = {0};
    const float *operand = hrlp_gemm_is_backward(ends[e]) ? product : bias;
    struct hrlp_gemm_end end = {
        .kind = ends[e],
        .operand = operand,
        .column_sums = hrlp_gemm_is_backward(ends[e]) ? sums : NULL};
    hrlp_gemm_then(HRLP_PLAIN, HRLP_PLAIN, 3, 5, 1100, x, 1100, y, 5, false, z, 7, &end);
    for (size_t j = 0; j < 5; j++) {
      double total = 0.0;
      for (size_t i = 0; i < 3; i++) {
        double other =
            (double)(hrlp_gemm_is_backward(ends[e]) ? product[i * 7 + j] : bias[j]);
        double should = end_of(ends[e], (double)product[i * 7 + j], other);
        NEAR(z[i * 7 + j], should, 2e-5);
        total += should;
      }
      if (hrlp_gemm_is_backward(ends[e])) NEAR(sums[j], total, 6e-5);
    }
    if (!hrlp_gemm_is_backward(ends[e])) continue;
    float scratch[3 * 5], same[3 * 7];
    memcpy(same, product, sizeof same);
    memset(sums, 0, sizeof sums);
    end.operand = same;
    end.scratch = scratch;
    hrlp_gemm_then(HRLP_PLAIN, HRLP_PLAIN, 3, 5, 1100, x, 1100, y, 5, false, same, 7,
                   &end);
    for (size_t i = 0; i < 3 * 7; i++)
      CHECK(same[i] == (i % 7 < 5 ? z[i] : product[i]), "[%zu] in place is %.9g", i,
            (double)same[i]);
  }
}
END_TEST

START_TEST(ends_carry_nan) {
  /* a NaN in A reaches every kind of C, whatever its end clamps */
  float x[2 * 3] = {1, 2, 3, 4, NAN, 6};
  static float y[3 * 20], z[2 * 20], operand[2 * 20];
  for (size_t i = 0; i < COUNT(y); i++) y[i] = 0.1f;
  for (size_t i = 0; i < COUNT(operand); i++) operand[i] = 0.5f;
  for (size_t e = 0; e < COUNT(ends); e++) {
    struct hrlp_gemm_end end = {.kind = ends[e], .operand = operand};
    hrlp_gemm_then(HRLP_PLAIN, HRLP_PLAIN, 2, 20, 3, x, 3, y, 20, false, z, 20, &end);
    for (size_t j = 0; j < 20; j++) {
      CHECK(isfinite(z[j]), "end %d: [0,%zu] is %g", (int)ends[e], j, (double)z[j]);
      CHECK(isnan(z[20 + j]), "end %d: [1,%zu] is %g", (int)ends[e], j,
            (double)z[20 + j]);
    }
  }
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
#if defined(HRLP_SMALL_KERNELS) && !(defined(SANITIZED) && defined(__clang__))
START_TEST(instruction_sets_do_not_change_a_bit) {
  static float other[MOST * MOST], operand[MOST * MOST];
  if (!has_avx2()) return;
  uint64_t state = 6;
  noise_fill(a, COUNT(a), 1.0, &state);
  noise_fill(b, COUNT(b), 1.0, &state);
  noise_fill(operand, COUNT(operand), 1.0, &state);
  for (size_t which = 2; which < COUNT(kernels); which++)
    for (int n = 1; n <= 100 && kernels[which].runs_here(); n++)
      for (size_t e = 0; e < COUNT(ends); e++) {
        struct shape s = {n % 2, n / 2 % 2, 31, (size_t)n, 1 + 7 * (size_t)n % 90, false};
        float sums[100] = {0};
        float other_sums[100] = {0};
        struct hrlp_gemm_end end = {
            .kind = ends[e],
            .operand = operand,
            .column_sums = hrlp_gemm_is_backward(ends[e]) ? sums : NULL};
        run_kernel(&kernels[1], &s, s.n, c, &end);
        if (end.column_sums != NULL) end.column_sums = other_sums;
        run_kernel(&kernels[which], &s, s.n, other, &end);
        CHECK(memcmp(c, other, 31 * s.n * sizeof *c) == 0, "%s: end %d, %d columns",
              kernels[which].name, (int)ends[e], n);
        CHECK(memcmp(sums, other_sums, sizeof sums) == 0,
              "%s: sums of end %d, %d columns", kernels[which].name, (int)ends[e], n);
      }
}
END_TEST

START_TEST(a_row_does_not_depend_on_the_others) {
  /* whatever tile it falls into, and whatever is left of the columns */
  static const size_t ns[] = {1, 2, 3, 5, 8, 16, 17, 24, 32, 48, 64, 67};
  static const size_t ks[] = {1, 8, 13, 64};
  static float all[MOST * MOST], alone[MOST];
  uint64_t state = 11;
  noise_fill(a, COUNT(a), 1.0, &state);
  noise_fill(b, COUNT(b), 1.0, &state);
  for (size_t which = 0; which < COUNT(kernels); which++)
    for (size_t n = 0; n < COUNT(ns) && kernels[which].runs_here(); n++)
      for (size_t k = 0; k < COUNT(ks); k++)
        for (size_t m = 1; m <= 25; m++) {
          struct shape s = {0, 0, m, ns[n], ks[k], false};
          run_kernel(&kernels[which], &s, s.n, all, &no_end);
          for (size_t i = 0; i < m; i++) {
            kernels[which].run(HRLP_PLAIN, HRLP_PLAIN, 1, s.n, s.k, a + i * lda(&s),
                               lda(&s), b, ldb(&s), false, alone, s.n, &no_end);
            CHECK(memcmp(alone, all + i * s.n, s.n * sizeof *alone) == 0,
                  "%s: row %zu of %zux%zux%zu", kernels[which].name, i, m, s.n, s.k);
          }
        }
}
END_TEST
#endif

/* 17 x 17 x 17, with a NaN in A's row 3. */
static void check_nan(const char *name) {
  for (size_t i = 0; i < 17; i++)
    for (size_t j = 0; j < 17; j++)
      CHECK(isnan(c[i * 17 + j]) == (i == 3), "%s: [%zu,%zu] is %g", name, i, j,
            (double)c[i * 17 + j]);
}

START_TEST(products_carry_nan) {
  memset(a, 0, sizeof a);
  memset(b, 0, sizeof b);
  a[3 * 17 + 5] = NAN;
  for (size_t which = 0; which < COUNT(bare); which++) {
    bare[which].run(HRLP_PLAIN, HRLP_PLAIN, 17, 17, 17, a, 17, b, 17, false, c, 17);
    check_nan(bare[which].name);
  }
  for (size_t which = 0; which < COUNT(kernels); which++) {
    if (!kernels[which].runs_here()) continue;
    kernels[which].run(HRLP_PLAIN, HRLP_PLAIN, 17, 17, 17, a, 17, b, 17, false, c, 17,
                       &no_end);
    check_nan(kernels[which].name);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("gemm");
  TCase *products = tcase_create("products");
  tcase_set_timeout(products, 200);
  tcase_add_loop_test(products, products_follow_their_definition, 0, 4);
  tcase_add_loop_test(products, every_small_size_works, 0, 4);
  tcase_add_loop_test(products, ends_follow_their_definition, 0, 4);
  tcase_add_test(products, large_products_end_alike);
  tcase_add_test(products, ends_carry_nan);
  tcase_add_test(products, products_are_the_same_every_time);
#if defined(HRLP_SMALL_KERNELS) && !(defined(SANITIZED) && defined(__clang__))
  tcase_add_test(products, instruction_sets_do_not_change_a_bit);
  tcase_add_test(products, a_row_does_not_depend_on_the_others);
#endif
  tcase_add_test(products, products_carry_nan);
  suite_add_tcase(suite, products);
  return run_suite(suite);
}
