#include "serve/scenarios/json.h"

#include <hrl/memory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/scenarios/tree.h"

/* Word `index` of a list. */
static json_t *word_json(const char *words, size_t index) {
  for (; index > 0 && *words != '\0'; index--) {
    words += strcspn(words, " ");
    words += *words == ' ';
  }
  return json_stringn(words, strcspn(words, " "));
}

json_t *scenario_key_json(const hrl_scenario_key *key, double value) {
  if (key->type == HRL_KEY_CHOICE) return word_json(key->choices, (size_t)value);
  if (key->type == HRL_KEY_INTEGER) return json_integer((json_int_t)value);
  return json_number(value);
}

static double word_number(const char *words, const char *word) {
  size_t length = strlen(word);
  size_t index = 0;
  for (const char *at = words; *at != '\0'; index++) {
    size_t found = strcspn(at, " ");
    if (found == length && strncmp(at, word, length) == 0) return (double)index;
    at += found + (at[found] == ' ');
  }
  return NAN;
}

double scenario_key_number(const hrl_scenario_key *key, const json_t *given) {
  if (json_is_number(given)) return json_number_value(given);
  if (!json_is_string(given)) return NAN;
  if (key->type == HRL_KEY_CHOICE)
    return word_number(key->choices, json_string_value(given));
  char *end;
  double value = strtod(json_string_value(given), &end);
  return *end == '\0' && end != json_string_value(given) ? value : NAN;
}

/* The interface's spelling of a key: of two it is the one without a '_' behind. */
static const char *shown_name(const hrl_scenario_key *key) {
  return strcmp(key->name, "lambda_") == 0 ? "lambda" : key->name;
}

static bool add_keys(json_t *object, const hrl_scenario *scenario) {
  const char *model = hrl_scenario_model(scenario);
  size_t count = hrl_model_key_count(model);
  for (size_t i = 0; i < count; i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    char name[2 * TREE_WORD_SIZE];
    double value;
    json_t *section = json_object_get(object, key->section);
    if (section == NULL) {
      section = json_object();
      if (json_object_set_new(object, key->section, section) != 0) return false;
    }
    snprintf(name, sizeof name, "%s.%s", key->section, key->name);
    if (hrl_scenario_get(scenario, name, &value, NULL) != HRL_OK ||
        json_object_set_new(section, shown_name(key), scenario_key_json(key, value)) != 0)
      return false;
  }
  return true;
}

/* A range's ends and its chance are numbers, the rest words. */
static json_t *range_json(const json_t *range) {
  json_t *made = json_object();
  const char *name;
  json_t *part;
  json_object_foreach((json_t *)range, name, part) {
    char *end;
    const char *text = json_string_value(part);
    double value = text == NULL ? 0 : strtod(text, &end);
    bool is_number = text != NULL && end != text && *end == '\0';
    json_object_set_new(made, name, is_number ? json_real(value) : json_incref(part));
  }
  return made;
}

/* Puts a family's ranges in the place of their middles. */
static bool add_ranges(json_t *object, const hrl_scenario *scenario) {
  char *text = NULL;
  struct tree tree = {0};
  const char *name;
  json_t *keys, *value;
  bool ok = hrl_scenario_format(scenario, &text, NULL) == HRL_OK &&
            tree_parse(&tree, text, strlen(text));
  const char *const sections[] = {"environment", "reward", "utility"};
  for (size_t i = 0; ok && i < sizeof sections / sizeof sections[0]; i++) {
    keys = json_object_get(tree.values, sections[i]);
    json_object_foreach(keys, name, value) {
      const char *shown = strcmp(name, "lambda_") == 0 ? "lambda" : name;
      if (json_is_object(value) &&
          json_object_set_new(json_object_get(object, sections[i]), shown,
                              range_json(value)) != 0)
        ok = false;
    }
  }
  json_t *conditions = json_object_get(tree.values, "require");
  if (ok && conditions != NULL) ok = json_object_set(object, "require", conditions) == 0;
  tree_clear(&tree);
  hrl_free(text);
  return ok;
}

bool scenario_json_add(json_t *object, const hrl_scenario *scenario) {
  bool is_family = hrl_scenario_is_family(scenario) != 0;
  return json_object_set_new(object, "model",
                             json_string(hrl_scenario_model(scenario))) == 0 &&
         json_object_set_new(object, "is_family", json_boolean(is_family)) == 0 &&
         add_keys(object, scenario) && (!is_family || add_ranges(object, scenario));
}

static double key_value(const hrl_scenario *scenario, const char *key, double absent) {
  double value;
  return hrl_scenario_get(scenario, key, &value, NULL) == HRL_OK ? value : absent;
}

bool scenario_json_summarize(json_t *row, const hrl_scenario *scenario) {
  double income = key_value(scenario, "environment.income", 0);
  double fixed = key_value(scenario, "environment.fixed_expenses", 0);
  double variable = key_value(scenario, "environment.variable_expense_mean", 0);
  double available = income - fixed - variable;
  double share = income > 0 ? round(1000 * available / income) / 10 : 0;
  json_t *figures = json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b}", "income", json_number(income),
      "fixed_expenses", json_number(fixed), "variable_expenses", json_number(variable),
      "available_monthly", json_number(available), "available_pct", json_number(share),
      "risk_tolerance",
      json_number(key_value(scenario, "environment.risk_tolerance", 0.5)), "model",
      hrl_scenario_model(scenario), "is_family", hrl_scenario_is_family(scenario) != 0);
  bool ok = figures != NULL && json_object_update(row, figures) == 0;
  json_decref(figures);
  return ok;
}
