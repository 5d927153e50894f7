/* simulation/fan.h - percentiles of every month, for fan charts. */
#ifndef SERVE_SIMULATION_FAN_H
#define SERVE_SIMULATION_FAN_H

#include <hrl/evaluate.h>
#include <jansson.h>

#include "serve/simulation/request.h"

/* An object: `levels` in per cent, `months`, how many are still `alive`, and for each
 * figure an array with the months of each level. */
hrl_status fan_make(const struct play_request *request,
                    const hrl_evaluate_options *options, size_t months, json_t **fan,
                    hrl_error *error);

#endif
