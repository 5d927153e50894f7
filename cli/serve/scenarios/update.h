/* scenarios/update.h - the text of a scenario's file after a request. */
#ifndef SERVE_SCENARIOS_UPDATE_H
#define SERVE_SCENARIOS_UPDATE_H

#include <hrl/error.h>
#include <jansson.h>

/* A new file with what a body holds. NULL: the library refuses it, as *error says. Freed
 * with free. */
char *scenario_make(const char *name, const json_t *body, hrl_error *error);

/* `text`, the file as it is, with what a body holds: its comments are kept, and so are
 * the keys that the body leaves out. Where the text has a form that cannot be changed in
 * place the file is written anew with the same keys, and without comments. */
char *scenario_change(const char *name, const char *text, size_t length,
                      const json_t *body, hrl_error *error);

#endif
