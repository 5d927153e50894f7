#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/memory.h>

#define ALIGNMENT 64

void *hrlp_alloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  if (bytes > SIZE_MAX - ALIGNMENT) return NULL;
  /* aligned_alloc wants a multiple of the alignment, and not 0 */
  bytes = bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  void *memory = aligned_alloc(ALIGNMENT, bytes);
  if (memory != NULL) memset(memory, 0, bytes);
  return memory;
}

void *hrlp_resize(void *array, size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  return realloc(array, bytes == 0 ? 1 : bytes);
}

void hrlp_free(void *memory) { free(memory); }

void hrl_free(void *memory) { free(memory); }

char *hrlp_copy_text(const char *text) {
  size_t bytes = strlen(text) + 1;
  char *copy = malloc(bytes);
  if (copy != NULL) memcpy(copy, text, bytes);
  return copy;
}
