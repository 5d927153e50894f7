/* base/random.h - counter-based random numbers (Philox 4x32-10 of Random123).
 *
 * A number is a pure function of (seed, domain, index, step): no generator state is
 * kept or shared. Hence the same run for any number of threads and after a resume.
 * Philox: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011. */
#ifndef HRLP_RANDOM_H
#define HRLP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream of numbers is for. Values are part of what makes a run reproducible:
 * never renumber. */
enum hrlp_random_domain {
  HRLP_RANDOM_EXPENSES = 1,
  HRLP_RANDOM_RETURNS = 2,
  HRLP_RANDOM_EXECUTOR = 3,
  HRLP_RANDOM_STRATEGIST = 4,
  HRLP_RANDOM_SHUFFLE = 5,
  HRLP_RANDOM_WEIGHTS = 6,
  HRLP_RANDOM_SCENARIO = 7,
  HRLP_RANDOM_EVENTS = 8,
  HRLP_RANDOM_HOUSEHOLD = 9,
  HRLP_RANDOM_TASK_NORMALS = 10,
  HRLP_RANDOM_TASK_UNIFORMS = 11,
  HRLP_RANDOM_TASK_CHECK = 12
};

/* Four independent 32-bit words. `index` < 2^56 (episode, update, layer ...). */
void hrlp_random_words(uint64_t seed, enum hrlp_random_domain domain, uint64_t index,
                       uint32_t step, uint32_t words[4]);

/* Four independent standard normal numbers. */
void hrlp_random_normals(uint64_t seed, enum hrlp_random_domain domain, uint64_t index,
                         uint32_t step, double normals[4]);

/* The same for `count` blocks at once: block i is that of (index[i], step[i]), bit for
 * bit. Much faster for more than a few. */
void hrlp_random_normal_blocks(uint64_t seed, enum hrlp_random_domain domain,
                               const uint64_t *index, const uint32_t *step, size_t count,
                               double *normals /* [count, 4] */);

/* A word as a uniform number in [0, 1). */
static inline double hrlp_random_uniform(uint32_t word) { return word * 0x1p-32; }

/* The first normal of each of `count` blocks, for those who need no more. */
void hrlp_random_first_normals(uint64_t seed, enum hrlp_random_domain domain,
                               const uint64_t *index, const uint32_t *step, size_t count,
                               double *normals /* [count] */);

/* The first two words of each of `count` blocks as uniform numbers. */
void hrlp_random_uniform_pairs(uint64_t seed, enum hrlp_random_domain domain,
                               const uint64_t *index, const uint32_t *step, size_t count,
                               double *uniforms /* [count, 2] */);

/* Fisher-Yates permutation of 0..count-1, determined by (seed, index). */
void hrlp_random_permutation(uint64_t seed, uint64_t index, uint32_t *order,
                             uint32_t count);

#endif
