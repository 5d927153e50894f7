/* base/memory.h - allocation that checks its sizes. */
#ifndef HRLP_MEMORY_H
#define HRLP_MEMORY_H

#include <stddef.h>

/* `count` zeroed elements of `size` bytes on a 64-byte boundary (a cache line, and the
 * widest vector register); NULL when memory is short or the product overflows. A count
 * of 0 gives a valid pointer. Freed with hrlp_free. */
void *hrlp_alloc(size_t count, size_t size);

/* Bytes, and a count of elements of 4 or 8 bytes, rounded up so that what lies behind
 * them begins on such a boundary, too. */
static inline size_t hrlp_padded_bytes(size_t bytes) { return (bytes + 63) / 64 * 64; }
static inline size_t hrlp_padded_count(size_t count) { return (count + 15) / 16 * 16; }

/* Grows or shrinks an array that malloc, calloc or this function returned (not
 * hrlp_alloc); NULL, with the old array untouched, on failure. Freed with free. */
void *hrlp_resize(void *array, size_t count, size_t size);

/* Frees what hrlp_alloc gave. NULL is ignored. */
void hrlp_free(void *memory);

/* A malloc'ed copy of a text; NULL when memory is short. */
char *hrlp_copy_text(const char *text);

#endif
