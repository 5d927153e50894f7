/* api/training.h - the one training run, and what clients are told about it. */
#ifndef SERVE_API_TRAINING_H
#define SERVE_API_TRAINING_H

#include "serve/api/metrics.h"
#include "serve/http/request.h"
#include "serve/net/loop.h"
#include "serve/socketio/session.h"

struct training_settings {
  struct loop *loop;         /* that the run's news wake */
  struct sessions *sessions; /* who is told */
  struct metrics *metrics;   /* that count runs and episodes */
  const char *scenarios;     /* folder, or NULL: where the library looks */
  const char *models;        /* folder */
  unsigned threads;
  int64_t progress_interval; /* microseconds */
  bool log_json;
};

/* NULL: out of memory. */
struct training *training_create(const struct training_settings *settings);
/* Waits for a run that is still on. NULL is ignored. */
void training_destroy(struct training *training);

/* Whether a run is on, its last event included. */
bool training_is_on(const struct training *training);

/* There will be no other run; asks the present one to save and end. */
void training_end(struct training *training);

/* The routes. `values` is the validated body. */
void training_handle_start(struct training *training, struct request *request,
                           json_t *values);
void training_handle_stop(struct training *training, struct request *request);
void training_handle_status(struct training *training, struct request *request);

#endif
