#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "storage/value.h"

/* Whether name[0..length) is a number in digits; no sign, and small enough. */
static bool parse_index(const char *name, size_t length, int64_t *number) {
  if (length == 0 || length > 18) return false;
  *number = 0;
  for (size_t i = 0; i < length; i++) {
    if (name[i] < '0' || name[i] > '9') return false;
    *number = *number * 10 + (name[i] - '0');
  }
  return true;
}

/* The child under one step of a path. */
static struct hrlp_value *child(const struct hrlp_value *value, const char *name,
                                size_t length) {
  int64_t number = 0;
  if (parse_index(name, length, &number)) {
    struct hrlp_value *found = hrlp_value_get_at(value, number);
    if (found != NULL) return found;
  }
  if (value->kind != HRLP_DICT) return NULL;
  for (size_t i = 0; i < value->count; i++) {
    const struct hrlp_member *member = &value->members[i];
    if (member->name != NULL && strlen(member->name) == length &&
        memcmp(member->name, name, length) == 0) {
      return member->value;
    }
  }
  return NULL;
}

hrl_status hrlp_value_find(const struct hrlp_value *root, const char *path,
                           const char *file, const struct hrlp_value **value,
                           hrl_error *error) {
  const struct hrlp_value *current = root;
  const char *step = path;
  for (;;) {
    size_t length = strcspn(step, "/");
    const struct hrlp_value *found = child(current, step, length);
    int walked = (int)(step + length - path);
    if (found == NULL && !hrlp_value_is_container(current)) {
      int parent = step == path ? 0 : walked - (int)length - 1;
      return hrlp_fail_at(error, HRL_ERROR_TYPE, file, 0, 0,
                          "'%.*s' is %s, expected a dict with the key '%.*s'", parent,
                          path, hrlp_kind_name(current->kind), (int)length, step);
    }
    if (found == NULL) {
      return hrlp_fail_at(error, HRL_ERROR_KEY, file, 0, 0, "the key '%.*s' is missing",
                          walked, path);
    }
    current = found;
    if (step[length] == '\0') break;
    step += length + 1;
  }
  *value = current;
  return HRL_OK;
}

static hrl_status find_kind(const struct hrlp_value *root, const char *path,
                            const char *file, enum hrlp_kind kind,
                            const struct hrlp_value **value, hrl_error *error) {
  hrl_status status = hrlp_value_find(root, path, file, value, error);
  if (status != HRL_OK) return status;
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): HRL_OK: it was found */
  if ((*value)->kind == kind) return HRL_OK;
  return hrlp_fail_at(error, HRL_ERROR_TYPE, file, 0, 0, "'%s' is %s, expected %s", path,
                      hrlp_kind_name((*value)->kind), hrlp_kind_name(kind));
}

hrl_status hrlp_value_find_bool(const struct hrlp_value *root, const char *path,
                                const char *file, bool *boolean, hrl_error *error) {
  const struct hrlp_value *value = NULL;
  hrl_status status = find_kind(root, path, file, HRLP_BOOL, &value, error);
  if (status == HRL_OK) *boolean = value->boolean;
  return status;
}

hrl_status hrlp_value_find_int(const struct hrlp_value *root, const char *path,
                               const char *file, int64_t *integer, hrl_error *error) {
  const struct hrlp_value *value = NULL;
  hrl_status status = find_kind(root, path, file, HRLP_INT, &value, error);
  if (status == HRL_OK) *integer = value->integer;
  return status;
}

hrl_status hrlp_value_find_float(const struct hrlp_value *root, const char *path,
                                 const char *file, double *number, hrl_error *error) {
  const struct hrlp_value *value = NULL;
  hrl_status status = hrlp_value_find(root, path, file, &value, error);
  if (status == HRL_OK && value->kind == HRLP_INT) {
    *number = (double)value->integer;
    return HRL_OK;
  }
  status = find_kind(root, path, file, HRLP_FLOAT, &value, error);
  if (status == HRL_OK) *number = value->number;
  return status;
}

hrl_status hrlp_value_find_text(const struct hrlp_value *root, const char *path,
                                const char *file, const char **text, hrl_error *error) {
  const struct hrlp_value *value = NULL;
  hrl_status status = find_kind(root, path, file, HRLP_TEXT, &value, error);
  if (status == HRL_OK) *text = value->text;
  return status;
}

/* "[64, 10]", with "any" for a size of -1. */
static void format_shape(struct hrlp_text *text, int rank, const int64_t *shape) {
  hrlp_text_append(text, "[", 1);
  for (int i = 0; i < rank; i++) {
    const char *comma = i == 0 ? "" : ", ";
    if (shape[i] < 0) {
      hrlp_text_format(text, "%sany", comma);
    } else {
      hrlp_text_format(text, "%s%lld", comma, (long long)shape[i]);
    }
  }
  hrlp_text_append(text, "]", 1);
}

static hrl_status fail_shape(const struct hrlp_tensor *found, const char *path,
                             const char *file, enum hrlp_dtype dtype, int rank,
                             const int64_t *shape, hrl_error *error) {
  struct hrlp_text text = {0};
  hrlp_text_format(&text, "'%s' is a %s tensor of shape ", path,
                   hrlp_dtype_name(found->dtype));
  format_shape(&text, found->rank, found->shape);
  hrlp_text_format(&text, ", expected %s ", hrlp_dtype_name(dtype));
  format_shape(&text, rank, shape);
  hrl_status status =
      text.failed ? hrlp_fail_memory(error, "an error message")
                  : hrlp_fail_at(error, HRL_ERROR_MISMATCH, file, 0, 0, "%s", text.data);
  hrlp_text_free(&text);
  return status;
}

hrl_status hrlp_value_find_tensor(const struct hrlp_value *root, const char *path,
                                  const char *file, enum hrlp_dtype dtype, int rank,
                                  const int64_t *shape, const struct hrlp_tensor **tensor,
                                  hrl_error *error) {
  const struct hrlp_value *value = NULL;
  hrl_status status = find_kind(root, path, file, HRLP_TENSOR, &value, error);
  if (status != HRL_OK) return status;
  const struct hrlp_tensor *found = &value->tensor;
  bool same = found->dtype == dtype && found->rank == rank;
  for (int i = 0; same && i < rank; i++) {
    same = shape[i] < 0 || shape[i] == found->shape[i];
  }
  if (!same) return fail_shape(found, path, file, dtype, rank, shape, error);
  *tensor = found;
  return HRL_OK;
}
