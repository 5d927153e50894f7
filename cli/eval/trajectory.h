/* eval/trajectory.h - a policy's episodes month by month. */
#ifndef CLI_EVAL_TRAJECTORY_H
#define CLI_EVAL_TRAJECTORY_H

#include <hrl/evaluate.h>

/* Plays them and writes a CSV file with a header line; "-" is standard output. Gives an
 * exit code, the message is out. */
int eval_trajectory_write(const char *path, const hrl_policy *policy,
                          const hrl_scenario *scenario,
                          const hrl_evaluate_options *options);

#endif
