/* common/run_json.h - runs of a record as JSON. */
#ifndef CLI_RUN_JSON_H
#define CLI_RUN_JSON_H

#include <jansson.h>

#include "common/run_curve.h"

/* A run, a point of its learning curve, an evaluation. NULL: out of memory. */
json_t *run_json(const hrl_run *run);
json_t *point_json(const hrl_progress *point);
json_t *evaluation_json(uint64_t episode, const hrl_evaluation *figures);

/* The curves of a run. NULL: out of memory. */
json_t *progress_json(const struct curve *curve);
json_t *evaluations_json(const struct curve *curve);

#endif
