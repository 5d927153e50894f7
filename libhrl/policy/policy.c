#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "scenario/definition.h"
#include "storage/agent_file.h"
#include "storage/archive.h"
#include "storage/checkpoint_list.h"
#include "storage/model.h"

/* A name that is one of a model's files, without the file's ending; malloc'ed or NULL. */
static char *name_of_file(const char *model) {
  static const char *const endings[] = {"_high_agent.pt", "_low_agent.pt",
                                        "_history.json", "_metadata.json"};
  size_t length = strlen(model);
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    size_t ending = strlen(endings[i]);
    if (length > ending && strcmp(model + length - ending, endings[i]) == 0)
      return strndup(model, length - ending);
  }
  return NULL;
}

/* The models in a folder that is no checkpoint, as "A, B, C" in a text of limited length;
 * false where there are none. */
static bool list_models(const char *folder, char *text, size_t size) {
  static const char ending[] = "_high_agent.pt";
  struct hrlp_names names;
  size_t at = 0;
  if (hrlp_folder_list(folder, &names, NULL) != HRL_OK) return false;
  for (size_t i = 0; i < names.count; i++) {
    size_t length = strlen(names.names[i]);
    if (length <= strlen(ending) ||
        strcmp(names.names[i] + length - strlen(ending), ending) != 0)
      continue;
    int stem = (int)(length - strlen(ending));
    int added = snprintf(text + at, size - at, "%s%s/%.*s", at > 0 ? ", " : "", folder,
                         stem, names.names[i]);
    if (added < 0 || (size_t)added >= size - at) {
      text[at] = '\0'; /* the rest does not fit */
      break;
    }
    at += (size_t)added;
  }
  hrlp_names_free(&names);
  return at > 0;
}

/* Why the two files of `place` are not there. */
static hrl_status fail_missing(const char *model, const struct hrlp_model_place *place,
                               const char *missing, hrl_error *error) {
  char text[HRL_ERROR_MESSAGE_SIZE / 2];
  if (place->is_checkpoint && list_models(model, text, sizeof text))
    return hrlp_fail_at(error, HRL_ERROR_FORMAT, model, 0, 0,
                        "is a folder of models; give the name of one of them: %s", text);
  if (place->is_checkpoint)
    return hrlp_fail_at(
        error, HRL_ERROR_FORMAT, model, 0, 0,
        "is not a checkpoint: it holds no high_agent.pt and low_agent.pt");
  char *name = name_of_file(model);
  if (name != NULL) {
    hrl_status status =
        hrlp_fail_at(error, HRL_ERROR_NOT_FOUND, model, 0, 0,
                     "is a file of a model; give the model's name instead: %s", name);
    free(name);
    return status;
  }
  return hrlp_fail(error, HRL_ERROR_NOT_FOUND,
                   "no model '%s': there is no file %s; expected a name in ./models, a "
                   "prefix DIR/NAME of NAME_high_agent.pt and NAME_low_agent.pt, or a "
                   "checkpoint folder; hrl-train makes them",
                   model, missing);
}

/* The two files that a model's name, prefix or checkpoint folder stands for. */
static hrl_status find_files(const char *model, char **high, char **low,
                             hrl_error *error) {
  struct hrlp_model_place place;
  hrl_status status = hrlp_model_find(model, &place, error);
  if (status != HRL_OK) return status;
  *high = hrlp_path_join(place.folder, place.names[0]);
  *low = hrlp_path_join(place.folder, place.names[1]);
  if (*high == NULL || *low == NULL)
    status = hrlp_fail_memory(error, "a file name");
  else if (!hrlp_is_file(*high) || !hrlp_is_file(*low))
    status = fail_missing(model, &place, hrlp_is_file(*high) ? *low : *high, error);
  hrlp_model_place_free(&place);
  return status;
}

/* The position in the embedded scenario's text is useless to the user, who sees only the
 * model's files. */
static hrl_status fail_other_task(const char *file, const hrl_error *problem,
                                  hrl_error *error) {
  const char *text = strstr(problem->message, ": ");
  return hrlp_fail_at(error, HRL_ERROR_MISMATCH, file, 0, 0, "%s",
                      text == NULL ? problem->message : text + 2);
}

/* The scenario that an agent's file carries, which is one of a program's own task where
 * that brought a definition. */
static hrl_status read_scenario(const char *file, const struct hrlp_value *root,
                                struct hrlp_definition *definition,
                                struct hrl_scenario **scenario, hrl_error *error) {
  const char *name = NULL;
  const char *yaml = NULL;
  hrl_status status = hrlp_value_find_text(root, "config/scenario", file, &name, error);
  if (status == HRL_OK)
    status = hrlp_value_find_text(root, "config/scenario_yaml", file, &yaml, error);
  /* what 0.1 wrote does not have the name of the scenario's file */
  const struct hrlp_value *raw =
      hrlp_value_get(hrlp_value_get(root, "config"), "scenario_raw_name");
  if (raw != NULL && raw->kind == HRLP_TEXT) name = raw->text;
  hrl_error problem = HRL_ERROR_INIT;
  if (status == HRL_OK && definition != NULL)
    status = hrlp_scenario_parse_task(yaml, definition, scenario, &problem);
  else if (status == HRL_OK)
    status = hrl_scenario_parse(yaml, strlen(yaml), name, scenario, &problem);
  if (problem.status == HRL_ERROR_MISMATCH) return fail_other_task(file, &problem, error);
  if (problem.status != HRL_OK && error != NULL && error->status == HRL_OK)
    *error = problem;
  return status;
}

/* "; the newest whole checkpoint of its training is ..." for a pair FOLDER/NAME_... whose
 * halves do not fit, or "". */
static void advise_checkpoint(const char *high, const char *scenario, char *advice,
                              size_t size) {
  const char *slash = strrchr(high, '/');
  struct hrlp_text folder = {0};
  char *newest = NULL;
  advice[0] = '\0';
  if (slash == NULL) return;
  hrlp_text_append(&folder, high, (size_t)(slash - high));
  hrlp_text_format(&folder, "/checkpoints/%s", scenario);
  if (folder.data != NULL && !folder.failed) newest = hrlp_checkpoint_newest(folder.data);
  if (newest != NULL)
    snprintf(advice, size, "; the newest intact checkpoint is %s", newest);
  free(newest);
  hrlp_text_free(&folder);
}

static hrl_status fail_pair(const char *high, const char *low,
                            const struct hrlp_agent_identity *strategist,
                            const struct hrlp_agent_identity *executor,
                            const char *scenario, hrl_error *error) {
  char advice[HRL_ERROR_MESSAGE_SIZE / 2];
  advise_checkpoint(high, scenario, advice, sizeof advice);
  return hrlp_fail_at(error, HRL_ERROR_MISMATCH, low, 0, 0,
                      "is of run %s (seed %lld), episode %lld, pair %s; the strategist "
                      "beside it is of run %s (seed %lld), episode %lld, pair %s; use "
                      "two files of the same training%s",
                      executor->run, (long long)executor->seed,
                      (long long)executor->episode, executor->pair, strategist->run,
                      (long long)strategist->seed, (long long)strategist->episode,
                      strategist->pair, advice);
}

/* The two halves of a pair must have been trained together, as far as they say so. */
static hrl_status check_pair(struct hrl_policy *policy, const char *high, const char *low,
                             const struct hrlp_value *high_root,
                             const struct hrlp_value *low_root, hrl_error *error) {
  const char *scenario = policy->scenario->name;
  const struct hrlp_value *name =
      hrlp_value_get(hrlp_value_get(low_root, "config"), "scenario");
  if (name != NULL && name->kind == HRLP_TEXT && strcmp(name->text, scenario) != 0)
    return hrlp_fail_at(
        error, HRL_ERROR_MISMATCH, low, 0, 0,
        "was trained on the scenario '%s', the strategist beside it on '%s'; "
        "use two files of the same training",
        name->text, scenario);
  struct hrlp_agent_identity strategist = hrlp_agent_file_identity(high_root);
  struct hrlp_agent_identity executor = hrlp_agent_file_identity(low_root);
  if (strategist.known && executor.known)
    return hrlp_agent_identity_equals(&strategist, &executor)
               ? HRL_OK
               : fail_pair(high, low, &strategist, &executor, scenario, error);
  hrlp_text_format(&policy->remark,
                   "%s: has no identity of its run, because libhrl 0.1 wrote it; it is "
                   "not known whether %s belongs to it",
                   strategist.known ? low : high, strategist.known ? high : low);
  return policy->remark.failed ? hrlp_fail_memory(error, "a remark") : HRL_OK;
}

static hrl_status read_policy(struct hrl_policy *policy, const char *high,
                              const char *low, struct hrlp_definition *definition,
                              hrl_error *error) {
  struct hrlp_value *high_root = NULL;
  struct hrlp_value *low_root = NULL;
  hrl_status status = hrlp_archive_load(high, &high_root, error);
  if (status == HRL_OK) status = hrlp_archive_load(low, &low_root, error);
  if (status == HRL_OK)
    status = read_scenario(high, high_root, definition, &policy->scenario, error);
  if (status == HRL_OK)
    status = check_pair(policy, high, low, high_root, low_root, error);
  if (status == HRL_OK) {
    /* widths come from the weights: PyTorch may have written the file */
    struct hrlp_agents_config config = hrlp_agents_configure(&policy->scenario->training);
    status = hrlp_agent_file_hidden(high, high_root, &config.hidden_high, error);
    if (status == HRL_OK)
      status = hrlp_agent_file_hidden(low, low_root, &config.hidden_low, error);
    if (status == HRL_OK && (config.hidden_high > 4096 || config.hidden_low > 4096))
      status = hrlp_fail_at(error, HRL_ERROR_LIMIT, high, 0, 0,
                            "hidden layers wider than 4096 are not accepted");
    if (status == HRL_OK)
      status =
          hrlp_agents_create_for(&policy->agents, &config, policy->scenario, 0, error);
  }
  if (status == HRL_OK)
    status = hrlp_agent_file_read(high, high_root, HRLP_STRATEGIST,
                                  &policy->agents.strategist, false, error);
  if (status == HRL_OK)
    status = hrlp_agent_file_read(low, low_root, HRLP_EXECUTOR, &policy->agents.executor,
                                  false, error);
  if (status == HRL_OK) {
    policy->agents.strategist_scale = hrlp_agent_file_scale(high_root);
    policy->agents.executor_scale = hrlp_agent_file_scale(low_root);
  }
  hrlp_value_free(high_root);
  hrlp_value_free(low_root);
  return status;
}

static void free_policy(struct hrl_policy *policy) {
  hrlp_agents_destroy(&policy->agents);
  hrl_scenario_destroy(policy->scenario);
  hrlp_text_free(&policy->remark);
  *policy = (struct hrl_policy){0};
}

/* A set may be replaced between the reading of its two files, which then do not fit, and
 * a pending one may go: its files are in their places by then. */
#define ATTEMPTS 3

hrl_status hrlp_policy_load(const char *model, struct hrlp_definition *definition,
                            hrl_policy **result, hrl_error *error) {
  *result = NULL;
  if (model[0] == '\0')
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "the model's name is empty; expected a name in ./models, a prefix "
                     "DIR/NAME or a checkpoint folder");
  struct hrl_policy *policy = hrlp_alloc(1, sizeof *policy);
  if (policy == NULL) return hrlp_fail_memory(error, "a policy");
  hrl_error problem;
  hrl_status status;
  int attempt = 0;
  bool again;
  do {
    char *high = NULL;
    char *low = NULL;
    problem = (hrl_error)HRL_ERROR_INIT;
    status = find_files(model, &high, &low, &problem);
    again = status != HRL_OK;
    if (status == HRL_OK) status = read_policy(policy, high, low, definition, &problem);
    again = again || status == HRL_ERROR_MISMATCH || status == HRL_ERROR_NOT_FOUND;
    free(high);
    free(low);
    if (status != HRL_OK) free_policy(policy);
  } while (again && ++attempt < ATTEMPTS);
  if (status == HRL_OK) {
    *result = policy;
    return HRL_OK;
  }
  hrlp_free(policy);
  if (error != NULL && error->status == HRL_OK) *error = problem;
  return status;
}

hrl_status hrl_policy_load(const char *model, hrl_policy **result, hrl_error *error) {
  if (result != NULL) *result = NULL;
  if (model == NULL || result == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_policy_load: expected a model and room for the policy");
  return hrlp_policy_load(model, NULL, result, error);
}

static void copy_weights(struct hrlp_actor_critic *agent,
                         const struct hrlp_actor_critic *known) {
  memcpy(agent->parameters, known->parameters, agent->count * sizeof(float));
}

hrl_status hrlp_policy_fail_other(const struct hrl_policy *policy,
                                  const struct hrl_scenario *scenario, hrl_error *error) {
  char trained[HRLP_KIND_SIZE];
  char found[HRLP_KIND_SIZE];
  hrlp_scenario_kind(policy->scenario, trained);
  hrlp_scenario_kind(scenario, found);
  return hrlp_fail(error, HRL_ERROR_MISMATCH,
                   "the model was trained on %s, the scenario '%s' is of %s; use a model "
                   "that was trained on that",
                   trained, scenario->name, found);
}

hrl_status hrl_policy_adapt(const hrl_policy *policy, const hrl_scenario *household,
                            hrl_policy **adapted, hrl_error *error) {
  if (adapted != NULL) *adapted = NULL;
  if (policy == NULL || household == NULL || adapted == NULL || household->family != NULL)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "hrl_policy_adapt: expected a policy, one household and room for the "
        "policy");
  if (!hrlp_scenario_is_like(policy->scenario, household))
    return hrlp_policy_fail_other(policy, household, error);
  struct hrl_policy *made = hrlp_alloc(1, sizeof *made);
  if (made == NULL) return hrlp_fail_memory(error, "a policy");
  hrl_status status = hrlp_scenario_copy(household, &made->scenario, error);
  if (status == HRL_OK)
    status = hrlp_agents_create_for(&made->agents, &policy->agents.config, made->scenario,
                                    0, error);
  if (status != HRL_OK) {
    hrl_policy_destroy(made);
    return status;
  }
  copy_weights(&made->agents.strategist, &policy->agents.strategist);
  copy_weights(&made->agents.executor, &policy->agents.executor);
  made->agents.strategist_scale = policy->agents.strategist_scale;
  made->agents.executor_scale = policy->agents.executor_scale;
  *adapted = made;
  return HRL_OK;
}

void hrl_policy_destroy(hrl_policy *policy) {
  if (policy == NULL) return;
  free_policy(policy);
  hrlp_free(policy);
}

const char *hrl_policy_remark(const hrl_policy *policy) { return policy->remark.data; }

const hrl_scenario *hrl_policy_scenario(const hrl_policy *policy) {
  return policy->scenario;
}

size_t hrl_policy_period(const hrl_policy *policy) {
  return (size_t)policy->agents.config.period;
}
