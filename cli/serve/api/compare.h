/* api/compare.h - runs of the record side by side. */
#ifndef SERVE_API_COMPARE_H
#define SERVE_API_COMPARE_H

#include "serve/api/record.h"

/* The most that each pair of agents plays, and what it plays where nobody says. */
#define COMPARE_EPISODES_MAX 20000
#define COMPARE_EPISODES 4000
#define COMPARE_SEED 20240229

/* The route. `values` is the validated query; `players` are threads that may be busy for
 * seconds. */
void compare_handle(struct record *record, struct workers *players,
                    struct request *request, json_t *values);

#endif
