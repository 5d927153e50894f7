#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/evaluate.h>
#include <hrl/memory.h>

#include "common/console.h"
#include "common/json_text.h"
#include "runs/commands.h"
#include "runs/curve.h"
#include "runs/json.h"

#define RUNS_MAX 8
#define TABLE_ROWS 12

/* How the agents of a run do beside those of the first, on the same noise. */
struct pairing {
  const char *source; /* "models": played now; "recorded": their last evaluations; NULL */
  uint64_t episodes;
  double difference, standard_error;
};

struct comparison {
  size_t count;
  struct curve curves[RUNS_MAX];
  hrl_scenario *scenarios[RUNS_MAX]; /* NULL where it cannot be read */
  struct pairing pairings[RUNS_MAX]; /* [0] is not used */
  json_t *differences;               /* key: values, one a run */
};

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
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    char name[128];
    snprintf(name, sizeof name, "%s.%s", key->section, key->name);
    add_difference(comparison, name, values_of(comparison, name));
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
static hrl_status pair(hrl_runs *runs, const struct command_line *line, uint64_t first,
                       uint64_t second, struct pairing *pairing, hrl_error *error) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  if (line->values[RUNS_EPISODES].given)
    options.episodes = line->values[RUNS_EPISODES].number;
  if (line->values[RUNS_SEED].given) options.seed = line->values[RUNS_SEED].number;
  options.threads = (uint32_t)line->values[RUNS_THREADS].number;
  hrl_policy *a = load_model(runs, first);
  hrl_policy *b = load_model(runs, second);
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

/* ---- as JSON ---- */

static json_t *pairing_json(uint64_t first, uint64_t second,
                            const struct pairing *pairing) {
  return json_pack("{s:I, s:I, s:o, s:I, s:o, s:o}", "first", (json_int_t)first, "second",
                   (json_int_t)second, "source", json_text(pairing->source), "episodes",
                   (json_int_t)pairing->episodes, "difference",
                   json_number(pairing->difference), "standard_error",
                   json_number(pairing->standard_error));
}

static bool print_json(const struct comparison *comparison) {
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
  return runs_print_json(json_pack("{s:o, s:O, s:o}", "runs", runs, "differences",
                                   comparison->differences, "paired", pairs),
                         JSON_INDENT(2));
}

/* ---- as text ---- */

/* The evaluation of a run after `episode`, or NULL. */
static const struct evaluated *evaluation_at(const struct curve *curve,
                                             uint64_t episode) {
  for (size_t i = 0; i < curve->evaluation_count; i++)
    if (curve->evaluations[i].episode == episode) return &curve->evaluations[i];
  return NULL;
}

/* Strategic returns side by side, at the episodes of the run that has the most of them.
 */
static void print_table(const struct comparison *comparison) {
  const struct curve *longest = &comparison->curves[0];
  for (size_t i = 1; i < comparison->count; i++)
    if (comparison->curves[i].evaluation_count > longest->evaluation_count)
      longest = &comparison->curves[i];
  size_t count = longest->evaluation_count;
  if (count == 0) return;
  printf("\n%10s", "episode");
  for (size_t i = 0; i < comparison->count; i++)
    printf("  %9s%" PRIu64, "run ", comparison->curves[i].run.id);
  putchar('\n');
  size_t every = (count + TABLE_ROWS - 1) / TABLE_ROWS;
  for (size_t row = 0; row < count; row++) {
    if ((count - 1 - row) % every != 0) continue;
    uint64_t episode = longest->evaluations[row].episode;
    printf("%10" PRIu64, episode);
    for (size_t i = 0; i < comparison->count; i++) {
      const struct evaluated *found = evaluation_at(&comparison->curves[i], episode);
      if (found != NULL)
        printf("  %10.2f", found->figures.strategic_return);
      else
        printf("  %10s", "-");
    }
    putchar('\n');
  }
}

static void print_differences(const struct comparison *comparison) {
  const char *key;
  json_t *values;
  printf("\n%s\n", json_object_size(comparison->differences) > 0
                       ? "differences"
                       : "no differences of configuration");
  json_object_foreach(comparison->differences, key, values) {
    printf("  %-34s", key);
    for (size_t i = 0; i < json_array_size(values); i++) {
      char *text = json_print(json_array_get(values, i), JSON_ENCODE_ANY);
      printf("  %12s", text != NULL ? text : "?");
      free(text);
    }
    putchar('\n');
  }
}

static void print_pairing(uint64_t first, uint64_t second,
                          const struct pairing *pairing) {
  printf("run %" PRIu64 " - run %" PRIu64 "  ", second, first);
  if (pairing->source == NULL) {
    printf(
        "no paired evaluation: agents of one are gone, and the recorded evaluations are "
        "of different households, or missing\n");
    return;
  }
  printf("strategic return %+.3f", pairing->difference);
  if (isfinite(pairing->standard_error)) printf(" +- %.3f", pairing->standard_error);
  printf("  (%" PRIu64 " episodes on the same noise, %s)\n", pairing->episodes,
         strcmp(pairing->source, "models") == 0 ? "played now" : "as recorded");
}

static void print_text(const struct comparison *comparison) {
  for (size_t i = 0; i < comparison->count; i++) {
    const hrl_run *run = &comparison->curves[i].run;
    printf("%c run %" PRIu64 "  %s  %s  seed %" PRIu64 "  episodes %" PRIu64 "/%" PRIu64,
           curve_mark(i), run->id, run->scenario, hrl_run_state_name(run->state),
           run->seed, run->episode, run->total_episodes);
    if (run->best_episode > 0) printf("  best %.2f", run->best_return);
    if (run->final_episode > 0) printf("  final %.2f", run->final_return);
    putchar('\n');
  }
  putchar('\n');
  curves_draw(comparison->curves, comparison->count);
  print_table(comparison);
  print_differences(comparison);
  putchar('\n');
  for (size_t i = 1; i < comparison->count; i++)
    print_pairing(comparison->curves[0].run.id, comparison->curves[i].run.id,
                  &comparison->pairings[i]);
}

int runs_compare(hrl_runs *runs, const struct command_line *line) {
  uint64_t ids[ARGUMENTS_MAX];
  struct comparison comparison = {.count = runs_ids(line, ids)};
  if (comparison.count == SIZE_MAX) return EXIT_USAGE;
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = HRL_OK;
  size_t read = 0;
  for (; status == HRL_OK && read < comparison.count; read++) {
    status = curve_read(runs, ids[read], (size_t)line->values[RUNS_POINTS].number,
                        &comparison.curves[read], &error);
    if (status == HRL_OK)
      hrl_runs_scenario(runs, ids[read], &comparison.scenarios[read], NULL);
    if (status == HRL_OK && read > 0)
      status = pair(runs, line, ids[0], ids[read], &comparison.pairings[read], &error);
  }
  bool done = true;
  if (status == HRL_OK) find_differences(&comparison);
  if (status != HRL_OK)
    console_error("%s", error.message);
  else if (line->values[RUNS_JSON].given)
    done = print_json(&comparison);
  else
    print_text(&comparison);
  for (size_t i = 0; i < read; i++) {
    curve_free(&comparison.curves[i]);
    hrl_scenario_destroy(comparison.scenarios[i]);
  }
  json_decref(comparison.differences);
  return status == HRL_OK && done ? EXIT_DONE : EXIT_FAILED;
}
