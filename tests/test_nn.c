/* Networks and distributions: by hand, against finite differences of a reference in
 * double precision, against closed forms, and against what PyTorch computed. */
#include "suite.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "nn/gaussian.h"
#include "nn/mlp.h"
#include "data/golden/golden.h"
#include "gaussian_density.h"
#include "near.h"
#include "noise.h"
#include "reference.h"

/* A few dozen float operations on numbers near 1, and tanh's own 5e-7 in two layers. */
#define FORWARD_TOLERANCE 5e-6
/* The same for sums over a batch of some 20 rows. */
#define GRADIENT_TOLERANCE 5e-5
/* Step of central differences in double precision: its error is about 1e-9. */
#define DIFFERENCE 1e-5
/* Gram and Schmidt in single precision lose digits by the condition of the drawn matrix,
 * some 1e3 for a square one of 128. Without them products are near 10. */
#define ORTHOGONAL_TOLERANCE 1e-4
/* Sums of up to 8 log-densities of size 10. */
#define GAUSSIAN_TOLERANCE 1e-5

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- forward, by hand ---- */

START_TEST(relu_network_by_hand) {
  struct hrlp_mlp mlp = hrlp_mlp_make(2, 2, 1, HRLP_RELU);
  const float parameters[] = {1,
                              -1,
                              2,
                              1,
                              /* W1 [2, 2] */ 0.5f,
                              -3, /* b1 */
                              2,
                              1,
                              1,
                              1,
                              /* W2 */ -1,
                              4, /* b2 */
                              3,
                              -2,
                              /* W3 [2, 1] */ 0.25f /* b3 */};
  const float x[] = {1, 2, -1, 0.5f};
  float work[100];
  ck_assert_uint_eq(hrlp_mlp_parameter_count(&mlp), COUNT(parameters));
  ck_assert_uint_le(hrlp_mlp_workspace_size(&mlp, 2), COUNT(work));
  const float *y = hrlp_mlp_forward(&mlp, parameters, x, 2, work);
  /* row 1: 1 + 4 + 0.5 = 5.5, -1 + 2 - 3 = -2 -> 0; then 11 - 1 = 10, 5.5 + 4 = 9.5;
   *        30 - 19 + 0.25 = 11.25 */
  NEAR(y[0], 11.25, 0.0);
  /* row 2: -1 + 1 + 0.5 = 0.5, 1 + 0.5 - 3 -> 0; then 1 - 1 = 0, 0.5 + 4 = 4.5;
   *        0 - 9 + 0.25 = -8.75 */
  NEAR(y[1], -8.75, 0.0);
}
END_TEST

START_TEST(tanh_network_by_hand) {
  struct hrlp_mlp mlp = {.layers = 2, .widths = {1, 2, 1}, .activation = HRLP_TANH};
  const float parameters[] = {0.5f, -1, /* W1 */ 0.25f, 0, /* b1 */ 2, 3, /* W2 */ 1};
  const float x[] = {0.5f};
  float work[20];
  /* tanh(0.5) = 0.46211715726, tanh(-0.5) = -0.46211715726; 2 a - 3 a + 1 */
  NEAR(hrlp_mlp_forward(&mlp, parameters, x, 1, work)[0], 1.0 - 0.46211715726,
       FORWARD_TOLERANCE);
}
END_TEST

START_TEST(layers_lie_one_after_the_other) {
  struct hrlp_mlp mlp = hrlp_mlp_make(5, 7, 3, HRLP_TANH);
  ck_assert_uint_eq(hrlp_mlp_layer_offset(&mlp, 0), 0);
  ck_assert_uint_eq(hrlp_mlp_layer_offset(&mlp, 1), 5 * 7 + 7);
  ck_assert_uint_eq(hrlp_mlp_layer_offset(&mlp, 2), 5 * 7 + 7 + 7 * 7 + 7);
  ck_assert_uint_eq(hrlp_mlp_parameter_count(&mlp), 42 + 56 + 7 * 3 + 3);
}
END_TEST

/* ---- against the reference ---- */

/* Loss: the outputs weighed by d_outputs. */
static double reference_loss(const struct hrlp_mlp *mlp, const double *parameters,
                             const float *x, const float *d_outputs, size_t rows,
                             double *least) {
  double loss = 0.0;
  size_t width = mlp->widths[mlp->layers];
  *least = INFINITY;
  for (size_t i = 0; i < rows; i++) {
    double outputs[REFERENCE_WIDEST];
    double kink = reference_mlp(mlp, parameters, x + i * mlp->widths[0], outputs);
    if (kink < *least) *least = kink;
    for (size_t j = 0; j < width; j++)
      loss += outputs[j] * (double)d_outputs[i * width + j];
  }
  return loss;
}

static void check_network(const struct hrlp_mlp *mlp, size_t rows, uint64_t seed) {
  size_t count = hrlp_mlp_parameter_count(mlp);
  size_t outputs = mlp->widths[mlp->layers];
  float *parameters = hrlp_alloc(count, sizeof(float));
  double *exact = hrlp_alloc(count, sizeof(double));
  float *gradients = hrlp_alloc(count, sizeof(float));
  float *x = hrlp_alloc(rows * mlp->widths[0], sizeof(float));
  float *d_outputs = hrlp_alloc(rows * outputs, sizeof(float));
  float *work = hrlp_alloc(hrlp_mlp_workspace_size(mlp, rows), sizeof(float));
  noise_fill(parameters, count, 0.7, &seed);
  noise_fill(x, rows * mlp->widths[0], 1.5, &seed);
  noise_fill(d_outputs, rows * outputs, 1.0, &seed);
  for (size_t i = 0; i < count; i++) exact[i] = (double)parameters[i];

  const float *y = hrlp_mlp_forward(mlp, parameters, x, rows, work);
  for (size_t i = 0; i < rows; i++) {
    double expected[REFERENCE_WIDEST];
    reference_mlp(mlp, exact, x + i * mlp->widths[0], expected);
    for (size_t j = 0; j < outputs; j++)
      NEAR(y[i * outputs + j], expected[j], FORWARD_TOLERANCE);
  }
  for (size_t i = 0; i < count; i++) gradients[i] = NAN; /* is written over */
  hrlp_mlp_backward(mlp, parameters, x, d_outputs, rows, work, gradients);
  for (size_t i = 0; i < count; i++) {
    double least[2];
    exact[i] = (double)parameters[i] + DIFFERENCE;
    double above = reference_loss(mlp, exact, x, d_outputs, rows, &least[0]);
    exact[i] = (double)parameters[i] - DIFFERENCE;
    double below = reference_loss(mlp, exact, x, d_outputs, rows, &least[1]);
    exact[i] = (double)parameters[i];
    /* the data is fixed: no ReLU comes so near to its kink that a step could cross it */
    ck_assert_msg(fmin(least[0], least[1]) > 4 * DIFFERENCE, "choose another seed");
    NEAR(gradients[i], (above - below) / (2.0 * DIFFERENCE), GRADIENT_TOLERANCE);
  }
  hrlp_free(work);
  hrlp_free(d_outputs);
  hrlp_free(x);
  hrlp_free(gradients);
  hrlp_free(exact);
  hrlp_free(parameters);
}

START_TEST(gradients_are_finite_differences) {
  static const struct hrlp_mlp shapes[] = {
      {.layers = 3, .widths = {5, 16, 16, 3}, .activation = HRLP_TANH},
      {.layers = 3, .widths = {5, 16, 16, 3}, .activation = HRLP_RELU},
      {.layers = 1, .widths = {4, 2}, .activation = HRLP_TANH},
      {.layers = 2, .widths = {1, 3, 1}, .activation = HRLP_TANH},
      {.layers = 4, .widths = {3, 9, 1, 7, 2}, .activation = HRLP_TANH},
      {.layers = 4, .widths = {3, 8, 9, 7, 2}, .activation = HRLP_RELU}};
  static const size_t rows[] = {1, 2, 7, 20};
  check_network(&shapes[_i], rows[0], 100);
  check_network(&shapes[_i], rows[1], 101);
  check_network(&shapes[_i], rows[2], 102);
  check_network(&shapes[_i], rows[3], 111);
}
END_TEST

/* Rows of layers that are a multiple of 64 wide lie apart. A batch of one has no second
 * row, so batches of one, added up, are what a batch of many must agree with. */
START_TEST(wide_rows_are_rows_of_their_own) {
  static const struct hrlp_mlp shapes[] = {
      {.layers = 3, .widths = {5, 64, 64, 3}, .activation = HRLP_TANH},
      {.layers = 3, .widths = {5, 128, 128, 3}, .activation = HRLP_RELU},
      {.layers = 4, .widths = {3, 64, 9, 128, 2}, .activation = HRLP_TANH},
      {.layers = 3, .widths = {5, 512, 512, 64}, .activation = HRLP_RELU}};
  enum { ROWS = 13 };
  const struct hrlp_mlp *mlp = &shapes[_i];
  size_t count = hrlp_mlp_parameter_count(mlp);
  size_t inputs = mlp->widths[0];
  size_t outputs = mlp->widths[mlp->layers];
  uint64_t state = 113;
  float *parameters = hrlp_alloc(count, sizeof(float));
  float *gradients = hrlp_alloc(count, sizeof(float));
  double *sums = hrlp_alloc(count, sizeof(double));
  float *work = hrlp_alloc(hrlp_mlp_workspace_size(mlp, ROWS), sizeof(float));
  float x[ROWS * 5];
  float d_outputs[ROWS * 64];
  static float all[ROWS * 64];
  hrlp_mlp_initialize(mlp, parameters, 1.0f, 1, 2);
  noise_fill(x, COUNT(x), 1.0, &state);
  noise_fill(d_outputs, COUNT(d_outputs), 1.0, &state);
  memcpy(all, hrlp_mlp_forward(mlp, parameters, x, ROWS, work),
         ROWS * outputs * sizeof(float));
  for (size_t row = 0; row < ROWS; row++) {
    const float *y = hrlp_mlp_forward(mlp, parameters, x + row * inputs, 1, work);
    for (size_t j = 0; j < outputs; j++)
      NEAR(all[row * outputs + j], (double)y[j], FORWARD_TOLERANCE);
    hrlp_mlp_backward(mlp, parameters, x + row * inputs, d_outputs + row * outputs, 1,
                      work, gradients);
    for (size_t i = 0; i < count; i++) sums[i] += (double)gradients[i];
  }
  hrlp_mlp_forward(mlp, parameters, x, ROWS, work);
  hrlp_mlp_backward(mlp, parameters, x, d_outputs, ROWS, work, gradients);
  for (size_t i = 0; i < count; i++) NEAR(gradients[i], sums[i], GRADIENT_TOLERANCE);
  hrlp_free(work);
  hrlp_free(sums);
  hrlp_free(gradients);
  hrlp_free(parameters);
}
END_TEST

START_TEST(an_empty_batch_has_no_gradient) {
  struct hrlp_mlp mlp = hrlp_mlp_make(2, 3, 1, HRLP_TANH);
  float parameters[100] = {0};
  float gradients[100];
  float nothing[1] = {0};
  size_t count = hrlp_mlp_parameter_count(&mlp);
  for (size_t i = 0; i < 100; i++) gradients[i] = 2.0f;
  hrlp_mlp_forward(&mlp, parameters, nothing, 0, nothing);
  hrlp_mlp_backward(&mlp, parameters, nothing, nothing, 0, nothing, gradients);
  for (size_t i = 0; i < 100; i++)
    CHECK(gradients[i] == (i < count ? 0.0f : 2.0f), "gradient %zu is %g", i,
          (double)gradients[i]);
}
END_TEST

/* ---- initialisation ---- */

static double scalar_product(const float *w, size_t in, size_t out, bool columns,
                             size_t i, size_t j) {
  double sum = 0.0;
  for (size_t p = 0; p < (columns ? in : out); p++)
    sum += columns ? (double)w[p * out + i] * (double)w[p * out + j]
                   : (double)w[i * out + p] * (double)w[j * out + p];
  return sum;
}

static void check_orthogonal(const struct hrlp_mlp *mlp, const float *parameters,
                             double last_gain) {
  for (size_t layer = 0; layer < mlp->layers; layer++) {
    size_t in = mlp->widths[layer];
    size_t out = mlp->widths[layer + 1];
    const float *w = parameters + hrlp_mlp_layer_offset(mlp, layer);
    double gain = layer + 1 == mlp->layers ? last_gain : sqrt(2.0);
    bool columns = in > out; /* the fewer vectors are the orthonormal ones */
    size_t vectors = columns ? out : in;
    for (size_t i = 0; i < vectors; i++)
      for (size_t j = 0; j < vectors; j++)
        NEAR(scalar_product(w, in, out, columns, i, j), i == j ? gain * gain : 0.0,
             ORTHOGONAL_TOLERANCE * gain * gain);
    for (size_t j = 0; j < out; j++) CHECK(w[in * out + j] == 0.0f, "a bias is not 0");
  }
}

START_TEST(weights_begin_orthogonal) {
  static const size_t shapes[][3] = {
      {5, 64, 3}, {12, 128, 3}, {7, 7, 7}, {40, 16, 10}, {1, 1, 1}};
  static float parameters[30000];
  for (size_t i = 0; i < COUNT(shapes); i++) {
    struct hrlp_mlp mlp =
        hrlp_mlp_make(shapes[i][0], shapes[i][1], shapes[i][2], HRLP_TANH);
    ck_assert_uint_le(hrlp_mlp_parameter_count(&mlp), COUNT(parameters));
    for (size_t j = 0; j < COUNT(parameters); j++) parameters[j] = 9.0f;
    hrlp_mlp_initialize(&mlp, parameters, 0.01f, 42, i);
    check_orthogonal(&mlp, parameters, 0.01);
    for (size_t j = hrlp_mlp_parameter_count(&mlp); j < COUNT(parameters); j++)
      CHECK(parameters[j] == 9.0f, "written past the end");
  }
}
END_TEST

START_TEST(weights_follow_from_seed_and_stream) {
  struct hrlp_mlp mlp = hrlp_mlp_make(6, 8, 2, HRLP_TANH);
  float first[200];
  float other[200];
  size_t bytes = hrlp_mlp_parameter_count(&mlp) * sizeof(float);
  ck_assert_uint_le(bytes, sizeof first);
  hrlp_mlp_initialize(&mlp, first, 1.0f, 7, 3);
  hrlp_mlp_initialize(&mlp, other, 1.0f, 7, 3);
  ck_assert_mem_eq(first, other, bytes);
  hrlp_mlp_initialize(&mlp, other, 1.0f, 8, 3);
  ck_assert_mem_ne(first, other, 6 * 8 * sizeof(float));
  hrlp_mlp_initialize(&mlp, other, 1.0f, 7, 4);
  ck_assert_mem_ne(first, other, 6 * 8 * sizeof(float));
  ck_assert_mem_ne(first, first + 6 * 8 + 8, 6 * 8 * sizeof(float)); /* layers differ */
}
END_TEST

/* ---- the normal distribution ---- */

START_TEST(density_of_the_standard_normal) {
  const float zero[3] = {0};
  /* -log(2 pi) / 2 = -0.918938533; at 2: 2 less; (log(2 pi) + 1) / 2 = 1.418938533 */
  NEAR(log_density(zero, zero, zero, 1), -0.918938533205, 1e-6);
  NEAR(log_density((float[]){2}, zero, zero, 1), -2.918938533205, 1e-6);
  NEAR(log_density(zero, zero, zero, 3), -2.756815599614, 1e-6);
  NEAR(hrlp_gaussian_entropy(zero, 1), 1.418938533205, 1e-6);
  NEAR(log_density(zero, zero, zero, 0), 0.0, 0.0);
  NEAR(hrlp_gaussian_entropy(zero, 0), 0.0, 0.0);
}
END_TEST

/* d_mean is set, d_log_std is added to. */
static void gaussian_backward(const float *action, const float *mean,
                              const float *log_std, float factor, size_t count,
                              float *d_mean, float *d_log_std) {
  float precision[8];
  ck_assert_uint_le(count, COUNT(precision));
  hrlp_gaussian_precision(log_std, count, precision);
  for (size_t i = 0; i < count; i++) {
    float z = (action[i] - mean[i]) * precision[i];
    d_mean[i] = hrlp_gaussian_d_mean(factor, z, precision[i]);
    d_log_std[i] += hrlp_gaussian_d_log_std(factor, z);
  }
}

START_TEST(density_follows_its_closed_form) {
  uint64_t state = 12;
  for (int i = 0; i < 200; i++) {
    float action[8], mean[8], log_std[8], d_mean[8], d_log_std[8];
    size_t count = 1 + (size_t)i % 8;
    noise_fill(action, count, 2.0, &state);
    noise_fill(mean, count, 2.0, &state);
    noise_fill(log_std, count, 1.0, &state);
    double density = 0.0;
    double entropy = 0.0;
    for (size_t j = 0; j < count; j++) {
      double s = exp((double)log_std[j]);
      double z = ((double)action[j] - (double)mean[j]) / s;
      density += log(exp(-z * z / 2.0) / (s * sqrt(2.0 * M_PI)));
      entropy += 0.5 * log(2.0 * M_PI * M_E * s * s);
      d_mean[j] = 99.0f;   /* is set */
      d_log_std[j] = 1.0f; /* is added to */
    }
    double scale = 1.0 + fabs(density);
    NEAR(log_density(action, mean, log_std, count), density, GAUSSIAN_TOLERANCE * scale);
    NEAR(hrlp_gaussian_entropy(log_std, count), entropy, GAUSSIAN_TOLERANCE);
    gaussian_backward(action, mean, log_std, -2.0f, count, d_mean, d_log_std);
    for (size_t j = 0; j < count; j++) {
      double s = exp((double)log_std[j]);
      double z = ((double)action[j] - (double)mean[j]) / s;
      NEAR(d_mean[j], -2.0 * z / s, GAUSSIAN_TOLERANCE * (1.0 + fabs(z / s)));
      NEAR(d_log_std[j], 1.0 - 2.0 * (z * z - 1.0), GAUSSIAN_TOLERANCE * (1.0 + z * z));
    }
  }
}
END_TEST

/* ---- PyTorch ---- */

static void check_golden_network(enum hrlp_activation activation, const float *parameters,
                                 size_t count, const double *outputs,
                                 const double *expected) {
  struct hrlp_mlp mlp = hrlp_mlp_make(4, 6, 3, activation);
  float work[500];
  float gradients[200] = {0};
  ck_assert_uint_eq(hrlp_mlp_parameter_count(&mlp), count);
  ck_assert_uint_le(hrlp_mlp_workspace_size(&mlp, GOLDEN_MLP_ROWS), COUNT(work));
  const float *y =
      hrlp_mlp_forward(&mlp, parameters, golden_mlp_x, GOLDEN_MLP_ROWS, work);
  for (size_t i = 0; i < 3 * GOLDEN_MLP_ROWS; i++)
    NEAR(y[i], outputs[i], FORWARD_TOLERANCE);
  hrlp_mlp_backward(&mlp, parameters, golden_mlp_x, golden_mlp_d_outputs, GOLDEN_MLP_ROWS,
                    work, gradients);
  for (size_t i = 0; i < count; i++) NEAR(gradients[i], expected[i], GRADIENT_TOLERANCE);
}

START_TEST(networks_agree_with_pytorch) {
  check_golden_network(HRLP_TANH, golden_mlp_tanh_parameters,
                       COUNT(golden_mlp_tanh_parameters), golden_mlp_tanh_outputs,
                       golden_mlp_tanh_gradients);
  check_golden_network(HRLP_RELU, golden_mlp_relu_parameters,
                       COUNT(golden_mlp_relu_parameters), golden_mlp_relu_outputs,
                       golden_mlp_relu_gradients);
}
END_TEST

START_TEST(distribution_agrees_with_pytorch) {
  float d_log_std[3] = {0};
  for (size_t i = 0; i < GOLDEN_GAUSSIAN_ROWS; i++) {
    const float *action = golden_gaussian_action + 3 * i;
    const float *mean = golden_gaussian_mean + 3 * i;
    float d_mean[3];
    double density = golden_gaussian_log_probability[i];
    NEAR(log_density(action, mean, golden_gaussian_log_std, 3), density,
         GAUSSIAN_TOLERANCE * (1.0 + fabs(density)));
    gaussian_backward(action, mean, golden_gaussian_log_std, 1.0f, 3, d_mean, d_log_std);
    for (size_t j = 0; j < 3; j++)
      NEAR(d_mean[j], golden_gaussian_d_mean[3 * i + j],
           GAUSSIAN_TOLERANCE * (1.0 + fabs(golden_gaussian_d_mean[3 * i + j])));
  }
  for (size_t j = 0; j < 3; j++)
    NEAR(d_log_std[j], golden_gaussian_d_log_std[j],
         GAUSSIAN_TOLERANCE * (1.0 + fabs(golden_gaussian_d_log_std[j])));
  NEAR(hrlp_gaussian_entropy(golden_gaussian_log_std, 3), golden_gaussian_entropy[0],
       GAUSSIAN_TOLERANCE);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("nn");
  TCase *networks = tcase_create("networks");
  tcase_set_timeout(networks, 120);
  tcase_add_test(networks, relu_network_by_hand);
  tcase_add_test(networks, tanh_network_by_hand);
  tcase_add_test(networks, layers_lie_one_after_the_other);
  tcase_add_loop_test(networks, gradients_are_finite_differences, 0, 6);
  tcase_add_loop_test(networks, wide_rows_are_rows_of_their_own, 0, 4);
  tcase_add_test(networks, an_empty_batch_has_no_gradient);
  tcase_add_test(networks, weights_begin_orthogonal);
  tcase_add_test(networks, weights_follow_from_seed_and_stream);
  tcase_add_test(networks, networks_agree_with_pytorch);
  suite_add_tcase(suite, networks);
  TCase *gaussian = tcase_create("gaussian");
  tcase_add_test(gaussian, density_of_the_standard_normal);
  tcase_add_test(gaussian, density_follows_its_closed_form);
  tcase_add_test(gaussian, distribution_agrees_with_pytorch);
  suite_add_tcase(suite, gaussian);
  return run_suite(suite);
}
