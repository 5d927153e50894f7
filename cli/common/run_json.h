/* common/run_json.h - runs of a record as JSON. */
#ifndef CLI_RUN_JSON_H
#define CLI_RUN_JSON_H

#include <jansson.h>

#include <hrl/runs.h>

/* A run, a point of its learning curve, an evaluation. NULL: out of memory. */
json_t *run_json(const hrl_run *run);
json_t *point_json(const hrl_progress *point);
json_t *evaluation_json(uint64_t episode, const hrl_evaluation *figures);

#endif
