/* trainer/training.h - a run, one unit of work after the other. */
#ifndef HRLP_TRAINING_H
#define HRLP_TRAINING_H

#include "trainer/state.h"

/* Begins a run, or goes on after a stop: output, clock, STARTED. */
hrl_status hrlp_training_begin(hrl_trainer *trainer, hrl_error *error);

/* Whether a pause was requested. A stop, requested before or after, takes precedence.
 */
bool hrlp_training_must_pause(const hrl_trainer *trainer);

/* Tells that the run waits, and that it goes on. */
void hrlp_training_pause(hrl_trainer *trainer);
void hrlp_training_resume(hrl_trainer *trainer);

/* One unit of work after hrlp_training_begin; `more` is false when the run has ended,
 * whichever way. Ends it itself on failure. */
hrl_status hrlp_training_unit(hrl_trainer *trainer, bool *more, hrl_error *error);

#endif
