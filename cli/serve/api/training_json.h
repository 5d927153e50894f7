/* api/training_json.h - runs as clients hear of them. */
#ifndef SERVE_API_TRAINING_JSON_H
#define SERVE_API_TRAINING_JSON_H

#include <jansson.h>

#include <hrl/runs.h>

#include "serve/api/live_runs.h"

/* Each gives a new object, or NULL: out of memory. */

/* ---- events ---- */

json_t *training_json_progress(const struct run *run);
json_t *training_json_started(const struct run *run);
/* How far it came: when it was stopped, paused, resumed. */
json_t *training_json_reached(const struct run *run);
json_t *training_json_completed(const struct run *run);
/* `run` 0: of none. */
json_t *training_json_error(const char *what, const char *details, uint64_t run);
json_t *training_json_queued(const char *name, uint64_t total, int32_t priority,
                             uint64_t run);

/* ---- answers ---- */

/* `plain`: as before there were several runs, without a number. */
json_t *training_json_start_answer(const struct run *run, bool plain);
json_t *training_json_queued_answer(const char *name, uint64_t total, uint64_t run);
json_t *training_json_stop_answer(const struct run *run, bool plain);
/* A change of a run: what it is now. */
json_t *training_json_change_answer(const struct run *run, const char *status);

/* `run` NULL: nothing ran yet. */
json_t *training_json_status(const struct run *run, bool is_training);

/* A run of the record as if it were one of ours. */
void training_run_of(const hrl_run *recorded, struct run *run);

#endif
