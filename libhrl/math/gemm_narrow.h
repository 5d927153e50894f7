/* math/gemm_narrow.h - the part of gemm_kernel.h for the last n % 16 columns of C, up to
 * three of which output layers have, and for turning rows into columns. */
#include <string.h>

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

/* Adds the products of a row of x and `columns` rows of y to the row's sums, which are
 * `rows` apart. */
INLINE void dots_row(size_t rows, size_t columns, const float *x, const eight y[3],
                     eight *sum) {
  eight left = *(const eight *)x;
#define ADD(c) MULTIPLY_ADD(sum[(c)*rows], left, y[c])
  UNROLLED_3(columns, ADD);
#undef ADD
}

/* The total of each: neighbours are put side by side and added, three times. */
INLINE eight add_across(const eight r[8]) {
  eight s[8];
#define HALVE(to, x, y) \
  to = CHOOSE(x, y, 0, 8, 1, 9, 4, 12, 5, 13) + CHOOSE(x, y, 2, 10, 3, 11, 6, 14, 7, 15)
  HALVE(s[0], r[0], r[1]);
  HALVE(s[1], r[2], r[3]);
  HALVE(s[2], r[4], r[5]);
  HALVE(s[3], r[6], r[7]);
#undef HALVE
#define HALVE(to, x, y) \
  to = CHOOSE(x, y, 0, 1, 8, 9, 4, 5, 12, 13) + CHOOSE(x, y, 2, 3, 10, 11, 6, 7, 14, 15)
  HALVE(s[4], s[0], s[1]);
  HALVE(s[5], s[2], s[3]);
#undef HALVE
  return CHOOSE(s[4], s[5], 0, 1, 2, 3, 8, 9, 10, 11) +
         CHOOSE(s[4], s[5], 4, 5, 6, 7, 12, 13, 14, 15);
}

/* Sums of x[r, p] y[c, p] over p for `rows` (4 or 8) rows of x and `columns` rows of y,
 * at most 12 in all: of each, eight sums side by side (p % 8), which are added across;
 * then the last k % 8 products. */
INLINE void dots(size_t rows, size_t columns, size_t k, const float *x, size_t ldx,
                 const float *y, size_t ldy, float totals[16]) {
  eight sum[16];
  size_t whole = k - k % 8;
#define CLEAR(at) sum[at] = sum[(at) + 8] = (eight){0}
  UNROLLED_8(8, CLEAR);
#undef CLEAR
  for (size_t p = 0; p < whole; p += 8) {
    eight right[3];
#define LOAD(c) right[c] = *(const eight *)(y + (c)*ldy + p)
    UNROLLED_3(columns, LOAD);
#undef LOAD
#define ADD(r) dots_row(rows, columns, x + (r)*ldx + p, right, sum + (r))
    UNROLLED_8(rows, ADD);
#undef ADD
  }
  *(eight *)totals = add_across(sum);
  if (rows * columns > 8) *(eight *)(totals + 8) = add_across(sum + 8);
  for (size_t p = whole; p < k; p++)
    for (size_t c = 0; c < columns; c++)
      for (size_t r = 0; r < rows; r++)
        totals[c * rows + r] =
            __builtin_fmaf(x[r * ldx + p], y[c * ldy + p], totals[c * rows + r]);
}

/* The same for a row and a column: the same bits. */
INLINE float dot(const float *x, const float *y, size_t k) {
  float sums[8];
  size_t whole = k - k % 8;
  eight sum = {0};
  for (size_t p = 0; p < whole; p += 8)
    MULTIPLY_ADD(sum, *(const eight *)(x + p), *(const eight *)(y + p));
  memcpy(sums, &sum, sizeof sums);
  float total = ((sums[0] + sums[2]) + (sums[1] + sums[3])) +
                ((sums[4] + sums[6]) + (sums[5] + sums[7]));
  for (size_t p = whole; p < k; p++) total = __builtin_fmaf(x[p], y[p], total);
  return total;
}

/* Ends one sum and puts it into row i, column j, counted from product->column on. */
INLINE void store_one(const struct product *product, size_t i, size_t j, float sum) {
  const struct hrlp_gemm_end *end = product->end;
  float *to = product->c + i * product->ldc + j;
  size_t column = product->column + j;
  if (product->accumulate) sum += *to;
  switch (end->kind) {
    case HRLP_END_NOTHING:
      break;
#define FINISH(kind, at)                                                       \
  case kind:                                                                   \
    sum = finish_one(kind, splat(sum), splat(end->operand[column + (at)]))[0]; \
    break
      FINISH(HRLP_END_BIAS, 0);
      FINISH(HRLP_END_BIAS_TANH, 0);
      FINISH(HRLP_END_BIAS_RELU, 0);
      FINISH(HRLP_END_TANH_BACKWARD, i * product->ldc);
      FINISH(HRLP_END_RELU_BACKWARD, i * product->ldc);
#undef FINISH
  }
  *to = sum;
  if (hrlp_gemm_is_backward(end->kind) && end->column_sums != NULL)
    end->column_sums[column] += sum;
}

/* The same for the sums of rows x columns of C from row i on; sum (r, c) is
 * sums[r * row + c * column]. Without a branch for each in the usual cases. */
INLINE void store_sums(const struct product *product, size_t rows, size_t columns,
                       size_t i, const float *sums, size_t row, size_t column) {
  const struct hrlp_gemm_end *end = product->end;
  float *to = product->c + i * product->ldc;
  if (end->kind == HRLP_END_NOTHING && !product->accumulate) {
    for (size_t r = 0; r < rows; r++, to += product->ldc)
      for (size_t c = 0; c < columns; c++) to[c] = sums[r * row + c * column];
  } else if (end->kind == HRLP_END_BIAS && !product->accumulate) {
    const float *bias = end->operand + product->column;
    for (size_t r = 0; r < rows; r++, to += product->ldc)
      for (size_t c = 0; c < columns; c++) to[c] = sums[r * row + c * column] + bias[c];
  } else {
    for (size_t r = 0; r < rows; r++)
      for (size_t c = 0; c < columns; c++)
        store_one(product, i + r, c, sums[r * row + c * column]);
  }
}

/* Rows of C from i on, `rows` at a time; returns the first that is left. */
INLINE size_t narrow_rows(const struct product *product, size_t m, size_t rows,
                          size_t columns, const float *turned, size_t i) {
  float totals[16] __attribute__((aligned(32)));
  size_t lda = product->a_row;
  for (; i + rows <= m; i += rows) {
    dots(rows, columns, product->k, product->a + i * lda, lda, turned, product->k,
         totals);
    store_sums(product, rows, columns, i, totals, 1, rows);
  }
  return i;
}

/* C[m, n], n < 4, rows of A contiguous: dot products with the columns of B (which lie
 * b_column apart), gathered first. */
static void narrow(const struct product *product, size_t m, size_t n, size_t b_column,
                   float *scratch) {
  size_t k = product->k;
  for (size_t j = 0; j < n; j++)
    for (size_t p = 0; p < k; p++)
      scratch[j * k + p] = product->b[p * product->ldb + j * b_column];
  size_t i = 0;
  if (n == 1)
    i = narrow_rows(product, m, 8, 1, scratch, i);
  else if (n == 2)
    i = narrow_rows(product, m, 4, 2, scratch, i);
  else
    i = narrow_rows(product, m, 4, 3, scratch, i);
  for (; i < m; i++)
    for (size_t j = 0; j < n; j++)
      store_one(product, i, j, dot(product->a + i * product->a_row, scratch + j * k, k));
}

/* C[m, n], n < 4, columns of A contiguous: C^T = B^T A is wide where m is. */
static void narrow_transposed(const struct product *product, size_t m, size_t n,
                              size_t b_column, float *scratch) {
  size_t whole = m - m % 16;
  size_t k = product->k;
  size_t lda = product->a_step;
  size_t ldb = product->ldb;
  struct product turned = {.k = k,
                           .a = product->b,
                           .a_row = b_column,
                           .a_step = ldb,
                           .b = product->a,
                           .ldb = lda,
                           .c = scratch,
                           .ldc = m};
  flat(&turned, n, whole);
  for (size_t j = 0; j < n; j++)
    for (size_t i = whole; i < m; i++) {
      float sum = 0.0f;
      for (size_t p = 0; p < k; p++)
        sum = __builtin_fmaf(product->b[p * ldb + j * b_column], product->a[p * lda + i],
                             sum);
      scratch[j * m + i] = sum;
    }
  store_sums(product, m, n, 0, scratch, 1, m);
}

/* C[m, n], 4 <= n < 16: as sixteen columns, of which some are nothing. */
static void padded(const struct product *product, size_t m, size_t n, size_t b_column,
                   float *scratch) {
  enum { ROWS = 24 };
  const struct hrlp_gemm_end *end = product->end;
  bool backward = hrlp_gemm_is_backward(end->kind);
  float sums[16] = {0};
  float c[ROWS * 16] = {0};
  float operand[ROWS * 16] = {0};
  struct hrlp_gemm_end part_end = {.kind = end->kind,
                                   .operand = operand,
                                   .column_sums = end->column_sums != NULL ? sums : NULL};
  struct product part = *product;
  part.b = scratch;
  part.ldb = 16;
  part.c = c;
  part.ldc = 16;
  part.end = &part_end;
  part.column = 0;
  for (size_t p = 0; p < product->k; p++)
    for (size_t j = 0; j < 16; j++)
      scratch[p * 16 + j] = j < n ? product->b[p * product->ldb + j * b_column] : 0.0f;
  if (end->kind != HRLP_END_NOTHING && !backward)
    memcpy(operand, end->operand + product->column, n * sizeof *operand);
  if (end->column_sums != NULL)
    memcpy(sums, end->column_sums + product->column, n * sizeof *sums);
  for (size_t i = 0; i < m; i += ROWS) {
    size_t rows = m - i < ROWS ? m - i : ROWS;
    float *whole = product->c + i * product->ldc;
    part.a = product->a + i * product->a_row;
    for (size_t r = 0; r < rows; r++) {
      if (product->accumulate)
        memcpy(c + r * 16, whole + r * product->ldc, n * sizeof *c);
      if (backward)
        memcpy(operand + r * 16, end->operand + product->column + (i + r) * product->ldc,
               n * sizeof *operand);
    }
    wide(&part, rows, 16);
    for (size_t r = 0; r < rows; r++)
      memcpy(whole + r * product->ldc, c + r * 16, n * sizeof *c);
  }
  if (end->column_sums != NULL)
    memcpy(end->column_sums + product->column, sums, n * sizeof *sums);
}
