/* Runs the opcodes of a pickle; see pickle_machine.h. */
#include <string.h>

#include "base/text.h"
#include "storage/pickle_machine.h"
#include "storage/pickle_opcodes.h"

/* The next `count` bytes, or NULL where the pickle ends before. */
static const unsigned char *take(struct hrlp_machine *machine, size_t count) {
  if (count > machine->length - machine->at) {
    hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "the pickle ends too early");
    return NULL;
  }
  const unsigned char *bytes = machine->bytes + machine->at;
  machine->at += count;
  return bytes;
}

/* An unsigned little-endian number of `size` bytes. */
static hrl_status take_number(struct hrlp_machine *machine, size_t size,
                              uint64_t *number) {
  const unsigned char *bytes = take(machine, size);
  if (bytes == NULL) return HRL_ERROR_CORRUPT;
  *number = 0;
  for (size_t i = 0; i < size; i++) *number |= (uint64_t)bytes[i] << (8 * i);
  return HRL_OK;
}

static hrl_status push_kind(struct hrlp_machine *machine, enum hrlp_node_kind kind) {
  struct hrlp_node node = {.kind = kind};
  node.items.first = HRLP_NO_NODE;
  node.items.last = HRLP_NO_NODE;
  return hrlp_machine_push(machine, node);
}

static hrl_status push_bool(struct hrlp_machine *machine, bool boolean) {
  return hrlp_machine_push(machine,
                           (struct hrlp_node){.kind = NODE_BOOL, .boolean = boolean});
}

/* How many nodes lie on the stack above the last mark. */
static size_t above_mark(const struct hrlp_machine *machine) {
  const struct hrlp_numbers *stack = &machine->stack;
  size_t count = 0;
  while (count < stack->count && stack->data[stack->count - 1 - count] != HRLP_NO_NODE) {
    count++;
  }
  return count;
}

/* Whether the stack holds `count` nodes above the last mark. Bounded by `count`, so that
 * many short looks at a deep stack stay cheap. */
static hrl_status need(const struct hrlp_machine *machine, size_t count) {
  const struct hrlp_numbers *stack = &machine->stack;
  for (size_t i = 1; i <= count; i++) {
    if (i > stack->count || stack->data[stack->count - i] == HRLP_NO_NODE) {
      return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT,
                               "the opcode before needs more than the stack holds");
    }
  }
  return HRL_OK;
}

static uint32_t top(const struct hrlp_machine *machine) {
  return machine->stack.data[machine->stack.count - 1];
}

/* Moves the top `count` nodes into `container`, in the order they were pushed. */
static hrl_status move_items(struct hrlp_machine *machine, uint32_t container,
                             size_t count) {
  size_t first = machine->stack.count - count;
  for (size_t i = 0; i < count; i++) {
    hrl_status status =
        hrlp_machine_link(machine, container, machine->stack.data[first + i]);
    if (status != HRL_OK) return status;
  }
  machine->stack.count = first;
  return HRL_OK;
}

/* Replaces the top `count` nodes by a tuple of them. */
static hrl_status make_tuple(struct hrlp_machine *machine, size_t count) {
  hrl_status status = need(machine, count);
  if (status == HRL_OK) status = push_kind(machine, NODE_TUPLE);
  if (status != HRL_OK) return status;
  uint32_t tuple = top(machine);
  machine->stack.count--;
  status = move_items(machine, tuple, count);
  return status == HRL_OK ? hrlp_machine_add(machine, &machine->stack, tuple) : status;
}

/* Counts the nodes above the last mark and takes the mark from under them. */
static hrl_status take_mark(struct hrlp_machine *machine, size_t *count) {
  *count = above_mark(machine);
  struct hrlp_numbers *stack = &machine->stack;
  if (*count == stack->count) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "a mark is missing");
  }
  uint32_t *mark = stack->data + stack->count - *count - 1;
  memmove(mark, mark + 1, *count * sizeof *mark);
  stack->count--;
  return HRL_OK;
}

static hrl_status make_marked_tuple(struct hrlp_machine *machine) {
  size_t count = 0;
  hrl_status status = take_mark(machine, &count);
  return status == HRL_OK ? make_tuple(machine, count) : status;
}

/* Adds the top `count` nodes to the list or dict below them. */
static hrl_status extend(struct hrlp_machine *machine, size_t count, bool list) {
  hrl_status status = need(machine, count + 1);
  if (status != HRL_OK) return status;
  uint32_t container = machine->stack.data[machine->stack.count - count - 1];
  enum hrlp_node_kind kind = machine->nodes[container].kind;
  bool fits = list ? kind == NODE_LIST : kind == NODE_DICT || kind == NODE_ORDERED_DICT;
  if (!fits) {
    return hrlp_machine_fail(machine, HRL_ERROR_FORMAT, "items for %s, expected %s",
                             hrlp_node_name(kind), list ? "a list" : "a dict");
  }
  if (!list && count % 2 != 0) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "a dict key without a value");
  }
  return move_items(machine, container, count);
}

static hrl_status extend_marked(struct hrlp_machine *machine, bool list) {
  size_t count = 0;
  hrl_status status = take_mark(machine, &count);
  return status == HRL_OK ? extend(machine, count, list) : status;
}

static hrl_status put_memo(struct hrlp_machine *machine, size_t size) {
  uint64_t place = 0;
  hrl_status status = take_number(machine, size, &place);
  if (status == HRL_OK) status = need(machine, 1);
  if (status != HRL_OK) return status;
  while (machine->memo.count <= place) {
    status = hrlp_machine_add(machine, &machine->memo, HRLP_NO_NODE);
    if (status != HRL_OK) return status;
  }
  machine->memo.data[place] = top(machine);
  return HRL_OK;
}

static hrl_status get_memo(struct hrlp_machine *machine, size_t size) {
  uint64_t place = 0;
  hrl_status status = take_number(machine, size, &place);
  if (status != HRL_OK) return status;
  if (place >= machine->memo.count || machine->memo.data[place] == HRLP_NO_NODE) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "the memo has no place %llu",
                             (unsigned long long)place);
  }
  return hrlp_machine_add(machine, &machine->stack, machine->memo.data[place]);
}

/* A little-endian integer of `size` bytes, two's complement where `is_signed`. */
static hrl_status push_int(struct hrlp_machine *machine, size_t size, bool is_signed) {
  uint64_t bits = 0;
  hrl_status status = take_number(machine, size, &bits);
  if (status != HRL_OK) return status;
  if (is_signed && size > 0 && size < 8 && (bits >> (8 * size - 1) & 1) != 0) {
    bits |= UINT64_MAX << (8 * size);
  }
  return hrlp_machine_push(
      machine, (struct hrlp_node){.kind = NODE_INT, .integer = (int64_t)bits});
}

static hrl_status push_long(struct hrlp_machine *machine) {
  uint64_t size = 0;
  hrl_status status = take_number(machine, 1, &size);
  if (status != HRL_OK) return status;
  if (size > 8) {
    return hrlp_machine_fail(machine, HRL_ERROR_LIMIT,
                             "an integer of %llu bytes, at most 8 are possible",
                             (unsigned long long)size);
  }
  return push_int(machine, size, true);
}

static hrl_status push_float(struct hrlp_machine *machine) {
  struct hrlp_node node = {.kind = NODE_FLOAT};
  uint64_t bits = 0;
  hrl_status status = take_number(machine, 8, &bits);
  if (status != HRL_OK) return status;
  bits = __builtin_bswap64(bits);
  memcpy(&node.number, &bits, sizeof bits);
  return hrlp_machine_push(machine, node);
}

static hrl_status push_text(struct hrlp_machine *machine) {
  uint64_t length = 0;
  hrl_status status = take_number(machine, 4, &length);
  if (status != HRL_OK) return status;
  const char *text = (const char *)take(machine, length);
  if (text == NULL) return HRL_ERROR_CORRUPT;
  if (!hrlp_is_text(text, length)) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT,
                             "a text that is not UTF-8 or holds a zero byte");
  }
  struct hrlp_node node = {.kind = NODE_TEXT};
  node.text.bytes = text;
  node.text.length = length;
  return hrlp_machine_push(machine, node);
}

/* The bytes up to the next line feed, which is skipped; NULL where there is none. */
static const char *take_line(struct hrlp_machine *machine, size_t *length) {
  const char *line = (const char *)machine->bytes + machine->at;
  const char *end = memchr(line, '\n', machine->length - machine->at);
  if (end == NULL) {
    hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "the pickle ends too early");
    return NULL;
  }
  *length = (size_t)(end - line);
  machine->at += *length + 1;
  return line;
}

static hrl_status push_global(struct hrlp_machine *machine) {
  static const char *const names[GLOBAL_COUNT] = {
      [GLOBAL_ORDERED_DICT] = "collections\nOrderedDict\n",
      [GLOBAL_REBUILD_TENSOR] = "torch._utils\n_rebuild_tensor_v2\n",
      [GLOBAL_FLOAT_STORAGE] = "torch\nFloatStorage\n",
      [GLOBAL_DOUBLE_STORAGE] = "torch\nDoubleStorage\n",
      [GLOBAL_LONG_STORAGE] = "torch\nLongStorage\n"};
  size_t module_length = 0;
  size_t name_length = 0;
  const char *module = take_line(machine, &module_length);
  const char *name = module == NULL ? NULL : take_line(machine, &name_length);
  if (name == NULL) return HRL_ERROR_CORRUPT;
  size_t length = module_length + name_length + 2;
  for (int i = 0; i < GLOBAL_COUNT; i++) {
    if (strlen(names[i]) == length && memcmp(names[i], module, length) == 0) {
      return hrlp_machine_push(
          machine,
          (struct hrlp_node){.kind = NODE_GLOBAL, .global = (enum hrlp_global)i});
    }
  }
  char shown_module[HRLP_PRINTABLE_SIZE];
  char shown_name[HRLP_PRINTABLE_SIZE];
  hrlp_printable(shown_module, module, module_length);
  hrlp_printable(shown_name, name, name_length);
  return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                           "global '%s.%s' is not allowed in a model file", shown_module,
                           shown_name);
}

/* Replaces the top of the stack by the storage it names. */
static hrl_status load_storage(struct hrlp_machine *machine) {
  hrl_status status = need(machine, 1);
  struct hrlp_node node = {0};
  if (status == HRL_OK) status = hrlp_machine_storage(machine, top(machine), &node);
  if (status != HRL_OK) return status;
  machine->stack.count--;
  return hrlp_machine_push(machine, node);
}

/* Calls a global with a tuple of arguments. */
static hrl_status reduce(struct hrlp_machine *machine) {
  hrl_status status = need(machine, 2);
  if (status != HRL_OK) return status;
  uint32_t arguments = top(machine);
  const struct hrlp_node *tuple = &machine->nodes[arguments];
  uint32_t called = machine->stack.data[machine->stack.count - 2];
  const struct hrlp_node *callee = &machine->nodes[called];
  machine->stack.count -= 2;
  if (callee->kind == NODE_GLOBAL && callee->global == GLOBAL_REBUILD_TENSOR) {
    struct hrlp_node node = {0};
    status = hrlp_machine_tensor(machine, arguments, &node);
    return status == HRL_OK ? hrlp_machine_push(machine, node) : status;
  }
  if (callee->kind == NODE_GLOBAL && callee->global == GLOBAL_ORDERED_DICT &&
      tuple->kind == NODE_TUPLE && tuple->items.count == 0) {
    return push_kind(machine, NODE_ORDERED_DICT);
  }
  return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                           "a call of %s with %s, expected OrderedDict() or "
                           "_rebuild_tensor_v2(...)",
                           hrlp_node_name(callee->kind), hrlp_node_name(tuple->kind));
}

/* PyTorch hangs '_metadata' on state dicts; nothing here needs it, so it is dropped. */
static hrl_status build(struct hrlp_machine *machine) {
  hrl_status status = need(machine, 2);
  if (status != HRL_OK) return status;
  enum hrlp_node_kind state = machine->nodes[top(machine)].kind;
  machine->stack.count--;
  enum hrlp_node_kind target = machine->nodes[top(machine)].kind;
  if (target == NODE_ORDERED_DICT && state == NODE_DICT) return HRL_OK;
  return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                           "%s as attributes of %s, expected a dict for an ordered dict",
                           hrlp_node_name(state), hrlp_node_name(target));
}

static hrl_status run_opcode(struct hrlp_machine *machine, unsigned char opcode) {
  switch (opcode) {
    case OP_MARK:
      return hrlp_machine_add(machine, &machine->stack, HRLP_NO_NODE);
    case OP_NONE:
      return push_kind(machine, NODE_NONE);
    case OP_NEWTRUE:
      return push_bool(machine, true);
    case OP_NEWFALSE:
      return push_bool(machine, false);
    case OP_BININT:
      return push_int(machine, 4, true);
    case OP_BININT1:
      return push_int(machine, 1, false);
    case OP_BININT2:
      return push_int(machine, 2, false);
    case OP_LONG1:
      return push_long(machine);
    case OP_BINFLOAT:
      return push_float(machine);
    case OP_BINUNICODE:
      return push_text(machine);
    case OP_EMPTY_LIST:
      return push_kind(machine, NODE_LIST);
    case OP_EMPTY_DICT:
      return push_kind(machine, NODE_DICT);
    case OP_EMPTY_TUPLE:
      return push_kind(machine, NODE_TUPLE);
    case OP_TUPLE:
      return make_marked_tuple(machine);
    case OP_TUPLE1:
      return make_tuple(machine, 1);
    case OP_TUPLE2:
      return make_tuple(machine, 2);
    case OP_TUPLE3:
      return make_tuple(machine, 3);
    case OP_APPEND:
      return extend(machine, 1, true);
    case OP_APPENDS:
      return extend_marked(machine, true);
    case OP_SETITEM:
      return extend(machine, 2, false);
    case OP_SETITEMS:
      return extend_marked(machine, false);
    case OP_BINPUT:
      return put_memo(machine, 1);
    case OP_LONG_BINPUT:
      return put_memo(machine, 4);
    case OP_BINGET:
      return get_memo(machine, 1);
    case OP_LONG_BINGET:
      return get_memo(machine, 4);
    case OP_GLOBAL:
      return push_global(machine);
    case OP_BINPERSID:
      return load_storage(machine);
    case OP_REDUCE:
      return reduce(machine);
    case OP_BUILD:
      return build(machine);
    default:
      return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                               "opcode 0x%02x is not allowed in a model file", opcode);
  }
}

/* Runs the whole pickle and leaves its one object on the stack. */
static hrl_status run(struct hrlp_machine *machine) {
  const unsigned char *head = take(machine, 2);
  if (head == NULL) return HRL_ERROR_CORRUPT;
  if (head[0] != OP_PROTO || head[1] != PICKLE_PROTOCOL) {
    return hrlp_machine_fail(machine, HRL_ERROR_FORMAT,
                             "not a pickle of protocol %d, which torch.save writes",
                             PICKLE_PROTOCOL);
  }
  for (;;) {
    const unsigned char *opcode = take(machine, 1);
    if (opcode == NULL) return HRL_ERROR_CORRUPT;
    if (*opcode == OP_STOP) break;
    hrl_status status = run_opcode(machine, *opcode);
    if (status != HRL_OK) return status;
  }
  if (machine->at != machine->length) {
    return hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "bytes after the end");
  }
  hrl_status status = need(machine, 1);
  if (status == HRL_OK && machine->stack.count != 1) {
    status = hrlp_machine_fail(machine, HRL_ERROR_CORRUPT, "more than one object left");
  }
  return status;
}

hrl_status hrlp_pickle_read(const char *file, const void *bytes, size_t length,
                            hrlp_storage_fn find_storage, const void *context,
                            struct hrlp_value **root, hrl_error *error) {
  struct hrlp_machine machine = {.file = file,
                                 .bytes = bytes,
                                 .length = length,
                                 .find_storage = find_storage,
                                 .context = context,
                                 .error = error};
  *root = NULL;
  hrl_status status = run(&machine);
  if (status == HRL_OK) status = hrlp_machine_copy(&machine, top(&machine), root);
  hrlp_machine_free(&machine);
  return status;
}
