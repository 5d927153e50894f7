#include "scenario/lookup.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/memory.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "scenario/content.h"
#include "scenario/value.h"

static const char *const endings[] = {".yaml", ".yml"};
#define ENDING_COUNT (sizeof endings / sizeof endings[0])

size_t hrlp_stem_length(const char *path) {
  size_t length = strlen(path);
  for (size_t i = 0; i < ENDING_COUNT; i++) {
    size_t ending = strlen(endings[i]);
    if (length >= ending && strcmp(path + length - ending, endings[i]) == 0)
      return length - ending;
  }
  return length;
}

bool hrlp_is_path(const char *name_or_path) {
  return strchr(name_or_path, '/') != NULL ||
         name_or_path[hrlp_stem_length(name_or_path)] != '\0';
}

static bool add(struct hrlp_names *names, const char *text, size_t length) {
  char **grown = hrlp_resize(names->names, names->count + 1, sizeof *grown);
  if (grown == NULL) return false;
  names->names = grown;
  grown[names->count] = strndup(text, length);
  if (grown[names->count] == NULL) return false;
  names->count++;
  return true;
}

/* The folders in which names are looked up, in order. */
static hrl_status list_folders(struct hrlp_names *folders, hrl_error *error) {
  *folders = (struct hrlp_names){0};
  const char *path = getenv("HRL_SCENARIO_PATH");
  bool ok = true;
  while (path != NULL && *path != '\0' && ok) {
    size_t length = strcspn(path, ":");
    if (length > 0) ok = add(folders, path, length);
    path += length + (path[length] == ':');
  }
  ok = ok && add(folders, "scenarios", strlen("scenarios")) &&
       add(folders, HRLP_SCENARIO_FOLDER, strlen(HRLP_SCENARIO_FOLDER));
  if (ok) return HRL_OK;
  hrlp_names_free(folders);
  return hrlp_fail_memory(error, "the scenario folders");
}

/* Whether hrl_name_sanitize leaves a name as it is. */
static bool is_valid_name(const char *name) {
  char sanitized[HRL_NAME_SIZE];
  return hrl_name_sanitize(name, sanitized, NULL) == HRL_OK &&
         strcmp(name, sanitized) == 0;
}

/* Adds the names of the scenario files in one folder; one that is missing or unreadable
 * adds none. */
static hrl_status add_folder(struct hrlp_names *names, const char *folder,
                             hrl_error *error) {
  struct hrlp_names files;
  hrl_status status = hrlp_folder_list(folder, &files, NULL);
  if (status == HRL_ERROR_MEMORY) return hrlp_fail_memory(error, "scenario names");
  if (status != HRL_OK) return HRL_OK;
  bool ok = true;
  for (size_t i = 0; i < files.count && ok; i++) {
    char *file = files.names[i];
    size_t length = hrlp_stem_length(file);
    if (file[length] == '\0') continue;
    char *path = hrlp_path_join(folder, file);
    bool is_file = path != NULL && hrlp_is_file(path);
    ok = path != NULL;
    free(path);
    file[length] = '\0';
    if (is_file && is_valid_name(file)) ok = add(names, file, length);
  }
  hrlp_names_free(&files);
  return ok ? HRL_OK : hrlp_fail_memory(error, "scenario names");
}

static int compare(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Copies sorted names, each once, into one block: the pointers, then the texts. */
static char **pack(const struct hrlp_names *names, size_t *count) {
  size_t bytes = sizeof(char *);
  for (size_t i = 0; i < names->count; i++)
    bytes += sizeof(char *) + strlen(names->names[i]) + 1;
  char **packed = malloc(bytes);
  if (packed == NULL) return NULL;
  char *text = (char *)(packed + names->count + 1);
  *count = 0;
  for (size_t i = 0; i < names->count; i++) {
    if (i > 0 && strcmp(names->names[i], names->names[i - 1]) == 0) continue;
    packed[(*count)++] = text;
    text = stpcpy(text, names->names[i]) + 1;
  }
  packed[*count] = NULL;
  return packed;
}

hrl_status hrl_scenario_list(char ***names, size_t *count, hrl_error *error) {
  if (names != NULL) *names = NULL;
  if (count != NULL) *count = 0;
  if (names == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "a place for the names is needed");
  struct hrlp_names folders;
  hrl_status status = list_folders(&folders, error);
  if (status != HRL_OK) return status;
  struct hrlp_names found = {0};
  for (size_t i = 0; i < folders.count && status == HRL_OK; i++)
    status = add_folder(&found, folders.names[i], error);
  hrlp_names_free(&folders);
  if (status == HRL_OK) {
    if (found.count > 1) qsort(found.names, found.count, sizeof *found.names, compare);
    size_t distinct = 0;
    *names = pack(&found, &distinct);
    if (*names == NULL)
      status = hrlp_fail_memory(error, "scenario names");
    else if (count != NULL)
      *count = distinct;
  }
  hrlp_names_free(&found);
  return status;
}

hrl_status hrlp_fail_not_found(hrl_error *error, const char *name_or_path) {
  char **names = NULL;
  size_t count = 0;
  hrl_status status = hrl_scenario_list(&names, &count, error);
  if (status != HRL_OK) return status;
  char name[HRL_NAME_SIZE] = "";
  char *stem = strndup(name_or_path, hrlp_stem_length(name_or_path));
  struct hrlp_text advice = {0};
  if (stem != NULL && hrl_name_sanitize(stem, name, NULL) == HRL_OK) {
    const char *nearest = hrlp_nearest_word(name, (const char *const *)names, count);
    if (nearest != NULL) hrlp_text_format(&advice, "did you mean '%s'? ", nearest);
  }
  if (count == 0)
    hrlp_text_format(
        &advice, "no scenarios are known; set HRL_SCENARIO_PATH to a folder with some");
  for (size_t i = 0; i < count; i++)
    hrlp_text_format(&advice, "%s%s", i == 0 ? "known scenarios: " : ", ", names[i]);
  if (stem == NULL || advice.failed)
    status = hrlp_fail_memory(error, "a message");
  else if (hrlp_is_path(name_or_path))
    status = hrlp_fail_at(error, HRL_ERROR_NOT_FOUND, name_or_path, 0, 0,
                          "no such file; %s", advice.data);
  else
    status = hrlp_fail(error, HRL_ERROR_NOT_FOUND, "scenario '%s' not found; %s",
                       name_or_path, advice.data);
  hrlp_text_free(&advice);
  free(stem);
  hrl_free(names);
  return status;
}

/* The path of `name` in one folder; NULL, with `*status` unchanged, where it has none. */
static char *find_in(const char *folder, const char *name, hrl_status *status,
                     hrl_error *error) {
  for (size_t i = 0; i < ENDING_COUNT; i++) {
    char file[HRL_NAME_SIZE + 8];
    snprintf(file, sizeof file, "%s%s", name, endings[i]);
    char *path = hrlp_path_join(folder, file);
    if (path == NULL) {
      *status = hrlp_fail_memory(error, "a scenario's path");
      return NULL;
    }
    if (hrlp_is_file(path)) return path;
    free(path);
  }
  return NULL;
}

hrl_status hrl_scenario_find(const char *name, char **path, hrl_error *error) {
  if (path != NULL) *path = NULL;
  if (name == NULL || path == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a name and a place for the path are needed");
  if (!is_valid_name(name)) {
    char shown[HRLP_FOUND_SIZE];
    hrlp_value_show(name, shown);
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "%s is not a scenario's name; use letters, digits, '_', '-' and '.', "
        "or a path with a '/'",
        shown);
  }
  struct hrlp_names folders;
  hrl_status status = list_folders(&folders, error);
  if (status != HRL_OK) return status;
  for (size_t i = 0; i < folders.count && *path == NULL && status == HRL_OK; i++)
    *path = find_in(folders.names[i], name, &status, error);
  hrlp_names_free(&folders);
  if (*path == NULL && status == HRL_OK) status = hrlp_fail_not_found(error, name);
  return status;
}
