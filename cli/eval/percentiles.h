/* eval/percentiles.h - how episodes spread, month by month. */
#ifndef CLI_EVAL_PERCENTILES_H
#define CLI_EVAL_PERCENTILES_H

#include "report/yardsticks.h"

/* Plays the pair, the best rule and the optimum where there is one, and writes a CSV file
 * with a header line; "-" is standard output. Gives an exit code, the message is out. */
int eval_percentiles_write(const char *path, const hrl_policy *policy,
                           const hrl_scenario *scenario,
                           const hrl_evaluate_options *options,
                           const struct yardsticks *yardsticks);

#endif
