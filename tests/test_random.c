/* Counter-based random numbers: the generator against its published answers, the
 * distributions against their moments. Seeds are fixed, so nothing here depends on luck.
 */
#include "suite.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "near.h"
#include "noise.h"

/* Tolerances: five standard errors of each estimate. */
#define BLOCKS 100000
#define DRAWS (4.0 * BLOCKS)
#define MEAN_TOLERANCE (5.0 / sqrt(DRAWS))
#define VARIANCE_TOLERANCE (5.0 * sqrt(2.0 / DRAWS))
#define SKEWNESS_TOLERANCE (5.0 * sqrt(6.0 / DRAWS))
#define KURTOSIS_TOLERANCE (5.0 * sqrt(24.0 / DRAWS))
#define CORRELATION_TOLERANCE (5.0 / sqrt((double)BLOCKS))
#define SHARE_TOLERANCE (5.0 * sqrt(0.25 / DRAWS))
/* the normals of one block against Box and Muller in long double: a few roundings */
#define NORMAL_TOLERANCE 1e-14

/* Philox 4x32-10 as its paper states it, independent of Random123's headers. */
static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
  uint32_t c[4];
  uint32_t k[2] = {key[0], key[1]};
  memcpy(c, counter, sizeof c);
  for (int round = 0; round < 10; round++) {
    uint64_t a = UINT64_C(0xD2511F53) * c[0];
    uint64_t b = UINT64_C(0xCD9E8D57) * c[2];
    uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b,
                        (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
    memcpy(c, next, sizeof c);
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  memcpy(words, c, sizeof c);
}

START_TEST(reference_gives_the_published_answers) {
  /* kat_vectors of Random123, "philox4x32 10": counter, key, answer */
  static const uint32_t rows[3][10] = {
      {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
      {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
       0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
      {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
       0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int i = 0; i < 3; i++) {
    uint32_t words[4];
    philox(rows[i], rows[i] + 4, words);
    ck_assert_mem_eq(words, rows[i] + 6, sizeof words);
  }
}
END_TEST

START_TEST(words_are_philox_of_their_coordinates) {
  static const uint32_t zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  uint32_t words[4];
  uint32_t expected[4];
  hrlp_random_words(0, (enum hrlp_random_domain)0, 0, 0, words);
  ck_assert_mem_eq(words, zeros, sizeof words);
  uint64_t state = 5;
  for (int i = 0; i < 1000; i++) {
    uint64_t seed = noise_bits(&state);
    uint64_t index = noise_bits(&state) >> 8;
    uint32_t step = (uint32_t)noise_bits(&state);
    enum hrlp_random_domain domain = (enum hrlp_random_domain)(1 + i % 7);
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {
        (uint32_t)index, (uint32_t)(index >> 32) + ((uint32_t)domain << 24), step, 0};
    philox(counter, key, expected);
    hrlp_random_words(seed, domain, index, step, words);
    ck_assert_mem_eq(words, expected, sizeof words);
  }
}
END_TEST

START_TEST(domains_keep_their_numbers) {
  ck_assert_int_eq(HRLP_RANDOM_EXPENSES, 1);
  ck_assert_int_eq(HRLP_RANDOM_RETURNS, 2);
  ck_assert_int_eq(HRLP_RANDOM_EXECUTOR, 3);
  ck_assert_int_eq(HRLP_RANDOM_STRATEGIST, 4);
  ck_assert_int_eq(HRLP_RANDOM_SHUFFLE, 5);
  ck_assert_int_eq(HRLP_RANDOM_WEIGHTS, 6);
  ck_assert_int_eq(HRLP_RANDOM_SCENARIO, 7);
}
END_TEST

START_TEST(uniform_lies_in_its_interval) {
  ck_assert(hrlp_random_uniform(0) == 0.0);
  ck_assert(hrlp_random_uniform(0x80000000) == 0.5);
  ck_assert(hrlp_random_uniform(0xffffffff) < 1.0);
}
END_TEST

START_TEST(normals_are_box_and_muller_of_the_words) {
  for (uint32_t step = 0; step < 1000; step++) {
    uint32_t words[4];
    double normals[4];
    hrlp_random_words(11, HRLP_RANDOM_RETURNS, 3, step, words);
    hrlp_random_normals(11, HRLP_RANDOM_RETURNS, 3, step, normals);
    for (int i = 0; i < 4; i += 2) {
      long double radius =
          sqrtl(-2.0L * logl(((long double)words[i] + 0.5L) / 4294967296.0L));
      long double angle =
          2.0L * 3.14159265358979323846L * (long double)words[i + 1] / 4294967296.0L;
      ck_assert_double_eq_tol(normals[i], (double)(radius * cosl(angle)),
                              NORMAL_TOLERANCE);
      ck_assert_double_eq_tol(normals[i + 1], (double)(radius * sinl(angle)),
                              NORMAL_TOLERANCE);
    }
  }
}
END_TEST

START_TEST(many_blocks_are_the_same_as_each_alone) {
  enum { MANY = 200 };
  static uint64_t index[MANY];
  static uint32_t step[MANY];
  static double normals[4 * MANY + 1];
  static double firsts[MANY + 1];
  static double uniforms[2 * MANY + 1];
  uint64_t state = 6;
  for (size_t i = 0; i < MANY; i++) {
    index[i] = noise_bits(&state) >> 8;
    step[i] = (uint32_t)noise_bits(&state);
  }
  for (size_t count = 0; count <= MANY; count++) {
    /* nothing is written past the end */
    normals[4 * count] = firsts[count] = uniforms[2 * count] = 77.0;
    hrlp_random_normal_blocks(11, HRLP_RANDOM_EXECUTOR, index, step, count, normals);
    hrlp_random_first_normals(11, HRLP_RANDOM_EXECUTOR, index, step, count, firsts);
    hrlp_random_uniform_pairs(11, HRLP_RANDOM_EXECUTOR, index, step, count, uniforms);
    ck_assert(normals[4 * count] == 77.0);
    ck_assert(firsts[count] == 77.0);
    ck_assert(uniforms[2 * count] == 77.0);
    for (size_t i = 0; i < count; i++) {
      double alone[4];
      hrlp_random_normals(11, HRLP_RANDOM_EXECUTOR, index[i], step[i], alone);
      CHECK(memcmp(alone, normals + 4 * i, sizeof alone) == 0, "block %zu of %zu differs",
            i, count);
      CHECK(memcmp(alone, firsts + i, sizeof *alone) == 0, "normal %zu of %zu differs", i,
            count);
      uint32_t words[4];
      hrlp_random_words(11, HRLP_RANDOM_EXECUTOR, index[i], step[i], words);
      CHECK(uniforms[2 * i] == hrlp_random_uniform(words[0]) &&
                uniforms[2 * i + 1] == hrlp_random_uniform(words[1]),
            "uniform numbers %zu of %zu differ", i, count);
    }
  }
}
END_TEST

START_TEST(normals_have_the_moments_of_their_distribution) {
  double sums[5] = {0}; /* powers 0..4 */
  double products[4][4] = {{0}};
  double within[3] = {0}; /* 1, 2, 3 standard deviations */
  for (uint32_t step = 0; step < BLOCKS; step++) {
    double normals[4];
    hrlp_random_normals(2024, HRLP_RANDOM_EXPENSES, step / 30, step % 30, normals);
    for (int i = 0; i < 4; i++) {
      double power = 1.0;
      for (int p = 0; p < 5; p++, power *= normals[i]) sums[p] += power;
      for (int j = 0; j < 4; j++) products[i][j] += normals[i] * normals[j];
      for (int k = 0; k < 3; k++) within[k] += fabs(normals[i]) < k + 1;
    }
  }
  ck_assert(sums[0] == DRAWS);
  ck_assert_double_eq_tol(sums[1] / DRAWS, 0.0, MEAN_TOLERANCE);
  ck_assert_double_eq_tol(sums[2] / DRAWS, 1.0, VARIANCE_TOLERANCE);
  ck_assert_double_eq_tol(sums[3] / DRAWS, 0.0, SKEWNESS_TOLERANCE + 3 * MEAN_TOLERANCE);
  ck_assert_double_eq_tol(sums[4] / DRAWS, 3.0,
                          KURTOSIS_TOLERANCE + 6 * VARIANCE_TOLERANCE);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++)
      ck_assert_double_eq_tol(products[i][j] / BLOCKS, 0.0, CORRELATION_TOLERANCE);
  for (int k = 0; k < 3; k++)
    ck_assert_double_eq_tol(within[k] / DRAWS, erf((k + 1) * M_SQRT1_2), SHARE_TOLERANCE);
}
END_TEST

START_TEST(permutations_hold_every_number_once) {
  static const uint32_t counts[] = {0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 1000, 4801};
  static uint32_t order[4801 + 1];
  static uint32_t again[4801 + 1];
  static uint8_t seen[4801];
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    uint32_t count = counts[c];
    memset(seen, 0, sizeof seen);
    order[count] = 77; /* nothing is written past the end */
    hrlp_random_permutation(9, 1000 + c, order, count);
    ck_assert_uint_eq(order[count], 77);
    for (uint32_t i = 0; i < count; i++) {
      ck_assert_uint_lt(order[i], count);
      ck_assert(!seen[order[i]]);
      seen[order[i]] = 1;
    }
    hrlp_random_permutation(9, 1000 + c, again, count);
    ck_assert(count == 0 || memcmp(order, again, count * sizeof *order) == 0);
  }
  hrlp_random_permutation(9, 0, order, 1000);
  hrlp_random_permutation(9, 1, again, 1000);
  ck_assert(memcmp(order, again, 1000 * sizeof *order) != 0);
  hrlp_random_permutation(10, 0, again, 1000);
  ck_assert(memcmp(order, again, 1000 * sizeof *order) != 0);
}
END_TEST

START_TEST(permutations_are_equally_likely) {
  /* 24,000 permutations of 4: each of the 24 is expected 1,000 times; five standard
   * deviations of that count are 5 sqrt(24000 / 24 * 23 / 24) = 155 */
  int counts[256] = {0};
  for (uint64_t index = 0; index < 24000; index++) {
    uint32_t order[4];
    hrlp_random_permutation(3, index, order, 4);
    counts[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
  }
  int kinds = 0;
  for (int i = 0; i < 256; i++) {
    if (counts[i] == 0) continue;
    kinds++;
    ck_assert_int_ge(counts[i], 845);
    ck_assert_int_le(counts[i], 1155);
  }
  ck_assert_int_eq(kinds, 24);
}
END_TEST

START_TEST(permutation_is_fisher_and_yates_over_the_words) {
  uint32_t order[10];
  uint32_t expected[10];
  for (uint32_t i = 0; i < 10; i++) expected[i] = i;
  for (uint32_t last = 9, drawn = 0; last > 0; last--, drawn++) {
    uint32_t words[4];
    hrlp_random_words(21, HRLP_RANDOM_SHUFFLE, 6, drawn / 4, words);
    uint32_t chosen = (uint32_t)floor(hrlp_random_uniform(words[drawn % 4]) * (last + 1));
    uint32_t kept = expected[last];
    expected[last] = expected[chosen];
    expected[chosen] = kept;
  }
  hrlp_random_permutation(21, 6, order, 10);
  ck_assert_mem_eq(order, expected, sizeof order);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("random");
  TCase *words = tcase_create("words");
  tcase_add_test(words, reference_gives_the_published_answers);
  tcase_add_test(words, words_are_philox_of_their_coordinates);
  tcase_add_test(words, domains_keep_their_numbers);
  tcase_add_test(words, uniform_lies_in_its_interval);
  suite_add_tcase(suite, words);
  TCase *normals = tcase_create("normals");
  tcase_set_timeout(normals, 120);
  tcase_add_test(normals, normals_are_box_and_muller_of_the_words);
  tcase_add_test(normals, many_blocks_are_the_same_as_each_alone);
  tcase_add_test(normals, normals_have_the_moments_of_their_distribution);
  suite_add_tcase(suite, normals);
  TCase *permutations = tcase_create("permutations");
  tcase_set_timeout(permutations, 120);
  tcase_add_test(permutations, permutations_hold_every_number_once);
  tcase_add_test(permutations, permutations_are_equally_likely);
  tcase_add_test(permutations, permutation_is_fisher_and_yates_over_the_words);
  suite_add_tcase(suite, permutations);
  return run_suite(suite);
}
