#include "storage/metadata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/version.h>

#include "storage/example.h"
#include "storage/metadata_seal.h"

/* A number, or null where it is not finite: JSON has neither infinity nor NaN. */
static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *integer(uint64_t value) { return json_integer((json_int_t)value); }

/* An array or object, or NULL where memory was too short for all of its `count` items. */
static json_t *complete(json_t *whole, size_t count) {
  size_t found = json_is_array(whole) ? json_array_size(whole) : json_object_size(whole);
  if (found == count) return whole;
  json_decref(whole);
  return NULL;
}

/* Word number `place` of a key's choices, as scenario files say it. */
static json_t *choice(const hrl_scenario_key *key, size_t place) {
  const char *word = key->choices;
  for (; place > 0; place--) word += strcspn(word, " ") + 1;
  return json_stringn(word, strcspn(word, " "));
}

/* All keys of one section of the scenario. */
static json_t *section_object(const struct hrl_scenario *scenario, const char *section) {
  json_t *object = json_object();
  const char *model = hrl_scenario_model(scenario);
  size_t count = 0;
  for (size_t i = 0; i < hrl_model_key_count(model); i++) {
    const hrl_scenario_key *key = hrl_model_key_at(model, i);
    if (strcmp(key->section, section) != 0) continue;
    char path[128];
    double value = 0.0;
    snprintf(path, sizeof path, "%s.%s", key->section, key->name);
    hrl_scenario_get(scenario, path, &value, NULL);
    count++;
    json_object_set_new(object, key->name,
                        key->type == HRL_KEY_NUMBER    ? number(value)
                        : key->type == HRL_KEY_INTEGER ? json_integer((json_int_t)value)
                                                       : choice(key, (size_t)value));
  }
  return complete(object, count);
}

static json_t *progress_object(const struct hrlp_run *run) {
  hrl_progress progress = hrlp_run_progress(run);
  return json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "episode",
      integer(progress.episode), "total_episodes", integer(progress.total_episodes),
      "avg_reward", number(progress.avg_reward), "avg_duration",
      number(progress.avg_duration), "avg_cash", number(progress.avg_cash),
      "avg_invested", number(progress.avg_invested), "stability",
      number(progress.stability), "goal_adherence", number(progress.goal_adherence),
      "elapsed_time", number(progress.elapsed_time));
}

static json_t *episode_array(const struct hrlp_episode *episode) {
  const double figures[HRLP_EPISODE_FIGURES] = {
      episode->reward,     episode->strategic_return, (double)episode->months,
      episode->final_cash, episode->total_invested,   episode->portfolio,
      episode->wealth,     episode->stability,        episode->goal_adherence,
      episode->sharpe,     episode->policy_stability, episode->insolvent ? 1.0 : 0.0};
  json_t *array = json_array();
  for (size_t i = 0; i < HRLP_EPISODE_FIGURES; i++)
    json_array_append_new(array, number(figures[i]));
  return complete(array, HRLP_EPISODE_FIGURES);
}

static json_t *recent_array(const struct hrlp_run *run) {
  json_t *array = json_array();
  for (size_t i = 0; i < run->recent_count; i++)
    json_array_append_new(array, episode_array(&run->recent[i]));
  return complete(array, run->recent_count);
}

static json_t *scale_object(const struct hrlp_return_scale *scale) {
  return json_pack("{s:o, s:o}", "weight", number(scale->weight), "sum_squares",
                   number(scale->sum_squares));
}

/* Strides and pending values, which the history file does not have. */
static json_t *history_object(const struct hrlp_history *history) {
  json_t *object = json_object();
  for (size_t i = 0; i < HRLP_SERIES_COUNT; i++) {
    const struct hrlp_series *series = &history->series[i];
    json_object_set_new(object, hrlp_series_key((enum hrlp_series_name)i),
                        json_pack("{s:o, s:o, s:o}", "stride", integer(series->stride),
                                  "pending_sum", number(series->pending_sum),
                                  "pending_count", integer(series->pending_count)));
  }
  return complete(object, HRLP_SERIES_COUNT);
}

/* The returns of the last evaluations, oldest first. */
static json_t *returns_object(const struct hrlp_returns *returns) {
  json_t *rows = json_array();
  for (size_t i = 0; i < returns->count; i++) {
    json_t *row = json_array();
    for (size_t j = 0; j < returns->episodes; j++)
      json_array_append_new(row, number(returns->values[i * returns->episodes + j]));
    json_array_append_new(rows, complete(row, returns->episodes));
  }
  return json_pack("{s:o, s:o}", "newest", integer(returns->newest), "returns",
                   complete(rows, returns->count));
}

static json_t *float_array(const float *x, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(array, number((double)x[i]));
  return complete(array, count);
}

static json_t *example_object(const struct hrlp_agents *agents) {
  struct hrlp_example example;
  if (!hrlp_example_make(agents, &example)) return NULL;
  return json_pack(
      "{s:{s:o, s:o}, s:{s:o, s:o}}", "strategist", "observation",
      float_array(example.strategist_x, agents->strategist.observations), "output",
      float_array(example.strategist_y, agents->strategist.actions), "executor",
      "observation", float_array(example.executor_x, agents->executor.observations),
      "output", float_array(example.executor_y, agents->executor.actions));
}

static json_t *files_object(const struct hrlp_file_seal *seals) {
  json_t *object = json_object();
  for (size_t i = 0; i < HRLP_METADATA_FILES; i++)
    json_object_set_new(object, seals[i].name,
                        json_pack("{s:o, s:o}", "bytes", integer(seals[i].bytes), "crc32",
                                  integer(seals[i].checksum)));
  return complete(object, HRLP_METADATA_FILES);
}

static json_t *counters_object(const struct hrlp_agents *agents,
                               const struct hrlp_run *run) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "round_first_episode",
                   integer(run->round_first), "updates", integer(agents->updates),
                   "strategist_steps", integer(agents->strategist.steps),
                   "executor_steps", integer(agents->executor.steps),
                   "strategist_return_scale", scale_object(&agents->strategist_scale),
                   "executor_return_scale", scale_object(&agents->executor_scale));
}

hrl_status hrlp_metadata_format(const struct hrl_scenario *scenario,
                                const struct hrlp_agents *agents,
                                const struct hrlp_run *run,
                                const struct hrlp_file_seal seals[HRLP_METADATA_FILES],
                                struct hrlp_text *text, hrl_error *error) {
  *text = (struct hrlp_text){0};
  json_t *root = json_pack(
      "{s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
      "s:o, "
      "s:o}",
      "format_version", HRLP_METADATA_FORMAT, "library_version", HRL_VERSION_STRING,
      "scenario", scenario->name, "scenario_raw_name", scenario->raw_name, "episode",
      integer(run->episode), "current_episode", integer(run->episode), "total_episodes",
      integer(run->total_episodes), "seed", integer(run->seed), "start_time",
      run->start_time, "best_eval_score",
      run->has_best ? number(run->best_score) : json_null(), "progress",
      progress_object(run), "training_config", section_object(scenario, "training"),
      "environment_config", section_object(scenario, "environment"), "reward_config",
      section_object(scenario, "reward"), "counters", counters_object(agents, run),
      "recent_episodes", recent_array(run), "history", history_object(&run->history),
      "example", example_object(agents));
  json_int_t seal = 0;
  char *dump = NULL;
  /* of the model lifecycle alone */
  json_t *utility = section_object(scenario, "utility");
  bool is_whole = utility != NULL;
  if (root != NULL && json_object_size(utility) > 0)
    is_whole = json_object_set(root, "utility_config", utility) == 0;
  json_decref(utility);
  bool has_returns = root != NULL && run->history.returns.count > 0;
  if (root != NULL && is_whole &&
      json_object_set_new(root, "files", files_object(seals)) == 0 &&
      (!has_returns || json_object_set_new(root, "evaluations",
                                           returns_object(&run->history.returns)) == 0) &&
      hrlp_metadata_seal(root, &seal) &&
      json_object_set_new(root, "checksum", json_integer(seal)) == 0)
    dump = json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  if (dump == NULL) return hrlp_fail_memory(error, "a checkpoint's metadata");
  hrlp_text_append(text, dump, strlen(dump));
  hrlp_text_append(text, "\n", 1);
  free(dump);
  if (!text->failed) return HRL_OK;
  hrlp_text_free(text);
  return hrlp_fail_memory(error, "a checkpoint's metadata");
}
