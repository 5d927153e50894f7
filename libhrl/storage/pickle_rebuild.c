/* Storages and tensors: the two things PyTorch's pickles build by calling. */
#include <string.h>

#include "storage/pickle_machine.h"

/* Gathers the items of a tuple; false where it has another number of them. */
static bool tuple_items(const struct hrlp_machine *machine, uint32_t tuple,
                        uint32_t *items, uint32_t count) {
  const struct hrlp_node *node = &machine->nodes[tuple];
  if (node->kind != NODE_TUPLE || node->items.count != count) return false;
  uint32_t link = node->items.first;
  for (uint32_t i = 0; i < count; i++) {
    items[i] = machine->links[link].node;
    link = machine->links[link].next;
  }
  return true;
}

static bool is_text(const struct hrlp_node *node, const char *text) {
  return node->kind == NODE_TEXT && node->text.length == strlen(text) &&
         memcmp(node->text.bytes, text, node->text.length) == 0;
}

static bool storage_dtype(const struct hrlp_node *class, enum hrlp_dtype *dtype) {
  if (class->kind != NODE_GLOBAL) return false;
  switch (class->global) {
    case GLOBAL_FLOAT_STORAGE:
      *dtype = HRLP_FLOAT32;
      return true;
    case GLOBAL_DOUBLE_STORAGE:
      *dtype = HRLP_FLOAT64;
      return true;
    case GLOBAL_LONG_STORAGE:
      *dtype = HRLP_INT64;
      return true;
    default:
      return false;
  }
}

#define KEY_SIZE 64
#define MAX_ELEMENTS ((int64_t)1 << 48) /* so that their bytes fit an int64 */

hrl_status hrlp_machine_storage(struct hrlp_machine *machine, uint32_t id,
                                struct hrlp_node *node) {
  uint32_t items[5];
  if (!tuple_items(machine, id, items, 5) ||
      !is_text(&machine->nodes[items[0]], "storage")) {
    return hrlp_machine_fail(
        machine, HRL_ERROR_FORMAT,
        "a persistent id that is not ('storage', class, key, location, elements)");
  }
  enum hrlp_dtype dtype = HRLP_FLOAT32;
  const struct hrlp_node *key = &machine->nodes[items[2]];
  const struct hrlp_node *location = &machine->nodes[items[3]];
  const struct hrlp_node *count = &machine->nodes[items[4]];
  if (!storage_dtype(&machine->nodes[items[1]], &dtype) || key->kind != NODE_TEXT ||
      location->kind != NODE_TEXT || count->kind != NODE_INT) {
    return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                             "a storage id with items of the wrong type, expected "
                             "('storage', class, key text, location text, integer)");
  }
  char shown[HRLP_PRINTABLE_SIZE];
  hrlp_printable(shown, key->text.bytes, key->text.length);
  char name[KEY_SIZE] = "";
  if (key->text.length < KEY_SIZE) memcpy(name, key->text.bytes, key->text.length);
  struct hrlp_storage found;
  if (name[0] == '\0' || !machine->find_storage(machine->context, name, &found)) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT,
                             "the storage 'data/%s' is not in the archive", shown);
  }
  int64_t size = (int64_t)hrlp_dtype_size(dtype);
  if (count->integer < 0 || count->integer >= MAX_ELEMENTS ||
      (uint64_t)(count->integer * size) != found.length) {
    return hrlp_machine_fail(
        machine, HRL_ERROR_CORRUPT,
        "the storage 'data/%s' has %zu bytes, expected %lld elements of %lld", shown,
        found.length, (long long)count->integer, (long long)size);
  }
  node->kind = NODE_STORAGE;
  node->storage.bytes = found.bytes;
  node->storage.count = count->integer;
  node->dtype = dtype;
  return HRL_OK;
}

/* Reads a tuple of at most HRLP_TENSOR_MAX_RANK ints >= 0. */
static hrl_status read_extents(const struct hrlp_machine *machine, uint32_t tuple,
                               const char *what, int64_t *numbers) {
  uint32_t items[HRLP_TENSOR_MAX_RANK];
  uint32_t rank = machine->nodes[tuple].items.count;
  if (rank > HRLP_TENSOR_MAX_RANK) {
    return hrlp_machine_fail(machine, HRL_ERROR_LIMIT,
                             "a tensor of %u dimensions, at most %d are possible", rank,
                             HRLP_TENSOR_MAX_RANK);
  }
  if (!tuple_items(machine, tuple, items, rank)) {
    return hrlp_machine_fail(machine, HRL_ERROR_FORMAT, "tensor %s that are no tuple",
                             what);
  }
  for (uint32_t i = 0; i < rank; i++) {
    const struct hrlp_node *item = &machine->nodes[items[i]];
    if (item->kind != NODE_INT) {
      return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                               "tensor %s with %s, expected an integer", what,
                               hrlp_node_name(item->kind));
    }
    if (item->integer < 0) {
      return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT,
                               "tensor %s with the negative number %lld", what,
                               (long long)item->integer);
    }
    numbers[i] = item->integer;
  }
  return HRL_OK;
}

/* Whether every element of the view lies among `available` ones, and the view does not
 * repeat elements to look larger than its storage. Sets view->count, and clears strides
 * that are never taken: they may be anything. */
static bool view_fits(struct hrlp_view *view, int64_t available) {
  int64_t extent = 1; /* without sizes of 0, so that it bounds the others */
  int64_t last = view->offset;
  bool empty = false;
  for (int i = 0; i < view->rank; i++) {
    int64_t span = 0;
    if (view->sizes[i] == 0) {
      empty = true;
      continue;
    }
    if (view->sizes[i] == 1) view->strides[i] = 0;
    if (__builtin_mul_overflow(extent, view->sizes[i], &extent)) return false;
    if (__builtin_mul_overflow(view->sizes[i] - 1, view->strides[i], &span)) return false;
    if (__builtin_add_overflow(last, span, &last)) return false;
  }
  view->count = empty ? 0 : extent;
  if (empty) return view->offset <= available;
  return last < available && extent <= available;
}

hrl_status hrlp_machine_view(const struct hrlp_machine *machine,
                             const struct hrlp_node *tensor, struct hrlp_view *view) {
  const struct hrlp_node *storage = &machine->nodes[tensor->tensor.storage];
  *view = (struct hrlp_view){
      .dtype = storage->dtype,
      .rank = (int)machine->nodes[tensor->tensor.sizes].items.count,
      .offset = machine->nodes[tensor->tensor.offset].integer,
      .elements = storage->storage.bytes,
  };
  hrl_status status = read_extents(machine, tensor->tensor.sizes, "sizes", view->sizes);
  if (status != HRL_OK) return status;
  status = read_extents(machine, tensor->tensor.strides, "strides", view->strides);
  if (status != HRL_OK) return status;
  if (machine->nodes[tensor->tensor.strides].items.count != (uint32_t)view->rank) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT,
                             "a tensor with %d sizes and %u strides", view->rank,
                             machine->nodes[tensor->tensor.strides].items.count);
  }
  int64_t available = storage->storage.count;
  if (view->offset < 0 || !view_fits(view, available)) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT,
                             "a tensor that reaches outside its storage of %lld elements",
                             (long long)available);
  }
  return HRL_OK;
}

hrl_status hrlp_machine_tensor(struct hrlp_machine *machine, uint32_t arguments,
                               struct hrlp_node *node) {
  static const enum hrlp_node_kind kinds[6] = {
      NODE_STORAGE, NODE_INT, NODE_TUPLE, NODE_TUPLE, NODE_BOOL, NODE_ORDERED_DICT};
  static const char *const names[6] = {"storage", "offset",        "sizes",
                                       "strides", "requires_grad", "hooks"};
  uint32_t items[6];
  if (!tuple_items(machine, arguments, items, 6)) {
    return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                             "_rebuild_tensor_v2 without its 6 arguments");
  }
  for (int i = 0; i < 6; i++) {
    enum hrlp_node_kind kind = machine->nodes[items[i]].kind;
    if (kind != kinds[i]) {
      return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                               "_rebuild_tensor_v2: %s is %s, expected %s", names[i],
                               hrlp_node_name(kind), hrlp_node_name(kinds[i]));
    }
  }
  if (machine->nodes[items[5]].items.count != 0) {
    return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                             "_rebuild_tensor_v2: hooks, expected none");
  }
  node->kind = NODE_TENSOR;
  node->tensor.storage = items[0];
  node->tensor.offset = items[1];
  node->tensor.sizes = items[2];
  node->tensor.strides = items[3];
  struct hrlp_view view;
  return hrlp_machine_view(machine, node, &view);
}
