/* trainer/warm.h - a run that begins from a trained pair instead of from nothing. */
#ifndef HRLP_TRAINER_WARM_H
#define HRLP_TRAINER_WARM_H

#include "trainer/state.h"

/* Makes the trainer's scenario train what `pretrained` is: networks of its shape, and
 * smaller steps and less exploration where the scenario leaves them at their defaults. */
hrl_status hrlp_warm_prepare(hrl_trainer *trainer, const hrl_policy *pretrained,
                             hrl_error *error);

/* Gives the trainer's agents, which were made for that scenario, the pair's weights. */
hrl_status hrlp_warm_begin(hrl_trainer *trainer, const hrl_policy *pretrained,
                           hrl_error *error);

#endif
