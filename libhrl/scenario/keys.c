/* The models, their sections and keys, and what can be asked of them. The rows are in the
 * tables of keys_*.c; reader, writer, checks, messages and the manual follow from those.
 */
#include "scenario/keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scenario/key_rows.h"

#define MOST_SECTIONS 3

struct hrlp_keys {
  const char *name;
  const struct hrlp_section
      *sections[MOST_SECTIONS]; /* in the order of files, then NULL */
  const char *const *top_words;
};

static const char *const budget_words[] = {
    "model", "description", "require", "environment", "training", "reward", NULL};
static const char *const lifecycle_words[] = {
    "model", "description", "require", "environment", "training", "utility", NULL};
static const char *const task_words[] = {"model", "description", "require",
                                         "task",  "training",    NULL};

static const struct hrlp_keys models[] = {
    [HRLP_MODEL_BUDGET] = {"budget",
                           {&hrlp_budget_environment_keys, &hrlp_budget_training_keys,
                            &hrlp_budget_reward_keys},
                           budget_words},
    [HRLP_MODEL_LIFECYCLE] = {"lifecycle",
                              {&hrlp_lifecycle_environment_keys,
                               &hrlp_lifecycle_training_keys,
                               &hrlp_lifecycle_utility_keys},
                              lifecycle_words},
    [HRLP_MODEL_TASK] = {"task", {&hrlp_task_training_keys}, task_words},
};
#define MODEL_COUNT (sizeof models / sizeof models[0])

/* What can be asked for by name: a task is its program's. */
size_t hrl_model_count(void) { return HRLP_MODEL_TASK; }

const char *hrl_model_name(size_t index) {
  return index < hrl_model_count() ? models[index].name : NULL;
}

const char *hrlp_keys_name(const struct hrlp_keys *model) { return model->name; }

size_t hrlp_keys_find_model(const char *name) {
  size_t i = 0;
  while (i < MODEL_COUNT && strcmp(models[i].name, name) != 0) i++;
  return i < MODEL_COUNT ? i : HRLP_KEY_NONE;
}

const struct hrlp_keys *hrlp_keys_of(const struct hrl_scenario *scenario) {
  return &models[scenario->model];
}

const char *hrlp_keys_section(const struct hrlp_keys *model, size_t place) {
  const struct hrlp_section *section =
      place < MOST_SECTIONS ? model->sections[place] : NULL;
  return section == NULL ? NULL : section->name;
}

/* The row of key `index` of a model. */
static const struct hrlp_key_row *row_at(const struct hrlp_keys *model, size_t index) {
  for (size_t s = 0; s < MOST_SECTIONS && model->sections[s] != NULL; s++) {
    const struct hrlp_section *section = model->sections[s];
    if (index < section->count) return &section->rows[index];
    index -= section->count;
  }
  return NULL;
}

size_t hrlp_keys_count(const struct hrlp_keys *model) {
  size_t count = 0;
  for (size_t s = 0; s < MOST_SECTIONS && model->sections[s] != NULL; s++)
    count += model->sections[s]->count;
  return count;
}

const hrl_scenario_key *hrlp_keys_at(const struct hrlp_keys *model, size_t index) {
  const struct hrlp_key_row *row = row_at(model, index);
  return row == NULL ? NULL : &row->key;
}

size_t hrl_model_key_count(const char *model) {
  size_t place = model == NULL ? HRLP_KEY_NONE : hrlp_keys_find_model(model);
  return place < MODEL_COUNT ? hrlp_keys_count(&models[place]) : 0;
}

const hrl_scenario_key *hrl_model_key_at(const char *model, size_t index) {
  size_t place = model == NULL ? HRLP_KEY_NONE : hrlp_keys_find_model(model);
  return place < MODEL_COUNT ? hrlp_keys_at(&models[place], index) : NULL;
}

size_t hrl_scenario_key_count(void) {
  return hrlp_keys_count(&models[HRLP_MODEL_BUDGET]);
}

const hrl_scenario_key *hrl_scenario_key_at(size_t index) {
  return hrlp_keys_at(&models[HRLP_MODEL_BUDGET], index);
}

size_t hrlp_top_word_find(const struct hrlp_keys *model, const char *word) {
  size_t i = 0;
  while (model->top_words[i] != NULL && strcmp(model->top_words[i], word) != 0) i++;
  return i;
}

const char *hrlp_top_word_at(const struct hrlp_keys *model, size_t place) {
  return model->top_words[place];
}

static bool is_called(const hrl_scenario_key *key, const char *name) {
  return strcmp(key->name, name) == 0 ||
         (key->alias != NULL && strcmp(key->alias, name) == 0);
}

size_t hrlp_key_find(const struct hrlp_keys *model, const char *section,
                     const char *name) {
  const hrl_scenario_key *key;
  for (size_t i = 0; (key = hrlp_keys_at(model, i)) != NULL; i++)
    if (strcmp(key->section, section) == 0 && is_called(key, name)) return i;
  return HRLP_KEY_NONE;
}

/* A key of any section that is called exactly so: it was put in the wrong place. */
static const hrl_scenario_key *find_elsewhere(const struct hrlp_keys *model,
                                              const char *name) {
  const hrl_scenario_key *key;
  for (size_t i = 0; (key = hrlp_keys_at(model, i)) != NULL; i++)
    if (is_called(key, name)) return key;
  return NULL;
}

#define MOST_KEYS 64

/* The key of `section`, or of any where it is NULL, whose name is nearest. */
static const hrl_scenario_key *find_nearest(const struct hrlp_keys *model,
                                            const char *section, const char *name) {
  const char *words[MOST_KEYS] = {NULL};
  const hrl_scenario_key *keys[MOST_KEYS];
  size_t count = 0;
  const hrl_scenario_key *key;
  for (size_t i = 0; (key = hrlp_keys_at(model, i)) != NULL && count < MOST_KEYS; i++) {
    if (section != NULL && strcmp(key->section, section) != 0) continue;
    words[count] = key->name;
    keys[count++] = key;
  }
  const char *nearest = hrlp_nearest_word(name, words, count);
  for (size_t i = 0; i < count; i++)
    if (words[i] == nearest) return keys[i];
  return NULL;
}

static void list_names(const struct hrlp_keys *model, const char *section,
                       char advice[HRLP_KEY_ADVICE_SIZE]) {
  size_t used = 0;
  const char *before = "; expected one of ";
  const hrl_scenario_key *key;
  for (size_t i = 0;
       (key = hrlp_keys_at(model, i)) != NULL && used < HRLP_KEY_ADVICE_SIZE; i++) {
    if (strcmp(key->section, section) != 0) continue;
    used += (size_t)snprintf(advice + used, HRLP_KEY_ADVICE_SIZE - used, "%s%s", before,
                             key->name);
    before = ", ";
  }
}

static bool is_section(const struct hrlp_keys *model, const char *word) {
  for (size_t s = 0; s < MOST_SECTIONS && model->sections[s] != NULL; s++)
    if (strcmp(model->sections[s]->name, word) == 0) return true;
  return false;
}

/* Whether only another model has that key in that section, or in any where `section` is
 * NULL; says so. */
static bool advise_model(const struct hrlp_keys *model, const char *section,
                         const char *name, char advice[HRLP_KEY_ADVICE_SIZE]) {
  for (size_t m = 0; m < hrl_model_count(); m++) {
    const struct hrlp_keys *other = &models[m];
    bool has = section == NULL ? is_section(other, name)
                               : hrlp_key_find(other, section, name) != HRLP_KEY_NONE;
    if (other == model || !has) continue;
    snprintf(advice, HRLP_KEY_ADVICE_SIZE,
             "; it belongs to the model '%s', and this is a scenario of the model '%s' "
             "(the top-level line 'model:' chooses)",
             other->name, model->name);
    return true;
  }
  return false;
}

void hrlp_key_advise(const struct hrlp_keys *model, const char *section, const char *name,
                     char advice[HRLP_KEY_ADVICE_SIZE]) {
  const hrl_scenario_key *key = find_elsewhere(model, name);
  if (key == NULL && advise_model(model, section, name, advice)) return;
  if (key == NULL && is_section(model, section)) key = find_nearest(model, section, name);
  if (key == NULL) key = find_nearest(model, NULL, name);
  const hrl_scenario_key *first = hrlp_keys_at(model, 0);
  if (key != NULL)
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; did you mean '%s.%s'?", key->section,
             key->name);
  else if (is_section(model, section))
    list_names(model, section, advice);
  else
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; expected section.name, such as '%s.%s'",
             first->section, first->name);
}

void hrlp_top_word_advise(const struct hrlp_keys *model, const char *word,
                          char advice[HRLP_KEY_ADVICE_SIZE]) {
  const hrl_scenario_key *key = find_elsewhere(model, word);
  if (key == NULL && advise_model(model, NULL, word, advice)) return;
  size_t count = 0;
  while (model->top_words[count] != NULL) count++;
  const char *nearest =
      key == NULL ? hrlp_nearest_word(word, model->top_words, count) : NULL;
  if (key != NULL) {
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; '%s' belongs in the section '%s'", word,
             key->section);
  } else if (nearest != NULL) {
    snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; did you mean '%s'?", nearest);
  } else {
    size_t used = (size_t)snprintf(advice, HRLP_KEY_ADVICE_SIZE, "; expected one of ");
    for (size_t i = 0; i < count; i++)
      used += (size_t)snprintf(advice + used, HRLP_KEY_ADVICE_SIZE - used, "%s%s",
                               i == 0 ? "" : ", ", model->top_words[i]);
  }
}

double hrlp_key_get(const struct hrl_scenario *scenario, size_t index) {
  const struct hrlp_key_row *row = row_at(hrlp_keys_of(scenario), index);
  const char *member = (const char *)scenario + row->offset;
  return row->is_integer ? (double)*(const int64_t *)(const void *)member
                         : *(const double *)(const void *)member;
}

void hrlp_key_put(struct hrl_scenario *scenario, size_t index, double value) {
  const struct hrlp_key_row *row = row_at(hrlp_keys_of(scenario), index);
  char *member = (char *)scenario + row->offset;
  value += 0.0; /* never -0, which would be written as 0 */
  if (row->is_integer)
    *(int64_t *)(void *)member = (int64_t)value;
  else
    *(double *)(void *)member = value;
}

hrl_status hrlp_key_check(const hrl_scenario_key *key, double value) {
  if (isnan(value)) return HRL_ERROR_TYPE;
  if (key->type != HRL_KEY_NUMBER && value != trunc(value)) return HRL_ERROR_TYPE;
  bool too_small = key->minimum_open ? value <= key->minimum : value < key->minimum;
  return too_small || value > key->maximum ? HRL_ERROR_RANGE : HRL_OK;
}

const char *hrlp_choice_at(const char *choices, size_t place, size_t *length) {
  const char *word = choices;
  for (; place > 0; place--) {
    word = strchr(word, ' ');
    if (word == NULL) return NULL;
    word++;
  }
  *length = strcspn(word, " ");
  return word;
}

void hrlp_key_show(const hrl_scenario_key *key, double value,
                   char shown[HRLP_NUMBER_SIZE]) {
  size_t length = 0;
  const char *word = key->type == HRL_KEY_CHOICE
                         ? hrlp_choice_at(key->choices, (size_t)value, &length)
                         : NULL;
  if (word != NULL)
    snprintf(shown, HRLP_NUMBER_SIZE, "%.*s", (int)length, word);
  else
    hrlp_format_number(shown, value);
}

void hrlp_key_expected(const hrl_scenario_key *key,
                       char expected[HRLP_KEY_EXPECTED_SIZE]) {
  if (key->type == HRL_KEY_CHOICE) {
    size_t used = (size_t)snprintf(expected, HRLP_KEY_EXPECTED_SIZE, "one of ");
    for (const char *c = key->choices; *c != '\0' && used + 3 < HRLP_KEY_EXPECTED_SIZE;
         c++) {
      if (*c == ' ') expected[used++] = ',';
      expected[used++] = *c;
    }
    expected[used] = '\0';
    return;
  }
  char least[HRLP_NUMBER_SIZE];
  char most[HRLP_NUMBER_SIZE];
  hrlp_format_number(least, key->minimum);
  hrlp_format_number(most, key->maximum);
  snprintf(expected, HRLP_KEY_EXPECTED_SIZE,
           key->minimum_open ? "%s greater than %s and at most %s" : "%s from %s to %s",
           key->type == HRL_KEY_INTEGER ? "a whole number" : "a number", least, most);
}
