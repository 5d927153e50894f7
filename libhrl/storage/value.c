#include "storage/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static struct hrlp_value *create(enum hrlp_kind kind) {
  struct hrlp_value *value = calloc(1, sizeof *value);
  if (value != NULL) value->kind = kind;
  return value;
}

struct hrlp_value *hrlp_value_none(void) {
  return create(HRLP_NONE);
}

struct hrlp_value *hrlp_value_bool(bool boolean) {
  struct hrlp_value *value = create(HRLP_BOOL);
  if (value != NULL) value->boolean = boolean;
  return value;
}

struct hrlp_value *hrlp_value_int(int64_t integer) {
  struct hrlp_value *value = create(HRLP_INT);
  if (value != NULL) value->integer = integer;
  return value;
}

struct hrlp_value *hrlp_value_float(double number) {
  struct hrlp_value *value = create(HRLP_FLOAT);
  if (value != NULL) value->number = number;
  return value;
}

struct hrlp_value *hrlp_value_text(const char *text) {
  struct hrlp_value *value = create(HRLP_TEXT);
  if (value == NULL) return NULL;
  value->text = hrlp_copy_text(text);
  if (value->text != NULL) return value;
  free(value);
  return NULL;
}

struct hrlp_value *hrlp_value_list(void) {
  return create(HRLP_LIST);
}

struct hrlp_value *hrlp_value_tuple(void) {
  return create(HRLP_TUPLE);
}

struct hrlp_value *hrlp_value_dict(bool ordered) {
  struct hrlp_value *value = create(HRLP_DICT);
  if (value != NULL) value->ordered = ordered;
  return value;
}

struct hrlp_value *hrlp_value_tensor(enum hrlp_dtype dtype, int rank,
                                     const int64_t *shape, const void *data) {
  if (rank < 0 || rank > HRLP_TENSOR_MAX_RANK) return NULL;
  struct hrlp_tensor tensor = {.dtype = dtype, .rank = rank, .count = 1};
  int64_t extent = 1; /* the product without sizes of 0: strides must fit as well */
  for (int i = 0; i < rank; i++) {
    if (shape[i] < 0) return NULL;
    if (__builtin_mul_overflow(extent, shape[i] > 0 ? shape[i] : 1, &extent)) return NULL;
    tensor.count *= (size_t)shape[i];
    tensor.shape[i] = shape[i];
  }
  tensor.data = hrlp_alloc(tensor.count, hrlp_dtype_size(dtype));
  struct hrlp_value *value = tensor.data == NULL ? NULL : create(HRLP_TENSOR);
  if (value == NULL) {
    hrlp_free(tensor.data);
    return NULL;
  }
  if (data != NULL) memcpy(tensor.data, data, tensor.count * hrlp_dtype_size(dtype));
  value->tensor = tensor;
  return value;
}

bool hrlp_value_is_container(const struct hrlp_value *value) {
  return value->kind == HRLP_LIST || value->kind == HRLP_TUPLE ||
         value->kind == HRLP_DICT;
}

/* The member under `name`, or under `number` where `name` is NULL. */
static struct hrlp_member *find_member(const struct hrlp_value *container,
                                       const char *name, int64_t number) {
  for (size_t i = 0; i < container->count; i++) {
    struct hrlp_member *member = &container->members[i];
    if (name == NULL ? member->name == NULL && member->number == number
                     : member->name != NULL && strcmp(member->name, name) == 0) {
      return member;
    }
  }
  return NULL;
}

/* A new member without a value, or NULL when memory is short. */
static struct hrlp_member *add_member(struct hrlp_value *container, const char *name,
                                      int64_t number) {
  if (container->count == container->capacity) {
    size_t capacity = container->capacity == 0 ? 4 : container->capacity * 2;
    struct hrlp_member *members =
        hrlp_resize(container->members, capacity, sizeof *members);
    if (members == NULL) return NULL;
    container->members = members;
    container->capacity = capacity;
  }
  char *copy = NULL;
  if (name != NULL) {
    copy = hrlp_copy_text(name);
    if (copy == NULL) return NULL;
  }
  struct hrlp_member *member = &container->members[container->count++];
  *member = (struct hrlp_member){.name = copy, .number = number};
  return member;
}

/* A container of the wrong kind or NULL loses the value, as one without memory does. */
static struct hrlp_value *lose(struct hrlp_value *container, struct hrlp_value *value) {
  if (container != NULL) container->incomplete = true;
  hrlp_value_free(value);
  return NULL;
}

static struct hrlp_value *set(struct hrlp_value *dict, const char *name, int64_t number,
                              struct hrlp_value *value) {
  if (dict == NULL || dict->kind != HRLP_DICT || value == NULL) return lose(dict, value);
  struct hrlp_member *member = find_member(dict, name, number);
  if (member == NULL) member = add_member(dict, name, number);
  if (member == NULL) return lose(dict, value);
  hrlp_value_free(member->value);
  member->value = value;
  return value;
}

struct hrlp_value *hrlp_value_set(struct hrlp_value *dict, const char *name,
                                  struct hrlp_value *value) {
  return set(dict, name, 0, value);
}

struct hrlp_value *hrlp_value_set_at(struct hrlp_value *dict, int64_t number,
                                     struct hrlp_value *value) {
  return set(dict, NULL, number, value);
}

struct hrlp_value *hrlp_value_append(struct hrlp_value *sequence,
                                     struct hrlp_value *value) {
  if (sequence == NULL || value == NULL ||
      (sequence->kind != HRLP_LIST && sequence->kind != HRLP_TUPLE)) {
    return lose(sequence, value);
  }
  struct hrlp_member *member = add_member(sequence, NULL, (int64_t)sequence->count);
  if (member == NULL) return lose(sequence, value);
  member->value = value;
  return value;
}

void hrlp_value_free(struct hrlp_value *value) {
  /* A list of what is still to free, threaded through the values: no recursion. */
  struct hrlp_value *pending = value;
  while (pending != NULL) {
    struct hrlp_value *current = pending;
    pending = current->next;
    if (current->kind == HRLP_TEXT) free(current->text);
    if (current->kind == HRLP_TENSOR) hrlp_free(current->tensor.data);
    if (hrlp_value_is_container(current)) {
      for (size_t i = 0; i < current->count; i++) {
        struct hrlp_member *member = &current->members[i];
        free(member->name);
        member->value->next = pending;
        pending = member->value;
      }
      free(current->members);
    }
    free(current);
  }
}

struct hrlp_value *hrlp_value_get(const struct hrlp_value *dict, const char *name) {
  if (dict == NULL || dict->kind != HRLP_DICT) return NULL;
  const struct hrlp_member *member = find_member(dict, name, 0);
  return member == NULL ? NULL : member->value;
}

struct hrlp_value *hrlp_value_get_at(const struct hrlp_value *container, int64_t number) {
  if (container == NULL || !hrlp_value_is_container(container)) return NULL;
  if (container->kind != HRLP_DICT) {
    bool inside = number >= 0 && (uint64_t)number < container->count;
    return inside ? container->members[number].value : NULL;
  }
  const struct hrlp_member *member = find_member(container, NULL, number);
  return member == NULL ? NULL : member->value;
}

const char *hrlp_kind_name(enum hrlp_kind kind) {
  static const char *const names[] = {"None",     "a bool", "an integer",
                                      "a number", "a text", "a list",
                                      "a tuple",  "a dict", "a tensor"};
  return names[kind];
}

size_t hrlp_dtype_size(enum hrlp_dtype dtype) { return dtype == HRLP_FLOAT32 ? 4 : 8; }

const char *hrlp_dtype_name(enum hrlp_dtype dtype) {
  static const char *const names[] = {"float32", "float64", "int64"};
  return names[dtype];
}

void hrlp_copy_little_endian(void *target, const void *source, size_t count,
                             size_t size) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(target, source, count * size);
#else
  for (size_t i = 0; i < count; i++) {
    for (size_t byte = 0; byte < size; byte++) {
      ((unsigned char *)target)[i * size + byte] =
          ((const unsigned char *)source)[i * size + size - 1 - byte];
    }
  }
#endif
}

void hrlp_printable(char target[HRLP_PRINTABLE_SIZE], const char *bytes, size_t length) {
  bool cut = length >= HRLP_PRINTABLE_SIZE;
  size_t count = cut ? HRLP_PRINTABLE_SIZE - 4 : length;
  for (size_t i = 0; i < count; i++) {
    target[i] = '?';
    if (bytes[i] >= ' ' && bytes[i] <= '~') target[i] = bytes[i];
  }
  target[count] = '\0';
  if (cut) memcpy(target + count, "...", 4);
}
