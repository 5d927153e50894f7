#include "nn/mlp.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "math/gemm.h"
#include "math/vector.h"

struct hrlp_mlp hrlp_mlp_make(size_t inputs, size_t hidden, size_t outputs,
                              enum hrlp_activation activation) {
  return (struct hrlp_mlp){
      .layers = 3, .widths = {inputs, hidden, hidden, outputs}, .activation = activation};
}

size_t hrlp_mlp_layer_offset(const struct hrlp_mlp *mlp, size_t layer) {
  size_t offset = 0;
  for (size_t i = 0; i < layer; i++)
    offset += mlp->widths[i] * mlp->widths[i + 1] + mlp->widths[i + 1];
  return offset;
}

size_t hrlp_mlp_bias_offset(const struct hrlp_mlp *mlp, size_t layer) {
  return hrlp_mlp_layer_offset(mlp, layer) + mlp->widths[layer] * mlp->widths[layer + 1];
}

size_t hrlp_mlp_parameter_count(const struct hrlp_mlp *mlp) {
  return hrlp_mlp_layer_offset(mlp, mlp->layers);
}

/* Makes the `count` vectors of `length` in `w` orthonormal (modified Gram-Schmidt);
 * element p of vector i is at w[i * step + p * stride]. count <= length. */
static void orthonormalize(float *w, size_t count, size_t length, size_t step,
                           size_t stride) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < i; j++) {
      double product = 0.0;
      for (size_t p = 0; p < length; p++)
        product += (double)w[i * step + p * stride] * (double)w[j * step + p * stride];
      for (size_t p = 0; p < length; p++)
        w[i * step + p * stride] -= (float)product * w[j * step + p * stride];
    }
    double square = 0.0;
    for (size_t p = 0; p < length; p++)
      square += (double)w[i * step + p * stride] * (double)w[i * step + p * stride];
    float scale = (float)(1.0 / sqrt(square));
    for (size_t p = 0; p < length; p++) w[i * step + p * stride] *= scale;
  }
}

static void fill_normal(float *w, size_t count, uint64_t seed, uint64_t stream) {
  double normals[4] = {0};
  for (size_t i = 0; i < count; i++) {
    if (i % 4 == 0)
      hrlp_random_normals(seed, HRLP_RANDOM_WEIGHTS, stream, (uint32_t)(i / 4), normals);
    w[i] = (float)normals[i % 4];
  }
}

void hrlp_mlp_initialize(const struct hrlp_mlp *mlp, float *parameters, float last_gain,
                         uint64_t seed, uint64_t stream) {
  for (size_t layer = 0; layer < mlp->layers; layer++) {
    size_t in = mlp->widths[layer];
    size_t out = mlp->widths[layer + 1];
    float *weights = parameters + hrlp_mlp_layer_offset(mlp, layer);
    float gain = layer + 1 == mlp->layers ? last_gain : (float)M_SQRT2;
    fill_normal(weights, in * out, seed, stream * HRLP_MLP_MAX_LAYERS + layer);
    if (in <= out)
      orthonormalize(weights, in, out, out, 1);
    else
      orthonormalize(weights, out, in, 1, out);
    for (size_t i = 0; i < in * out; i++) weights[i] *= gain;
    memset(weights + in * out, 0, out * sizeof(float));
  }
}

/* Floats from row to row of what a layer gives. Where rows are a multiple of 256 bytes,
 * a column's lines all fall into a few sets of the first cache, and 120 of them do not
 * fit: with a line between rows, training is 1 to 3 % (64) or 5 to 7 % (128) faster. The
 * last layer's rows follow each other without a gap. */
static size_t row_stride(const struct hrlp_mlp *mlp, size_t layer) {
  size_t width = mlp->widths[layer + 1];
  return layer + 1 < mlp->layers && width % 64 == 0 ? width + 16 : width;
}

/* The workspace: a slot for what each layer gives, those of hidden layers as wide as the
 * widest. Gradients that flow back take the place of the activations that they belong to:
 * the less memory a batch goes through, the more of it stays in the caches. Behind them
 * is a spare slot, for products that cannot take the place of their operand at once. */
static size_t slot_width(const struct hrlp_mlp *mlp) {
  size_t widest = 0;
  for (size_t layer = 0; layer + 1 < mlp->layers; layer++)
    if (row_stride(mlp, layer) > widest) widest = row_stride(mlp, layer);
  return widest;
}

static float *slot(const struct hrlp_mlp *mlp, size_t rows, float *workspace,
                   size_t layer) {
  return workspace + layer * rows * slot_width(mlp);
}

static float *spare_slot(const struct hrlp_mlp *mlp, size_t rows, float *workspace) {
  return slot(mlp, rows, workspace, mlp->layers - 1) + rows * mlp->widths[mlp->layers];
}

size_t hrlp_mlp_workspace_size(const struct hrlp_mlp *mlp, size_t rows) {
  return rows * (mlp->layers * slot_width(mlp) + mlp->widths[mlp->layers]);
}

const float *hrlp_mlp_forward(const struct hrlp_mlp *mlp, const float *parameters,
                              const float *x, size_t rows, float *workspace) {
  const float *input = x; /* [rows, in] */
  size_t input_stride = mlp->widths[0];
  for (size_t layer = 0; layer < mlp->layers; layer++) {
    size_t in = mlp->widths[layer];
    size_t out = mlp->widths[layer + 1];
    const float *weights = parameters + hrlp_mlp_layer_offset(mlp, layer); /* [in, out] */
    const float *biases = weights + in * out;                              /* [out] */
    float *output = slot(mlp, rows, workspace, layer); /* [rows, out], row_stride apart */
    struct hrlp_gemm_end end = {.kind = HRLP_END_BIAS, .operand = biases};
    if (layer + 1 < mlp->layers)
      end.kind = mlp->activation == HRLP_TANH ? HRLP_END_BIAS_TANH : HRLP_END_BIAS_RELU;
    hrlp_gemm_then(HRLP_PLAIN, HRLP_PLAIN, rows, out, in, input, input_stride, weights,
                   out, false, output, row_stride(mlp, layer), &end);
    input = output;
    input_stride = row_stride(mlp, layer);
  }
  return input;
}

void hrlp_mlp_backward(const struct hrlp_mlp *mlp, const float *parameters,
                       const float *x, const float *d_outputs, size_t rows,
                       float *workspace, float *gradients) {
  const float *d = d_outputs; /* [rows, out] of the layer in hand */
  size_t last = mlp->layers - 1;
  float *d_biases = gradients + hrlp_mlp_bias_offset(mlp, last);
  memset(d_biases, 0, mlp->widths[mlp->layers] * sizeof(float));
  hrlp_add_column_sums(d_biases, d, rows, mlp->widths[mlp->layers]);
  for (size_t layer = last;; layer--) {
    size_t in = mlp->widths[layer];
    size_t out = mlp->widths[layer + 1];
    size_t offset = hrlp_mlp_layer_offset(mlp, layer);
    const float *weights = parameters + offset; /* [in, out] */
    const float *input =
        layer == 0 ? x : slot(mlp, rows, workspace, layer - 1); /* [rows, in] */
    size_t input_stride = layer == 0 ? in : row_stride(mlp, layer - 1);
    size_t d_stride = row_stride(mlp, layer);
    hrlp_gemm(HRLP_TRANSPOSED, HRLP_PLAIN, in, out, rows, input, input_stride, d,
              d_stride, false, gradients + offset, out);
    if (layer == 0) break;
    /* the gradient of the layer below, and in the same pass that of its biases */
    float *d_input = slot(mlp, rows, workspace, layer - 1); /* [rows, in] */
    struct hrlp_gemm_end end = {
        .kind = mlp->activation == HRLP_TANH ? HRLP_END_TANH_BACKWARD
                                             : HRLP_END_RELU_BACKWARD,
        .operand = d_input,
        .column_sums = gradients + hrlp_mlp_bias_offset(mlp, layer - 1),
        .scratch = spare_slot(mlp, rows, workspace)};
    memset(end.column_sums, 0, in * sizeof(float));
    hrlp_gemm_then(HRLP_PLAIN, HRLP_TRANSPOSED, rows, in, out, d, d_stride, weights, out,
                   false, d_input, input_stride, &end);
    d = d_input;
  }
}
