/* custom/guarded.h - arrays with guards around them, which show whether a function wrote
 * where it should not have. */
#ifndef HRLP_CUSTOM_GUARDED_H
#define HRLP_CUSTOM_GUARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [rows] of `width` bytes; behind those in use and before the first there is a guard. */
struct hrlp_guarded {
  uint8_t *block;
  size_t rows, width;
  size_t used;  /* rows in use: the rest belongs to the guard */
  uint8_t fill; /* what the guard consists of */
};

/* False where memory is short; ended with hrlp_guarded_free in any case. */
bool hrlp_guarded_create(struct hrlp_guarded *array, size_t rows, size_t width,
                         uint8_t fill);
void hrlp_guarded_free(struct hrlp_guarded *array);

/* The first row, aligned for any type. */
void *hrlp_guarded_data(const struct hrlp_guarded *array);

/* The first `used` rows are in use from now on. */
void hrlp_guarded_use(struct hrlp_guarded *array, size_t used);

/* Whether the guard is as it was; it is from then on. */
bool hrlp_guarded_intact(struct hrlp_guarded *array);

#endif
