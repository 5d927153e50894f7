/* Compiled for AVX-512; called only where the processor has it. 6 x 4 vectors of C, 4 of
 * B and one of A fill 29 of its 32 registers. */
#include <immintrin.h>

#define LANES 16
#define TILE_VECTORS(layout) 4
#define TILE_ROWS(vectors) 6
#define TILE_HELD 8
#define LEAST(a, b) ((vector)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define MOST(a, b) ((vector)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define KERNEL_NAME hrlp_gemm_avx512
#include "math/gemm_kernel.h"
