#include "serve/models/json.h"

#include <hrl/memory.h>
#include <hrl/policy.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "serve/scenarios/json.h"

/* More is no history, and no metadata, of ours. */
#define HISTORY_MAX ((size_t)16 << 20)
#define METADATA_MAX ((size_t)4 << 20)

/* A JSON file of a pair, or NULL. Older files have NaN, which is no JSON: it is read as
 * null. */
static json_t *read_json(const struct model_entry *entry, enum model_file which,
                         size_t limit) {
  char name[HRL_NAME_SIZE + MODEL_ENDING_SIZE];
  struct file file;
  snprintf(name, sizeof name, "%s%s", entry->name, model_endings[which]);
  if (folder_read(entry->folder, name, limit, &file) != 0) return NULL;
  json_t *json = json_read(file.text, file.length);
  free(file.text);
  if (json_is_object(json)) return json;
  json_decref(json);
  return NULL;
}

/* ---- the course of its training ---- */

struct figures {
  size_t count;
  double first, last, sum, least, most;
};

/* Of the numbers of an array. */
static struct figures summarize(const json_t *array) {
  struct figures figures = {.least = INFINITY, .most = -INFINITY};
  size_t i;
  json_t *value;
  json_array_foreach(array, i, value) {
    if (!json_is_number(value)) continue;
    double number = json_number_value(value);
    if (figures.count++ == 0) figures.first = number;
    figures.last = number;
    figures.sum += number;
    figures.least = fmin(figures.least, number);
    figures.most = fmax(figures.most, number);
  }
  return figures;
}

static json_t *summary_json(const json_t *history) {
  json_t *summary = json_object();
  const char *name;
  json_t *values;
  json_object_foreach((json_t *)history, name, values) {
    struct figures figures = summarize(values);
    if (figures.count == 0) continue;
    json_object_set_new(
        summary, name,
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "count", (json_int_t)figures.count,
                  "first", json_number(figures.first), "last", json_number(figures.last),
                  "mean", json_number(figures.sum / (double)figures.count), "min",
                  json_number(figures.least), "max", json_number(figures.most)));
  }
  return summary;
}

/* Adds figures of an array: "final_", "avg_", "max_", "min_" and its name. */
static void add_metrics(json_t *metrics, const json_t *history, const char *key,
                        const char *name, const char *which) {
  struct figures figures = summarize(json_object_get(history, key));
  const struct {
    char letter;
    const char *prefix;
    double value;
  } all[] = {{'f', "final", figures.last},
             {'a', "avg", figures.sum / (double)figures.count},
             {'M', "max", figures.most},
             {'m', "min", figures.least}};
  for (size_t i = 0; figures.count > 0 && i < sizeof all / sizeof all[0]; i++) {
    char full[48];
    if (strchr(which, all[i].letter) == NULL) continue;
    snprintf(full, sizeof full, "%s_%s", all[i].prefix, name);
    json_object_set_new(metrics, full, json_number(all[i].value));
  }
}

static json_t *metrics_json(const json_t *history) {
  json_t *metrics = json_object();
  add_metrics(metrics, history, "episode_rewards", "reward", "faMm");
  add_metrics(metrics, history, "episode_lengths", "duration", "fa");
  add_metrics(metrics, history, "cash_balances", "cash", "fa");
  add_metrics(metrics, history, "total_invested", "invested", "fa");
  return metrics;
}

/* ---- what it was trained on ---- */

/* What a pair's own files say of its scenario, in the form of metadata; NULL: it cannot
 * be loaded, as *error says. */
static json_t *read_scenario(const struct model_entry *entry, hrl_error *error) {
  static const char *const sections[] = {"environment", "training", "reward", "utility"};
  char *prefix = model_prefix(entry);
  hrl_policy *policy = NULL;
  json_t *found = NULL, *object = json_object();
  if (prefix != NULL && hrl_policy_load(prefix, &policy, error) == HRL_OK &&
      scenario_json_add(object, hrl_policy_scenario(policy))) {
    found = json_object();
    json_object_set_new(found, "scenario",
                        json_text(hrl_scenario_name(hrl_policy_scenario(policy))));
    json_object_set(found, "model", json_object_get(object, "model"));
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
      char name[24];
      json_t *section = json_object_get(object, sections[i]);
      snprintf(name, sizeof name, "%s_config", sections[i]);
      if (section != NULL) json_object_set(found, name, section);
    }
  }
  json_decref(object);
  hrl_policy_destroy(policy);
  free(prefix);
  return found;
}

/* Members of metadata.json that are for going on with the training only. */
static json_t *shown_metadata(json_t *metadata) {
  static const char *const inner[] = {"counters", "recent_episodes", "history",
                                      "example",  "files",           "checksum"};
  json_t *shown = json_copy(metadata);
  for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
    json_object_del(shown, inner[i]);
  return shown;
}

struct known {
  json_t *history;  /* or NULL, as all of these */
  json_t *metadata; /* of the file */
  json_t *scenario; /* of the pair itself */
  hrl_error error;  /* why that is not known */
};

static void read_known(struct known *known, const struct model_entry *entry) {
  hrl_error_clear(&known->error);
  known->history = read_json(entry, MODEL_HISTORY, HISTORY_MAX);
  known->metadata = read_json(entry, MODEL_METADATA, METADATA_MAX);
  known->scenario = read_scenario(entry, &known->error);
}

static void forget(struct known *known) {
  json_decref(known->history);
  json_decref(known->metadata);
  json_decref(known->scenario);
}

/* From the pair or, where that cannot be loaded, from the file; a new reference, maybe to
 * null. */
static json_t *known_value(const struct known *known, const char *key) {
  json_t *value = json_object_get(known->scenario, key);
  if (known->scenario == NULL) value = json_object_get(known->metadata, key);
  return value == NULL ? json_null() : json_incref(value);
}

static json_t *number_or_null(json_t *value) {
  return json_is_number(value) ? json_incref(value) : json_null();
}

/* Episodes of its training. */
static json_t *episodes_of(const struct known *known) {
  json_t *episode = json_object_get(known->metadata, "episode");
  if (!json_is_integer(episode))
    episode = json_object_get(known->metadata, "current_episode");
  if (json_is_integer(episode)) return json_incref(episode);
  size_t entries = json_array_size(json_object_get(known->history, "episode_rewards"));
  json_int_t each =
      json_integer_value(json_object_get(known->history, "episodes_per_entry"));
  return entries > 0 ? json_integer((json_int_t)entries * (each > 1 ? each : 1))
                     : json_null();
}

/* ---- answers ---- */

/* What row and detail have in common. */
static json_t *begin(const struct model_entry *entry, const struct known *known) {
  char trained[FILE_TIME_SIZE];
  json_t *scenario = known_value(known, "scenario");
  json_t *model = json_object_get(known->scenario, "model");
  double size = (double)(entry->files[MODEL_HIGH].size + entry->files[MODEL_LOW].size);
  file_time_text(trained, entry->trained);
  json_t *object = json_pack(
      "{s:s, s:o, s:O?, s:o, s:s, s:b, s:b, s:b, s:o}", "name", entry->name,
      "scenario_name",
      json_is_string(scenario) ? json_incref(scenario) : json_string(entry->name),
      "model", model, "size_mb", json_real(round(size / 1048576 * 100) / 100),
      "trained_at", trained, "has_metadata", known->metadata != NULL, "has_history",
      known->history != NULL, "shipped", entry->shipped, "episodes", episodes_of(known));
  json_decref(scenario);
  /* its message would have a path of this machine */
  if (known->scenario == NULL)
    json_object_set_new(object, "error",
                        json_string(hrl_status_text(known->error.status)));
  return object;
}

json_t *model_json_row(const struct model_entry *entry) {
  static const char *const figures[] = {"final_reward",   "avg_reward", "max_reward",
                                        "final_duration", "final_cash", "final_invested"};
  struct known known;
  read_known(&known, entry);
  json_t *row = begin(entry, &known);
  json_t *environment = known_value(&known, "environment_config");
  json_t *metrics = metrics_json(known.history);
  json_object_set_new(row, "income",
                      number_or_null(json_object_get(environment, "income")));
  json_object_set_new(row, "risk_tolerance",
                      number_or_null(json_object_get(environment, "risk_tolerance")));
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
    json_object_set_new(row, figures[i],
                        number_or_null(json_object_get(metrics, figures[i])));
  json_decref(metrics);
  json_decref(environment);
  forget(&known);
  return row;
}

/* What hrl_inspect tells of the agents and their files. */
static void add_agents(json_t *object, const struct model_entry *entry) {
  char *prefix = model_prefix(entry), *text = NULL;
  if (prefix != NULL && hrl_inspect(prefix, &text, NULL) == HRL_OK) {
    json_t *inspected = json_loads(text, 0, NULL);
    size_t i;
    json_t *file, *files = json_object_get(inspected, "files");
    json_array_foreach(files, i, file) {
      const char *problem = json_string_value(json_object_get(file, "problem"));
      char *shown = problem == NULL ? NULL : strdup(problem);
      if (shown == NULL) continue;
      hide_folder(shown, entry->folder);
      json_object_set_new(file, "problem", json_string(shown));
      free(shown);
    }
    json_object_set(object, "agents", json_object_get(inspected, "agents"));
    json_object_set(object, "files", files);
    json_decref(inspected);
  }
  hrl_free(text);
  free(prefix);
}

json_t *model_json_detail(const struct model_entry *entry) {
  struct known known;
  read_known(&known, entry);
  json_t *object = begin(entry, &known);
  const char *const folder = entry->shipped ? "pretrained" : "models";
  for (int i = MODEL_HIGH; i <= MODEL_LOW; i++) {
    char path[HRL_NAME_SIZE + 32];
    snprintf(path, sizeof path, "%s/%s%s", folder, entry->name, model_endings[i]);
    json_object_set_new(object, i == MODEL_HIGH ? "high_agent_path" : "low_agent_path",
                        json_string(path));
  }
  json_object_set_new(
      object, "metadata",
      known.metadata == NULL ? json_null() : shown_metadata(known.metadata));
  json_object_set_new(object, "environment_config",
                      known_value(&known, "environment_config"));
  json_object_set_new(object, "training_config", known_value(&known, "training_config"));
  json_object_set_new(object, "reward_config", known_value(&known, "reward_config"));
  json_object_set_new(object, "utility_config", known_value(&known, "utility_config"));
  json_object_set_new(object, "training_history",
                      known.history == NULL ? json_null() : summary_json(known.history));
  json_object_set_new(object, "final_metrics",
                      known.history == NULL ? json_null() : metrics_json(known.history));
  forget(&known);
  add_agents(object, entry);
  return object;
}
