/* serve/training.h - the one training run, and what clients are told about it. */
#ifndef SERVE_TRAINING_H
#define SERVE_TRAINING_H

#include "serve/request.h"

/* NULL: out of memory. */
struct training *training_create(struct server *server);
/* Waits for a run that is still on. NULL is ignored. */
void training_destroy(struct training *training);

/* Whether a run is on, its last event included. */
bool training_is_on(const struct training *training);

/* Asks the run, if one is on, to save and end. */
void training_stop(struct training *training);

/* Takes what the training thread has put into the inbox. */
void training_take_news(struct training *training);

/* The routes. `values` is the validated body. */
void training_handle_start(struct request *request, json_t *values);
void training_handle_stop(struct request *request, json_t *values);
void training_handle_status(struct request *request, json_t *values);

#endif
