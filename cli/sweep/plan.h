/* sweep/plan.h - reading a plan's file. */
#ifndef CLI_SWEEP_PLAN_H
#define CLI_SWEEP_PLAN_H

#include <hrl/error.h>

#include "sweep/plan_types.h"

/* Reads a plan. False with a message in `error` that names the place. Freed with
 * plan_free, also after a failure. */
bool plan_read(const char *path, struct plan *plan, hrl_error *error);
void plan_free(struct plan *plan);

#endif
