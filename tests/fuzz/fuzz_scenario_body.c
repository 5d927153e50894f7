/* The bodies of POST and PUT /api/scenarios: an input is a scenario's file, a zero, and a
 * body. What is written must be a scenario that has what the body says; a file that is
 * changed once is not changed again by the same body. */
#include "fuzz.h"

#include <hrl/scenario.h>
#include <math.h>

#include "serve/http/schema.h"
#include "serve/scenarios/json.h"
#include "serve/scenarios/schema.h"
#include "serve/scenarios/update.h"

static const char *const sections[] = {"environment", "training", "reward", "utility"};

/* One key of a section is as the body has it. */
static void check_key(const hrl_scenario *scenario, const char *section, const char *name,
                      const json_t *wanted) {
  char key[128];
  double value = NAN;
  if (!json_is_number(wanted) && !json_is_string(wanted)) return; /* a range */
  snprintf(key, sizeof key, "%s.%s", section, name);
  PROMISE(hrl_scenario_get(scenario, key, &value, NULL) == HRL_OK);
  const hrl_scenario_key *row = NULL;
  for (size_t i = 0;; i++) {
    row = hrl_model_key_at(hrl_scenario_model(scenario), i);
    PROMISE(row != NULL);
    if (strcmp(row->section, section) == 0 && strcmp(row->name, name) == 0) break;
  }
  PROMISE(value == scenario_key_number(row, wanted));
}

static void check_text(const char *text, const json_t *body) {
  hrl_scenario *scenario = NULL;
  const char *name;
  json_t *wanted;
  PROMISE(hrl_scenario_parse(text, strlen(text), "fuzz", &scenario, NULL) == HRL_OK);
  for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
    json_t *keys = json_object_get(body, sections[i]);
    json_object_foreach(keys, name, wanted) {
      check_key(scenario, sections[i], name, wanted);
    }
  }
  json_t *description = json_object_get(body, "description");
  if (json_is_string(description))
    PROMISE(strcmp(hrl_scenario_description(scenario), json_string_value(description)) ==
            0);
  json_t *object = json_object();
  PROMISE(scenario_json_add(object, scenario));
  json_decref(object);
  hrl_scenario_destroy(scenario);
}

/* The description of a file that is kept, or none. */
static void change(const char *file, size_t length, const json_t *body) {
  hrl_error error = HRL_ERROR_INIT;
  char *once = scenario_change("fuzz", file, length, body, &error);
  PROMISE((once == NULL) == (error.status != HRL_OK));
  if (once == NULL) {
    promise_error(error.status, &error);
    return;
  }
  check_text(once, body);
  char *twice = scenario_change("fuzz", once, strlen(once), body, &error);
  PROMISE(twice != NULL && strcmp(once, twice) == 0);
  free(twice);
  free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  scenario_schemas_make();
  const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
  if (end == NULL) return 0;
  size_t length = (size_t)(end - data), left = size - length - 1;
  char *body = malloc(left + 1);
  PROMISE(body != NULL);
  memcpy(body, end + 1, left);
  body[left] = '\0';
  json_t *errors = NULL;
  json_t *values = schema_validate(&scenario_body_schema, body, left, true, &errors);
  PROMISE((values == NULL) != (errors == NULL));
  if (values != NULL) {
    hrl_error error = HRL_ERROR_INIT;
    char *made = scenario_make("fuzz", values, &error);
    PROMISE((made == NULL) == (error.status != HRL_OK));
    if (made != NULL) check_text(made, values);
    free(made);
    change((const char *)data, length, values);
  }
  json_decref(values);
  json_decref(errors);
  free(body);
  return 0;
}
