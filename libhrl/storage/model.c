#include "storage/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* Those that metadata.json vouches for, and itself. */
#define MODEL_FILES (HRLP_METADATA_FILES + 1)
static const char *const checkpoint_names[MODEL_FILES] = {
    "high_agent.pt", "low_agent.pt", "training_history.json", "metadata.json"};
static const char *const endings[MODEL_FILES] = {"_high_agent.pt", "_low_agent.pt",
                                                 "_history.json", "_metadata.json"};

/* No file of a set is larger. */
#define FILE_LIMIT ((size_t)1 << 30)

/* "FOLDER/" and the parts of a name behind it, malloc'ed; NULL where memory is short. */
static char *make_path(const char *folder, const char *before, const char *name,
                       const char *after) {
  size_t room =
      strlen(folder) + strlen(before) + strlen(name) + strlen(after) + sizeof "/";
  char *path = malloc(room);
  if (path != NULL) snprintf(path, room, "%s/%s%s%s", folder, before, name, after);
  return path;
}

static char *pending_path(const char *folder, const char *name) {
  return make_path(folder, ".", name, "_pending");
}

static hrl_status replace_file(const char *folder, const char *name, const char *ending,
                               const char *data, size_t length, hrl_error *error) {
  char *path = make_path(folder, "", name, ending);
  hrl_status status = path == NULL ? hrlp_fail_memory(error, "a file name")
                                   : hrlp_file_replace(path, data, length, error);
  free(path);
  return status;
}

/* The pending set goes in one step, under a name that nobody reads. */
static hrl_status retire(const char *folder, const char *name, const char *pending,
                         hrl_error *error) {
  char *aside = make_path(folder, ".tmp_", name, "_pending");
  hrl_status status = aside == NULL ? hrlp_fail_memory(error, "a file name")
                                    : hrlp_folder_remove(aside, error);
  if (status == HRL_OK && rename(pending, aside) != 0)
    status = hrlp_fail_errno(error, errno, pending, "cannot remove what was pending");
  if (status == HRL_OK) status = hrlp_folder_sync(folder, error);
  if (status == HRL_OK) status = hrlp_folder_remove(aside, error);
  free(aside);
  return status;
}

hrl_status hrlp_model_write(const char *folder, const char *name,
                            const struct hrlp_snapshot *snapshot, hrl_error *error) {
  char *pending = pending_path(folder, name);
  if (pending == NULL) return hrlp_fail_memory(error, "a file name");
  hrl_status status = hrlp_checkpoint_write(pending, snapshot, error);
  for (size_t i = 0; i < HRLP_METADATA_FILES && status == HRL_OK; i++)
    status = replace_file(folder, name, endings[i], snapshot->files[i],
                          snapshot->lengths[i], error);
  if (status == HRL_OK)
    status = replace_file(folder, name, endings[HRLP_METADATA_FILES], snapshot->metadata,
                          snapshot->metadata_length, error);
  if (status == HRL_OK) status = retire(folder, name, pending, error);
  free(pending);
  return status;
}

static hrl_status settle_file(const char *folder, const char *name, const char *pending,
                              size_t i, hrl_error *error) {
  char *path = hrlp_path_join(pending, checkpoint_names[i]);
  char *data = NULL;
  size_t length = 0;
  if (path == NULL) return hrlp_fail_memory(error, "a file name");
  hrl_status status = hrlp_file_read(path, FILE_LIMIT, &data, &length, error);
  if (status == HRL_OK)
    status = replace_file(folder, name, endings[i], data, length, error);
  free(data);
  free(path);
  return status;
}

hrl_status hrlp_model_settle(const char *folder, const char *name, bool *settled,
                             hrl_error *error) {
  char *pending = pending_path(folder, name);
  *settled = false;
  if (pending == NULL) return hrlp_fail_memory(error, "a file name");
  hrl_status status = HRL_OK;
  if (hrlp_is_checkpoint(pending)) {
    for (size_t i = 0; i < MODEL_FILES && status == HRL_OK; i++)
      status = settle_file(folder, name, pending, i, error);
    if (status == HRL_OK) status = retire(folder, name, pending, error);
    *settled = status == HRL_OK;
  }
  free(pending);
  return status;
}

/* Whether a folder holds a model of that name. */
static bool has_model(const char *folder, const char *name) {
  char *path = make_path(folder, "", name, endings[0]);
  bool found = path != NULL && hrlp_is_file(path);
  free(path);
  return found;
}

/* The folder of a model called by its name alone: ./models, which is also where it would
 * be, the folders of HRL_MODEL_PATH, and those of the pairs that ship. */
static char *find_folder(const char *name) {
  static const char *const usual[] = {"pretrained", HRLP_MODEL_FOLDER};
  const char *path = getenv("HRL_MODEL_PATH");
  if (has_model("models", name)) return hrlp_copy_text("models");
  while (path != NULL && *path != '\0') {
    size_t length = strcspn(path, ":");
    char *folder = strndup(path, length);
    if (folder == NULL || (length > 0 && has_model(folder, name))) return folder;
    free(folder);
    path += length + (path[length] == ':');
  }
  for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
    if (has_model(usual[i], name)) return hrlp_copy_text(usual[i]);
  return hrlp_copy_text("models");
}

/* Splits "FOLDER/NAME", or a name. */
static char *model_folder(const char *model, const char **name) {
  const char *slash = strrchr(model, '/');
  *name = slash == NULL ? model : slash + 1;
  if (slash == NULL) return find_folder(*name);
  return slash == model ? hrlp_copy_text("/") : strndup(model, (size_t)(slash - model));
}

char *hrlp_model_prefix(const char *model) {
  const char *name;
  char *folder = model_folder(model, &name);
  char *prefix = folder == NULL ? NULL : hrlp_path_join(folder, name);
  free(folder);
  return prefix;
}

/* A folder is a checkpoint, unless it holds none and a model has its name: what trains
 * `house` may write to a folder of that name. */
static bool is_meant_as_folder(const char *model) {
  if (!hrlp_is_folder(model)) return false;
  if (hrlp_is_checkpoint(model)) return true;
  const char *name = "";
  char *agent = hrlp_path_join(model, checkpoint_names[0]);
  char *folder = model_folder(model, &name);
  char *pending = folder == NULL ? NULL : pending_path(folder, name);
  bool is_model = agent != NULL && pending != NULL && !hrlp_is_file(agent) &&
                  (has_model(folder, name) || hrlp_is_checkpoint(pending));
  free(pending);
  free(folder);
  free(agent);
  return !is_model;
}

hrl_status hrlp_model_find(const char *model, struct hrlp_model_place *place,
                           hrl_error *error) {
  *place = (struct hrlp_model_place){.is_checkpoint = is_meant_as_folder(model)};
  const char *name = "";
  place->folder =
      place->is_checkpoint ? hrlp_copy_text(model) : model_folder(model, &name);
  if (place->folder != NULL && !place->is_checkpoint) {
    char *pending = pending_path(place->folder, name);
    if (pending == NULL) {
      free(place->folder);
      place->folder = NULL;
    } else if (hrlp_is_checkpoint(pending)) {
      free(place->folder);
      place->folder = pending;
      place->is_checkpoint = true;
    } else {
      free(pending);
    }
  }
  bool made = place->folder != NULL;
  for (size_t i = 0; i < HRLP_METADATA_FILES && made; i++) {
    size_t room = strlen(name) + strlen(endings[i]) + 1;
    place->names[i] =
        place->is_checkpoint ? hrlp_copy_text(checkpoint_names[i]) : malloc(room);
    made = place->names[i] != NULL;
    if (made && !place->is_checkpoint)
      snprintf(place->names[i], room, "%s%s", name, endings[i]);
  }
  if (made) return HRL_OK;
  hrlp_model_place_free(place);
  return hrlp_fail_memory(error, "a file name");
}

void hrlp_model_place_free(struct hrlp_model_place *place) {
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++) free(place->names[i]);
  free(place->folder);
  *place = (struct hrlp_model_place){0};
}
