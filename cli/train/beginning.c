#include "train/beginning.h"

#include <stdio.h>
#include <string.h>

#include <hrl/memory.h>

#include "common/pretrained.h"
#include "train/options.h"

/* Leaves a pair alone that does not know the household. */
static hrl_status check_known(const hrl_scenario *scenario, const char *name,
                              hrl_policy **policy, bool asked, char **note,
                              hrl_error *error) {
  char *outside = NULL;
  hrl_status status = hrl_policy_differences(*policy, scenario, &outside, error);
  if (status != HRL_OK) return status;
  if (outside[0] != '\0' && asked &&
      asprintf(note,
               "the household lies outside what '%s' was trained on (%s); the run starts "
               "from scratch",
               name, outside) < 0)
    *note = NULL;
  if (outside[0] != '\0') {
    hrl_policy_destroy(*policy);
    *policy = NULL;
  }
  hrl_free(outside);
  return HRL_OK;
}

hrl_status beginning_choose(const struct command_line *line, const hrl_scenario *scenario,
                            hrl_policy **policy, char **note, hrl_error *error) {
  const struct option_value *option = &line->values[TRAIN_PRETRAINED];
  const char *name = option->given ? option->text : GENERALIST;
  *policy = NULL;
  *note = NULL;
  if (strcmp(name, "none") == 0) return HRL_OK;
  /* a family is what generalists are made from */
  if (!option->given && hrl_scenario_is_family(scenario)) return HRL_OK;
  hrl_error problem = HRL_ERROR_INIT;
  char *prefix = NULL;
  hrl_status status = HRL_OK;
  if (!option->given)
    status = hrl_policy_find(pretrained_name(name, scenario), &prefix, &problem);
  hrl_free(prefix);
  if (status == HRL_ERROR_NOT_FOUND) return HRL_OK; /* not installed */
  if (status == HRL_OK) status = pretrained_load(name, scenario, policy, &problem);
  if (status == HRL_OK)
    status = check_known(scenario, name, policy, option->given, note, &problem);
  if (status != HRL_OK) {
    hrl_policy_destroy(*policy);
    *policy = NULL;
    *error = problem;
  }
  return status;
}
