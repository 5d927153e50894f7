/* models/cache.h - what was read of models, so that a list does not read all of them each
 * time. Callers have the store's lock. */
#ifndef SERVE_MODELS_CACHE_H
#define SERVE_MODELS_CACHE_H

#include <jansson.h>

#include "serve/models/entry.h"

struct model_cache *model_cache_create(void);
void model_cache_destroy(struct model_cache *cache);

/* What was kept for a pair whose files have not changed; a new reference, or NULL. */
json_t *model_cache_get(struct model_cache *cache, const struct model_entry *entry);

/* Keeps it. What was kept longest without being asked for goes where there is no room. */
void model_cache_put(struct model_cache *cache, const struct model_entry *entry,
                     json_t *row);

#endif
