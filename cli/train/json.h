/* train/json.h - the events that hrl-train prints for programs, one object a line. */
#ifndef CLI_TRAIN_JSON_H
#define CLI_TRAIN_JSON_H

#include <hrl/trainer.h>

/* Prints an event of the trainer; those that have no line print nothing. */
void train_json_event(const hrl_event *event);

/* Prints a failure, also one before there was a trainer. */
void train_json_error(hrl_status status, const char *message);

#endif
