#include "gemm_sixteen.h"

typedef float sixteen __attribute__((vector_size(64), aligned(4), may_alias));
typedef int sixteen_bits __attribute__((vector_size(64), aligned(4), may_alias));

#define INLINE_CHOICE static inline __attribute__((always_inline))

/* x where `mask` is set, else y */
INLINE_CHOICE sixteen choose(sixteen_bits mask, sixteen x, sixteen y) {
  return (sixteen)(((sixteen_bits)x & mask) | ((sixteen_bits)y & ~mask));
}

INLINE_CHOICE sixteen least(sixteen x, sixteen y) {
  return choose((sixteen_bits)(x < y), x, y);
}

INLINE_CHOICE sixteen most(sixteen x, sixteen y) {
  return choose((sixteen_bits)(x > y), x, y);
}

/* As in gemm_avx512.c, but for the instructions. */
#define LANES 16
#define TILE_VECTORS(layout) 4
#define TILE_ROWS(vectors) 6
#define TILE_HELD 8
#define LEAST(a, b) least(a, b)
#define MOST(a, b) most(a, b)
#define KERNEL_NAME gemm_sixteen
#include "math/gemm_kernel.h"
