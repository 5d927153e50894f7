/* runs/json.h - runs as JSON. */
#ifndef CLI_RUNS_JSON_H
#define CLI_RUNS_JSON_H

#include <jansson.h>

#include "common/run_json.h"

/* Prints and frees. False, and told: out of memory. */
bool runs_print_json(json_t *json, size_t flags);

#endif
