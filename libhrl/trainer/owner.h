/* trainer/owner.h - no run takes the place of another scenario's files. */
#ifndef HRLP_TRAINER_OWNER_H
#define HRLP_TRAINER_OWNER_H

#include "base/error.h"
#include "scenario/content.h"

/* HRL_ERROR_MISMATCH where the files of the scenario's name in `output`, or the
 * checkpoints in `checkpoints`, are another scenario's. What is missing or cannot be read
 * belongs to nobody. */
hrl_status hrlp_owner_check(const char *output, const char *checkpoints,
                            const struct hrl_scenario *scenario, hrl_error *error);

#endif
