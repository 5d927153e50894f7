/* Compiled for AVX2 and FMA; called only where the processor has them. 6 x 2 vectors of
 * C, 2 of B and one of A fill its 16 registers. */
#include <immintrin.h>

#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define LEAST(a, b) ((vector)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define MOST(a, b) ((vector)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define KERNEL_NAME hrlp_gemm_avx2
#include "math/gemm_kernel.h"
