/* Compiled for AVX2 and FMA; called only where the processor has them. 6 x 2 vectors of C,
 * 2 of B and one of A fill its 16 registers. */
#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define KERNEL_NAME hrlp_gemm_avx2
#include "math/gemm_kernel.h"
