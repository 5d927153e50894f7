/* math/gemm_kernel.h - matrix products for small operands, written once for any vector
 * width. Included by one file for each instruction set, which defines
 *   LANES   floats in a vector
 *   TILE_ROWS, TILE_VECTORS   of C that are kept in registers
 *   KERNEL_NAME   of the function that it makes
 *
 * The layers of our networks are so small (64 x 64) that both operands stay in the first
 * cache and no packing pays; what counts is that C stays in registers while A and B
 * stream past.
 *
 * Each element of C is summed over p in order, or for the last n % 16 columns as
 * `one_dot` does, with fused multiply-adds: the same bits for every instruction set. */

#include "math/gemm_small.h"

/* may lie anywhere: rows need not begin on a vector's boundary */
typedef float vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* floats that a tile of C is wide */
#define TILE_COLUMNS ((size_t)TILE_VECTORS * LANES)

#define INLINE static inline __attribute__((always_inline))

/* C[rows, vectors * LANES] (+)= sum over p of a[i * a_row + p * a_step] b[p * ldb + ...].
 * `rows` and `vectors` are constants where this is used, so that all loops over them are
 * unrolled and `sum` is in registers. */
INLINE void tile(size_t rows, size_t vectors, size_t k, const float *a, size_t a_row,
                 size_t a_step, const float *b, size_t ldb, bool accumulate, float *c,
                 size_t ldc) {
  vector sum[TILE_ROWS][TILE_VECTORS];
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < vectors; j++)
      sum[i][j] = accumulate ? *(const vector *)(c + i * ldc + j * LANES) : (vector){0};
  for (size_t p = 0; p < k; p++) {
    vector right[TILE_VECTORS];
    for (size_t j = 0; j < vectors; j++)
      right[j] = *(const vector *)(b + p * ldb + j * LANES);
    for (size_t i = 0; i < rows; i++) {
      float left = a[i * a_row + p * a_step];
      for (size_t j = 0; j < vectors; j++) sum[i][j] += left * right[j];
    }
  }
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < vectors; j++) *(vector *)(c + i * ldc + j * LANES) = sum[i][j];
}

/* All rows of a column of tiles. */
INLINE void tile_column(size_t vectors, size_t m, size_t k, const float *a, size_t a_row,
                        size_t a_step, const float *b, size_t ldb, bool accumulate,
                        float *c, size_t ldc) {
  size_t i = 0;
  /* Too few sums at once wait for each other: 6 + 2 rows take longer than 4 + 4. */
  for (; i + TILE_ROWS <= m && i + TILE_ROWS + 2 != m; i += TILE_ROWS)
    tile(TILE_ROWS, vectors, k, a + i * a_row, a_row, a_step, b, ldb, accumulate,
         c + i * ldc, ldc);
  for (; i + 4 <= m; i += 4)
    tile(4, vectors, k, a + i * a_row, a_row, a_step, b, ldb, accumulate, c + i * ldc,
         ldc);
  for (; i + 2 <= m; i += 2)
    tile(2, vectors, k, a + i * a_row, a_row, a_step, b, ldb, accumulate, c + i * ldc,
         ldc);
  if (i < m)
    tile(1, vectors, k, a + i * a_row, a_row, a_step, b, ldb, accumulate, c + i * ldc,
         ldc);
}

/* C[m, n] (+)= A'[m, k] B[k, n], n a multiple of LANES. */
static void wide(size_t m, size_t n, size_t k, const float *a, size_t a_row,
                 size_t a_step, const float *b, size_t ldb, bool accumulate, float *c,
                 size_t ldc) {
  size_t j = 0;
  for (; j + TILE_COLUMNS <= n; j += TILE_COLUMNS)
    tile_column(TILE_VECTORS, m, k, a, a_row, a_step, b + j, ldb, accumulate, c + j, ldc);
  for (; j < n; j += LANES)
    tile_column(1, m, k, a, a_row, a_step, b + j, ldb, accumulate, c + j, ldc);
}

/* Eight floats of `a` and `b`, chosen by number: 0..7 are a's, 8..15 are b's. */
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
#if defined(__clang__)
#define CHOOSE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int eight_numbers __attribute__((vector_size(32)));
#define CHOOSE(a, b, ...) __builtin_shuffle(a, b, (eight_numbers){__VA_ARGS__})
#endif

/* Turns rows into columns: pairs are put together, then quads, then halves. */
INLINE void turn(eight r[8]) {
  eight s[8];
  for (size_t i = 0; i < 8; i += 2) {
    s[i] = CHOOSE(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = CHOOSE(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (size_t i = 0; i < 8; i += 4) {
    r[i] = CHOOSE(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    r[i + 1] = CHOOSE(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    r[i + 2] = CHOOSE(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    r[i + 3] = CHOOSE(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (size_t i = 0; i < 4; i++) {
    eight low = CHOOSE(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = CHOOSE(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    r[i] = low;
  }
}

/* target[p, j] = source[j, p] for `rows`, a multiple of 8, by `columns`. */
static void transpose(const float *source, size_t stride, size_t rows, size_t columns,
                      float *target) {
  size_t p = 0;
  for (; p + 8 <= columns; p += 8)
    for (size_t j = 0; j < rows; j += 8) {
      eight block[8];
      for (size_t i = 0; i < 8; i++)
        block[i] = *(const eight *)(source + (j + i) * stride + p);
      turn(block);
      for (size_t i = 0; i < 8; i++) *(eight *)(target + (p + i) * rows + j) = block[i];
    }
  for (; p < columns; p++)
    for (size_t j = 0; j < rows; j++) target[p * rows + j] = source[j * stride + p];
}

/* C[m, n] (+)= A'[m, k] B^T, n a multiple of 16. Column of tiles by column of tiles, B is
 * turned into scratch, to be read m / TILE_ROWS times from the first cache. */
static void wide_turned(size_t m, size_t n, size_t k, const float *a, size_t a_row,
                        size_t a_step, const float *b, size_t ldb, bool accumulate,
                        float *c, size_t ldc, float *scratch) {
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    size_t some = n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS;
    transpose(b + j * ldb, ldb, some, k, scratch);
    wide(m, some, k, a, a_row, a_step, scratch, some, accumulate, c + j, ldc);
  }
}

/* Sixteen sums of x[p] y[p] side by side, whatever the width of a vector, over the first
 * `count` (a multiple of 16). */
INLINE void sixteen_sums(const float *x, const float *y, size_t count, float sums[16]) {
  vector sum[16 / LANES] = {{0}};
  for (size_t p = 0; p < count; p += 16)
    for (size_t j = 0; j < 16 / LANES; j++)
      sum[j] +=
          *(const vector *)(x + p + j * LANES) * *(const vector *)(y + p + j * LANES);
  for (size_t j = 0; j < 16 / LANES; j++) *(vector *)(sums + j * LANES) = sum[j];
}

/* products[i] = row i of A times y, for 8 rows: sixteen sums each, which are turned so
 * that the rows' totals are added side by side, the sixteen in order. */
INLINE void eight_dots(const float *a, size_t lda, const float *y, size_t count,
                       float products[8]) {
  float sums[8][16]
      __attribute__((aligned(64))); /* a store that crosses lines is slow to load */
  eight total = {0};
  size_t whole = count - count % 16;
  for (size_t i = 0; i < 8; i++) sixteen_sums(a + i * lda, y, whole, sums[i]);
  for (size_t half = 0; half < 16; half += 8) {
    eight block[8];
    for (size_t i = 0; i < 8; i++) block[i] = *(const eight *)(sums[i] + half);
    turn(block);
    for (size_t i = 0; i < 8; i++) total += block[i];
  }
  *(eight *)products = total;
  for (size_t p = whole; p < count; p++)
    for (size_t i = 0; i < 8; i++)
      products[i] = __builtin_fmaf(a[i * lda + p], y[p], products[i]);
}

/* The same for one row: the same bits. */
INLINE float one_dot(const float *x, const float *y, size_t count) {
  float sums[16];
  float total = 0.0f;
  size_t whole = count - count % 16;
  sixteen_sums(x, y, whole, sums);
  for (size_t j = 0; j < 16; j++) total += sums[j];
  for (size_t p = whole; p < count; p++) total = __builtin_fmaf(x[p], y[p], total);
  return total;
}

/* n < 16 columns, rows of A contiguous: dot products with the columns of B, which are
 * gathered first. */
static void narrow(size_t m, size_t n, size_t k, const float *a, size_t lda,
                   const float *b, size_t b_step, size_t b_column, bool accumulate,
                   float *c, size_t ldc, float *scratch) {
  for (size_t j = 0; j < n; j++)
    for (size_t p = 0; p < k; p++) scratch[j * k + p] = b[p * b_step + j * b_column];
  size_t some = 0;
  for (size_t i = 0; i < m; i += some) {
    some = i + 8 <= m ? 8 : 1;
    for (size_t j = 0; j < n; j++) {
      float products[8];
      if (some == 8)
        eight_dots(a + i * lda, lda, scratch + j * k, k, products);
      else
        products[0] = one_dot(a + i * lda, scratch + j * k, k);
      float *to = c + i * ldc + j;
      for (size_t r = 0; r < some; r++, to += ldc)
        *to = accumulate ? *to + products[r] : products[r];
    }
  }
}

/* n < 16 columns, columns of A contiguous: C^T = B^T A is wide where m is. */
static void narrow_transposed(size_t m, size_t n, size_t k, const float *a, size_t lda,
                              const float *b, size_t b_step, size_t b_column,
                              bool accumulate, float *c, size_t ldc, float *scratch) {
  size_t whole = m - m % 16;
  wide(n, whole, k, b, b_column, b_step, a, lda, false, scratch, m);
  for (size_t j = 0; j < n; j++)
    for (size_t i = whole; i < m; i++) {
      float sum = 0.0f;
      for (size_t p = 0; p < k; p++)
        sum = __builtin_fmaf(b[p * b_step + j * b_column], a[p * lda + i], sum);
      scratch[j * m + i] = sum;
    }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++)
      c[i * ldc + j] =
          accumulate ? c[i * ldc + j] + scratch[j * m + i] : scratch[j * m + i];
}

void KERNEL_NAME(enum hrlp_transpose trans_a, enum hrlp_transpose trans_b, size_t m,
                 size_t n, size_t k, const float *a, size_t lda, const float *b,
                 size_t ldb, bool accumulate, float *c, size_t ldc) {
  float scratch[HRLP_GEMM_SMALL] __attribute__((aligned(64)));
  size_t a_row = trans_a == HRLP_TRANSPOSED ? 1 : lda;
  size_t a_step = trans_a == HRLP_TRANSPOSED ? lda : 1;
  size_t b_step = trans_b == HRLP_TRANSPOSED ? 1 : ldb;
  size_t b_column = trans_b == HRLP_TRANSPOSED ? ldb : 1;
  size_t main = n - n % 16;
  if (main > 0) {
    if (trans_b == HRLP_TRANSPOSED)
      wide_turned(m, main, k, a, a_row, a_step, b, ldb, accumulate, c, ldc, scratch);
    else
      wide(m, main, k, a, a_row, a_step, b, ldb, accumulate, c, ldc);
  }
  if (main == n) return;
  const float *rest = b + main * b_column;
  if (trans_a == HRLP_TRANSPOSED)
    narrow_transposed(m, n - main, k, a, lda, rest, b_step, b_column, accumulate,
                      c + main, ldc, scratch);
  else
    narrow(m, n - main, k, a, lda, rest, b_step, b_column, accumulate, c + main, ldc,
           scratch);
}
