/* environments/models.h - the environments that there are. */
#ifndef HRLP_MODELS_H
#define HRLP_MODELS_H

#include "environments/environment.h"

/* The environment of a scenario's model. */
const struct hrlp_environment *hrlp_environment_of(const hrl_scenario *scenario);

/* The task that a scenario, but no family, describes. Freed with hrlp_task_destroy. */
hrl_status hrlp_task_create(const hrl_scenario *scenario, struct hrlp_task **task,
                            hrl_error *error);
/* Whether a scenario describes one household, which begins within its horizon. */
hrl_status hrlp_household_check(const hrl_scenario *scenario, hrl_error *error);

void hrlp_task_destroy(struct hrlp_task *task);

#endif
