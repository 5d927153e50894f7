#include "storage/metadata_seal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "storage/metadata.h"

uint32_t hrlp_checksum(const void *bytes, size_t length) {
  return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, length);
}

bool hrlp_metadata_seal(const json_t *root, json_int_t *seal) {
  json_t *copy = json_copy((json_t *)(uintptr_t)root);
  if (copy == NULL) return false;
  json_object_del(copy, "checksum");
  char *text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(copy);
  if (text == NULL) return false;
  *seal = (json_int_t)hrlp_checksum(text, strlen(text));
  free(text);
  return true;
}
