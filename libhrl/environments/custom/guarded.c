#include "environments/custom/guarded.h"

#include <string.h>

#include "base/memory.h"

/* Bytes before the first row, and at least as many behind the last. */
#define GUARD ((size_t)4096)

bool hrlp_guarded_create(struct hrlp_guarded *array, size_t rows, size_t width,
                         uint8_t fill) {
  *array = (struct hrlp_guarded){.rows = rows, .width = width, .fill = fill};
  array->block = hrlp_alloc(1, 2 * GUARD + rows * width);
  if (array->block == NULL) return false;
  memset(array->block, fill, 2 * GUARD + rows * width);
  return true;
}

void hrlp_guarded_free(struct hrlp_guarded *array) {
  hrlp_free(array->block);
  array->block = NULL;
}

void *hrlp_guarded_data(const struct hrlp_guarded *array) { return array->block + GUARD; }

void hrlp_guarded_use(struct hrlp_guarded *array, size_t used) {
  size_t begin = GUARD + used * array->width;
  array->used = used;
  memset(array->block + begin, array->fill,
         GUARD + array->rows * array->width + GUARD - begin);
}

bool hrlp_guarded_intact(struct hrlp_guarded *array) {
  size_t end = 2 * GUARD + array->rows * array->width;
  size_t begin = GUARD + array->used * array->width;
  bool intact = true;
  for (size_t i = 0; i < GUARD; i++) intact = intact && array->block[i] == array->fill;
  for (size_t i = begin; i < end; i++) intact = intact && array->block[i] == array->fill;
  if (intact) return true;
  memset(array->block, array->fill, GUARD);
  hrlp_guarded_use(array, array->used);
  return false;
}
