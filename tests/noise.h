/* noise.h - numbers for tests that must not come from the library under test. */
#ifndef TEST_NOISE_H
#define TEST_NOISE_H

#include <stddef.h>
#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t noise_bits(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

/* Uniform in [-1, 1). */
static inline double noise(uint64_t *state) {
  return (double)(noise_bits(state) >> 11) * 0x1p-52 - 1.0;
}

static inline void noise_fill(float *x, size_t count, double scale, uint64_t *state) {
  for (size_t i = 0; i < count; i++) x[i] = (float)(scale * noise(state));
}

#endif
