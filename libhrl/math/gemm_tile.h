/* math/gemm_tile.h - the part of gemm_kernel.h that makes C in tiles: sixteen columns and
 * more at a time, in registers, with the product's end. */
#include "base/clones.h"
#include "math/gemm_small.h"
#include "math/tanh.h"

/* may lie anywhere: rows need not begin on a vector's boundary */
typedef float vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

#define COLUMNS(vectors) ((size_t)(vectors)*LANES)
#define NARROWEST (16 / LANES) /* vectors of a row of C at least */

#define INLINE static inline __attribute__((always_inline))

/* Rows of C at most, and vectors of a row, whatever the tile's shape */
#define TILE_HIGHEST 6
#define TILE_WIDEST 8

/* DO(0) to DO(n - 1), for a constant n of at most 3, 6 or 8. Loops would do the same, but
 * GCC decides before it unrolls them what an array's elements live in, and leaves sums in
 * memory. */
/* clang-format off */
#define UNROLLED_3(n, DO)    \
  do {                       \
    if ((n) > 0) { DO(0); }  \
    if ((n) > 1) { DO(1); }  \
    if ((n) > 2) { DO(2); }  \
  } while (0)
#define UNROLLED_6(n, DO)    \
  do {                       \
    UNROLLED_3(n, DO);       \
    if ((n) > 3) { DO(3); }  \
    if ((n) > 4) { DO(4); }  \
    if ((n) > 5) { DO(5); }  \
  } while (0)
#define UNROLLED_8(n, DO)    \
  do {                       \
    UNROLLED_6(n, DO);       \
    if ((n) > 6) { DO(6); }  \
    if ((n) > 7) { DO(7); }  \
  } while (0)
/* clang-format on */

#define VECTOR_AT(place) (*(const vector *)(place))
#define STORE_AT(place, value) (*(vector *)(place) = (value))

/* sum += a b, rounded once (without ASSEMBLY by contraction, which the build asks for),
 * and the same with b in memory. Left to itself, GCC with few registers now and then lets
 * it overwrite a or b and then has to move vectors from register to register. */
#ifdef ASSEMBLY
#define MULTIPLY_ADD(sum, a, b) \
  __asm__("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
#else
#define MULTIPLY_ADD(sum, a, b) ((sum) += (a) * (b))
#endif

INLINE void multiply_add_from(vector *sum, vector a, const float *b) {
#ifdef ASSEMBLY
  __asm__("vfmadd231ps %2, %1, %0" : "+v"(*sum) : "v"(a), "m"(VECTOR_AT(b)));
#else
  *sum += a * VECTOR_AT(b);
#endif
}

/* x in every lane (minus zero, because the compiler may drop that even for x = -0) */
INLINE vector splat(float x) { return x - (vector){0}; }

/* tanh as in vector.c, with fused multiply-adds. */
INLINE vector tanh_fast(vector x) {
  const vector limit = splat(HRLP_TANH_LIMIT);
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

/* Ends row i of a tile: its sums, what they are ended with and where they belong. */
INLINE void finish_row(enum hrlp_gemm_end_kind kind, size_t vectors, const vector sum[],
                       const float *other, float *c, vector totals[]) {
#define FINISH(j)                                                         \
  vector value = finish_one(kind, sum[j], VECTOR_AT(other + COLUMNS(j))); \
  STORE_AT(c + COLUMNS(j), value);                                        \
  totals[j] += value
  UNROLLED_8(vectors, FINISH);
#undef FINISH
}

/* Ends a tile at c, which is row i0 and column `column` of the whole C. */
INLINE void finish(enum hrlp_gemm_end_kind kind, size_t rows, size_t vectors,
                   vector sum[TILE_HIGHEST][TILE_WIDEST], const struct hrlp_gemm_end *end,
                   size_t i0, size_t column, float *c, size_t ldc) {
  bool backward = hrlp_gemm_is_backward(kind);
  size_t ldo = backward ? ldc : 0; /* a bias is the same for all rows */
  const float *other = end->operand + column + i0 * ldo;
  float *column_sums =
      backward && end->column_sums != NULL ? end->column_sums + column : NULL;
  vector totals[TILE_WIDEST];
#define START(j) \
  totals[j] = column_sums != NULL ? VECTOR_AT(column_sums + COLUMNS(j)) : (vector){0}
  UNROLLED_8(vectors, START);
#undef START
#define FINISH(i) finish_row(kind, vectors, sum[i], other + (i)*ldo, c + (i)*ldc, totals)
  UNROLLED_6(rows, FINISH);
#undef FINISH
  if (column_sums == NULL) return;
#define STORE(j) STORE_AT(column_sums + COLUMNS(j), totals[j])
  UNROLLED_8(vectors, STORE);
#undef STORE
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

INLINE void start_row(size_t vectors, bool accumulate, const float *c, vector sum[]) {
#define START(j) sum[j] = accumulate ? VECTOR_AT(c + COLUMNS(j)) : (vector){0}
  UNROLLED_8(vectors, START);
#undef START
}

INLINE void store_row(size_t vectors, const vector sum[], float *c) {
#define STORE(j) STORE_AT(c + COLUMNS(j), sum[j])
  UNROLLED_8(vectors, STORE);
#undef STORE
}

/* Adds an element of A times a row of B to a row of sums. The first vectors of B are in
 * `held`. */
INLINE void row_step(size_t vectors, float a, const vector held[], const float *b,
                     vector sum[]) {
  vector left = splat(a);
#define ADD(j)                           \
  if ((j) < TILE_HELD)                   \
    MULTIPLY_ADD(sum[j], left, held[j]); \
  else                                   \
    multiply_add_from(&sum[j], left, b + COLUMNS(j))
  UNROLLED_8(vectors, ADD);
#undef ADD
}

/* Adds column p of A times row p of B to the sums. */
INLINE void tile_step(size_t rows, size_t vectors, const float *a, size_t a_row,
                      const float *b, vector sum[TILE_HIGHEST][TILE_WIDEST]) {
  vector held[TILE_WIDEST];
#define LOAD(j) \
  if ((j) < TILE_HELD) held[j] = VECTOR_AT(b + COLUMNS(j))
  UNROLLED_8(vectors, LOAD);
#undef LOAD
#define ADD(i) row_step(vectors, a[(i)*a_row], held, b, sum[i])
  UNROLLED_6(rows, ADD);
#undef ADD
}

/* rows x vectors of C from row i0 and column j0 on; `bare`: without an end. All
 * parameters before `product` are constants where this is used, so that nothing is left
 * of the conditions on them, `sum` is in registers and one of A's strides is 1. */
INLINE void tile(enum layout layout, size_t rows, size_t vectors, bool bare,
                 const struct product *product, size_t i0, size_t j0) {
  size_t a_row = layout == ROW_MAJOR ? product->a_row : 1;
  size_t a_step = layout == ROW_MAJOR ? 1 : product->a_step;
  const float *a = product->a + i0 * a_row;
  const float *b = product->b + j0;
  size_t ldb = product->ldb;
  size_t ldc = product->ldc;
  float *c = product->c + i0 * ldc + j0;
  vector sum[TILE_HIGHEST][TILE_WIDEST];
#define START(i) start_row(vectors, product->accumulate, c + (i)*ldc, sum[i])
  UNROLLED_6(rows, START);
#undef START
  size_t p = 0;
  /* pointers' steps are work too, beside two multiply-adds a cycle; a tile of few sums
   * waits for them anyway */
  for (; rows * vectors >= 8 && p + 4 <= product->k;
       p += 4, a += 4 * a_step, b += 4 * ldb) {
    tile_step(rows, vectors, a, a_row, b, sum);
    tile_step(rows, vectors, a + a_step, a_row, b + ldb, sum);
    tile_step(rows, vectors, a + 2 * a_step, a_row, b + 2 * ldb, sum);
    tile_step(rows, vectors, a + 3 * a_step, a_row, b + 3 * ldb, sum);
  }
  HRLP_NOT_UNROLLED
  for (; p < product->k; p++, a += a_step, b += ldb)
    tile_step(rows, vectors, a, a_row, b, sum);
#define STORE(i) store_row(vectors, sum[i], c + (i)*ldc)
  if (bare) {
    UNROLLED_6(rows, STORE);
    return;
  }
  const struct hrlp_gemm_end *end = product->end;
  size_t column = product->column + j0;
  switch (end->kind) {
    case HRLP_END_NOTHING:
      UNROLLED_6(rows, STORE);
      return;
#undef STORE
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
  const size_t rows = TILE_ROWS(vectors);
  size_t i = 0;
  /* Too few sums at once wait for each other: 6 + 2 rows take longer than 4 + 4, and
   * 3 + 1 longer than 2 + 2. */
  for (; i + rows <= m && i + rows + rows / 3 != m; i += rows)
    tile(layout, rows, vectors, false, product, i, j);
  if (rows > 4)
    for (; i + 4 <= m; i += 4) tile(layout, 4, vectors, false, product, i, j);
  for (; i + 2 <= m; i += 2) tile(layout, 2, vectors, false, product, i, j);
  if (i < m) tile(layout, 1, vectors, false, product, i, j);
}

INLINE void tile_columns(enum layout layout, const struct product *product, size_t m,
                         size_t n) {
  size_t j = 0;
  for (; j + COLUMNS(TILE_VECTORS(layout)) <= n; j += COLUMNS(TILE_VECTORS(layout)))
    tile_column(layout, TILE_VECTORS(layout), product, m, j);
  if (TILE_VECTORS(layout) > 2 && NARROWEST < 2)
    for (; j + COLUMNS(2) <= n; j += COLUMNS(2)) tile_column(layout, 2, product, m, j);
  for (; j < n; j += 16) tile_column(layout, NARROWEST, product, m, j);
}

/* C[m, n], n a multiple of 16. */
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
    for (; j + COLUMNS(4) <= n; j += COLUMNS(4)) tile(layout, 3, 4, true, product, i, j);
    for (; j < n; j += 16) tile(layout, 3, NARROWEST, true, product, i, j);
  }
  for (; i < m; i++) {
    size_t j = 0;
    for (; j + COLUMNS(8) <= n; j += COLUMNS(8)) tile(layout, 1, 8, true, product, i, j);
    for (; j + COLUMNS(4) <= n; j += COLUMNS(4)) tile(layout, 1, 4, true, product, i, j);
    for (; j < n; j += 16) tile(layout, 1, NARROWEST, true, product, i, j);
  }
}

/* The same, without an end, for few rows: fewer and longer tiles have as many sums at
 * once. */
static void flat(const struct product *product, size_t m, size_t n) {
  if (product->a_step == 1)
    flat_rows(ROW_MAJOR, product, m, n);
  else
    flat_rows(COLUMN_MAJOR, product, m, n);
}
