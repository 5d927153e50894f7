/* Elementwise kernels against plain formulas in double precision, and Adam against
 * PyTorch. Matrix products are in test_gemm.c. */
#include "suite.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/vector.h"
#include "data/golden/golden.h"
#include "near.h"
#include "noise.h"

/* Half a unit in the last place of a float near 1. */
#define ROUNDING (0.5 * (double)FLT_EPSILON)
/* A sum of k products of floats, in any order, is within (k + 1) roundings of the sum of
 * their sizes; one more for what is accumulated into. */
#define PRODUCT_TOLERANCE(k, size) (((double)(k) + 2.0) * ROUNDING * (size))
/* math/vector.h promises this for tanh. */
#define TANH_TOLERANCE 5e-7
/* A kernel of a few float operations: as many roundings, relative. */
#define KERNEL_TOLERANCE (4.0 * ROUNDING)
/* Sums of squares are in double precision. */
#define SQUARES_TOLERANCE 1e-13
/* Adam's step: a handful of roundings of the step, and one of the parameter. */
#define ADAM_TOLERANCE (16.0 * ROUNDING)
/* Twenty of them at a rate of 1/128, and constants that are not exact as floats
 * (1 - 0.999f): 2e-5 of each step. */
#define ADAM_TRACE_TOLERANCE 1e-5

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- elementwise ---- */

/* tanh of each, through the kernel, in place. */
static void apply_tanh(float *x, size_t count) {
  static const float zero[4096];
  for (size_t i = 0; i < count; i += 4096)
    hrlp_add_bias_tanh(x + i, zero, 1, count - i < 4096 ? count - i : 4096);
}

START_TEST(exp_is_exp) {
  static float x[100000], y[100000];
  size_t count = COUNT(x);
  for (size_t i = 0; i < count; i++) x[i] = -87.0f + 175.0f * (float)i / (float)count;
  memcpy(y, x, sizeof y);
  hrlp_exp(y, count);
  for (size_t i = 0; i < count; i++) {
    double should = exp((double)x[i]);
    CHECK(fabs((double)y[i] - should) <= 3e-7 * should, "exp(%.9g) is %.9g", (double)x[i],
          (double)y[i]);
  }
  float ends[6] = {0.0f, -0.0f, -1e30f, -INFINITY, NAN, 88.0f};
  hrlp_exp(ends, 6);
  CHECK(ends[0] == 1.0f && ends[1] == 1.0f, "exp(0) is %g", (double)ends[0]);
  CHECK(ends[2] > 0.0f && ends[2] < 1e-37f && ends[3] == ends[2], "%g", (double)ends[2]);
  CHECK(isnan(ends[4]), "exp(NaN) is %g", (double)ends[4]);
  CHECK(isfinite(ends[5]), "exp(88) is %g", (double)ends[5]);
}
END_TEST

START_TEST(tanh_is_within_its_bound) {
  enum { ROOM = 1 << 16 };
  static float x[ROOM], y[ROOM];
  /* every 1,021st float there is: all sizes, both signs, denormals, infinities, NaNs */
  for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += (uint64_t)ROOM * 1021) {
    for (size_t i = 0; i < ROOM; i++) {
      uint32_t word = (uint32_t)(bits + i * 1021);
      memcpy(&x[i], &word, sizeof word);
    }
    memcpy(y, x, sizeof y);
    apply_tanh(y, ROOM);
    for (size_t i = 0; i < ROOM; i++) {
      if (isnan(x[i])) {
        CHECK(isnan(y[i]), "isnan(y[i])");
        continue;
      }
      double expected = tanh((double)x[i]);
      CHECK(fabs((double)y[i] - expected) <= TANH_TOLERANCE, "tanh(%.9g) is %.9g",
            (double)x[i], (double)y[i]);
      CHECK(fabsf(y[i]) <= 1.0f, "tanh(%.9g) is %.9g", (double)x[i], (double)y[i]);
    }
  }
  /* and where it bends, closely */
  for (int block = -160; block < 160; block++) {
    for (size_t i = 0; i < ROOM; i++) x[i] = (float)(block + (double)i / ROOM) * 0.0625f;
    memcpy(y, x, sizeof y);
    apply_tanh(y, ROOM);
    for (size_t i = 0; i < ROOM; i++)
      if (fabs((double)y[i] - tanh((double)x[i])) > TANH_TOLERANCE || fabsf(y[i]) > 1.0f)
        ck_abort_msg("tanh(%.9g) is %.9g", (double)x[i], (double)y[i]);
  }
}
END_TEST

START_TEST(tanh_has_its_ends_and_is_odd) {
  float x[] = {INFINITY, -INFINITY, NAN, 0.0f, 100.0f, -100.0f, 1e-40f, 0.75f, -0.75f};
  apply_tanh(x, COUNT(x));
  NEAR(x[0], 1.0, TANH_TOLERANCE);
  NEAR(x[1], -1.0, TANH_TOLERANCE);
  ck_assert(isnan(x[2]));
  ck_assert(x[3] == 0.0f);
  ck_assert(x[4] == x[0] && x[5] == x[1]);
  ck_assert(x[7] == -x[8]);
}
END_TEST

/* Rows of every length around the width of vector registers. */
#define ROWS 5
#define WIDEST 70

START_TEST(biases_are_added_to_every_row) {
  static float y[3][ROWS * WIDEST], start[ROWS * WIDEST], bias[WIDEST];
  uint64_t state = 6;
  for (size_t columns = 0; columns < WIDEST; columns++) {
    noise_fill(start, ROWS * columns, 2.0, &state);
    noise_fill(bias, columns, 2.0, &state);
    for (int kind = 0; kind < 3; kind++) memcpy(y[kind], start, sizeof start);
    hrlp_add_bias(y[0], bias, ROWS, columns);
    hrlp_add_bias_tanh(y[1], bias, ROWS, columns);
    hrlp_add_bias_relu(y[2], bias, ROWS, columns);
    for (size_t i = 0; i < ROWS * columns; i++) {
      double sum = (double)start[i] + (double)bias[i % columns];
      NEAR(y[0][i], sum, 4.0 * ROUNDING);
      NEAR(y[1][i], tanh(sum), TANH_TOLERANCE + 4.0 * ROUNDING);
      NEAR(y[2][i], sum > 0.0 ? sum : 0.0, 4.0 * ROUNDING);
    }
  }
}
END_TEST

START_TEST(relu_does_not_hide_nan) {
  float y[] = {NAN, 1.0f, -1.0f, INFINITY, -INFINITY};
  const float bias[5] = {0};
  hrlp_add_bias_relu(y, bias, 1, 5);
  ck_assert(isnan(y[0]));
  ck_assert(y[1] == 1.0f && y[2] == 0.0f && y[3] == INFINITY && y[4] == 0.0f);
  float d[] = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f};
  hrlp_relu_backward(d, y, 5);
  ck_assert(d[1] == 1.0f && d[2] == 0.0f && d[3] == 1.0f && d[4] == 0.0f);
}
END_TEST

START_TEST(gradients_pass_through_activations) {
  static float y[WIDEST], d[WIDEST], tanh_d[WIDEST], relu_d[WIDEST], sum[WIDEST];
  uint64_t state = 7;
  for (size_t count = 0; count < WIDEST; count++) {
    noise_fill(y, count, 1.0, &state);
    noise_fill(d, count, 3.0, &state);
    if (count > 0) y[count / 2] = 0.0f; /* relu's kink: no gradient, as in PyTorch */
    memcpy(tanh_d, d, sizeof d);
    memcpy(relu_d, d, sizeof d);
    memcpy(sum, y, sizeof y);
    hrlp_tanh_backward(tanh_d, y, count);
    hrlp_relu_backward(relu_d, y, count);
    hrlp_accumulate(sum, d, count);
    for (size_t i = 0; i < count; i++) {
      double slope = 1.0 - (double)y[i] * (double)y[i];
      NEAR(tanh_d[i], (double)d[i] * slope, 3.0 * KERNEL_TOLERANCE);
      CHECK(relu_d[i] == (y[i] > 0.0f ? d[i] : 0.0f),
            "relu_d[i] == (y[i] > 0.0f ? d[i] : 0.0f)");
      CHECK(sum[i] == y[i] + d[i], "sum[i] == y[i] + d[i]");
    }
  }
}
END_TEST

START_TEST(column_sums_add_up) {
  static float d[40 * WIDEST], sums[WIDEST];
  uint64_t state = 8;
  noise_fill(d, COUNT(d), 1.0, &state);
  for (size_t columns = 0; columns < WIDEST; columns++) {
    for (size_t rows = 0; rows <= 40; rows += rows < 10 ? 1 : 7) {
      for (size_t j = 0; j < columns; j++) sums[j] = (float)j;
      hrlp_add_column_sums(sums, d, rows, columns);
      for (size_t j = 0; j < columns; j++) {
        double expected = (double)j;
        for (size_t i = 0; i < rows; i++) expected += (double)d[i * columns + j];
        NEAR(sums[j], expected, PRODUCT_TOLERANCE(rows, (double)(j + rows)));
      }
    }
  }
}
END_TEST

START_TEST(squares_are_summed_in_double) {
  static float x[1003];
  uint64_t state = 9;
  noise_fill(x, COUNT(x), 1.0, &state);
  x[5] = 1e15f; /* its square would swallow the rest in single precision */
  x[6] = 3e38f; /* and this one's is beyond it */
  for (size_t count = 0; count <= COUNT(x); count += count < 20 ? 1 : 41) {
    long double expected = 0.0L;
    for (size_t i = 0; i < count; i++) expected += (long double)x[i] * (long double)x[i];
    double sum = hrlp_sum_squares(x, count);
    NEAR(sum, (double)expected, SQUARES_TOLERANCE * (double)expected);
    ck_assert(hrlp_sum_squares(x, count) == sum);
  }
}
END_TEST

START_TEST(a_value_gives_the_same_bits_wherever_it_stands) {
  /* in the body of a vector loop or in its tail */
  float x[77], d[77], m[77], v[77], bias[77];
  for (size_t i = 0; i < 77; i++) {
    x[i] = 0.3712f, d[i] = -1.2345f, m[i] = 0.01f, v[i] = 0.002f, bias[i] = 0.2f;
  }
  const struct hrlp_adam_step step = {0.7f, 0.9f, 0.999f, 1e-3f, 2.0f, 1e-5f};
  hrlp_add_bias_tanh(x, bias, 1, 77);
  hrlp_tanh_backward(d, x, 77);
  hrlp_adam_update(&step, x, m, v, d, 77);
  for (size_t i = 1; i < 77; i++) {
    CHECK(x[i] == x[0] && d[i] == d[0] && m[i] == m[0] && v[i] == v[0],
          "x[i] == x[0] && d[i] == d[0] && m[i] == m[0] && v[i] == v[0]");
  }
}
END_TEST

START_TEST(adam_takes_the_step_of_its_formula) {
  float x[WIDEST], m[WIDEST] = {0}, v[WIDEST] = {0}, g[WIDEST];
  uint64_t state = 10;
  noise_fill(x, WIDEST, 1.0, &state);
  for (int t = 1; t <= 50; t++) {
    noise_fill(g, WIDEST, t % 5 == 0 ? 1e-6 : 2.0, &state);
    double rate = 1e-3 / (1.0 - pow(0.9, t));
    double root = 1.0 / sqrt(1.0 - pow(0.999, t));
    const struct hrlp_adam_step step = {0.25f,       0.9f,        0.999f,
                                        (float)rate, (float)root, 1e-5f};
    for (size_t i = 0; i < WIDEST; i++) {
      double gradient = 0.25 * (double)g[i];
      double moment1 = 0.9 * (double)m[i] + 0.1 * gradient;
      double moment2 = 0.999 * (double)v[i] + 0.001 * gradient * gradient;
      double change = rate * moment1 / (sqrt(moment2) * root + 1e-5);
      float old_x = x[i];
      hrlp_adam_update(&step, x + i, m + i, v + i, g + i, 1);
      /* 1 - 0.999f is 0.001 only to 5e-5 of it */
      NEAR(m[i], moment1, 1e-6 * (fabs(gradient) + fabs(moment1)));
      NEAR(v[i], moment2, 1e-4 * moment2 + 1e-30);
      NEAR(x[i], (double)old_x - change, 1e-4 * fabs(change) + ADAM_TOLERANCE);
    }
  }
}
END_TEST

START_TEST(adam_agrees_with_pytorch) {
  float x[GOLDEN_ADAM_COUNT], m[GOLDEN_ADAM_COUNT] = {0}, v[GOLDEN_ADAM_COUNT] = {0};
  memcpy(x, golden_adam_start, sizeof x);
  for (size_t t = 0; t < GOLDEN_ADAM_STEPS; t++) {
    double step = (double)t + 1.0;
    const struct hrlp_adam_step adam = {1.0f,
                                        0.9f,
                                        0.999f,
                                        (float)(0.0078125 / (1.0 - pow(0.9, step))),
                                        (float)(1.0 / sqrt(1.0 - pow(0.999, step))),
                                        1e-5f};
    hrlp_adam_update(&adam, x, m, v, golden_adam_gradients + t * GOLDEN_ADAM_COUNT,
                     GOLDEN_ADAM_COUNT);
    for (size_t i = 0; i < GOLDEN_ADAM_COUNT; i++)
      NEAR(x[i], golden_adam_trace[t * GOLDEN_ADAM_COUNT + i], ADAM_TRACE_TOLERANCE);
  }
}
END_TEST

START_TEST(finite_means_every_one) {
  float x[100] = {0};
  x[50] = FLT_MAX;
  ck_assert(hrlp_all_finite(x, 100));
  ck_assert(hrlp_all_finite(x, 0));
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 100; i++) {
    float kept = x[i];
    x[i] = bad[i % 3];
    ck_assert(!hrlp_all_finite(x, 100));
    x[i] = kept;
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("math");
  TCase *kernels = tcase_create("kernels");
  tcase_set_timeout(kernels, 200);
  tcase_add_test(kernels, exp_is_exp);
  tcase_add_test(kernels, tanh_is_within_its_bound);
  tcase_add_test(kernels, tanh_has_its_ends_and_is_odd);
  tcase_add_test(kernels, biases_are_added_to_every_row);
  tcase_add_test(kernels, relu_does_not_hide_nan);
  tcase_add_test(kernels, gradients_pass_through_activations);
  tcase_add_test(kernels, column_sums_add_up);
  tcase_add_test(kernels, squares_are_summed_in_double);
  tcase_add_test(kernels, a_value_gives_the_same_bits_wherever_it_stands);
  tcase_add_test(kernels, adam_takes_the_step_of_its_formula);
  tcase_add_test(kernels, adam_agrees_with_pytorch);
  tcase_add_test(kernels, finite_means_every_one);
  suite_add_tcase(suite, kernels);
  return run_suite(suite);
}
