#include "serve/files/scenario_store.h"

#include <errno.h>
#include <hrl/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const endings[] = {".yaml", ".yml"};
#define ENDINGS 2

/* The folder that comes first where the library looks. */
static char *first_folder(void) {
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment */
  const char *path = getenv("HRL_SCENARIO_PATH");
  size_t length = path == NULL ? 0 : strcspn(path, ":");
  return length > 0 ? strndup(path, length) : strdup("scenarios");
}

bool scenario_store_begin(struct scenario_store *store, const char *folder) {
  *store = (struct scenario_store){.searches = folder == NULL};
  pthread_mutex_init(&store->lock, NULL);
  store->folder = folder == NULL ? first_folder() : strdup(folder);
  return store->folder != NULL;
}

void scenario_store_end(struct scenario_store *store) {
  free(store->folder);
  pthread_mutex_destroy(&store->lock);
}

bool scenario_name_read(const char *given, size_t length, char name[HRL_NAME_SIZE],
                        hrl_error *error) {
  char *raw = malloc(length + 1);
  if (raw == NULL) {
    error->status = HRL_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "out of memory");
    return false;
  }
  /* a zero in the middle is one more character that names do not have */
  for (size_t i = 0; i < length; i++) raw[i] = (char)(given[i] == '\0' ? '_' : given[i]);
  raw[length] = '\0';
  for (size_t i = 0; i < ENDINGS; i++) {
    size_t tail = strlen(endings[i]);
    if (length > tail && strcmp(raw + length - tail, endings[i]) == 0) {
      raw[length - tail] = '\0';
      break;
    }
  }
  hrl_status status = hrl_name_sanitize(raw, name, error);
  free(raw);
  return status == HRL_OK;
}

/* Reads one that the library finds elsewhere. */
static int read_elsewhere(const char *name, struct scenario_file *found) {
  char *path = NULL;
  if (hrl_scenario_find(name, &path, NULL) != HRL_OK) return ENOENT;
  char *slash = strrchr(path, '/');
  int reason = ENOENT;
  if (slash != NULL) {
    *slash = '\0';
    snprintf(found->name, sizeof found->name, "%s", slash + 1);
    reason = folder_read(path[0] == '\0' ? "/" : path, found->name, SCENARIO_FILE_MAX,
                         &found->file);
  }
  found->shipped = true;
  hrl_free(path);
  return reason;
}

int scenario_store_read(const struct scenario_store *store, const char *name,
                        struct scenario_file *found) {
  *found = (struct scenario_file){.shipped = false};
  int reason = ENOENT;
  for (size_t i = 0; i < ENDINGS && reason == ENOENT; i++) {
    snprintf(found->name, sizeof found->name, "%s%s", name, endings[i]);
    reason = folder_read(store->folder, found->name, SCENARIO_FILE_MAX, &found->file);
  }
  return reason == ENOENT && store->searches ? read_elsewhere(name, found) : reason;
}

bool scenario_store_load(const struct scenario_store *store, const char *name,
                         hrl_scenario **scenario, bool *missing, hrl_error *error) {
  struct scenario_file found;
  int reason = scenario_store_read(store, name, &found);
  *scenario = NULL;
  *missing = reason == ENOENT;
  if (reason == 0) {
    bool ok = hrl_scenario_parse(found.file.text, found.file.length, name, scenario,
                                 error) == HRL_OK;
    free(found.file.text);
    return ok;
  }
  error->status = reason == ENOMEM ? HRL_ERROR_MEMORY : HRL_ERROR_IO;
  snprintf(error->message, sizeof error->message, "Scenario '%s' cannot be read: %s",
           name, file_reason(reason));
  return false;
}

/* ---- the list ---- */

struct list {
  struct scenario_entry *items;
  size_t count;
};

static bool has_name(const struct list *list, const char *name) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i].name, name) == 0) return true;
  return false;
}

static bool add(struct list *list, const struct entry *entry, const char *name,
                bool shipped) {
  if (list->count % 64 == 0) {
    struct scenario_entry *grown =
        realloc(list->items, (list->count + 64) * sizeof *grown);
    if (grown == NULL) return false;
    list->items = grown;
  }
  struct scenario_entry *made = &list->items[list->count++];
  *made = (struct scenario_entry){
      .size = entry->size, .modified = entry->modified, .shipped = shipped};
  snprintf(made->name, sizeof made->name, "%s", name);
  return true;
}

/* A file whose name is not one that requests can have cannot be asked for. */
static bool is_asked_for(const char *name) {
  char safe[HRL_NAME_SIZE];
  return hrl_name_sanitize(name, safe, NULL) == HRL_OK && strcmp(name, safe) == 0;
}

static int add_folder(struct list *list, const char *folder) {
  int reason = 0;
  for (size_t i = 0; i < ENDINGS && reason == 0; i++) {
    struct entries entries;
    size_t own = list->count;
    reason = folder_list(folder, endings[i], &entries);
    for (size_t k = 0; reason == 0 && k < entries.count; k++) {
      struct entry *entry = &entries.items[k];
      entry->name[strlen(entry->name) - strlen(endings[i])] = '\0';
      struct list before = {list->items, own};
      if (!is_asked_for(entry->name) || has_name(&before, entry->name)) continue;
      if (!add(list, entry, entry->name, false)) reason = ENOMEM;
    }
    free(entries.items);
  }
  return reason;
}

/* Those that the library finds and the folder does not have. */
static int add_elsewhere(struct list *list) {
  char **names = NULL;
  size_t count = 0, own = list->count;
  int reason = hrl_scenario_list(&names, &count, NULL) == HRL_OK ? 0 : ENOMEM;
  for (size_t i = 0; reason == 0 && i < count; i++) {
    struct list before = {list->items, own};
    struct scenario_file found;
    if (has_name(&before, names[i]) || read_elsewhere(names[i], &found) != 0) continue;
    struct entry entry = {.size = found.file.length, .modified = found.file.modified};
    free(found.file.text);
    if (!add(list, &entry, names[i], true)) reason = ENOMEM;
  }
  hrl_free(names);
  return reason;
}

static int compare(const void *a, const void *b) {
  const struct scenario_entry *one = a, *other = b;
  if (one->modified != other->modified) return one->modified > other->modified ? -1 : 1;
  return strcmp(one->name, other->name);
}

int scenario_store_list(const struct scenario_store *store,
                        struct scenario_entry **entries, size_t *count) {
  struct list list = {NULL, 0};
  int reason = add_folder(&list, store->folder);
  if (reason == 0 && store->searches) reason = add_elsewhere(&list);
  if (reason != 0) {
    free(list.items);
    list = (struct list){NULL, 0};
  }
  if (list.count > 1) qsort(list.items, list.count, sizeof *list.items, compare);
  *entries = list.items;
  *count = list.count;
  return reason;
}
