/* models/json.h - trained pairs as clients see them. */
#ifndef SERVE_MODELS_JSON_H
#define SERVE_MODELS_JSON_H

#include <jansson.h>

#include "serve/models/store.h"

/* A row of the list; NULL: memory is short. */
json_t *model_json_row(const struct model_entry *entry);

/* All that is known of a pair; NULL: memory is short. */
json_t *model_json_detail(const struct model_entry *entry);

#endif
