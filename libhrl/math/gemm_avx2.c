/* Compiled for AVX2 and FMA; called only where the processor has them. Its 16 registers
 * hold 12 vectors of C, 3 of B and one of A. 3 x 4 vectors of C, the fourth of B out of
 * memory, take fewer instructions than 6 x 2; but where A lies by columns (gradients of
 * weights), 6 x 2 is as fast, and 1 % faster with networks of 64. */
#include <immintrin.h>

#define LANES 8
#define TILE_VECTORS(layout) ((layout) == ROW_MAJOR ? 4 : 2)
#define TILE_ROWS(vectors) ((vectors) == 4 ? 3 : 6)
#define TILE_HELD 3
#define LEAST(a, b) ((vector)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define MOST(a, b) ((vector)_mm256_max_ps((__m256)(a), (__m256)(b)))
#if defined(__GNUC__) && !defined(__clang__)
#define ASSEMBLY
#endif
#define KERNEL_NAME hrlp_gemm_avx2
#include "math/gemm_kernel.h"
