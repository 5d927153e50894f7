/* evaluate/tally.h - from episodes to an hrl_evaluation. */
#ifndef HRLP_TALLY_H
#define HRLP_TALLY_H

#include <hrl/trainer.h>

#include "base/error.h"
#include "environments/environment.h"

/* Running means over episodes, in the order they are added. */
struct hrlp_tally {
  uint64_t count;
  double return_mean, return_square; /* Welford */
  double reward, months, solvent, stability, cash, invested, wealth, adherence;
  double consumption, rescued;
};

void hrlp_tally_add(struct hrlp_tally *tally, const struct hrlp_episode *episodes,
                    size_t count);

/* Fills `result`, as far as its size says. HRL_ERROR_NUMERIC where a figure is not finite
 * (adherence may be NaN: a rule has no goal). */
hrl_status hrlp_tally_close(const struct hrlp_tally *tally, const struct hrlp_task *task,
                            hrl_evaluation *result, hrl_error *error);

/* Two policies on the same noise: the mean of second - first, and its standard error (NaN
 * for one episode). */
void hrlp_tally_difference(const double *first, const double *second, size_t count,
                           double *mean, double *standard_error);

#endif
