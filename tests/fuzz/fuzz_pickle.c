/* The pickle reader, without the archive around it. What it accepts must survive being
 * written and read again. */
#include "fuzz.h"

#include "../archive_sample.h"
#include "storage/pickle.h"

/* The storages "0" to "3", and one without bytes; in blocks of their own, so that a
 * sanitizer sees any step beyond them. */
#define STORAGES 5
static const size_t storage_sizes[STORAGES] = {24, 64, 8, 4, 0};

static bool find_sample(const void *context, const char *key,
                        struct hrlp_storage *storage) {
  static void *blocks[STORAGES];
  (void)context;
  if (key[0] < '0' || key[0] >= '0' + STORAGES || key[1] != '\0') return false;
  size_t i = (size_t)(key[0] - '0');
  if (blocks[i] == NULL) {
    blocks[i] = malloc(storage_sizes[i] > 0 ? storage_sizes[i] : 1);
    PROMISE(blocks[i] != NULL);
    for (size_t k = 0; k < storage_sizes[i]; k++)
      ((unsigned char *)blocks[i])[k] = (unsigned char)(k * 37 + i);
  }
  *storage = (struct hrlp_storage){blocks[i], storage_sizes[i]};
  return true;
}

/* Finds the tensors that hrlp_pickle_write noted. */
static bool find_written(const void *context, const char *key,
                         struct hrlp_storage *storage) {
  const struct hrlp_pickle *pickle = context;
  size_t number = strtoull(key, NULL, 10);
  if (number >= pickle->tensor_count) return false;
  const struct hrlp_tensor *tensor = pickle->tensors[number];
  *storage =
      (struct hrlp_storage){tensor->data, tensor->count * hrlp_dtype_size(tensor->dtype)};
  return true;
}

static void write_and_read(const struct hrlp_value *root) {
  struct hrlp_pickle pickle = {0};
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrlp_pickle_write(root, &pickle, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  struct hrlp_value *again = NULL;
  status = hrlp_pickle_read("fuzz.pt", pickle.bytes.data, pickle.bytes.length,
                            find_written, &pickle, &again, &error);
  promise_error(status, &error);
  PROMISE(status == HRL_OK);
  PROMISE(same_tree(root, again));
  hrlp_value_free(again);
  hrlp_pickle_free(&pickle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  hrl_error error = HRL_ERROR_INIT;
  struct hrlp_value *root = NULL;
  hrl_status status =
      hrlp_pickle_read("fuzz.pt", data, size, find_sample, NULL, &root, &error);
  promise_error(status, &error);
  PROMISE((status == HRL_OK) == (root != NULL));
  if (root != NULL) write_and_read(root);
  hrlp_value_free(root);
  return 0;
}
