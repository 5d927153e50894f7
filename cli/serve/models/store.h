/* models/store.h - the trained pairs of a folder, and those that ship. */
#ifndef SERVE_MODELS_STORE_H
#define SERVE_MODELS_STORE_H

#include <hrl/scenario.h>
#include <pthread.h>

#include "serve/files/folder.h"
#include "serve/models/entry.h"

/* Pairs that ship. */
#define MODEL_SHIPPED 2

struct model_store {
  char *folder; /* what is deleted is in there */
  struct model_place {
    const char *name;
    char *folder; /* NULL: it is not installed */
  } shipped[MODEL_SHIPPED];
  pthread_mutex_t lock; /* of what was read of them */
  struct model_cache *cache;
};

/* False: memory is short. */
bool model_store_begin(struct model_store *store, const char *folder);
void model_store_end(struct model_store *store);

/* False: there is no such pair. */
bool model_store_find(const struct model_store *store, const char *name,
                      struct model_entry *entry);

/* All of them, the newest first; freed with free. 0 or a number of errno. */
int model_store_list(const struct model_store *store, struct model_entry **entries,
                     size_t *count);

/* Removes the files of a pair in the store's folder. ENOENT: there are none; EBUSY: a run
 * that trains it is on. */
int model_store_remove(const struct model_store *store, const char *name);

/* What hrl_policy_load is given for a pair, malloc'ed; NULL: memory is short. */
char *model_prefix(const struct model_entry *entry);

#endif
