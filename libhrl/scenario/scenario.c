/* The scenario as an object: made, read, changed, copied and freed. */
#include "scenario/scenario.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "scenario/complete.h"
#include "scenario/definition.h"
#include "scenario/family.h"
#include "scenario/keys.h"
#include "scenario/lookup.h"
#include "scenario/reader.h"
#include "scenario/syntax.h"
#include "scenario/value.h"

/* The last part of `name` as UTF-8 for files of JSON: bytes that are none as %XX. */
static char *copy_raw_name(const char *name) {
  struct hrlp_text copy = {0};
  const char *slash = strrchr(name, '/');
  if (slash != NULL) name = slash + 1;
  size_t length = strlen(name);
  for (size_t at = 0; at < length && copy.length < HRLP_RAW_NAME_SIZE - 4;) {
    size_t count = hrlp_sequence_length(name + at, length - at);
    if (count > 0)
      hrlp_text_append(&copy, name + at, count);
    else
      hrlp_text_format(&copy, "%%%02X", (unsigned)(unsigned char)name[at]);
    at += count > 0 ? count : 1;
  }
  if (!copy.failed) return copy.data;
  hrlp_text_free(&copy);
  return NULL;
}

/* Two files may have the same safe name; training both into one folder would mix their
 * files. */
static hrl_status remark_name(struct hrl_scenario *scenario, const char *raw_name,
                              const char *name, hrl_error *error) {
  const char *slash = strrchr(raw_name, '/');
  struct hrlp_text remarks = {0};
  if (strcmp(slash == NULL ? raw_name : slash + 1, name) == 0) return HRL_OK;
  if (scenario->remarks != NULL)
    hrlp_text_append(&remarks, scenario->remarks, strlen(scenario->remarks));
  hrlp_text_format(&remarks,
                   "its models and checkpoints are named '%s'; a scenario of that name "
                   "needs its own output folder\n",
                   name);
  free(scenario->remarks);
  scenario->remarks = remarks.data;
  if (!remarks.failed) return HRL_OK;
  hrlp_text_free(&remarks);
  scenario->remarks = NULL;
  return hrlp_fail_memory(error, "a scenario's remarks");
}

/* Makes a scenario from a text. `source` is "" or the path of the file; `file` is how
 * messages call it, `raw_name` what its models are called before that is sanitised.
 * `definition` is the task that it must be of; NULL: a household. */
static hrl_status make(const char *text, size_t length, const char *file,
                       const char *raw_name, const char *source,
                       struct hrlp_definition *definition, hrl_scenario **result,
                       hrl_error *error) {
  char name[HRL_NAME_SIZE];
  hrl_status status = hrl_name_sanitize(raw_name, name, error);
  if (status != HRL_OK) return status;
  struct hrl_scenario *scenario = calloc(1, sizeof *scenario);
  if (scenario == NULL) return hrlp_fail_memory(error, "a scenario");
  scenario->definition = hrlp_definition_share(definition);
  if (definition != NULL) scenario->model = HRLP_MODEL_TASK;
  status = hrlp_scenario_read(scenario, text, length, file, error);
  if (status == HRL_OK) status = remark_name(scenario, raw_name, name, error);
  if (status == HRL_OK) {
    scenario->name = hrlp_copy_text(name);
    scenario->raw_name = copy_raw_name(raw_name);
    scenario->source = hrlp_copy_text(source);
    if (scenario->description == NULL) scenario->description = hrlp_copy_text("");
    if (scenario->name == NULL || scenario->raw_name == NULL ||
        scenario->source == NULL || scenario->description == NULL)
      status = hrlp_fail_memory(error, "a scenario");
  }
  if (status != HRL_OK) {
    hrl_scenario_destroy(scenario);
    return status;
  }
  *result = scenario;
  return HRL_OK;
}

hrl_status hrl_scenario_parse(const char *text, size_t length, const char *name,
                              hrl_scenario **scenario, hrl_error *error) {
  if (scenario != NULL) *scenario = NULL;
  if (text == NULL || name == NULL || scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a text, a name and a place for the scenario are needed");
  return make(text, length, name, name, "", NULL, scenario, error);
}

hrl_status hrlp_scenario_parse_task(const char *text, struct hrlp_definition *definition,
                                    struct hrl_scenario **scenario, hrl_error *error) {
  const char *name = hrlp_definition_task(definition)->name;
  *scenario = NULL;
  return make(text, strlen(text), name, name, "", definition, scenario, error);
}

hrl_status hrl_task_make_scenario(const hrl_task *task, const char *text,
                                  hrl_scenario **scenario, hrl_error *error) {
  if (scenario != NULL) *scenario = NULL;
  if (task == NULL || scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_task_make_scenario: expected a task and room for its scenario");
  struct hrlp_definition *definition = NULL;
  hrl_status status = hrlp_definition_create(task, &definition, error);
  if (status == HRL_OK)
    status = hrlp_scenario_parse_task(text == NULL ? "training: {}" : text, definition,
                                      scenario, error);
  hrlp_definition_release(definition);
  return status;
}

bool hrlp_scenario_is_like(const struct hrl_scenario *a, const struct hrl_scenario *b) {
  return a->model == b->model && hrlp_definition_equals(a->definition, b->definition);
}

static hrl_status load_file(const char *path, hrl_scenario **scenario, hrl_error *error) {
  char *text = NULL;
  size_t length = 0;
  hrl_status status =
      hrlp_file_read(path, HRLP_SCENARIO_SIZE_LIMIT, &text, &length, error);
  if (status != HRL_OK) return status;
  char *stem = strndup(path, hrlp_stem_length(path));
  status = stem == NULL ? hrlp_fail_memory(error, "a scenario")
                        : make(text, length, path, stem, path, NULL, scenario, error);
  free(stem);
  free(text);
  return status;
}

hrl_status hrl_scenario_load(const char *name_or_path, hrl_scenario **scenario,
                             hrl_error *error) {
  if (scenario != NULL) *scenario = NULL;
  if (name_or_path == NULL || scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a scenario's name or path and a place for it are needed");
  if (hrlp_is_path(name_or_path)) {
    if (access(name_or_path, F_OK) != 0 && errno == ENOENT)
      return hrlp_fail_not_found(error, name_or_path);
    return load_file(name_or_path, scenario, error);
  }
  char *path = NULL;
  hrl_status status = hrl_scenario_find(name_or_path, &path, error);
  if (status == HRL_OK) status = load_file(path, scenario, error);
  free(path);
  return status;
}

void hrl_scenario_destroy(hrl_scenario *scenario) {
  if (scenario == NULL) return;
  free(scenario->name);
  free(scenario->raw_name);
  free(scenario->source);
  free(scenario->description);
  free(scenario->remarks);
  hrlp_family_destroy(scenario->family);
  hrlp_definition_release(scenario->definition);
  free(scenario);
}

hrl_status hrlp_scenario_copy(const struct hrl_scenario *scenario,
                              struct hrl_scenario **copy, hrl_error *error) {
  *copy = NULL;
  struct hrl_scenario *made = malloc(sizeof *made);
  if (made == NULL) return hrlp_fail_memory(error, "a copy of a scenario");
  *made = *scenario;
  made->name = hrlp_copy_text(scenario->name);
  made->raw_name = hrlp_copy_text(scenario->raw_name);
  made->source = hrlp_copy_text(scenario->source);
  made->description = hrlp_copy_text(scenario->description);
  made->remarks = NULL; /* they were told of the original */
  made->definition = hrlp_definition_share(scenario->definition);
  hrl_status status = hrlp_family_copy(scenario->family, &made->family, error);
  if (status != HRL_OK) {
    hrl_scenario_destroy(made);
    return status;
  }
  if (made->name == NULL || made->raw_name == NULL || made->source == NULL ||
      made->description == NULL) {
    hrl_scenario_destroy(made);
    return hrlp_fail_memory(error, "a copy of a scenario");
  }
  *copy = made;
  return HRL_OK;
}

const char *hrl_scenario_name(const hrl_scenario *scenario) {
  return scenario != NULL ? scenario->name : "";
}

const char *hrl_scenario_model(const hrl_scenario *scenario) {
  return scenario != NULL ? hrlp_keys_name(hrlp_keys_of(scenario)) : "";
}

const char *hrl_scenario_source(const hrl_scenario *scenario) {
  return scenario != NULL ? scenario->source : "";
}

const char *hrl_scenario_description(const hrl_scenario *scenario) {
  return scenario != NULL ? scenario->description : "";
}

const char *hrl_scenario_remarks(const hrl_scenario *scenario) {
  return scenario != NULL && scenario->remarks != NULL ? scenario->remarks : "";
}

/* The place of "section.name" in the table. */
static hrl_status find_key(const hrl_scenario *scenario, const char *key, size_t *index,
                           hrl_error *error) {
  const struct hrlp_keys *model = hrlp_keys_of(scenario);
  if (key == NULL) return hrlp_fail(error, HRL_ERROR_ARGUMENT, "a key is needed");
  char section[HRLP_FOUND_SIZE] = "";
  const char *dot = strchr(key, '.');
  const char *name = dot != NULL ? dot + 1 : key;
  if (dot != NULL) snprintf(section, sizeof section, "%.*s", (int)(dot - key), key);
  *index = hrlp_key_find(model, section, name);
  if (*index != HRLP_KEY_NONE) return HRL_OK;
  char shown[HRLP_FOUND_SIZE];
  char advice[HRLP_KEY_ADVICE_SIZE];
  hrlp_value_show(key, shown);
  hrlp_key_advise(model, section, name, advice);
  return hrlp_fail(error, HRL_ERROR_KEY, "unknown key %s%s", shown, advice);
}

hrl_status hrl_scenario_get(const hrl_scenario *scenario, const char *key, double *value,
                            hrl_error *error) {
  if (scenario == NULL || value == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a scenario and a place for the value are needed");
  size_t index = HRLP_KEY_NONE;
  hrl_status status = find_key(scenario, key, &index, error);
  if (status == HRL_OK) *value = hrlp_key_get(scenario, index);
  return status;
}

/* Gives a key of a family one value. On failure nothing changes. */
static hrl_status put_in_family(struct hrl_scenario *scenario, size_t index, double value,
                                hrl_error *error) {
  struct hrl_scenario changed = *scenario;
  hrl_status status = hrlp_family_copy(scenario->family, &changed.family, error);
  if (status != HRL_OK) return status;
  hrlp_key_put(&changed, index, value);
  status = hrlp_family_fix(&changed, index, error);
  if (status != HRL_OK) {
    hrlp_family_destroy(changed.family);
    return status;
  }
  hrlp_family_destroy(scenario->family);
  *scenario = changed;
  return HRL_OK;
}

hrl_status hrl_scenario_set(hrl_scenario *scenario, const char *key, double value,
                            hrl_error *error) {
  if (scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "a scenario is needed");
  size_t index = HRLP_KEY_NONE;
  hrl_status status = find_key(scenario, key, &index, error);
  if (status != HRL_OK) return status;
  const hrl_scenario_key *described = hrlp_keys_at(hrlp_keys_of(scenario), index);
  status = hrlp_key_check(described, value);
  if (status == HRL_OK) {
    if (scenario->family == NULL || strcmp(described->section, "training") == 0)
      hrlp_key_put(scenario, index, value);
    else if ((status = put_in_family(scenario, index, value, error)) != HRL_OK)
      return status;
    if (strcmp(described->name, "investment_return_type") == 0)
      scenario->return_type_given = true;
    hrlp_scenario_imply(scenario);
    return HRL_OK;
  }
  char expected[HRLP_KEY_EXPECTED_SIZE];
  char found[HRLP_NUMBER_SIZE] = "no number";
  hrlp_key_expected(described, expected);
  if (isfinite(value))
    hrlp_format_number(found, value);
  else if (isinf(value))
    snprintf(found, sizeof found, "infinity");
  return hrlp_fail(error, status, "%s: found %s, expected %s", key, found, expected);
}

int hrl_scenario_is_family(const hrl_scenario *scenario) {
  return scenario != NULL && scenario->family != NULL;
}

/* Beyond it, random numbers would be those of something else. */
#define HOUSEHOLD_LIMIT (UINT64_C(1) << 55)

hrl_status hrl_scenario_draw(const hrl_scenario *family, uint64_t seed, uint64_t number,
                             hrl_scenario **household, hrl_error *error) {
  if (household != NULL) *household = NULL;
  if (family == NULL || household == NULL || family->family == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_scenario_draw: expected a scenario with ranges and a place for "
                     "the household");
  if (number >= HOUSEHOLD_LIMIT)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "household %llu is too large: numbers of households are below 2^55",
                     (unsigned long long)number);
  struct hrl_scenario drawn = *family;
  hrl_status status =
      hrlp_family_draw(family, seed, HRLP_FAMILY_EVALUATION, number, &drawn, error);
  return status == HRL_OK ? hrlp_scenario_copy(&drawn, household, error) : status;
}
