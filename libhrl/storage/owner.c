#include "storage/owner.h"

#include <string.h>

hrl_status hrlp_owner_compare(const char *path, const char *raw_name,
                              const struct hrl_scenario *scenario, hrl_error *error) {
  if (raw_name[0] == '\0' || strcmp(raw_name, scenario->raw_name) == 0) return HRL_OK;
  return hrlp_fail_at(error, HRL_ERROR_MISMATCH, path, 0, 0,
                      "belongs to the scenario '%s', not to '%s', whose files have the "
                      "same name (%s); use another output folder or rename one of them",
                      raw_name, scenario->raw_name, scenario->name);
}
