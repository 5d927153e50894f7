/* archive_tool - the C side of test_archive_torch.py.
 *
 *     archive_tool write PATH   writes the sample of archive_sample.h
 *     archive_tool network PATH writes its network alone
 *     archive_tool read PATH    prints an archive as JSON; a tuple is {"tuple": [...]}, a
 *                               tensor {"dtype": ..., "shape": [...], "data": [...]} */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "archive_sample.h"
#include "base/file.h"
#include "storage/archive.h"

static json_t *tensor_json(const struct hrlp_tensor *tensor) {
  json_t *shape = json_array();
  json_t *data = json_array();
  for (int i = 0; i < tensor->rank; i++) {
    json_array_append_new(shape, json_integer(tensor->shape[i]));
  }
  for (size_t i = 0; i < tensor->count; i++) {
    json_t *element = NULL;
    if (tensor->dtype == HRLP_FLOAT32) element = json_real(((float *)tensor->data)[i]);
    if (tensor->dtype == HRLP_FLOAT64) element = json_real(((double *)tensor->data)[i]);
    if (tensor->dtype == HRLP_INT64) element = json_integer(((int64_t *)tensor->data)[i]);
    json_array_append_new(data, element);
  }
  return json_pack("{s:s, s:o, s:o}", "dtype", hrlp_dtype_name(tensor->dtype), "shape",
                   shape, "data", data);
}

static json_t *value_json(const struct hrlp_value *value) {
  switch (value->kind) {
    case HRLP_NONE:
      return json_null();
    case HRLP_BOOL:
      return json_boolean(value->boolean);
    case HRLP_INT:
      return json_integer(value->integer);
    case HRLP_FLOAT:
      return json_real(value->number);
    case HRLP_TEXT:
      return json_string(value->text);
    case HRLP_TENSOR:
      return tensor_json(&value->tensor);
    default:
      break;
  }
  json_t *items = value->kind == HRLP_DICT ? json_object() : json_array();
  for (size_t i = 0; i < value->count; i++) {
    const struct hrlp_member *member = &value->members[i];
    json_t *item = value_json(member->value);
    if (value->kind != HRLP_DICT) {
      json_array_append_new(items, item);
    } else {
      char number[24];
      snprintf(number, sizeof number, "%" PRId64, member->number);
      json_object_set_new(items, member->name != NULL ? member->name : number, item);
    }
  }
  return value->kind == HRLP_TUPLE ? json_pack("{s:o}", "tuple", items) : items;
}

/* Takes the tree. */
static hrl_status write_archive(struct hrlp_value *root, const char *path,
                                hrl_error *error) {
  char *bytes = NULL;
  size_t length = 0;
  hrl_status status = hrlp_archive_write(root, "sample", &bytes, &length, error);
  if (status == HRL_OK) status = hrlp_file_write(path, bytes, length, error);
  hrlp_value_free(root);
  free(bytes);
  return status;
}

static hrl_status print_archive(const char *path, hrl_error *error) {
  struct hrlp_value *root = NULL;
  hrl_status status = hrlp_archive_load(path, &root, error);
  if (status != HRL_OK) return status;
  json_t *json = value_json(root);
  json_dumpf(json, stdout, JSON_ENCODE_ANY);
  json_decref(json);
  hrlp_value_free(root);
  return HRL_OK;
}

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  const char *verb = argc == 3 ? argv[1] : "";
  if (strcmp(verb, "write") == 0) {
    write_archive(sample_tree(), argv[2], &error);
  } else if (strcmp(verb, "network") == 0) {
    write_archive(sample_network(), argv[2], &error);
  } else if (strcmp(verb, "read") == 0) {
    print_archive(argv[2], &error);
  } else {
    fprintf(stderr, "usage: %s write|network|read PATH\n", argv[0]);
    return 2;
  }
  if (error.status == HRL_OK) return EXIT_SUCCESS;
  fprintf(stderr, "%s\n", error.message);
  return EXIT_FAILURE;
}
