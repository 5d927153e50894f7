/* common/pretrained.h - the pairs that ship, and which of them knows a household. */
#ifndef CLI_COMMON_PRETRAINED_H
#define CLI_COMMON_PRETRAINED_H

#include <hrl/policy.h>

/* The pair that knows many households, by the name that users give it. */
#define GENERALIST "generalist"

/* A model as users name it: each kind of household has a generalist of its own. Static,
 * or `name` itself. `scenario` may be NULL. */
const char *pretrained_name(const char *name, const hrl_scenario *scenario);

/* Loads a model, as hrl_policy_load does, by such a name. */
hrl_status pretrained_load(const char *name, const hrl_scenario *scenario,
                           hrl_policy **policy, hrl_error *error);

#endif
