#include "sweep/plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/settings.h"
#include "sweep/tree.h"

static bool no_memory(struct tree *tree, hrl_error *error) {
  return tree_complain(tree, NULL, error, "out of memory");
}

static bool read_scenarios(struct tree *tree, const tree_node *node, struct plan *plan,
                           hrl_error *error) {
  for (size_t i = 0; tree_item(tree, node, i) != NULL; i++) {
    const char *text = tree_text(tree_item(tree, node, i));
    if (text == NULL || *text == '\0')
      return tree_complain(tree, tree_item(tree, node, i), error,
                           "scenarios: expected a name or a path");
    char **grown = realloc(plan->scenarios, (i + 1) * sizeof *grown);
    if (grown == NULL) return no_memory(tree, error);
    plan->scenarios = grown;
    for (size_t k = 0; k < i; k++)
      if (strcmp(grown[k], text) == 0)
        return tree_complain(tree, tree_item(tree, node, i), error,
                             "scenarios: %.80s: given twice", text);
    grown[i] = strdup(text);
    if (grown[i] == NULL) return no_memory(tree, error);
    plan->scenario_count = i + 1;
  }
  return plan->scenario_count > 0 ||
         tree_complain(tree, node, error, "scenarios: expected a list of names or paths");
}

/* A list of whole numbers, or a number N where `counted`: 0 to N - 1. */
static bool read_numbers(struct tree *tree, const tree_node *node, const char *what,
                         bool counted, uint64_t minimum, uint64_t maximum,
                         uint64_t **numbers, size_t *count, hrl_error *error) {
  uint64_t most = 0;
  if (counted && tree_text(node) != NULL) {
    if (!tree_whole(tree, node, what, 1, PLAN_RUNS_MAX, &most, error)) return false;
  } else {
    while (tree_item(tree, node, (size_t)most) != NULL) most++;
    if (most == 0)
      return tree_complain(tree, node, error, "%s: expected %sa list of numbers", what,
                           counted ? "a number or " : "");
  }
  free(*numbers);
  *numbers = calloc((size_t)most, sizeof **numbers);
  if (*numbers == NULL) return no_memory(tree, error);
  *count = (size_t)most;
  for (size_t i = 0; i < *count; i++) {
    (*numbers)[i] = i;
    if (tree_is_sequence(node) && !tree_whole(tree, tree_item(tree, node, i), what,
                                              minimum, maximum, &(*numbers)[i], error))
      return false;
    for (size_t k = 0; k < i && counted && tree_is_sequence(node); k++)
      if ((*numbers)[k] == (*numbers)[i])
        return tree_complain(tree, tree_item(tree, node, i), error,
                             "%s: %" PRIu64 " is given twice", what, (*numbers)[i]);
  }
  return true;
}

static bool read_halving(struct tree *tree, const tree_node *node, struct plan *plan,
                         hrl_error *error) {
  tree_node *key, *value;
  if (!tree_is_mapping(node))
    return tree_complain(tree, node, error, "halving: expected the keys at and keep");
  for (size_t i = 0; tree_pair(tree, node, i, &key, &value); i++) {
    const char *name = tree_text(key);
    if (!tree_refuse_twice(tree, node, i, error)) return false;
    if (name != NULL && strcmp(name, "at") == 0) {
      if (!read_numbers(tree, value, "halving.at", false, 1, 1000000000, &plan->rungs,
                        &plan->rung_count, error))
        return false;
    } else if (name != NULL && strcmp(name, "keep") == 0) {
      if (!tree_number(tree, value, "halving.keep", &plan->keep, error)) return false;
      if (!(plan->keep > 0.0 && plan->keep < 1.0))
        return tree_complain(tree, value, error,
                             "halving.keep: expected a share between 0 and 1");
    } else {
      return tree_complain(tree, key, error, "halving: unknown key; known: at, keep");
    }
  }
  for (size_t i = 1; i < plan->rung_count; i++)
    if (plan->rungs[i] <= plan->rungs[i - 1])
      return tree_complain(tree, node, error, "halving.at: expected rising numbers");
  return plan->rung_count > 0 ||
         tree_complain(tree, node, error, "halving: at is missing");
}

/* One key of the plan and its value. */
static bool read_key(struct tree *tree, const tree_node *key, const tree_node *value,
                     struct plan *plan, hrl_error *error) {
  const char *name = tree_text(key);
  uint64_t number = 0;
  if (name == NULL) return tree_complain(tree, key, error, "expected a key");
  if (strcmp(name, "scenarios") == 0) return read_scenarios(tree, value, plan, error);
  if (strcmp(name, "seeds") == 0)
    return read_numbers(tree, value, name, true, 0, INT64_MAX, &plan->seeds,
                        &plan->seed_count, error);
  if (strcmp(name, "episodes") == 0)
    return tree_whole(tree, value, name, 1, 1000000000, &plan->episodes, error);
  if (strcmp(name, "save_interval") == 0)
    return tree_whole(tree, value, name, 1, 1000000000, &plan->save_interval, error);
  if (strcmp(name, "eval_episodes") == 0) {
    bool read = tree_whole(tree, value, name, 1, 100000, &number, error);
    plan->eval_episodes = (uint32_t)number;
    return read;
  }
  if (strcmp(name, "settings") == 0) return settings_read(tree, value, plan, error);
  if (strcmp(name, "halving") == 0) return read_halving(tree, value, plan, error);
  return tree_complain(tree, key, error,
                       "unknown key '%.40s'; known: scenarios, seeds, episodes, "
                       "save_interval, eval_episodes, settings, halving",
                       name);
}

static bool read_plan(struct tree *tree, struct plan *plan, hrl_error *error) {
  const tree_node *root = tree_root(tree);
  tree_node *key, *value;
  if (!tree_is_mapping(root))
    return tree_complain(tree, root, error, "expected keys, such as scenarios and seeds");
  for (size_t i = 0; tree_pair(tree, root, i, &key, &value); i++) {
    if (!tree_refuse_twice(tree, root, i, error)) return false;
    if (!read_key(tree, key, value, plan, error)) return false;
  }
  if (plan->scenario_count == 0)
    return tree_complain(tree, root, error, "scenarios is missing");
  if (plan->seed_count == 0) {
    plan->seeds = calloc(1, sizeof *plan->seeds);
    if (plan->seeds == NULL) return no_memory(tree, error);
    plan->seed_count = 1;
  }
  if (plan->setting_count == 0 && !settings_add(plan, NULL, 0))
    return no_memory(tree, error);
  if (plan->scenario_count > PLAN_RUNS_MAX / plan->seed_count / plan->setting_count)
    return tree_complain(tree, root, error,
                         "%zu scenarios x %zu settings x %zu seeds are more than %d runs",
                         plan->scenario_count, plan->setting_count, plan->seed_count,
                         PLAN_RUNS_MAX);
  if (plan->rung_count > 0 && plan->episodes <= plan->rungs[plan->rung_count - 1])
    return tree_complain(tree, root, error,
                         "halving.at: expected less than episodes, which must be given");
  return true;
}

bool plan_read(const char *path, struct plan *plan, hrl_error *error) {
  *plan = (struct plan){.save_interval = 100, .eval_episodes = 100, .keep = 0.5};
  struct tree *tree = tree_read(path, error);
  if (tree == NULL) return false;
  bool read = read_plan(tree, plan, error);
  tree_free(tree);
  return read;
}

void plan_free(struct plan *plan) {
  for (size_t i = 0; i < plan->scenario_count; i++) free(plan->scenarios[i]);
  for (size_t i = 0; i < plan->setting_count; i++) settings_free(&plan->settings[i]);
  free(plan->scenarios);
  free(plan->seeds);
  free(plan->settings);
  free(plan->rungs);
}
