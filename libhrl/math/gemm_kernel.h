/* math/gemm_kernel.h - matrix products for small operands, written once for any vector
 * width. Included by one file for each instruction set, which defines
 *   LANES   floats in a vector
 *   TILE_ROWS, TILE_VECTORS   of C that are kept in registers
 *   LEAST(a, b), MOST(a, b)   of vectors, lane by lane; b where either is NaN
 *   KERNEL_NAME   of the function that it makes
 *
 * The layers of our networks are so small (64 x 64) that both operands stay in the first
 * cache and no packing pays; what counts is that C stays in registers while A and B
 * stream past.
 *
 * Each element of C is summed over p in order, or for the last n % 16 columns in eight
 * sums side by side (`dots`), with fused multiply-adds: the same bits for every
 * instruction set. */

#include <string.h>

#include "math/gemm_small.h"
#include "math/tanh.h"

/* may lie anywhere: rows need not begin on a vector's boundary */
typedef float vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* floats that a tile of C is wide */
#define TILE_COLUMNS ((size_t)TILE_VECTORS * LANES)

#define INLINE static inline __attribute__((always_inline))

/* Vectors of a row of C at most, whatever the tile's shape */
#define TILE_WIDEST 8

/* tanh as in vector.c, with fused multiply-adds. */
INLINE vector tanh_fast(vector x) {
  const vector limit = (vector){0} + HRLP_TANH_LIMIT;
  x = MOST(-limit, LEAST(limit, x));
  vector s = x * x;
  vector p = HRLP_TANH_P(s);
  vector q = HRLP_TANH_Q(s);
  return x * p / q;
}

/* What becomes of a sum: `other` is the bias or the layer's output. */
INLINE vector finish_one(enum hrlp_gemm_end_kind kind, vector sum, vector other) {
  typedef int bits __attribute__((vector_size(LANES * 4), may_alias));
  switch (kind) {
    case HRLP_END_NOTHING:
      return sum;
    case HRLP_END_BIAS:
      return sum + other;
    case HRLP_END_BIAS_TANH:
      return tanh_fast(sum + other);
    case HRLP_END_BIAS_RELU:
      return MOST((vector){0}, sum + other); /* NaN stays NaN */
    case HRLP_END_TANH_BACKWARD:
      return sum * (1.0f - other * other);
    case HRLP_END_RELU_BACKWARD:
      return (vector)((bits)sum & ~(bits)(other <= 0.0f));
  }
  return sum;
}

/* Ends a tile at c, which is row i0 and column `column` of the whole C. */
INLINE void finish(enum hrlp_gemm_end_kind kind, size_t rows, size_t vectors,
                   vector sum[TILE_ROWS][TILE_WIDEST], const struct hrlp_gemm_end *end,
                   size_t i0, size_t column, float *c, size_t ldc) {
  bool backward = kind == HRLP_END_TANH_BACKWARD || kind == HRLP_END_RELU_BACKWARD;
  const float *other = end->operand + column + (backward ? i0 * ldc : 0);
  for (size_t j = 0; j < vectors; j++) {
    size_t at = j * LANES;
    float *column_sums =
        backward && end->column_sums != NULL ? end->column_sums + column + at : NULL;
    vector total = {0};
    if (column_sums != NULL) total = *(const vector *)column_sums;
    for (size_t i = 0; i < rows; i++) {
      const float *from = other + at + (backward ? i * ldc : 0);
      vector value = finish_one(kind, sum[i][j], *(const vector *)from);
      *(vector *)(c + i * ldc + at) = value;
      total += value;
    }
    if (column_sums != NULL) *(vector *)column_sums = total;
  }
}

/* A product: C[m, n] = A'[m, k] B[k, n] + what C held or nothing, and its end. */
struct product {
  size_t k;
  const float *a;
  size_t a_row, a_step; /* element i, p of A' is a[i * a_row + p * a_step] */
  const float *b;
  size_t ldb;
  bool accumulate;
  float *c;
  size_t ldc;
  const struct hrlp_gemm_end *end;
  size_t column; /* of the whole C that c begins at */
};

/* rows x vectors of C from row i and column j on. `rows` and `vectors` are constants
 * where this is used, so that all loops over them are unrolled and `sum` is in registers.
 */
INLINE void tile(size_t rows, size_t vectors, const struct product *product, size_t i0,
                 size_t j0) {
  const float *a = product->a + i0 * product->a_row;
  const float *b = product->b + j0;
  size_t a_row = product->a_row;
  size_t a_step = product->a_step;
  size_t ldb = product->ldb;
  size_t ldc = product->ldc;
  float *c = product->c + i0 * ldc + j0;
  vector sum[TILE_ROWS][TILE_WIDEST];
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < vectors; j++)
      sum[i][j] =
          product->accumulate ? *(const vector *)(c + i * ldc + j * LANES) : (vector){0};
  for (size_t p = 0; p < product->k; p++) {
    vector right[TILE_WIDEST];
    for (size_t j = 0; j < vectors; j++)
      right[j] = *(const vector *)(b + p * ldb + j * LANES);
    for (size_t i = 0; i < rows; i++) {
      float left = a[i * a_row + p * a_step];
      for (size_t j = 0; j < vectors; j++) sum[i][j] += left * right[j];
    }
  }
  const struct hrlp_gemm_end *end = product->end;
  size_t column = product->column + j0;
  switch (end->kind) {
    case HRLP_END_NOTHING:
      for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
          *(vector *)(c + i * ldc + j * LANES) = sum[i][j];
      return;
#define FINISH(kind)                                           \
  case kind:                                                   \
    finish(kind, rows, vectors, sum, end, i0, column, c, ldc); \
    return
      FINISH(HRLP_END_BIAS);
      FINISH(HRLP_END_BIAS_TANH);
      FINISH(HRLP_END_BIAS_RELU);
      FINISH(HRLP_END_TANH_BACKWARD);
      FINISH(HRLP_END_RELU_BACKWARD);
#undef FINISH
  }
}

/* All m rows of a column of tiles, from top to bottom. */
INLINE void tile_column(size_t vectors, const struct product *product, size_t m,
                        size_t j) {
  size_t i = 0;
  /* Too few sums at once wait for each other: 6 + 2 rows take longer than 4 + 4. */
  for (; i + TILE_ROWS <= m && i + TILE_ROWS + 2 != m; i += TILE_ROWS)
    tile(TILE_ROWS, vectors, product, i, j);
  for (; i + 4 <= m; i += 4) tile(4, vectors, product, i, j);
  for (; i + 2 <= m; i += 2) tile(2, vectors, product, i, j);
  if (i < m) tile(1, vectors, product, i, j);
}

/* C[m, n], n a multiple of LANES. */
static void wide(const struct product *product, size_t m, size_t n) {
  size_t j = 0;
  for (; j + TILE_COLUMNS <= n; j += TILE_COLUMNS)
    tile_column(TILE_VECTORS, product, m, j);
  for (; j < n; j += LANES) tile_column(1, product, m, j);
}

/* The same for few rows: fewer and longer tiles have as many sums at once. */
static void flat(const struct product *product, size_t m, size_t n) {
  size_t i = 0;
  for (; i + 3 <= m; i += 3) {
    size_t j = 0;
    for (; j + 4 * LANES <= n; j += 4 * LANES) tile(3, 4, product, i, j);
    for (; j < n; j += LANES) tile(3, 1, product, i, j);
  }
  for (; i < m; i++) {
    size_t j = 0;
    for (; j + 8 * LANES <= n; j += 8 * LANES) tile(1, 8, product, i, j);
    for (; j + 4 * LANES <= n; j += 4 * LANES) tile(1, 4, product, i, j);
    for (; j < n; j += LANES) tile(1, 1, product, i, j);
  }
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

/* C[m, n], n a multiple of 16, where B is stored transposed, as b[n, k]. Column of tiles
 * by column of tiles, B is turned into scratch, to be read m / TILE_ROWS times from the
 * first cache. */
static void wide_turned(const struct product *product, size_t m, size_t n,
                        float *scratch) {
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    size_t some = n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS;
    struct product part = *product;
    transpose(product->b + j * product->ldb, product->ldb, some, product->k, scratch);
    part.b = scratch;
    part.ldb = some;
    part.c += j;
    part.column += j;
    wide(&part, m, some);
  }
}

/* Sums of x[r, p] y[c, p] over p for `rows` (4 or 8) rows of x and `columns` rows of y,
 * at most 12 in all: of each, eight sums side by side (p % 8), which are turned so that
 * the totals are added side by side, the eight in order; then the last k % 8 products. */
INLINE void dots(size_t rows, size_t columns, size_t k, const float *x, size_t ldx,
                 const float *y, size_t ldy, float totals[16]) {
  eight sum[16];
  size_t whole = k - k % 8;
  for (size_t at = 0; at < 16; at++) sum[at] = (eight){0};
  for (size_t p = 0; p < whole; p += 8) {
    eight right[3];
    for (size_t c = 0; c < columns; c++) right[c] = *(const eight *)(y + c * ldy + p);
    for (size_t r = 0; r < rows; r++) {
      eight left = *(const eight *)(x + r * ldx + p);
      for (size_t c = 0; c < columns; c++) sum[c * rows + r] += left * right[c];
    }
  }
  for (size_t at = 0; at < rows * columns; at += 8) {
    eight total = {0};
    turn(sum + at);
    for (size_t i = 0; i < 8; i++) total += sum[at + i];
    *(eight *)(totals + at) = total;
  }
  for (size_t p = whole; p < k; p++)
    for (size_t c = 0; c < columns; c++)
      for (size_t r = 0; r < rows; r++)
        totals[c * rows + r] =
            __builtin_fmaf(x[r * ldx + p], y[c * ldy + p], totals[c * rows + r]);
}

/* The same for a row and a column: the same bits. */
INLINE float dot(const float *x, const float *y, size_t k) {
  float sums[8];
  float total = 0.0f;
  size_t whole = k - k % 8;
  eight sum = {0};
  for (size_t p = 0; p < whole; p += 8)
    sum += *(const eight *)(x + p) * *(const eight *)(y + p);
  *(eight *)sums = sum;
  for (size_t j = 0; j < 8; j++) total += sums[j];
  for (size_t p = whole; p < k; p++) total = __builtin_fmaf(x[p], y[p], total);
  return total;
}

INLINE void store_dots(const struct product *product, size_t rows, size_t columns,
                       size_t i, size_t j, const float *totals) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) {
      float *to = product->c + (i + r) * product->ldc + j + c;
      *to = product->accumulate ? *to + totals[c * rows + r] : totals[c * rows + r];
    }
}

/* C[m, n], n < 16, rows of A contiguous: dot products with the columns of B (which lie
 * b_column apart), gathered first. */
static void narrow(const struct product *product, size_t m, size_t n, size_t b_column,
                   float *scratch) {
  size_t k = product->k;
  size_t lda = product->a_row;
  for (size_t j = 0; j < n; j++)
    for (size_t p = 0; p < k; p++)
      scratch[j * k + p] = product->b[p * product->ldb + j * b_column];
  float totals[16] __attribute__((aligned(32)));
  size_t j = 0;
  for (; j + 3 <= n; j += 3) {
    size_t i = 0;
    for (; i + 4 <= m; i += 4) {
      dots(4, 3, k, product->a + i * lda, lda, scratch + j * k, k, totals);
      store_dots(product, 4, 3, i, j, totals);
    }
    for (; i < m; i++) {
      for (size_t c = 0; c < 3; c++)
        totals[c] = dot(product->a + i * lda, scratch + (j + c) * k, k);
      store_dots(product, 1, 3, i, j, totals);
    }
  }
  for (; j < n; j++) {
    size_t i = 0;
    for (; i + 8 <= m; i += 8) {
      dots(8, 1, k, product->a + i * lda, lda, scratch + j * k, k, totals);
      store_dots(product, 8, 1, i, j, totals);
    }
    for (; i < m; i++) {
      totals[0] = dot(product->a + i * lda, scratch + j * k, k);
      store_dots(product, 1, 1, i, j, totals);
    }
  }
}

/* C[m, n], n < 16, columns of A contiguous: C^T = B^T A is wide where m is. */
static void narrow_transposed(const struct product *product, size_t m, size_t n,
                              size_t b_column, float *scratch) {
  static const struct hrlp_gemm_end nothing = {HRLP_END_NOTHING, NULL, NULL};
  size_t whole = m - m % 16;
  size_t k = product->k;
  size_t lda = product->a_step;
  size_t ldb = product->ldb;
  struct product turned = {k,     product->b, b_column, ldb,      product->a, lda,
                           false, scratch,    m,        &nothing, 0};
  flat(&turned, n, whole);
  for (size_t j = 0; j < n; j++)
    for (size_t i = whole; i < m; i++) {
      float sum = 0.0f;
      for (size_t p = 0; p < k; p++)
        sum = __builtin_fmaf(product->b[p * ldb + j * b_column], product->a[p * lda + i],
                             sum);
      scratch[j * m + i] = sum;
    }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      float *to = product->c + i * product->ldc + j;
      *to = product->accumulate ? *to + scratch[j * m + i] : scratch[j * m + i];
    }
}

/* Ends n < 16 columns from `column` on, whose sums are in C. */
static void finish_narrow(const struct product *product, size_t m, size_t n,
                          size_t column) {
  const struct hrlp_gemm_end *end = product->end;
  bool backward =
      end->kind == HRLP_END_TANH_BACKWARD || end->kind == HRLP_END_RELU_BACKWARD;
  for (size_t i = 0; i < m; i++) {
    float *row = product->c + i * product->ldc + column;
    const float *other = end->operand + column + (backward ? i * product->ldc : 0);
    if (end->kind == HRLP_END_BIAS) {
      for (size_t j = 0; j < n; j++) row[j] += other[j];
      continue;
    }
    float values[16] = {0};
    float others[16] = {0};
    memcpy(values, row, n * sizeof *row);
    memcpy(others, other, n * sizeof *other);
    for (size_t j = 0; j < 16; j += LANES) {
      vector value = *(const vector *)(values + j);
      vector with = *(const vector *)(others + j);
      if (end->kind == HRLP_END_BIAS_TANH)
        value = finish_one(HRLP_END_BIAS_TANH, value, with);
      else if (end->kind == HRLP_END_BIAS_RELU)
        value = finish_one(HRLP_END_BIAS_RELU, value, with);
      else if (end->kind == HRLP_END_TANH_BACKWARD)
        value = finish_one(HRLP_END_TANH_BACKWARD, value, with);
      else
        value = finish_one(HRLP_END_RELU_BACKWARD, value, with);
      *(vector *)(values + j) = value;
    }
    memcpy(row, values, n * sizeof *row);
    if (backward && end->column_sums != NULL)
      for (size_t j = 0; j < n; j++) end->column_sums[column + j] += values[j];
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
  if (trans_a == HRLP_TRANSPOSED)
    narrow_transposed(&rest, m, n - main, b_column, scratch);
  else
    narrow(&rest, m, n - main, b_column, scratch);
  if (end->kind != HRLP_END_NOTHING) finish_narrow(&product, m, n - main, main);
}
