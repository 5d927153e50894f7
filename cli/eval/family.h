/* eval/family.h - how good a pair is over the households of a family. */
#ifndef CLI_EVAL_FAMILY_H
#define CLI_EVAL_FAMILY_H

#include <hrl/evaluate.h>

#include "common/options.h"

/* Plays so many households and prints how the skills are spread: a table, one JSON
 * object, or a line of comma-separated values a household. Gives an exit code. */
int eval_family(const struct command_line *line, const hrl_policy *policy,
                const hrl_scenario *family, const hrl_evaluate_options *options);

#endif
