/* math/gemm_narrow.h - the part of gemm_kernel.h for the last n % 16 columns of C, which
 * output layers have, and for turning rows into columns. */
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
  memcpy(sums, &sum, sizeof sums);
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
