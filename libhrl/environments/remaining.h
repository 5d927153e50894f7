/* environments/remaining.h - how many months a household of an observation has left. */
#ifndef HRLP_ENVIRONMENTS_REMAINING_H
#define HRLP_ENVIRONMENTS_REMAINING_H

#include "base/error.h"
#include "environments/environment.h"

/* HRL_ERROR_ARGUMENT, naming household `index`, unless months_remaining is a whole number
 * from 1 to the task's months. */
hrl_status hrlp_remaining_check(const struct hrlp_task *task, const hrl_observation *now,
                                size_t index, hrl_error *error);

#endif
