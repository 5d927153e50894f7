/* From the graph that the opcodes made to a tree of values. */
#include <string.h>

#include "storage/pickle_machine.h"

/* What is left of the bounds of value.h. */
struct copier {
  const struct hrlp_machine *machine;
  size_t values_left;
  size_t bytes_left;
};

static hrl_status fail_memory(const struct copier *copier) {
  return hrlp_fail_memory(copier->machine->error, "the content of an archive");
}

static hrl_status take_bytes(struct copier *copier, size_t count) {
  if (count > copier->bytes_left) {
    return hrlp_machine_fail(copier->machine, HRL_ERROR_LIMIT,
                             "texts and tensors take more than %zu bytes",
                             HRLP_VALUE_MAX_BYTES);
  }
  copier->bytes_left -= count;
  return HRL_OK;
}

/* A zero-terminated copy of a text that was checked to hold no zero. */
static hrl_status copy_text(struct copier *copier, const struct hrlp_node *node,
                            struct hrlp_text *text) {
  hrl_status status = take_bytes(copier, node->text.length);
  if (status != HRL_OK) return status;
  hrlp_text_append(text, node->text.bytes, node->text.length);
  return text->failed ? fail_memory(copier) : HRL_OK;
}

/* Gathers the elements of a view in row-major order. */
static void gather(const struct hrlp_view *view, unsigned char *target) {
  size_t size = hrlp_dtype_size(view->dtype);
  const unsigned char *elements = view->elements;
  int64_t contiguous = 1;
  bool plain = true;
  for (int i = view->rank - 1; i >= 0; i--) {
    plain = plain && (view->sizes[i] == 1 || view->strides[i] == contiguous);
    contiguous *= view->sizes[i];
  }
  if (plain) {
    hrlp_copy_little_endian(target, elements + (size_t)view->offset * size,
                            (size_t)view->count, size);
    return;
  }
  int64_t index[HRLP_TENSOR_MAX_RANK] = {0};
  int64_t from = view->offset;
  for (int64_t to = 0; to < view->count; to++) {
    hrlp_copy_little_endian(target + (size_t)to * size, elements + (size_t)from * size, 1,
                            size);
    /* the next index, last dimension first, as an odometer turns */
    for (int i = view->rank - 1; i >= 0; i--) {
      from += view->strides[i];
      if (++index[i] < view->sizes[i]) break;
      from -= view->strides[i] * view->sizes[i];
      index[i] = 0;
    }
  }
}

static hrl_status copy_tensor(struct copier *copier, const struct hrlp_node *node,
                              struct hrlp_value **value) {
  struct hrlp_view view;
  hrl_status status = hrlp_machine_view(copier->machine, node, &view);
  if (status != HRL_OK) return status;
  status = take_bytes(copier, (size_t)view.count * hrlp_dtype_size(view.dtype));
  if (status != HRL_OK) return status;
  *value = hrlp_value_tensor(view.dtype, view.rank, view.sizes, NULL);
  if (*value == NULL) return fail_memory(copier);
  if (view.count > 0) gather(&view, (*value)->tensor.data);
  return HRL_OK;
}

static hrl_status copy_node(struct copier *copier, uint32_t index, int depth,
                            struct hrlp_value **value);

static hrl_status copy_items(struct copier *copier, const struct hrlp_node *node,
                             int depth, struct hrlp_value *sequence) {
  const struct hrlp_link *links = copier->machine->links;
  for (uint32_t at = node->items.first; at != HRLP_NO_NODE; at = links[at].next) {
    struct hrlp_value *item = NULL;
    hrl_status status = copy_node(copier, links[at].node, depth, &item);
    if (status != HRL_OK) return status;
    if (hrlp_value_append(sequence, item) == NULL) return fail_memory(copier);
  }
  return HRL_OK;
}

/* Adds one pair; a key that is there already is refused. */
static hrl_status copy_pair(struct copier *copier, const struct hrlp_node *key,
                            uint32_t node, int depth, struct hrlp_value *dict) {
  struct hrlp_text name = {0};
  hrl_status status = HRL_OK;
  if (key->kind == NODE_TEXT && key->text.length > HRLP_VALUE_MAX_KEY_LENGTH) {
    status = hrlp_machine_fail(copier->machine, HRL_ERROR_LIMIT,
                               "a dict key of %zu bytes, at most %d are possible",
                               key->text.length, HRLP_VALUE_MAX_KEY_LENGTH);
  } else if (key->kind == NODE_TEXT) {
    status = copy_text(copier, key, &name);
  } else if (key->kind != NODE_INT) {
    status = hrlp_machine_fail(copier->machine, HRL_ERROR_FORMAT,
                               "a dict key that is %s, expected a text or an integer",
                               hrlp_node_name(key->kind));
  }
  struct hrlp_value *value = NULL;
  if (status == HRL_OK) status = copy_node(copier, node, depth, &value);
  size_t before = dict->count;
  if (status == HRL_OK &&
      (key->kind == NODE_TEXT ? hrlp_value_set(dict, name.data, value)
                              : hrlp_value_set_at(dict, key->integer, value)) == NULL) {
    status = fail_memory(copier);
  }
  if (status == HRL_OK && dict->count == before) {
    status = hrlp_machine_fail(copier->machine, HRL_ERROR_CORRUPT,
                               "a dict with the same key twice");
  }
  hrlp_text_free(&name);
  return status;
}

static hrl_status copy_pairs(struct copier *copier, const struct hrlp_node *node,
                             int depth, struct hrlp_value *dict) {
  const struct hrlp_machine *machine = copier->machine;
  if (node->items.count / 2 > HRLP_VALUE_MAX_KEYS) {
    return hrlp_machine_fail(machine, HRL_ERROR_LIMIT,
                             "a dict of %u keys, at most %d are possible",
                             node->items.count / 2, HRLP_VALUE_MAX_KEYS);
  }
  hrl_status status = HRL_OK;
  uint32_t at = node->items.first;
  while (status == HRL_OK && at != HRLP_NO_NODE) {
    const struct hrlp_node *key = &machine->nodes[machine->links[at].node];
    at = machine->links[at].next;
    status = copy_pair(copier, key, machine->links[at].node, depth, dict);
    at = machine->links[at].next;
  }
  return status;
}

static hrl_status copy_container(struct copier *copier, const struct hrlp_node *node,
                                 int depth, struct hrlp_value **value) {
  if (depth > HRLP_VALUE_MAX_DEPTH) {
    return hrlp_machine_fail(copier->machine, HRL_ERROR_LIMIT,
                             "values nested deeper than %d levels, or inside themselves",
                             HRLP_VALUE_MAX_DEPTH);
  }
  bool sequence = node->kind == NODE_LIST || node->kind == NODE_TUPLE;
  if (node->kind == NODE_LIST) {
    *value = hrlp_value_list();
  } else if (node->kind == NODE_TUPLE) {
    *value = hrlp_value_tuple();
  } else {
    *value = hrlp_value_dict(node->kind == NODE_ORDERED_DICT);
  }
  if (*value == NULL) return fail_memory(copier);
  hrl_status status = sequence ? copy_items(copier, node, depth + 1, *value)
                               : copy_pairs(copier, node, depth + 1, *value);
  if (status == HRL_OK) return HRL_OK;
  hrlp_value_free(*value);
  *value = NULL;
  return status;
}

/* Recursion is bounded by HRLP_VALUE_MAX_DEPTH; `depth` counts the containers. */
static hrl_status copy_node(struct copier *copier, uint32_t index, int depth,
                            struct hrlp_value **value) {
  const struct hrlp_node *node = &copier->machine->nodes[index];
  if (copier->values_left == 0) {
    return hrlp_machine_fail(copier->machine, HRL_ERROR_LIMIT, "more than %zu values",
                             HRLP_VALUE_MAX_COUNT);
  }
  copier->values_left--;
  struct hrlp_text text = {0};
  hrl_status status = HRL_OK;
  switch (node->kind) {
    case NODE_NONE:
      *value = hrlp_value_none();
      break;
    case NODE_BOOL:
      *value = hrlp_value_bool(node->boolean);
      break;
    case NODE_INT:
      *value = hrlp_value_int(node->integer);
      break;
    case NODE_FLOAT:
      *value = hrlp_value_float(node->number);
      break;
    case NODE_TEXT:
      status = copy_text(copier, node, &text);
      if (status == HRL_OK) *value = hrlp_value_text(text.data);
      hrlp_text_free(&text);
      break;
    case NODE_TENSOR:
      return copy_tensor(copier, node, value);
    case NODE_GLOBAL:
    case NODE_STORAGE:
      return hrlp_machine_fail(copier->machine, HRL_ERROR_FORMAT,
                               "%s outside a tensor, expected plain values",
                               hrlp_node_name(node->kind));
    case NODE_LIST:
    case NODE_TUPLE:
    case NODE_DICT:
    case NODE_ORDERED_DICT:
      return copy_container(copier, node, depth, value);
  }
  if (status != HRL_OK) return status;
  return *value == NULL ? fail_memory(copier) : HRL_OK;
}

hrl_status hrlp_machine_copy(const struct hrlp_machine *machine, uint32_t node,
                             struct hrlp_value **root) {
  struct copier copier = {machine, HRLP_VALUE_MAX_COUNT, HRLP_VALUE_MAX_BYTES};
  return copy_node(&copier, node, 1, root);
}
