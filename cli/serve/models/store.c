#include "serve/models/store.h"

#include <errno.h>
#include <fcntl.h>
#include <hrl/memory.h>
#include <hrl/policy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/pretrained.h"
#include "serve/models/cache.h"

const char *const model_endings[MODEL_FILES] = {
    [MODEL_HIGH] = "_high_agent.pt",
    [MODEL_LOW] = "_low_agent.pt",
    [MODEL_HISTORY] = "_history.json",
    [MODEL_METADATA] = "_metadata.json",
};

#define NAME_SIZE (HRL_NAME_SIZE + MODEL_ENDING_SIZE)

static void file_name(char text[NAME_SIZE], const char *name, enum model_file file) {
  snprintf(text, NAME_SIZE, "%s%s", name, model_endings[file]);
}

/* The folder in which the library finds a pair by its name alone; NULL: it does not. */
static char *find_shipped(const char *name) {
  char *prefix = NULL;
  if (hrl_policy_find(name, &prefix, NULL) != HRL_OK) return NULL;
  const char *slash = strrchr(prefix, '/');
  char *folder = slash == NULL ? NULL : strndup(prefix, (size_t)(slash - prefix));
  hrl_free(prefix);
  return folder;
}

bool model_store_begin(struct model_store *store, const char *folder) {
  static const char *const names[MODEL_SHIPPED] = {GENERALIST, GENERALIST "_lifecycle"};
  *store = (struct model_store){.folder = strdup(folder)};
  pthread_mutex_init(&store->lock, NULL);
  for (size_t i = 0; i < MODEL_SHIPPED; i++)
    store->shipped[i] = (struct model_place){names[i], find_shipped(names[i])};
  store->cache = model_cache_create();
  return store->folder != NULL && store->cache != NULL;
}

void model_store_end(struct model_store *store) {
  free(store->folder);
  for (size_t i = 0; i < MODEL_SHIPPED; i++) free(store->shipped[i].folder);
  model_cache_destroy(store->cache);
  pthread_mutex_destroy(&store->lock);
}

/* Looks at the files of a pair. */
static bool look_at(struct model_entry *entry, const char *folder, const char *name,
                    bool shipped) {
  *entry = (struct model_entry){.folder = folder, .shipped = shipped};
  snprintf(entry->name, sizeof entry->name, "%s", name);
  for (int i = 0; i < MODEL_FILES; i++) {
    char file[NAME_SIZE];
    struct entry found;
    file_name(file, name, (enum model_file)i);
    if (folder_look(folder, file, &found) != 0) continue;
    entry->files[i].present = true;
    entry->files[i].size = found.size;
    entry->files[i].modified = found.modified;
    if (i <= MODEL_LOW && found.modified > entry->trained)
      entry->trained = found.modified;
  }
  return entry->files[MODEL_HIGH].present && entry->files[MODEL_LOW].present;
}

bool model_store_find(const struct model_store *store, const char *name,
                      struct model_entry *entry) {
  if (look_at(entry, store->folder, name, false)) return true;
  for (size_t i = 0; i < MODEL_SHIPPED; i++)
    if (store->shipped[i].folder != NULL && strcmp(store->shipped[i].name, name) == 0)
      return look_at(entry, store->shipped[i].folder, name, true);
  return false;
}

static int compare(const void *a, const void *b) {
  const struct model_entry *one = a, *other = b;
  if (one->trained != other->trained) return one->trained > other->trained ? -1 : 1;
  return strcmp(one->name, other->name);
}

/* A name that requests can have. */
static bool is_asked_for(const char *name) {
  char safe[HRL_NAME_SIZE];
  return hrl_name_sanitize(name, safe, NULL) == HRL_OK && strcmp(name, safe) == 0;
}

int model_store_list(const struct model_store *store, struct model_entry **entries,
                     size_t *count) {
  struct entries files;
  *entries = NULL;
  *count = 0;
  int reason = folder_list(store->folder, model_endings[MODEL_HIGH], &files);
  if (reason != 0) return reason;
  *entries = calloc(files.count + MODEL_SHIPPED, sizeof **entries);
  if (*entries == NULL) reason = ENOMEM;
  for (size_t i = 0; reason == 0 && i < files.count; i++) {
    char *name = files.items[i].name;
    name[strlen(name) - strlen(model_endings[MODEL_HIGH])] = '\0';
    if (is_asked_for(name) && look_at(*entries + *count, store->folder, name, false))
      ++*count;
  }
  free(files.items);
  for (size_t i = 0; reason == 0 && i < MODEL_SHIPPED; i++)
    if (model_store_find(store, store->shipped[i].name, *entries + *count) &&
        (*entries)[*count].shipped)
      ++*count;
  if (*count > 1) qsort(*entries, *count, sizeof **entries, compare);
  return reason;
}

/* What an interrupted run left of a pair, which would stand for it again. */
static void remove_pending(const char *folder, const char *name) {
  static const char *const files[] = {"metadata.json", "high_agent.pt", "low_agent.pt",
                                      "training_history.json"};
  char pending[HRL_NAME_SIZE + 16];
  snprintf(pending, sizeof pending, ".%s_pending", name);
  int place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int inside = openat(place, pending, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  for (size_t i = 0; inside >= 0 && i < sizeof files / sizeof files[0]; i++)
    unlinkat(inside, files[i], 0);
  if (inside >= 0) {
    unlinkat(place, pending, AT_REMOVEDIR);
    close(inside);
  }
  if (place >= 0) close(place);
}

/* The lock that a run holds while it trains a pair; -1: there was none yet. */
static int take_lock(const char *folder, const char *name, int *reason) {
  char path[4096];
  *reason = 0;
  int length = snprintf(path, sizeof path, "%s/checkpoints/%s/.lock", folder, name);
  if (length >= (int)sizeof path) return -1;
  int lock = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
    *reason = EBUSY;
    close(lock);
    return -1;
  }
  return lock;
}

int model_store_remove(const struct model_store *store, const char *name) {
  int reason, gone = 0;
  int lock = take_lock(store->folder, name, &reason);
  if (reason != 0) return reason;
  for (int i = 0; i < MODEL_FILES; i++) {
    char file[NAME_SIZE];
    file_name(file, name, (enum model_file)i);
    int found = folder_remove(store->folder, file);
    if (found == 0)
      gone++;
    else if (found != ENOENT && reason == 0)
      reason = found;
  }
  if (reason == 0) remove_pending(store->folder, name);
  if (lock >= 0) close(lock);
  return reason != 0 ? reason : gone > 0 ? 0 : ENOENT;
}

char *model_prefix(const struct model_entry *entry) {
  size_t size = strlen(entry->folder) + strlen(entry->name) + 2;
  char *prefix = malloc(size);
  if (prefix != NULL) snprintf(prefix, size, "%s/%s", entry->folder, entry->name);
  return prefix;
}
