/* archive_sample.h - a tree as an agent's file holds it, and comparison of trees; shared
 * by the tests of libhrl/storage. */
#ifndef TEST_ARCHIVE_SAMPLE_H
#define TEST_ARCHIVE_SAMPLE_H

#include <string.h>

#include "storage/value.h"

#define SAMPLE_INPUTS 3
#define SAMPLE_HIDDEN 2

/* Element i of every sample tensor: exact in float32, and easy to say in Python. */
static inline double sample_element(int64_t i) { return (double)(i % 17 - 8) / 16.0; }

static inline struct hrlp_value *sample_tensor(enum hrlp_dtype dtype, int rank,
                                               const int64_t *shape) {
  struct hrlp_value *value = hrlp_value_tensor(dtype, rank, shape, NULL);
  if (value == NULL) return NULL;
  for (size_t i = 0; i < value->tensor.count; i++) {
    double element = sample_element((int64_t)i);
    if (dtype == HRLP_FLOAT32) ((float *)value->tensor.data)[i] = (float)element;
    if (dtype == HRLP_FLOAT64) ((double *)value->tensor.data)[i] = element;
    if (dtype == HRLP_INT64) ((int64_t *)value->tensor.data)[i] = (int64_t)i - 4;
  }
  return value;
}

static const int64_t sample_shapes[4][2] = {
    {SAMPLE_HIDDEN, SAMPLE_INPUTS}, {SAMPLE_HIDDEN, 0}, {1, SAMPLE_HIDDEN}, {1, 0}};
static const int sample_ranks[4] = {2, 1, 2, 1};

static inline struct hrlp_value *sample_network(void) {
  static const char *const names[4] = {"network.0.weight", "network.0.bias",
                                       "network.2.weight", "network.2.bias"};
  struct hrlp_value *network = hrlp_value_dict(true);
  for (int i = 0; i < 4; i++) {
    hrlp_value_set(network, names[i],
                   sample_tensor(HRLP_FLOAT32, sample_ranks[i], sample_shapes[i]));
  }
  return network;
}

static inline struct hrlp_value *sample_optimizer(void) {
  struct hrlp_value *optimizer = hrlp_value_dict(false);
  struct hrlp_value *state = hrlp_value_set(optimizer, "state", hrlp_value_dict(false));
  struct hrlp_value *groups =
      hrlp_value_set(optimizer, "param_groups", hrlp_value_list());
  struct hrlp_value *group = hrlp_value_append(groups, hrlp_value_dict(false));
  hrlp_value_set(group, "lr", hrlp_value_float(0.0003));
  struct hrlp_value *betas = hrlp_value_set(group, "betas", hrlp_value_tuple());
  hrlp_value_append(betas, hrlp_value_float(0.9));
  hrlp_value_append(betas, hrlp_value_float(0.999));
  hrlp_value_set(group, "eps", hrlp_value_float(1e-8));
  hrlp_value_set(group, "weight_decay", hrlp_value_int(0));
  hrlp_value_set(group, "amsgrad", hrlp_value_bool(false));
  hrlp_value_set(group, "foreach", hrlp_value_none());
  hrlp_value_set(group, "maximize", hrlp_value_bool(false));
  hrlp_value_set(group, "capturable", hrlp_value_bool(false));
  struct hrlp_value *params = hrlp_value_set(group, "params", hrlp_value_list());
  for (int i = 0; i < 4; i++) {
    hrlp_value_append(params, hrlp_value_int(i));
    struct hrlp_value *slot = hrlp_value_set_at(state, i, hrlp_value_dict(false));
    float step = 12.0f;
    hrlp_value_set(slot, "step", hrlp_value_tensor(HRLP_FLOAT32, 0, NULL, &step));
    hrlp_value_set(slot, "exp_avg",
                   sample_tensor(HRLP_FLOAT32, sample_ranks[i], sample_shapes[i]));
    hrlp_value_set(slot, "exp_avg_sq",
                   sample_tensor(HRLP_FLOAT32, sample_ranks[i], sample_shapes[i]));
  }
  return optimizer;
}

/* Values of every kind and size of encoding. */
static inline struct hrlp_value *sample_config(void) {
  static const int64_t integers[] = {0,
                                     255,
                                     256,
                                     65535,
                                     65536,
                                     INT32_MAX,
                                     INT32_MIN,
                                     -1,
                                     -129,
                                     1LL << 31,
                                     -(1LL << 31) - 1,
                                     1LL << 39,
                                     -(1LL << 39),
                                     INT64_MAX,
                                     INT64_MIN};
  struct hrlp_value *config = hrlp_value_dict(false);
  struct hrlp_value *list = hrlp_value_set(config, "integers", hrlp_value_list());
  for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
    hrlp_value_append(list, hrlp_value_int(integers[i]));
  }
  hrlp_value_set(config, "gamma", hrlp_value_float(0.99));
  hrlp_value_set(config, "tiny", hrlp_value_float(-5e-324));
  hrlp_value_set(config, "name", hrlp_value_text("Famiglia \xc3\xa8 \xe2\x82\xac"));
  hrlp_value_set(config, "", hrlp_value_text(""));
  hrlp_value_set(config, "yes", hrlp_value_bool(true));
  hrlp_value_set(config, "nothing", hrlp_value_none());
  hrlp_value_set(config, "empty_tuple", hrlp_value_tuple());
  hrlp_value_set(config, "empty_list", hrlp_value_list());
  hrlp_value_set(config, "empty_dict", hrlp_value_dict(false));
  hrlp_value_set_at(config, -7, hrlp_value_text("minus seven"));
  return config;
}

static inline struct hrlp_value *sample_tree(void) {
  struct hrlp_value *root = hrlp_value_dict(false);
  hrlp_value_set(root, "policy_network_state_dict", sample_network());
  hrlp_value_set(root, "optimizer_state_dict", sample_optimizer());
  hrlp_value_set(root, "config", sample_config());
  hrlp_value_set(root, "counts", sample_tensor(HRLP_INT64, 1, (const int64_t[]){5}));
  hrlp_value_set(root, "sums",
                 sample_tensor(HRLP_FLOAT64, 3, (const int64_t[]){2, 2, 3}));
  hrlp_value_set(root, "empty", sample_tensor(HRLP_FLOAT32, 2, (const int64_t[]){0, 3}));
  return root;
}

static inline bool same_tensor(const struct hrlp_tensor *a, const struct hrlp_tensor *b) {
  return a->dtype == b->dtype && a->rank == b->rank && a->count == b->count &&
         memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) == 0 &&
         memcmp(a->data, b->data, a->count * hrlp_dtype_size(a->dtype)) == 0;
}

static inline bool same_tree(const struct hrlp_value *a, const struct hrlp_value *b) {
  if (a->kind != b->kind || a->ordered != b->ordered) return false;
  switch (a->kind) {
    case HRLP_NONE:
      return true;
    case HRLP_BOOL:
      return a->boolean == b->boolean;
    case HRLP_INT:
      return a->integer == b->integer;
    case HRLP_FLOAT:
      return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case HRLP_TEXT:
      return strcmp(a->text, b->text) == 0;
    case HRLP_TENSOR:
      return same_tensor(&a->tensor, &b->tensor);
    default:
      break;
  }
  if (a->count != b->count) return false;
  for (size_t i = 0; i < a->count; i++) {
    const struct hrlp_member *x = &a->members[i];
    const struct hrlp_member *y = &b->members[i];
    if ((x->name == NULL) != (y->name == NULL) || x->number != y->number) return false;
    if (x->name != NULL && strcmp(x->name, y->name) != 0) return false;
    if (!same_tree(x->value, y->value)) return false;
  }
  return true;
}

#endif
