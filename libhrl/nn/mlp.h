/* nn/mlp.h - a multilayer perceptron: dense layers with tanh or ReLU between them and a
 * linear end.
 *
 * Parameters lie in one flat array, layer after layer: weights [in, out], row-major, then
 * biases [out]. (PyTorch stores weights as [out, in]; storage/ transposes. This way round
 * both operands of the forward product are read along their rows.) */
#ifndef HRLP_MLP_H
#define HRLP_MLP_H

#include <stddef.h>
#include <stdint.h>

#define HRLP_MLP_MAX_LAYERS 4

enum hrlp_activation { HRLP_TANH = 0, HRLP_RELU = 1 };

struct hrlp_mlp {
  size_t layers;                          /* dense layers: hidden ones + 1 */
  size_t widths[HRLP_MLP_MAX_LAYERS + 1]; /* inputs, hidden ..., outputs */
  enum hrlp_activation activation;
};

/* inputs -> hidden -> hidden -> outputs */
struct hrlp_mlp hrlp_mlp_make(size_t inputs, size_t hidden, size_t outputs,
                              enum hrlp_activation activation);

size_t hrlp_mlp_parameter_count(const struct hrlp_mlp *mlp);

/* Where layer `layer`'s weights begin, and its biases, which follow them. */
size_t hrlp_mlp_layer_offset(const struct hrlp_mlp *mlp, size_t layer);
size_t hrlp_mlp_bias_offset(const struct hrlp_mlp *mlp, size_t layer);

/* Orthogonal weights (Saxe et al. 2014): sqrt(2) gain in hidden layers, `last_gain` in
 * the last; biases 0. Determined by (seed, stream). */
void hrlp_mlp_initialize(const struct hrlp_mlp *mlp, float *parameters, float last_gain,
                         uint64_t seed, uint64_t stream);

/* Floats of workspace for a batch of `rows`. */
size_t hrlp_mlp_workspace_size(const struct hrlp_mlp *mlp, size_t rows);

/* x [rows, inputs] -> outputs [rows, outputs]; returns them, inside `workspace`. Keeps in
 * `workspace` what hrlp_mlp_backward needs. */
const float *hrlp_mlp_forward(const struct hrlp_mlp *mlp, const float *parameters,
                              const float *x, size_t rows, float *workspace);

/* After hrlp_mlp_forward on the same x, rows and workspace: given d_outputs
 * [rows, outputs], the gradient of a loss with respect to the outputs, writes its
 * gradient with respect to the parameters to `gradients`. Overwrites `workspace`, where
 * d_outputs must not lie. */
void hrlp_mlp_backward(const struct hrlp_mlp *mlp, const float *parameters,
                       const float *x, const float *d_outputs, size_t rows,
                       float *workspace, float *gradients);

#endif
