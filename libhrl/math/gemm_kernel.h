/* math/gemm_kernel.h - matrix products for small operands, written once for any vector
 * width. Included by one file for each instruction set, which defines
 *   LANES   floats in a vector
 *   TILE_VECTORS(layout)   how wide tiles of C are that are kept in registers, depending
 *           on how A lies in memory (enum layout), and
 *   TILE_ROWS(vectors)   how high, if they are so wide
 *   TILE_HELD   vectors of B that are kept in registers beside them
 *   LEAST(a, b), MOST(a, b)   of vectors, lane by lane; b where either is NaN
 *   ASSEMBLY   where inline assembly makes better code: for GCC with 16 registers
 *           (with 32 it does well alone; clang puts operands in memory if it may)
 *   KERNEL_NAME   of the function that it makes
 *
 * The layers of our networks are so small (64 x 64) that both operands stay in the first
 * cache and no packing pays; what counts is that C stays in registers while A and B
 * stream past.
 *
 * Each element of C is summed over p in order, or where one to three columns are left and
 * A's rows are contiguous, in eight sums side by side (`dots`), with fused multiply-adds:
 * the same bits for every instruction set, and for a row alone or among others. */

#include "math/gemm_tile.h"

#include "math/gemm_narrow.h"

/* C[m, n], n a multiple of 16, where B is stored transposed, as b[n, k]. Column of tiles
 * by column of tiles, B is turned into scratch, to be read again and again from the first
 * cache. */
#define PANEL COLUMNS(TILE_VECTORS(ROW_MAJOR))
static void wide_turned(const struct product *product, size_t m, size_t n,
                        float *scratch) {
  for (size_t j = 0; j < n; j += PANEL) {
    size_t some = n - j < PANEL ? n - j : PANEL;
    struct product part = *product;
    transpose(product->b + j * product->ldb, product->ldb, some, product->k, scratch);
    part.b = scratch;
    part.ldb = some;
    part.c += j;
    part.column += j;
    wide(&part, m, some);
  }
}

void KERNEL_NAME(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                 size_t n, size_t k, const float *a, size_t lda, const float *b,
                 size_t ldb, bool accumulate, float *c, size_t ldc,
                 const struct hrlp_gemm_end *end) {
  float scratch[HRLP_GEMM_SMALL] __attribute__((aligned(64)));
  struct product product = {.k = k,
                            .a = a,
                            .a_row = trans_a == HRLP_TRANSPOSED ? 1 : lda,
                            .a_step = trans_a == HRLP_TRANSPOSED ? lda : 1,
                            .b = b,
                            .ldb = ldb,
                            .accumulate = accumulate,
                            .c = c,
                            .ldc = ldc,
                            .end = end};
  size_t main = n - n % 16;
  if (main > 0) {
    if (trans_b == HRLP_TRANSPOSED)
      wide_turned(&product, m, main, scratch);
    else
      wide(&product, m, main);
  }
  if (main == n) return;
  struct product rest = product;
  size_t b_column = trans_b == HRLP_TRANSPOSED ? ldb : 1;
  rest.b += main * b_column;
  rest.ldb = trans_b == HRLP_TRANSPOSED ? 1 : ldb;
  rest.c += main;
  rest.column = main;
  if (n - main > 3)
    padded(&rest, m, n - main, b_column, scratch);
  else if (trans_a == HRLP_TRANSPOSED)
    narrow_transposed(&rest, m, n - main, b_column, scratch);
  else
    narrow(&rest, m, n - main, b_column, scratch);
}
