#include "common/pretrained.h"

#include <stdbool.h>
#include <string.h>

const char *pretrained_name(const char *name, const hrl_scenario *scenario) {
  bool is_lifecycle =
      scenario != NULL && strcmp(hrl_scenario_model(scenario), "lifecycle") == 0;
  return is_lifecycle && strcmp(name, GENERALIST) == 0 ? GENERALIST "_lifecycle" : name;
}

hrl_status pretrained_load(const char *name, const hrl_scenario *scenario,
                           hrl_policy **policy, hrl_error *error) {
  return hrl_policy_load(pretrained_name(name, scenario), policy, error);
}
