#include "serve/models/cache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 2048

struct model_cache {
  struct slot {
    struct model_entry entry;
    json_t *row; /* NULL: empty */
    uint64_t used;
  } slots[SLOTS];
  uint64_t clock;
};

struct model_cache *model_cache_create(void) {
  return calloc(1, sizeof(struct model_cache));
}

void model_cache_destroy(struct model_cache *cache) {
  for (size_t i = 0; cache != NULL && i < SLOTS; i++) json_decref(cache->slots[i].row);
  free(cache);
}

static bool same_files(const struct model_entry *one, const struct model_entry *other) {
  if (strcmp(one->name, other->name) != 0 || one->shipped != other->shipped) return false;
  for (int i = 0; i < MODEL_FILES; i++)
    if (one->files[i].present != other->files[i].present ||
        one->files[i].size != other->files[i].size ||
        one->files[i].modified != other->files[i].modified)
      return false;
  return true;
}

json_t *model_cache_get(struct model_cache *cache, const struct model_entry *entry) {
  for (size_t i = 0; i < SLOTS; i++) {
    struct slot *slot = &cache->slots[i];
    if (slot->row == NULL || !same_files(&slot->entry, entry)) continue;
    slot->used = ++cache->clock;
    return json_incref(slot->row);
  }
  return NULL;
}

void model_cache_put(struct model_cache *cache, const struct model_entry *entry,
                     json_t *row) {
  struct slot *chosen = &cache->slots[0];
  for (size_t i = 0; i < SLOTS; i++) {
    struct slot *slot = &cache->slots[i];
    bool same = slot->row != NULL && strcmp(slot->entry.name, entry->name) == 0;
    if (slot->row == NULL || same || slot->used < chosen->used) chosen = slot;
    if (slot->row == NULL || same) break;
  }
  json_decref(chosen->row);
  *chosen = (struct slot){*entry, json_incref(row), ++cache->clock};
}
