#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/memory.h>

#include "common/console.h"
#include "common/json_text.h"
#include "common/worth.h"
#include "runs/commands.h"
#include "runs/curve.h"
#include "runs/json.h"

static void print_worth(const char *name, double worth, bool is_equivalent,
                        double standard_error, uint64_t episode) {
  if (episode == 0) return;
  printf("%-12s %s %.2f", name,
         is_equivalent ? "certainty equivalent" : "strategic return", worth);
  if (isfinite(standard_error)) printf(" +- %.2f", standard_error);
  printf(" after episode %" PRIu64 "\n", episode);
}

static void print_run(const hrl_run *run, const char *model) {
  bool is_early = run->reason[0] != '\0' && strcmp(run->reason, "episodes") != 0;
  printf("run %" PRIu64 "  %s  %s%s%s\n", run->id, run->scenario,
         hrl_run_state_name(run->state), is_early ? ": " : "",
         is_early ? run->reason : "");
  printf("%-12s %s\n", "started", run->start_time);
  if (run->end_time[0] != '\0') printf("%-12s %s\n", "ended", run->end_time);
  printf("%-12s %" PRIu64 " of %" PRIu64 " in %.2f s, %" PRIu64 " part(s)\n", "episodes",
         run->episode, run->total_episodes,
         isfinite(run->elapsed_time) ? run->elapsed_time : 0.0, run->parts);
  printf("%-12s seed %" PRIu64 "  save interval %" PRIu64 "  eval episodes %" PRIu32
         "  threads %" PRIu32 "  keep %" PRIu64 "\n",
         "options", run->seed, run->save_interval, run->eval_episodes, run->threads,
         run->keep);
  if (run->patience > 0) {
    printf("%-12s patience %" PRIu32 "  min episodes %" PRIu64, "", run->patience,
           run->min_episodes);
    if (isfinite(run->min_improvement))
      printf("  min improvement %g", run->min_improvement);
    putchar('\n');
  }
  if (isfinite(run->target)) printf("%-12s target %g\n", "", run->target);
  print_worth("best", run_best_worth(run), isfinite(run->best_equivalent), NAN,
              run->best_episode);
  print_worth("final", run_final_worth(run), isfinite(run->final_equivalent),
              run_final_worth_stderr(run), run->final_episode);
  printf("%-12s %s, process %" PRIu64 ", libhrl %s\n", "host", run->host, run->process,
         run->library_version);
  printf("%-12s %s\n", "scenario", run->scenario_hash);
  if (model != NULL) printf("%-12s %s\n", "agents", model);
  if (run->error[0] != '\0') printf("%-12s %s\n", "error", run->error);
}

/* The scenario's full text, or NULL. */
static char *scenario_text(hrl_runs *runs, uint64_t id) {
  hrl_scenario *scenario = NULL;
  char *text = NULL;
  if (hrl_runs_scenario(runs, id, &scenario, NULL) == HRL_OK)
    hrl_scenario_format(scenario, &text, NULL);
  hrl_scenario_destroy(scenario);
  return text;
}

static bool print_json(hrl_runs *runs, const struct curve *curve, const char *model) {
  json_t *object = run_json(&curve->run);
  char *text = scenario_text(runs, curve->run.id);
  if (object != NULL) {
    json_object_set_new(object, "agents", json_text(model));
    json_object_set_new(object, "scenario_text", json_text(text));
    json_object_set_new(object, "progress", progress_json(curve));
    json_object_set_new(object, "evaluations", evaluations_json(curve));
  }
  hrl_free(text);
  return runs_print_json(object, JSON_INDENT(2));
}

int runs_show(hrl_runs *runs, const struct command_line *line) {
  uint64_t ids[ARGUMENTS_MAX];
  if (runs_ids(line, ids) == SIZE_MAX) return EXIT_USAGE;
  hrl_error error = HRL_ERROR_INIT;
  struct curve curve;
  hrl_status status =
      curve_read(runs, ids[0], (size_t)line->values[RUNS_POINTS].number, &curve, &error);
  if (status != HRL_OK) {
    console_error("%s", error.message);
    curve_free(&curve);
    return EXIT_FAILED;
  }
  char *model = NULL;
  hrl_runs_model(runs, ids[0], &model, NULL);
  bool done = true;
  if (line->values[RUNS_JSON].given) {
    done = print_json(runs, &curve, model);
  } else {
    print_run(&curve.run, model);
    putchar('\n');
    curves_draw(&curve, 1);
  }
  hrl_free(model);
  curve_free(&curve);
  return done ? EXIT_DONE : EXIT_FAILED;
}
