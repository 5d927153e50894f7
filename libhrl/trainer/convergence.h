/* trainer/convergence.h - whether a run has reached what it was to reach, or gets no
 * better. */
#ifndef HRLP_CONVERGENCE_H
#define HRLP_CONVERGENCE_H

#include "trainer/state.h"

/* Checks the options, and makes room for what they need. */
hrl_status hrlp_convergence_check(const hrl_trainer_options *options, hrl_error *error);
/* Puts the model's own in the place of HRL_MIN_IMPROVEMENT_DEFAULT. */
void hrlp_convergence_settle(hrl_trainer_options *options, const hrl_scenario *scenario);
hrl_status hrlp_convergence_begin(hrl_trainer *trainer, hrl_error *error);

/* Keeps the evaluation of a save point. */
void hrlp_convergence_keep(hrl_trainer *trainer);

/* Whether the run ends with this evaluation: `reason` receives HRLP_REASON_..., or NULL.
 */
hrl_status hrlp_convergence_judge(hrl_trainer *trainer, const hrl_evaluation *evaluation,
                                  const char **reason, hrl_error *error);

/* The upper 95 % bound of a mean: of a normal one's, from `count` values. */
double hrlp_upper_bound(double mean, double standard_error, size_t count);

#define HRLP_REASON_EPISODES "episodes"
#define HRLP_REASON_CONVERGED "converged"
#define HRLP_REASON_TARGET "target"

#endif
