#include "sweep/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys of a setting. */
#define KEYS_MOST 32

static char *make_label(const struct assignment *values, size_t count) {
  char *label = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&label, &size);
  if (stream == NULL) return NULL;
  for (size_t i = 0; i < count; i++)
    fprintf(stream, "%s%s=%.9g", i > 0 ? " " : "", values[i].key, values[i].value);
  if (fclose(stream) == 0) return label;
  free(label);
  return NULL;
}

bool settings_add(struct plan *plan, const struct assignment *values, size_t count) {
  struct setting *grown =
      realloc(plan->settings, (plan->setting_count + 1) * sizeof *grown);
  if (grown == NULL) return false;
  plan->settings = grown;
  struct setting *setting = &grown[plan->setting_count];
  *setting = (struct setting){.label = make_label(values, count)};
  setting->values = calloc(count + 1, sizeof *setting->values);
  bool made = setting->values != NULL && setting->label != NULL;
  for (size_t i = 0; made && i < count; i++) {
    setting->values[i] = (struct assignment){strdup(values[i].key), values[i].value};
    setting->count = i + 1;
    made = setting->values[i].key != NULL;
  }
  if (made)
    plan->setting_count++;
  else
    settings_free(setting);
  return made;
}

void settings_free(struct setting *setting) {
  for (size_t i = 0; setting->values != NULL && i < setting->count; i++)
    free(setting->values[i].key);
  free(setting->values);
  free(setting->label);
}

static bool add(struct tree *tree, const tree_node *node, struct plan *plan,
                const struct assignment *values, size_t count, hrl_error *error) {
  if (plan->setting_count >= PLAN_RUNS_MAX)
    return tree_complain(tree, node, error, "settings: more than %d", PLAN_RUNS_MAX);
  return settings_add(plan, values, count) ||
         tree_complain(tree, node, error, "out of memory");
}

/* The key of pair `index` of a mapping, which is the tree's, not a copy. */
static bool read_key(struct tree *tree, const tree_node *key, size_t index,
                     struct assignment *assignment, hrl_error *error) {
  const char *name = tree_text(key);
  if (index >= KEYS_MOST)
    return tree_complain(tree, key, error, "settings: more than %d keys", KEYS_MOST);
  if (name == NULL || strchr(name, '.') == NULL)
    return tree_complain(tree, key, error,
                         "settings: expected a key with its section, such as "
                         "training.learning_rate_low");
  assignment->key = (char *)(uintptr_t)name; /* only read until it is copied */
  return true;
}

/* Every combination of the values of all keys, the last key's fastest. */
static bool read_grid(struct tree *tree, const tree_node *node, struct plan *plan,
                      hrl_error *error) {
  struct assignment values[KEYS_MOST];
  const tree_node *lists[KEYS_MOST];
  size_t at[KEYS_MOST] = {0};
  size_t count = 0;
  tree_node *key, *value;
  for (; tree_pair(tree, node, count, &key, &value); count++) {
    if (!read_key(tree, key, count, &values[count], error) ||
        !tree_refuse_twice(tree, node, count, error))
      return false;
    if (tree_item(tree, value, 0) == NULL)
      return tree_complain(tree, value, error,
                           "settings.grid: expected a list of values");
    lists[count] = value;
  }
  if (count == 0)
    return tree_complain(tree, node, error,
                         "settings.grid: expected keys with lists of values");
  for (;;) {
    for (size_t i = 0; i < count; i++)
      if (!tree_number(tree, tree_item(tree, lists[i], at[i]), "settings.grid",
                       &values[i].value, error))
        return false;
    if (!add(tree, node, plan, values, count, error)) return false;
    size_t turn = count;
    while (turn > 0 && tree_item(tree, lists[turn - 1], ++at[turn - 1]) == NULL)
      at[--turn] = 0;
    if (turn == 0) return true;
  }
}

static bool read_list(struct tree *tree, const tree_node *node, struct plan *plan,
                      hrl_error *error) {
  tree_node *item, *key, *value;
  if (tree_item(tree, node, 0) == NULL)
    return tree_complain(tree, node, error, "settings.list: expected a list");
  for (size_t i = 0; (item = tree_item(tree, node, i)) != NULL; i++) {
    struct assignment values[KEYS_MOST];
    size_t count = 0;
    if (!tree_is_mapping(item))
      return tree_complain(tree, item, error, "settings.list: expected keys with values");
    for (; tree_pair(tree, item, count, &key, &value); count++)
      if (!read_key(tree, key, count, &values[count], error) ||
          !tree_refuse_twice(tree, item, count, error) ||
          !tree_number(tree, value, "settings.list", &values[count].value, error))
        return false;
    if (!add(tree, item, plan, values, count, error)) return false;
  }
  return true;
}

/* splitmix64: a number for each place of the table of draws. */
static double draw(uint64_t seed, uint64_t place) {
  uint64_t x = seed * 0x9e3779b97f4a7c15ULL + (place + 1) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

enum scale { LINEAR, LOGARITHMIC, WHOLE };

struct range {
  double from, to;
  enum scale scale;
};

static bool read_range(struct tree *tree, const tree_node *node, struct range *range,
                       hrl_error *error) {
  static const char *const scales[] = {"linear", "log", "integer"};
  tree_node *key, *value;
  bool has_from = false, has_to = false;
  *range = (struct range){.scale = LINEAR};
  for (size_t i = 0; tree_pair(tree, node, i, &key, &value); i++) {
    const char *name = tree_text(key) != NULL ? tree_text(key) : "";
    const char *text = tree_text(value) != NULL ? tree_text(value) : "";
    if (!tree_refuse_twice(tree, node, i, error)) return false;
    if (strcmp(name, "from") == 0) {
      has_from = tree_number(tree, value, "from", &range->from, error);
      if (!has_from) return false;
    } else if (strcmp(name, "to") == 0) {
      has_to = tree_number(tree, value, "to", &range->to, error);
      if (!has_to) return false;
    } else if (strcmp(name, "scale") == 0) {
      size_t found = 0;
      while (found < 3 && strcmp(text, scales[found]) != 0) found++;
      if (found == 3)
        return tree_complain(tree, value, error,
                             "scale: expected linear, log or integer");
      range->scale = (enum scale)found;
    } else {
      return tree_complain(tree, key, error, "unknown key; known: from, to, scale");
    }
  }
  if (!has_from || !has_to || !(range->from < range->to) ||
      (range->scale == LOGARITHMIC && range->from <= 0.0))
    return tree_complain(tree, node, error,
                         "settings.random: expected from and to, the lesser first, both "
                         "above 0 with scale log");
  if (range->scale == WHOLE && ceil(range->from) > floor(range->to))
    return tree_complain(tree, node, error,
                         "settings.random: no whole number lies between from and to");
  return true;
}

static double draw_value(const struct range *range, double share) {
  double value = range->from + share * (range->to - range->from);
  if (range->scale == LOGARITHMIC)
    value = range->from * exp(share * log(range->to / range->from));
  if (range->scale == WHOLE) {
    double first = ceil(range->from);
    return floor(first + share * (floor(range->to) - first + 1.0));
  }
  /* six digits: what the table shows is what was run */
  char text[32];
  snprintf(text, sizeof text, "%.6g", value);
  return strtod(text, NULL);
}

static bool read_random(struct tree *tree, const tree_node *node, struct plan *plan,
                        hrl_error *error) {
  struct assignment values[KEYS_MOST];
  struct range ranges[KEYS_MOST];
  size_t count = 0;
  uint64_t draws = 0, seed = 0;
  tree_node *key, *value;
  for (size_t i = 0; tree_pair(tree, node, i, &key, &value); i++) {
    const char *name = tree_text(key) != NULL ? tree_text(key) : "";
    bool read;
    if (!tree_refuse_twice(tree, node, i, error)) return false;
    if (strcmp(name, "count") == 0) {
      read = tree_whole(tree, value, "settings.random.count", 1, PLAN_RUNS_MAX, &draws,
                        error);
    } else if (strcmp(name, "seed") == 0) {
      read = tree_whole(tree, value, "settings.random.seed", 0, INT64_MAX, &seed, error);
    } else {
      read = read_key(tree, key, count, &values[count], error) &&
             read_range(tree, value, &ranges[count], error);
      count++;
    }
    if (!read) return false;
  }
  if (draws == 0 || count == 0)
    return tree_complain(tree, node, error,
                         "settings.random: expected count, and keys with from and to");
  for (uint64_t i = 0; i < draws; i++) {
    for (size_t j = 0; j < count; j++)
      values[j].value = draw_value(&ranges[j], draw(seed, i * count + j));
    if (!add(tree, node, plan, values, count, error)) return false;
  }
  return true;
}

bool settings_read(struct tree *tree, const tree_node *node, struct plan *plan,
                   hrl_error *error) {
  tree_node *key, *value;
  if (!tree_is_mapping(node))
    return tree_complain(tree, node, error, "settings: expected grid, list or random");
  for (size_t i = 0; tree_pair(tree, node, i, &key, &value); i++) {
    const char *name = tree_text(key) != NULL ? tree_text(key) : "";
    bool read;
    if (!tree_refuse_twice(tree, node, i, error)) return false;
    if (strcmp(name, "grid") == 0)
      read = read_grid(tree, value, plan, error);
    else if (strcmp(name, "list") == 0)
      read = read_list(tree, value, plan, error);
    else if (strcmp(name, "random") == 0)
      read = read_random(tree, value, plan, error);
    else
      read = tree_complain(tree, key, error,
                           "settings: unknown key; known: grid, list, random");
    if (!read) return false;
  }
  return true;
}
