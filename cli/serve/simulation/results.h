/* simulation/results.h - the files of simulations that were run. */
#ifndef SERVE_SIMULATION_RESULTS_H
#define SERVE_SIMULATION_RESULTS_H

#include <hrl/scenario.h>
#include <jansson.h>

#include "serve/files/folder.h"

/* Larger is no file of ours. */
#define RESULT_FILE_MAX ((size_t)64 << 20)
#define RESULT_ID_SIZE HRL_NAME_SIZE

/* The number of a simulation as the service names it, MODEL_SCENARIO_SECONDS; `copy`
 * above 1 tells those of one second apart. */
void result_id(char id[RESULT_ID_SIZE], const char *model, const char *scenario,
               int64_t seconds, unsigned copy);

/* An id as clients give it, which may end as its file does. False: it is none. */
bool result_id_read(const char *given, size_t length, char id[RESULT_ID_SIZE],
                    hrl_error *error);

/* What is said of a simulation before its episodes: a new object; NULL: it is no such
 * file. */
json_t *result_head(const char *folder, const char *file_name);

/* The members of a text before its long parts as an object of their own; the text is
 * changed. NULL: there are no such parts, or it is no JSON. */
json_t *result_head_parse(char *text);

/* A row of the history; NULL: the head is not that of a simulation. */
json_t *result_row(const json_t *head, const char *id);

#endif
