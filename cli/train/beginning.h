/* train/beginning.h - what a run begins from: a trained pair or nothing. */
#ifndef CLI_TRAIN_BEGINNING_H
#define CLI_TRAIN_BEGINNING_H

#include <hrl/policy.h>

#include "common/options.h"

/* Chooses the pair that --pretrained asks for. Where it was not given that is the
 * generalist, as far as it knows the household; *policy is NULL for a beginning from
 * nothing, and *note what the user should know then, freed with hrl_free, or NULL. */
hrl_status beginning_choose(const struct command_line *line, const hrl_scenario *scenario,
                            hrl_policy **policy, char **note, hrl_error *error);

#endif
