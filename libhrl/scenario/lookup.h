/* scenario/lookup.h - where scenario files are. */
#ifndef HRLP_SCENARIO_LOOKUP_H
#define HRLP_SCENARIO_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The length of a path without .yaml or .yml; its whole length where it has neither. */
size_t hrlp_stem_length(const char *path);

/* Whether hrl_scenario_load takes it for a path: it has a '/', .yaml or .yml. */
bool hrlp_is_path(const char *name_or_path);

/* Fails with HRL_ERROR_NOT_FOUND for a name or path, naming the scenarios that are known
 * and the one that was probably meant; with HRL_ERROR_MEMORY where that fails. */
hrl_status hrlp_fail_not_found(hrl_error *error, const char *name_or_path);

#endif
