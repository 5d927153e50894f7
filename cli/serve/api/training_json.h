/* api/training_json.h - a run as clients see it. */
#ifndef SERVE_API_TRAINING_JSON_H
#define SERVE_API_TRAINING_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include <hrl/scenario.h>
#include <hrl/trainer.h>

/* The present or the last run; all zero before the first. */
struct run {
  bool training;
  char name[HRL_NAME_SIZE];
  uint64_t episode;
  uint64_t total;
  char start_time[HRL_TIME_SIZE];
  bool has_progress;
  hrl_progress progress;
  bool failed;
  char error[HRL_ERROR_MESSAGE_SIZE];
};

/* Each gives a new object, or NULL: out of memory. */
json_t *training_json_progress(const hrl_progress *progress);
/* `answer`: as in the answer to a request, otherwise as in the event. */
json_t *training_json_started(const struct run *run, bool answer);
json_t *training_json_stopped(const struct run *run, bool answer);
json_t *training_json_completed(const struct run *run);
json_t *training_json_error(const char *what, const hrl_error *error);
json_t *training_json_start_answer(const struct run *run);
json_t *training_json_stop_answer(const struct run *run);
json_t *training_json_status(const struct run *run);

#endif
