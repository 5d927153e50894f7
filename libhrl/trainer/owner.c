#include "trainer/owner.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "storage/archive.h"
#include "storage/checkpoint_list.h"
#include "storage/model.h"
#include "storage/owner.h"
#include "storage/value.h"

/* Holds the strategist's file of a model to the scenario. */
static hrl_status check_model(const char *path, const struct hrl_scenario *scenario,
                              hrl_error *error) {
  char *data = NULL;
  size_t length = 0;
  struct hrlp_value *root = NULL;
  const char *raw_name = NULL;
  hrl_status status = HRL_OK;
  if (hrlp_file_read(path, HRLP_ARCHIVE_MAX_BYTES, &data, &length, NULL) == HRL_OK &&
      hrlp_archive_read(path, data, length, &root, NULL) == HRL_OK &&
      hrlp_value_find_text(root, "config/scenario_raw_name", path, &raw_name, NULL) ==
          HRL_OK)
    status = hrlp_owner_compare(path, raw_name, scenario, error);
  hrlp_value_free(root);
  free(data);
  return status;
}

static hrl_status check_checkpoints(const char *folder,
                                    const struct hrl_scenario *scenario,
                                    hrl_error *error) {
  struct hrlp_checkpoint_list list;
  hrl_status status = hrlp_checkpoint_list_runs(folder, &list, error);
  if (status != HRL_OK) return status;
  for (size_t i = 0; i < list.count && status == HRL_OK; i++)
    if (list.entries[i].readable)
      status = hrlp_owner_compare(list.entries[i].path, list.entries[i].raw_name,
                                  scenario, error);
  hrlp_checkpoint_list_free(&list);
  return status;
}

hrl_status hrlp_owner_check(const char *output, const char *checkpoints,
                            const struct hrl_scenario *scenario, hrl_error *error) {
  struct hrlp_model_place place;
  char *model = hrlp_path_join(output, scenario->name);
  if (model == NULL) return hrlp_fail_memory(error, "a file name");
  hrl_status status = hrlp_model_find(model, &place, error);
  free(model);
  if (status != HRL_OK) return status;
  char *path = hrlp_path_join(place.folder, place.names[0]);
  status = path == NULL ? hrlp_fail_memory(error, "a file name")
                        : check_model(path, scenario, error);
  free(path);
  hrlp_model_place_free(&place);
  return status == HRL_OK ? check_checkpoints(checkpoints, scenario, error) : status;
}
