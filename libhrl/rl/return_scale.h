/* rl/return_scale.h - the running scale of returns, by which rewards are divided, so that
 * critics and losses see numbers near 1 whatever the household's size. */
#ifndef HRLP_RETURN_SCALE_H
#define HRLP_RETURN_SCALE_H

#include <stddef.h>

/* Weighted sums over all returns so far; part of the trainer's state. */
struct hrlp_return_scale {
  double weight;
  double sum_squares;
};

/* Takes in the returns of one batch. Older batches fade by `decay` (0..1): early policies
 * say little about late ones. */
void hrlp_return_scale_update(struct hrlp_return_scale *scale, const float *returns,
                              size_t count, double decay);

/* The same for `count` returns given by their mean square. */
void hrlp_return_scale_add(struct hrlp_return_scale *scale, double mean_square,
                           size_t count, double decay);

/* The root mean square of the returns seen; 1 before any, and never near 0. */
double hrlp_return_scale_get(const struct hrlp_return_scale *scale);

#endif
