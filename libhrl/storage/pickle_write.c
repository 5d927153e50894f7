#include "storage/pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "storage/pickle_opcodes.h"

/* Globals and words that tensors repeat: fewer than this. */
#define MEMO_ROOM 16

/* What is being written, and what is left of the bounds of value.h. */
struct writer {
  struct hrlp_pickle *pickle;
  size_t values_left;
  size_t bytes_left;
  hrl_error *error;
  /* What every tensor names again, by its name in the memo; places are in order. All are
   * static texts. */
  const char *memo[MEMO_ROOM];
  size_t memo_count;
};

static void put(struct writer *writer, enum pickle_opcode opcode) {
  char byte = (char)opcode;
  hrlp_text_append(&writer->pickle->bytes, &byte, 1);
}

/* The `count` low bytes of `number`, little-endian. */
static void put_bytes(struct writer *writer, uint64_t number, size_t count) {
  char bytes[8];
  for (size_t i = 0; i < count; i++) bytes[i] = (char)(number >> (8 * i) & 0xff);
  hrlp_text_append(&writer->pickle->bytes, bytes, count);
}

/* Puts what the memo has under `name`; false where it has nothing yet. */
static bool put_known(struct writer *writer, const char *name) {
  for (size_t i = 0; i < writer->memo_count; i++) {
    if (strcmp(writer->memo[i], name) != 0) continue;
    put(writer, OP_BINGET);
    put_bytes(writer, i, 1);
    return true;
  }
  return false;
}

/* Keeps what was just put in the memo. */
static void keep(struct writer *writer, const char *name) {
  if (writer->memo_count == MEMO_ROOM) return;
  put(writer, OP_BINPUT);
  put_bytes(writer, writer->memo_count, 1);
  writer->memo[writer->memo_count++] = name;
}

/* Names of globals are unlike the words of put_word. */
static void put_global(struct writer *writer, const char *module, const char *name) {
  if (put_known(writer, name)) return;
  put(writer, OP_GLOBAL);
  hrlp_text_format(&writer->pickle->bytes, "%s\n%s\n", module, name);
  keep(writer, name);
}

/* Fewest bytes that hold a two's complement number. */
static size_t int_size(int64_t integer) {
  size_t size = 8;
  while (size > 1) {
    /* the sign is shifted in, by every compiler that this is for */
    /* cppcheck-suppress shiftNegativeLHS */
    int64_t top = integer >> (8 * (size - 1) - 1); /* the last byte and a sign bit */
    if (top != 0 && top != -1) break;
    size--;
  }
  return size;
}

static void put_int(struct writer *writer, int64_t integer) {
  uint64_t bits = (uint64_t)integer;
  if (integer >= 0 && integer <= 0xff) {
    put(writer, OP_BININT1);
    put_bytes(writer, bits, 1);
  } else if (integer >= 0 && integer <= 0xffff) {
    put(writer, OP_BININT2);
    put_bytes(writer, bits, 2);
  } else if (integer >= INT32_MIN && integer <= INT32_MAX) {
    put(writer, OP_BININT);
    put_bytes(writer, bits, 4);
  } else {
    size_t size = int_size(integer);
    put(writer, OP_LONG1);
    put_bytes(writer, size, 1);
    put_bytes(writer, bits, size);
  }
}

static void put_float(struct writer *writer, double number) {
  uint64_t bits = 0;
  memcpy(&bits, &number, sizeof bits);
  put(writer, OP_BINFLOAT);
  put_bytes(writer, __builtin_bswap64(bits), 8);
}

static hrl_status take_bytes(struct writer *writer, size_t count) {
  if (count > writer->bytes_left) {
    return hrlp_fail(writer->error, HRL_ERROR_LIMIT,
                     "archive: texts and tensors take more than %zu bytes",
                     HRLP_VALUE_MAX_BYTES);
  }
  writer->bytes_left -= count;
  return HRL_OK;
}

static void put_ascii(struct writer *writer, const char *text) {
  put(writer, OP_BINUNICODE);
  put_bytes(writer, strlen(text), 4);
  hrlp_text_append(&writer->pickle->bytes, text, strlen(text));
}

/* A text that comes again and again. */
static void put_word(struct writer *writer, const char *word) {
  if (put_known(writer, word)) return;
  put_ascii(writer, word);
  keep(writer, word);
}

static hrl_status put_text(struct writer *writer, const char *text) {
  if (!hrlp_is_text(text, strlen(text))) {
    char shown[HRLP_PRINTABLE_SIZE];
    hrlp_printable(shown, text, strlen(text));
    return hrlp_fail(writer->error, HRL_ERROR_ARGUMENT,
                     "archive: the text '%s' is not UTF-8", shown);
  }
  hrl_status status = take_bytes(writer, strlen(text));
  if (status == HRL_OK) put_ascii(writer, text);
  return status;
}

/* Notes a tensor as the next storage, whose key is its number. */
static hrl_status add_tensor(struct hrlp_pickle *pickle, const struct hrlp_tensor *tensor,
                             hrl_error *error) {
  if (pickle->tensor_count == pickle->tensor_capacity) {
    size_t capacity = pickle->tensor_capacity == 0 ? 32 : pickle->tensor_capacity * 2;
    const struct hrlp_tensor **tensors =
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        hrlp_resize(pickle->tensors, capacity, sizeof *tensors);
    if (tensors == NULL) return hrlp_fail_memory(error, "the tensors of an archive");
    pickle->tensors = tensors;
    pickle->tensor_capacity = capacity;
  }
  pickle->tensors[pickle->tensor_count++] = tensor;
  return HRL_OK;
}

static void put_storage(struct writer *writer, const struct hrlp_tensor *tensor,
                        size_t number) {
  static const char *const classes[] = {"FloatStorage", "DoubleStorage", "LongStorage"};
  char key[24];
  snprintf(key, sizeof key, "%zu", number);
  put(writer, OP_MARK);
  put_word(writer, "storage");
  put_global(writer, "torch", classes[tensor->dtype]);
  put_ascii(writer, key);
  put_word(writer, "cpu");
  put_int(writer, (int64_t)tensor->count);
  put(writer, OP_TUPLE);
  put(writer, OP_BINPERSID);
}

/* torch._utils._rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)
 */
static hrl_status put_tensor(struct writer *writer, const struct hrlp_tensor *tensor) {
  hrl_status status = take_bytes(writer, tensor->count * hrlp_dtype_size(tensor->dtype));
  if (status != HRL_OK) return status;
  size_t number = writer->pickle->tensor_count;
  status = add_tensor(writer->pickle, tensor, writer->error);
  if (status != HRL_OK) return status;

  int64_t strides[HRLP_TENSOR_MAX_RANK];
  int64_t stride = 1;
  for (int i = tensor->rank - 1; i >= 0; i--) {
    strides[i] = stride;
    if (tensor->shape[i] > 0) stride *= tensor->shape[i];
  }
  put_global(writer, "torch._utils", "_rebuild_tensor_v2");
  put(writer, OP_MARK);
  put_storage(writer, tensor, number);
  put_int(writer, 0);
  put(writer, OP_MARK);
  for (int i = 0; i < tensor->rank; i++) put_int(writer, tensor->shape[i]);
  put(writer, OP_TUPLE);
  put(writer, OP_MARK);
  for (int i = 0; i < tensor->rank; i++) put_int(writer, strides[i]);
  put(writer, OP_TUPLE);
  put(writer, OP_NEWFALSE);
  put_global(writer, "collections", "OrderedDict");
  put(writer, OP_EMPTY_TUPLE);
  put(writer, OP_REDUCE);
  put(writer, OP_TUPLE);
  put(writer, OP_REDUCE);
  return HRL_OK;
}

static hrl_status put_value(struct writer *writer, const struct hrlp_value *value,
                            int depth);

static hrl_status put_key(struct writer *writer, const struct hrlp_member *member) {
  if (member->name == NULL) {
    put_int(writer, member->number);
    return HRL_OK;
  }
  size_t length = strlen(member->name);
  if (length > HRLP_VALUE_MAX_KEY_LENGTH) {
    return hrlp_fail(writer->error, HRL_ERROR_LIMIT,
                     "archive: a dict key of %zu bytes, at most %d are possible", length,
                     HRLP_VALUE_MAX_KEY_LENGTH);
  }
  return put_text(writer, member->name);
}

static hrl_status put_members(struct writer *writer, const struct hrlp_value *container,
                              int depth) {
  for (size_t i = 0; i < container->count; i++) {
    const struct hrlp_member *member = &container->members[i];
    hrl_status status = HRL_OK;
    if (container->kind == HRLP_DICT) status = put_key(writer, member);
    if (status == HRL_OK) status = put_value(writer, member->value, depth + 1);
    if (status != HRL_OK) return status;
  }
  return HRL_OK;
}

static hrl_status put_container(struct writer *writer, const struct hrlp_value *container,
                                int depth) {
  if (container->incomplete) return hrlp_fail_memory(writer->error, "an archive");
  if (depth > HRLP_VALUE_MAX_DEPTH) {
    return hrlp_fail(writer->error, HRL_ERROR_LIMIT,
                     "archive: values nested deeper than %d levels",
                     HRLP_VALUE_MAX_DEPTH);
  }
  bool dict = container->kind == HRLP_DICT;
  if (dict && container->count > HRLP_VALUE_MAX_KEYS) {
    return hrlp_fail(writer->error, HRL_ERROR_LIMIT,
                     "archive: a dict of %zu keys, at most %d are possible",
                     container->count, HRLP_VALUE_MAX_KEYS);
  }
  enum pickle_opcode end = dict ? OP_SETITEMS : OP_APPENDS;
  if (container->kind == HRLP_TUPLE) {
    end = OP_TUPLE;
  } else if (dict && container->ordered) {
    put_global(writer, "collections", "OrderedDict");
    put(writer, OP_EMPTY_TUPLE);
    put(writer, OP_REDUCE);
  } else {
    put(writer, dict ? OP_EMPTY_DICT : OP_EMPTY_LIST);
  }
  put(writer, OP_MARK);
  hrl_status status = put_members(writer, container, depth);
  put(writer, end);
  return status;
}

/* Recursion is bounded by HRLP_VALUE_MAX_DEPTH; `depth` counts the containers. */
static hrl_status put_value(struct writer *writer, const struct hrlp_value *value,
                            int depth) {
  if (writer->values_left == 0) {
    return hrlp_fail(writer->error, HRL_ERROR_LIMIT, "archive: more than %zu values",
                     HRLP_VALUE_MAX_COUNT);
  }
  writer->values_left--;
  switch (value->kind) {
    case HRLP_NONE:
      put(writer, OP_NONE);
      return HRL_OK;
    case HRLP_BOOL:
      put(writer, value->boolean ? OP_NEWTRUE : OP_NEWFALSE);
      return HRL_OK;
    case HRLP_INT:
      put_int(writer, value->integer);
      return HRL_OK;
    case HRLP_FLOAT:
      put_float(writer, value->number);
      return HRL_OK;
    case HRLP_TEXT:
      return put_text(writer, value->text);
    case HRLP_TENSOR:
      return put_tensor(writer, &value->tensor);
    case HRLP_LIST:
    case HRLP_TUPLE:
    case HRLP_DICT:
      break;
  }
  return put_container(writer, value, depth);
}

hrl_status hrlp_pickle_write(const struct hrlp_value *root, struct hrlp_pickle *pickle,
                             hrl_error *error) {
  if (root == NULL) return hrlp_fail_memory(error, "an archive");
  struct writer writer = {.pickle = pickle,
                          .values_left = HRLP_VALUE_MAX_COUNT,
                          .bytes_left = HRLP_VALUE_MAX_BYTES,
                          .error = error};
  put(&writer, OP_PROTO);
  put_bytes(&writer, PICKLE_PROTOCOL, 1);
  hrl_status status = put_value(&writer, root, 1);
  put(&writer, OP_STOP);
  if (status == HRL_OK && pickle->bytes.failed) {
    status = hrlp_fail_memory(error, "an archive");
  }
  return status;
}

void hrlp_pickle_free(struct hrlp_pickle *pickle) {
  hrlp_text_free(&pickle->bytes);
  free(pickle->tensors);
  *pickle = (struct hrlp_pickle){0};
}
