/* math/gemm_tile.h - the part of gemm_kernel.h that makes C in tiles: sixteen columns and
 * more at a time, in registers, with the product's end. */
#include "math/gemm_small.h"
#include "math/tanh.h"

/* may lie anywhere: rows need not begin on a vector's boundary */
typedef float vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* floats that a tile of C is wide */
#define COLUMNS(vectors) ((size_t)(vectors)*LANES)
#define TILE_COLUMNS COLUMNS(TILE_VECTORS)

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
  /* element i, p of A' is a[i * a_row + p * a_step]; one of them is 1 */
  size_t a_row, a_step;
  const float *b;
  size_t ldb;
  bool accumulate;
  float *c;
  size_t ldc;
  const struct hrlp_gemm_end *end;
  size_t column; /* of the whole C that c begins at */
};

/* How A' lies in memory; where A is stored transposed, by columns. */
enum layout { ROW_MAJOR, COLUMN_MAJOR };

/* Adds row p of B times column p of A to the sums. */
INLINE void tile_step(size_t rows, size_t vectors, const float *a, size_t a_row,
                      const float *b, vector sum[TILE_ROWS][TILE_WIDEST]) {
  vector right[TILE_WIDEST];
  for (size_t j = 0; j < vectors; j++) right[j] = *(const vector *)(b + j * LANES);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < vectors; j++) sum[i][j] += a[i * a_row] * right[j];
}

/* rows x vectors of C from row i and column j on. `layout`, `rows`, `vectors` and
 * `unrolled` are constants where this is used, so that all loops over them are unrolled,
 * `sum` is in registers and one of A's strides is 1. */
INLINE void tile(enum layout layout, size_t rows, size_t vectors, bool unrolled,
                 const struct product *product, size_t i0, size_t j0) {
  size_t a_row = layout == ROW_MAJOR ? product->a_row : 1;
  size_t a_step = layout == ROW_MAJOR ? 1 : product->a_step;
  const float *a = product->a + i0 * a_row;
  const float *b = product->b + j0;
  size_t ldb = product->ldb;
  size_t ldc = product->ldc;
  float *c = product->c + i0 * ldc + j0;
  vector sum[TILE_ROWS][TILE_WIDEST];
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < vectors; j++)
      sum[i][j] =
          product->accumulate ? *(const vector *)(c + i * ldc + j * LANES) : (vector){0};
  if (unrolled) {
    /* pointers' steps are work too, beside two multiply-adds a cycle; tiles of more than
     * two vectors would not keep their sums in registers this way */
#pragma GCC unroll 4
    for (size_t p = 0; p < product->k; p++)
      tile_step(rows, vectors, a + p * a_step, a_row, b + p * ldb, sum);
  } else {
    for (size_t p = 0; p < product->k; p++)
      tile_step(rows, vectors, a + p * a_step, a_row, b + p * ldb, sum);
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
INLINE void tile_column(enum layout layout, size_t vectors, const struct product *product,
                        size_t m, size_t j) {
  size_t i = 0;
  /* Too few sums at once wait for each other: 6 + 2 rows take longer than 4 + 4. */
  for (; i + TILE_ROWS <= m && i + TILE_ROWS + 2 != m; i += TILE_ROWS)
    tile(layout, TILE_ROWS, vectors, true, product, i, j);
  for (; i + 4 <= m; i += 4) tile(layout, 4, vectors, true, product, i, j);
  for (; i + 2 <= m; i += 2) tile(layout, 2, vectors, false, product, i, j);
  if (i < m) tile(layout, 1, vectors, false, product, i, j);
}

INLINE void tile_columns(enum layout layout, const struct product *product, size_t m,
                         size_t n) {
  size_t j = 0;
  for (; j + TILE_COLUMNS <= n; j += TILE_COLUMNS)
    tile_column(layout, TILE_VECTORS, product, m, j);
  for (; j < n; j += LANES) tile_column(layout, 1, product, m, j);
}

/* C[m, n], n a multiple of LANES. */
static void wide(const struct product *product, size_t m, size_t n) {
  if (product->a_step == 1)
    tile_columns(ROW_MAJOR, product, m, n);
  else
    tile_columns(COLUMN_MAJOR, product, m, n);
}

INLINE void flat_rows(enum layout layout, const struct product *product, size_t m,
                      size_t n) {
  size_t i = 0;
  for (; i + 3 <= m; i += 3) {
    size_t j = 0;
    for (; j + COLUMNS(4) <= n; j += COLUMNS(4)) tile(layout, 3, 4, false, product, i, j);
    for (; j < n; j += LANES) tile(layout, 3, 1, false, product, i, j);
  }
  for (; i < m; i++) {
    size_t j = 0;
    for (; j + COLUMNS(8) <= n; j += COLUMNS(8)) tile(layout, 1, 8, false, product, i, j);
    for (; j + COLUMNS(4) <= n; j += COLUMNS(4)) tile(layout, 1, 4, false, product, i, j);
    for (; j < n; j += LANES) tile(layout, 1, 1, false, product, i, j);
  }
}

/* The same for few rows: fewer and longer tiles have as many sums at once. */
static void flat(const struct product *product, size_t m, size_t n) {
  if (product->a_step == 1)
    flat_rows(ROW_MAJOR, product, m, n);
  else
    flat_rows(COLUMN_MAJOR, product, m, n);
}
