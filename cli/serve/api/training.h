/* api/training.h - training runs, and what clients are told about them. */
#ifndef SERVE_API_TRAINING_H
#define SERVE_API_TRAINING_H

#include "serve/api/training_settings.h"
#include "serve/http/request.h"

/* Goes on with the runs that waited or ran when the folder of models was last in use.
 * NULL: it cannot; an error may have been shown. */
struct training *training_create(const struct training_settings *settings);
/* Waits for runs that are still on. NULL is ignored. */
void training_destroy(struct training *training);

/* Whether a run is on, its last event included. */
bool training_is_on(const struct training *training);

/* How many are on. */
unsigned training_count(const struct training *training);

/* There will be no other run; those that are on save and end. */
void training_end(struct training *training);

/* The routes. `values` is the validated body. */
void training_handle_start(struct training *training, struct request *request,
                           json_t *values);
/* Of the run that the path names, and of the only one there is. */
enum training_change { CHANGE_PAUSE, CHANGE_RESUME, CHANGE_STOP };
void training_handle_change(struct training *training, struct request *request,
                            enum training_change kind);
void training_handle_only(struct training *training, struct request *request,
                          enum training_change kind);
void training_handle_status(struct training *training, struct request *request);

#endif
