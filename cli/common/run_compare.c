#include "common/run_compare.h"

#include <math.h>
#include <stdio.h>

#include <hrl/evaluate.h>
#include <hrl/memory.h>

#include "common/json_text.h"
#include "common/run_json.h"

static json_t *values_of(const struct comparison *comparison, const char *key) {
  json_t *values = json_array();
  for (size_t i = 0; i < comparison->count; i++) {
    double value = NAN;
    hrl_scenario_get(comparison->scenarios[i], key, &value, NULL);
    json_array_append_new(values, json_number(value));
  }
  return values;
}

static bool are_equal(const json_t *values) {
  for (size_t i = 1; i < json_array_size(values); i++)
    if (!json_equal(json_array_get(values, i), json_array_get(values, 0))) return false;
  return true;
}

/* Takes `values` over. */
static void add_difference(struct comparison *comparison, const char *key,
                           json_t *values) {
  if (!are_equal(values)) json_object_set(comparison->differences, key, values);
  json_decref(values);
}

static void find_differences(struct comparison *comparison) {
  static const char *const names[] = {"episodes",       "seed",     "save_interval",
                                      "eval_episodes",  "patience", "scenario",
                                      "library_version"};
  comparison->differences = json_object();
  for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
    json_t *values = json_array();
    for (size_t i = 0; i < comparison->count; i++) {
      const hrl_run *run = &comparison->curves[i].run;
      const uint64_t numbers[] = {run->episode, run->seed, run->save_interval,
                                  run->eval_episodes, run->patience};
      json_array_append_new(
          values, n < 5 ? json_integer((json_int_t)numbers[n])
                        : json_text(n == 5 ? run->scenario : run->library_version));
    }
    add_difference(comparison, names[n], values);
  }
  /* a key that both models have is compared twice, with the same result */
  for (size_t m = 0; m < hrl_model_count(); m++) {
    const char *model = hrl_model_name(m);
    for (size_t i = 0; i < hrl_model_key_count(model); i++) {
      const hrl_scenario_key *key = hrl_model_key_at(model, i);
      char name[128];
      snprintf(name, sizeof name, "%s.%s", key->section, key->name);
      add_difference(comparison, name, values_of(comparison, name));
    }
  }
}

static hrl_policy *load_model(hrl_runs *runs, uint64_t id) {
  char *path = NULL;
  hrl_policy *policy = NULL;
  if (hrl_runs_model(runs, id, &path, NULL) == HRL_OK)
    hrl_policy_load(path, &policy, NULL);
  hrl_free(path);
  return policy;
}

/* Plays both pairs where they are still there; otherwise takes what was recorded. */
static hrl_status pair(hrl_runs *runs, const struct compare_options *given,
                       uint64_t first, uint64_t second, struct pairing *pairing,
                       hrl_error *error) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = given->episodes;
  options.seed = given->seed;
  options.threads = given->threads;
  hrl_policy *a = given->episodes > 0 ? load_model(runs, first) : NULL;
  hrl_policy *b = a != NULL ? load_model(runs, second) : NULL;
  bool played = a != NULL && b != NULL &&
                hrl_evaluate_difference(a, b, NULL, &options, &pairing->difference,
                                        &pairing->standard_error, NULL) == HRL_OK;
  hrl_policy_destroy(a);
  hrl_policy_destroy(b);
  if (played) {
    pairing->source = "models";
    pairing->episodes = options.episodes;
    return HRL_OK;
  }
  hrl_status status =
      hrl_runs_difference(runs, first, second, &pairing->episodes, &pairing->difference,
                          &pairing->standard_error, error);
  if (status == HRL_OK && pairing->episodes > 0) pairing->source = "recorded";
  return status;
}

hrl_status comparison_make(hrl_runs *runs, const uint64_t *ids, size_t count,
                           const struct compare_options *options,
                           struct comparison *comparison, hrl_error *error) {
  hrl_status status = HRL_OK;
  *comparison = (struct comparison){.count = 0};
  while (status == HRL_OK && comparison->count < count) {
    size_t i = comparison->count++;
    status = curve_read(runs, ids[i], options->points, &comparison->curves[i], error);
    if (status == HRL_OK)
      hrl_runs_scenario(runs, ids[i], &comparison->scenarios[i], NULL);
    if (status == HRL_OK && i > 0)
      status = pair(runs, options, ids[0], ids[i], &comparison->pairings[i], error);
  }
  if (status == HRL_OK) find_differences(comparison);
  return status;
}

void comparison_free(struct comparison *comparison) {
  for (size_t i = 0; i < comparison->count; i++) {
    curve_free(&comparison->curves[i]);
    hrl_scenario_destroy(comparison->scenarios[i]);
  }
  json_decref(comparison->differences);
}

static json_t *pairing_json(uint64_t first, uint64_t second,
                            const struct pairing *pairing) {
  return json_pack("{s:I, s:I, s:o, s:I, s:o, s:o}", "first", (json_int_t)first, "second",
                   (json_int_t)second, "source", json_text(pairing->source), "episodes",
                   (json_int_t)pairing->episodes, "difference",
                   json_number(pairing->difference), "standard_error",
                   json_number(pairing->standard_error));
}

json_t *comparison_json(const struct comparison *comparison) {
  json_t *runs = json_array();
  json_t *pairs = json_array();
  for (size_t i = 0; i < comparison->count; i++) {
    const struct curve *curve = &comparison->curves[i];
    json_t *run = run_json(&curve->run);
    if (run != NULL) {
      json_object_set_new(run, "progress", progress_json(curve));
      json_object_set_new(run, "evaluations", evaluations_json(curve));
    }
    json_array_append_new(runs, run);
    if (i > 0)
      json_array_append_new(pairs, pairing_json(comparison->curves[0].run.id,
                                                curve->run.id, &comparison->pairings[i]));
  }
  return json_pack("{s:o, s:O, s:o}", "runs", runs, "differences",
                   comparison->differences, "paired", pairs);
}
