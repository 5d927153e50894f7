#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/evaluate.h>

#include "common/console.h"
#include "common/json_text.h"
#include "common/run_compare.h"
#include "common/worth.h"
#include "runs/commands.h"
#include "runs/curve.h"
#include "runs/json.h"

#define TABLE_ROWS 12

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
        printf("  %10.2f", evaluation_worth(&found->figures));
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
                       : "no differences in configuration");
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
        "no paired evaluation: the agents of one run no longer exist, and the recorded "
        "evaluations are missing or of different households\n");
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
    if (run->best_episode > 0) printf("  best %.2f", run_best_worth(run));
    if (run->final_episode > 0) printf("  final %.2f", run_final_worth(run));
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
  const struct option_value *values = line->values;
  const hrl_evaluate_options standard = HRL_EVALUATE_OPTIONS_INIT;
  uint64_t ids[ARGUMENTS_MAX];
  struct comparison comparison;
  size_t count = runs_ids(line, ids);
  if (count == SIZE_MAX) return EXIT_USAGE;
  const struct compare_options options = {
      .points = (size_t)values[RUNS_POINTS].number,
      .episodes =
          values[RUNS_EPISODES].given ? values[RUNS_EPISODES].number : standard.episodes,
      .seed = values[RUNS_SEED].given ? values[RUNS_SEED].number : standard.seed,
      .threads = (uint32_t)values[RUNS_THREADS].number};
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = comparison_make(runs, ids, count, &options, &comparison, &error);
  bool done = true;
  if (status != HRL_OK)
    console_error("%s", error.message);
  else if (values[RUNS_JSON].given)
    done = runs_print_json(comparison_json(&comparison), JSON_INDENT(2));
  else
    print_text(&comparison);
  comparison_free(&comparison);
  return status == HRL_OK && done ? EXIT_DONE : EXIT_FAILED;
}
