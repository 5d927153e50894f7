/* storage/returns.h - returns per episode of a run's last evaluations, from which
 * improvements are measured as paired differences. */
#ifndef HRLP_RETURNS_H
#define HRLP_RETURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Evaluations, and returns in all, that may be kept: they are part of each checkpoint. */
#define HRLP_RETURNS_EVALUATIONS 1001
#define HRLP_RETURNS_VALUES 100000

/* Zero-initialised keeps none. */
struct hrlp_returns {
  size_t capacity; /* evaluations */
  size_t episodes; /* of each */
  size_t count;    /* evaluations kept */
  uint64_t newest; /* episode after which the last of them was made */
  double *values;  /* [capacity][episodes], oldest first */
};

/* Room for `capacity` evaluations of `episodes`. What was kept stays as far as it fits:
 * none of it where `episodes` is another number. False: out of memory, and nothing is
 * changed. */
bool hrlp_returns_resize(struct hrlp_returns *returns, size_t capacity, size_t episodes);

/* Adds an evaluation made after `episode`; the oldest goes where there is no room. One
 * that is there already is not added again. */
void hrlp_returns_add(struct hrlp_returns *returns, uint64_t episode,
                      const double *values);

void hrlp_returns_free(struct hrlp_returns *returns);

#endif
