#include "serve/scenarios/update.h"

#include <hrl/scenario.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/scenarios/json.h"
#include "serve/scenarios/text.h"

static const char *const sections[] = {"environment", "training", "reward", "utility"};
#define SECTIONS (sizeof sections / sizeof sections[0])

static char *fail_memory(hrl_error *error) {
  error->status = HRL_ERROR_MEMORY;
  snprintf(error->message, sizeof error->message, "out of memory for a scenario");
  return NULL;
}

/* Whether the library takes a text; *scenario may be NULL, or receives it. */
static bool is_accepted(const char *name, const char *text, size_t length,
                        hrl_scenario **scenario, hrl_error *error) {
  hrl_scenario *read = NULL;
  bool ok = hrl_scenario_parse(text, length, name, &read, error) == HRL_OK;
  if (scenario != NULL)
    *scenario = read;
  else
    hrl_scenario_destroy(read);
  return ok;
}

char *scenario_make(const char *name, const json_t *body, hrl_error *error) {
  char *text = scenario_text_write(body);
  if (text == NULL) return fail_memory(error);
  if (is_accepted(name, text, strlen(text), NULL, error)) return text;
  free(text);
  return NULL;
}

/* ---- what a body changes ---- */

/* A number or a word of two objects that stand for ranges. */
static bool same_part(const json_t *one, const json_t *other) {
  static const hrl_scenario_key number = {.type = HRL_KEY_NUMBER};
  double a = scenario_key_number(&number, one), b = scenario_key_number(&number, other);
  return isnan(a) || isnan(b) ? json_equal(one, other) : a == b;
}

static bool same_range(const json_t *one, const json_t *other) {
  const char *name;
  json_t *part;
  if (json_object_size(one) != json_object_size(other)) return false;
  json_object_foreach((json_t *)one, name, part) {
    const json_t *found = json_object_get(other, name);
    if (found == NULL || !same_part(part, found)) return false;
  }
  return true;
}

static const hrl_scenario_key *find_key(const char *model, const char *section,
                                        const char *name) {
  const hrl_scenario_key *key;
  for (size_t i = 0; (key = hrl_model_key_at(model, i)) != NULL; i++)
    if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0) return key;
  return NULL;
}

/* A file's own value of a key, or NULL. */
static json_t *file_value(const json_t *values, const char *section,
                          const hrl_scenario_key *key) {
  json_t *keys = json_object_get(values, section);
  json_t *value = json_object_get(keys, key->name);
  if (value == NULL && key->alias != NULL) value = json_object_get(keys, key->alias);
  return value;
}

/* Whether a scenario, whose file is `values`, has a key as the body wants it. */
static bool has_value(const hrl_scenario *scenario, const json_t *values,
                      const char *section, const hrl_scenario_key *key,
                      const json_t *wanted) {
  json_t *own = file_value(values, section, key);
  if (json_is_object(wanted) || json_is_object(own))
    return json_is_object(wanted) && json_is_object(own) && same_range(own, wanted);
  char name[2 * TREE_WORD_SIZE];
  double value;
  snprintf(name, sizeof name, "%s.%s", section, key->name);
  return hrl_scenario_get(scenario, name, &value, NULL) == HRL_OK &&
         value == scenario_key_number(key, wanted);
}

/* The keys of a body that a scenario does not have so: an object like the body, in which
 * `description` is only what changes. */
static json_t *find_changes(const hrl_scenario *scenario, const json_t *values,
                            const json_t *body) {
  const char *model = hrl_scenario_model(scenario);
  json_t *changes = json_object();
  for (size_t i = 0; i < SECTIONS; i++) {
    json_t *keys = json_object_get(body, sections[i]);
    json_t *changed = json_object();
    const char *name;
    json_t *wanted;
    json_object_foreach(keys, name, wanted) {
      const hrl_scenario_key *key = find_key(model, sections[i], name);
      if (key != NULL && !has_value(scenario, values, sections[i], key, wanted))
        json_object_set(changed, name, wanted);
    }
    if (json_object_size(changed) > 0)
      json_object_set_new(changes, sections[i], changed);
    else
      json_decref(changed);
  }
  json_t *description = json_object_get(body, "description");
  const char *text = json_is_string(description) ? json_string_value(description) : "";
  if (description != NULL && strcmp(text, hrl_scenario_description(scenario)) != 0)
    json_object_set_new(changes, "description", json_string(text));
  return changes;
}

/* ---- the new text ---- */

/* A file's values and a body's, the body's first; what it leaves out is kept. */
static json_t *merge(const json_t *values, const json_t *changes, const json_t *body) {
  json_t *merged = json_deep_copy(values);
  const char *name;
  json_t *part;
  json_object_foreach((json_t *)changes, name, part) {
    json_t *section = json_object_get(merged, name);
    if (json_is_object(part) && json_is_object(section))
      json_object_update(section, part);
    else
      json_object_set(merged, name, part);
  }
  json_t *reward = json_object_get(merged, "reward");
  json_t *lambda = json_object_get(reward, "lambda_");
  if (lambda != NULL && json_object_get(reward, "lambda") != NULL) {
    json_object_set(reward, "lambda", lambda); /* as the file spells it */
    json_object_del(reward, "lambda_");
  }
  json_t *conditions = json_object_get(body, "require");
  if (conditions != NULL) json_object_set(merged, "require", conditions);
  return merged;
}

/* Whether two files have the same keys and values. */
static bool same_values(const json_t *one, const json_t *other) {
  const char *name;
  json_t *part;
  if (!json_is_object(one) || !json_is_object(other)) return same_part(one, other);
  if (json_object_size(one) != json_object_size(other)) return false;
  json_object_foreach((json_t *)one, name, part) {
    const json_t *found = json_object_get(other, name);
    if (found == NULL || !same_values(part, found)) return false;
  }
  return true;
}

/* What becomes of a file. */
struct update {
  const char *name;
  const char *text;
  struct tree tree;
  const json_t *body;
  hrl_error *error;
};

/* The changed text, in place if that gives what is wanted, or else written anew. */
static char *write_changes(const struct update *update, const json_t *changes) {
  struct tree made = {0};
  json_t *wanted = merge(update->tree.values, changes, update->body);
  if (json_string_length(json_object_get(wanted, "description")) == 0)
    json_object_del(wanted, "description");
  char *text = scenario_text_edit(update->text, &update->tree, changes);
  bool ok = text != NULL && is_accepted(update->name, text, strlen(text), NULL, NULL) &&
            tree_parse(&made, text, strlen(text)) && same_values(wanted, made.values);
  tree_clear(&made);
  if (!ok) {
    free(text);
    text = scenario_text_write(wanted);
    if (text == NULL) fail_memory(update->error);
  }
  json_decref(wanted);
  return text;
}

/* Some standard values depend on other keys, so that what was right before may have to be
 * said after a change: *changes grows by that. NULL: the library refuses it. */
static char *settle(const struct update *update, json_t *changes) {
  for (int turn = 0;; turn++) {
    hrl_scenario *scenario = NULL;
    struct tree tree = {0};
    char *text = write_changes(update, changes);
    if (text == NULL) return NULL;
    if (!is_accepted(update->name, text, strlen(text), &scenario, update->error) ||
        !tree_parse(&tree, text, strlen(text))) {
      hrl_scenario_destroy(scenario);
      free(text);
      return NULL;
    }
    json_t *left = find_changes(scenario, tree.values, update->body);
    hrl_scenario_destroy(scenario);
    tree_clear(&tree);
    bool done = json_object_size(left) == 0 || turn == 2;
    json_object_update_recursive(changes, left);
    json_decref(left);
    if (done) return text;
    free(text);
  }
}

char *scenario_change(const char *name, const char *text, size_t length,
                      const json_t *body, hrl_error *error) {
  struct update update = {.name = name, .text = text, .body = body, .error = error};
  hrl_scenario *scenario = NULL;
  const char *model = json_string_value(json_object_get(body, "model"));
  if (model == NULL) model = hrl_model_name(0);
  bool usable = strlen(text) == length &&
                is_accepted(name, text, length, &scenario, NULL) &&
                strcmp(hrl_scenario_model(scenario), model) == 0 &&
                tree_parse(&update.tree, text, length);
  char *changed;
  if (usable) {
    json_t *changes = find_changes(scenario, update.tree.values, body);
    changed = settle(&update, changes);
    json_decref(changes);
    tree_clear(&update.tree);
  } else {
    /* of another model, or broken: no key in there can be kept */
    json_t *whole = json_copy((json_t *)body);
    if (scenario != NULL && json_object_get(body, "description") == NULL)
      json_object_set_new(whole, "description",
                          json_string(hrl_scenario_description(scenario)));
    changed = scenario_make(name, whole, error);
    json_decref(whole);
  }
  hrl_scenario_destroy(scenario);
  return changed;
}
