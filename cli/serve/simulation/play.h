/* simulation/play.h - plays a pair and tells of it as text: means, percentiles of every
 * month, and the episodes one by one, as many as there is room for. */
#ifndef SERVE_SIMULATION_PLAY_H
#define SERVE_SIMULATION_PLAY_H

#include <hrl/policy.h>
#include <jansson.h>

#include "serve/simulation/request.h"

/* What was played: `head`, an object of means and deviations, and two texts that are
 * values in JSON, to be freed. */
struct play_result {
  json_t *head;
  json_t *percentiles;
  char *episodes;
};

/* Errors as hrl_evaluate_trajectory; HRL_ERROR_STATE where it gave up. On failure there
 * is no result. */
hrl_status play(const struct play_request *request, struct play_result *result,
                hrl_error *error);

#endif
