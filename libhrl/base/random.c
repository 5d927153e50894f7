#include "base/random.h"

#include <stdbool.h>
#include <string.h>

#include "base/clones.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
#include <Random123/philox.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

void hrlp_random_words(uint64_t seed, enum hrlp_random_domain domain, uint64_t index,
                       uint32_t step, uint32_t words[4]) {
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  philox4x32_ctr_t counter = {
      {(uint32_t)index, (uint32_t)(index >> 32) | (uint32_t)domain << 24, step, 0}};
  philox4x32_ctr_t block = philox4x32(counter, key);
  for (int i = 0; i < 4; i++) words[i] = block.v[i];
}

/* Blocks that are made at a time: their words stay in the first cache. */
#define CHUNK 64

/* Philox 4x32-10 once more, as plain loops that vectorise; Random123's own headers work
 * on one block. */
static inline void philox_blocks(uint64_t seed, enum hrlp_random_domain domain,
                                 const uint64_t *restrict index,
                                 const uint32_t *restrict step, size_t count,
                                 uint32_t words[restrict 4][CHUNK]) {
  for (size_t i = 0; i < count; i++) {
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t a = (uint32_t)index[i];
    uint32_t b = (uint32_t)(index[i] >> 32) | (uint32_t)domain << 24;
    uint32_t c = step[i];
    uint32_t d = 0;
    for (int round = 0; round < 10; round++) {
      uint64_t first = (uint64_t)a * PHILOX_M4x32_0;
      uint64_t second = (uint64_t)c * PHILOX_M4x32_1;
      a = (uint32_t)(second >> 32) ^ b ^ key[0];
      c = (uint32_t)(first >> 32) ^ d ^ key[1];
      b = (uint32_t)second;
      d = (uint32_t)first;
      key[0] += PHILOX_W32_0;
      key[1] += PHILOX_W32_1;
    }
    words[0][i] = a;
    words[1][i] = b;
    words[2][i] = c;
    words[3][i] = d;
  }
}

static inline double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint64_t to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* A whole number below 2^52: placed as the last bits of 2^52, which is then taken away.
 */
static inline double from_whole(uint64_t whole) {
  return from_bits(whole | 0x4330000000000000U) - 0x1p52;
}

/* log(x) for 0 < x < 1 and not subnormal, to within a unit of the last place: fdlibm's
 * method and coefficients (x = 2^k m with m around 1, log m by a series in (m-1)/(m+1)),
 * without branches. */
static inline double log_of(double x) {
  const uint64_t root_half = 0x3fe6a09e667f3bcd;
  uint64_t bits = to_bits(x) + (0x3ff0000000000000 - root_half);
  double k = from_whole(bits >> 52) - 1023.0;
  double f = from_bits((bits & 0x000fffffffffffff) + root_half) - 1.0;
  double s = f / (2.0 + f);
  double z = s * s;
  double r = 1.479819860511658591e-01;
  r = r * z + 1.531383769920937332e-01;
  r = r * z + 1.818357216161805012e-01;
  r = r * z + 2.222219843214978396e-01;
  r = r * z + 2.857142874366239149e-01;
  r = r * z + 3.999999999940941908e-01;
  r = r * z + 6.666666666666735130e-01;
  r = r * z;
  double half = 0.5 * f * f;
  double low = k * 1.90821492927058770002e-10 + s * (half + r);
  return k * 6.93147180369123816490e-01 - ((half - low) - f);
}

/* cos and sin of `turn` 2^-32 of a full turn. Which quarter it is in is a matter of bits;
 * within it, fdlibm's polynomials. */
static inline void turn_of(uint32_t turn, double *cosine, double *sine) {
  uint64_t shifted = (uint64_t)turn + 0x20000000;
  uint64_t quarter = shifted >> 30;
  double part = from_whole(shifted & 0x3fffffff) - 0x20000000;
  double x = part * (6.283185307179586 * 0x1p-32);
  double z = x * x;
  double p = 1.58969099521155010221e-10;
  p = p * z - 2.50507602534068634195e-08;
  p = p * z + 2.75573137070700676789e-06;
  p = p * z - 1.98412698298579493134e-04;
  p = p * z + 8.33333333332248946124e-03;
  p = p * z - 1.66666666666666324348e-01;
  double s = x + x * z * p;
  double q = -1.13596475577881948265e-11;
  q = q * z + 2.08757232129817482790e-09;
  q = q * z - 2.75573143513906633035e-07;
  q = q * z + 2.48015872894767294178e-05;
  q = q * z - 1.38888888888741095749e-03;
  q = q * z + 4.16666666666666019037e-02;
  double c = 1.0 - (0.5 * z - z * z * q);
  bool odd = (quarter & 1) != 0;
  *cosine = from_bits(to_bits(odd ? s : c) ^ ((quarter + 1) & 2) << 62);
  *sine = from_bits(to_bits(odd ? c : s) ^ (quarter & 2) << 62);
}

/* Box and Muller's radius of a word, which is centred on the middle of its 2^-32
 * interval: never 0, so that the logarithm is finite. */
static inline double radius_of(uint32_t word) {
  return __builtin_sqrt(-2.0 * log_of((from_whole(word) + 0.5) * 0x1p-32));
}

/* Box and Muller's two normals from two words, for each i; a block has four. */
static inline void normal_pairs(const uint32_t *restrict a, const uint32_t *restrict b,
                                size_t count, double *restrict normals) {
  for (size_t i = 0; i < count; i++) {
    double cosine;
    double sine;
    turn_of(b[i], &cosine, &sine);
    double radius = radius_of(a[i]);
    normals[4 * i] = radius * cosine;
    normals[4 * i + 1] = radius * sine;
  }
}

HRLP_CLONES void hrlp_random_normal_blocks(uint64_t seed, enum hrlp_random_domain domain,
                                           const uint64_t *index, const uint32_t *step,
                                           size_t count, double *normals) {
  uint32_t words[4][CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t some = count - first < CHUNK ? count - first : CHUNK;
    philox_blocks(seed, domain, index + first, step + first, some, words);
    normal_pairs(words[0], words[1], some, normals + 4 * first);
    normal_pairs(words[2], words[3], some, normals + 4 * first + 2);
  }
}

HRLP_CLONES void hrlp_random_first_normals(uint64_t seed, enum hrlp_random_domain domain,
                                           const uint64_t *index, const uint32_t *step,
                                           size_t count, double *normals) {
  uint32_t words[4][CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t some = count - first < CHUNK ? count - first : CHUNK;
    philox_blocks(seed, domain, index + first, step + first, some, words);
    for (size_t i = 0; i < some; i++) {
      double cosine;
      double sine;
      turn_of(words[1][i], &cosine, &sine);
      normals[first + i] = radius_of(words[0][i]) * cosine;
    }
  }
}

HRLP_CLONES void hrlp_random_uniform_pairs(uint64_t seed, enum hrlp_random_domain domain,
                                           const uint64_t *index, const uint32_t *step,
                                           size_t count, double *uniforms) {
  uint32_t words[4][CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t some = count - first < CHUNK ? count - first : CHUNK;
    philox_blocks(seed, domain, index + first, step + first, some, words);
    for (size_t i = 0; i < some; i++) {
      uniforms[2 * (first + i)] = hrlp_random_uniform(words[0][i]);
      uniforms[2 * (first + i) + 1] = hrlp_random_uniform(words[1][i]);
    }
  }
}

void hrlp_random_normals(uint64_t seed, enum hrlp_random_domain domain, uint64_t index,
                         uint32_t step, double normals[4]) {
  hrlp_random_normal_blocks(seed, domain, &index, &step, 1, normals);
}

void hrlp_random_permutation(uint64_t seed, uint64_t index, uint32_t *order,
                             uint32_t count) {
  uint32_t words[4] = {0};
  for (uint32_t i = 0; i < count; i++) order[i] = i;
  for (uint32_t i = count; i > 1; i--) {
    uint32_t drawn = count - i;
    if (drawn % 4 == 0)
      hrlp_random_words(seed, HRLP_RANDOM_SHUFFLE, index, drawn / 4, words);
    /* Lemire's multiply-shift: a bias of at most count / 2^32 does not matter here */
    uint32_t j = (uint32_t)((uint64_t)words[drawn % 4] * i >> 32);
    uint32_t swap = order[i - 1];
    order[i - 1] = order[j];
    order[j] = swap;
  }
}
