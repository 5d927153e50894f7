#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/console.h"
#include "common/worth.h"
#include "runs/commands.h"
#include "runs/curve.h"
#include "runs/json.h"

static void write_figure(char target[32], double value) {
  if (isfinite(value))
    snprintf(target, 32, "%.2f", value);
  else
    snprintf(target, 32, "-");
}

static int print_row(const hrl_run *run, void *data) {
  uint64_t *count = data;
  char best[32];
  char final[32];
  char share[48];
  char seconds[32];
  if ((*count)++ == 0)
    printf("%6s  %-11s  %-19s  %-27s  %20s  %15s  %9s  %9s  %9s\n", "id", "state",
           "started", "scenario", "seed", "episodes", "seconds", "best", "final");
  write_figure(best, run_best_worth(run));
  write_figure(final, run_final_worth(run));
  write_figure(seconds, run->elapsed_time);
  snprintf(share, sizeof share, "%" PRIu64 "/%" PRIu64, run->episode,
           run->total_episodes);
  printf("%6" PRIu64 "  %-11s  %-19.19s  %-27s  %20" PRIu64 "  %15s  %9s  %9s  %9s\n",
         run->id, hrl_run_state_name(run->state), run->start_time, run->scenario,
         run->seed, share, seconds, best, final);
  return 0;
}

static int collect(const hrl_run *run, void *data) {
  return json_array_append_new(data, run_json(run));
}

int runs_list(hrl_runs *runs, const struct command_line *line) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_runs_filter filter;
  if (!runs_filter(line, &filter)) return EXIT_USAGE;
  bool json = line->values[RUNS_JSON].given;
  uint64_t count = 0;
  json_t *list = json ? json_array() : NULL;
  hrl_status status = json ? hrl_runs_list(runs, &filter, collect, list, &error)
                           : hrl_runs_list(runs, &filter, print_row, &count, &error);
  if (status != HRL_OK) {
    json_decref(list);
    console_error("%s", error.message);
    return EXIT_FAILED;
  }
  if (json && !runs_print_json(list, JSON_INDENT(2))) return EXIT_FAILED;
  if (!json && count == 0) printf("no runs\n");
  return EXIT_DONE;
}

/* ---- export ---- */

#define RUN_HEADER                                                              \
  "id,scenario,scenario_hash,state,start_time,end_time,seed,episode,"           \
  "total_episodes,save_interval,eval_episodes,threads,keep,parts,elapsed_time," \
  "best_return,best_episode,final_return,final_stderr,final_episode,"           \
  "library_version,host,process,error,reason,patience,min_improvement,"         \
  "min_episodes,target,best_equivalent,final_equivalent,final_equivalent_stderr"
#define POINT_HEADER                                                     \
  "run,episode,avg_reward,avg_duration,avg_cash,avg_invested,stability," \
  "goal_adherence,elapsed_time"

/* Text as one value, quoted where it must be (RFC 4180). */
static void put_text(const char *text) {
  if (strpbrk(text, ",\"") == NULL) {
    fputs(text, stdout);
    return;
  }
  putchar('"');
  for (; *text != '\0'; text++) {
    if (*text == '"') putchar('"');
    putchar(*text);
  }
  putchar('"');
}

/* A number with a comma in front of it; nothing where it is not known. */
static void put_number(double value) {
  putchar(',');
  if (isfinite(value)) printf("%.10g", value);
}

static void put_texts(const char *const *texts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    putchar(',');
    put_text(texts[i]);
  }
}

static int export_run(const hrl_run *run, void *data) {
  const char *const head[] = {run->scenario, run->scenario_hash,
                              hrl_run_state_name(run->state), run->start_time,
                              run->end_time};
  const char *const version = run->library_version;
  const char *const host = run->host;
  const char *const error = run->error;
  const char *const reason = run->reason;
  (void)data;
  printf("%" PRIu64, run->id);
  put_texts(head, sizeof head / sizeof head[0]);
  printf(",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32
         ",%" PRIu64 ",%" PRIu64,
         run->seed, run->episode, run->total_episodes, run->save_interval,
         run->eval_episodes, run->threads, run->keep, run->parts);
  put_number(run->elapsed_time);
  put_number(run->best_return);
  printf(",%" PRIu64, run->best_episode);
  put_number(run->final_return);
  put_number(run->final_stderr);
  printf(",%" PRIu64, run->final_episode);
  put_texts(&version, 1);
  put_texts(&host, 1);
  printf(",%" PRIu64, run->process);
  put_texts(&error, 1);
  put_texts(&reason, 1);
  printf(",%" PRIu32, run->patience);
  put_number(run->min_improvement);
  printf(",%" PRIu64, run->min_episodes);
  put_number(run->target);
  put_number(run->best_equivalent);
  put_number(run->final_equivalent);
  put_number(run->final_equivalent_stderr);
  putchar('\n');
  return 0;
}

static int export_run_line(const hrl_run *run, void *data) {
  (void)data;
  return runs_print_json(run_json(run), JSON_COMPACT) ? 0 : 1;
}

static void export_points(const struct curve *curve) {
  for (size_t i = 0; i < curve->point_count; i++) {
    const hrl_progress *point = &curve->points[i];
    printf("%" PRIu64 ",%" PRIu64, curve->run.id, point->episode);
    put_number(point->avg_reward);
    put_number(point->avg_duration);
    put_number(point->avg_cash);
    put_number(point->avg_invested);
    put_number(point->stability);
    put_number(point->goal_adherence);
    put_number(point->elapsed_time);
    putchar('\n');
  }
}

static bool export_point_lines(const struct curve *curve) {
  json_t *list = progress_json(curve);
  bool done = list != NULL;
  for (size_t i = 0; done && i < json_array_size(list); i++) {
    json_t *point = json_array_get(list, i);
    json_object_set_new(point, "run", json_integer((json_int_t)curve->run.id));
    done = runs_print_json(json_incref(point), JSON_COMPACT);
  }
  json_decref(list);
  return done;
}

static int export_curve(hrl_runs *runs, const struct command_line *line, uint64_t id) {
  hrl_error error = HRL_ERROR_INIT;
  struct curve curve;
  bool done = true;
  hrl_status status =
      curve_read(runs, id, (size_t)line->values[RUNS_POINTS].number, &curve, &error);
  if (status != HRL_OK)
    console_error("%s", error.message);
  else if (line->values[RUNS_JSON].given)
    done = export_point_lines(&curve);
  else
    export_points(&curve);
  curve_free(&curve);
  return status == HRL_OK && done ? EXIT_DONE : EXIT_FAILED;
}

int runs_export(hrl_runs *runs, const struct command_line *line) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_runs_filter filter;
  uint64_t ids[ARGUMENTS_MAX];
  size_t count = runs_ids(line, ids);
  bool json = line->values[RUNS_JSON].given;
  if (count == SIZE_MAX || !runs_filter(line, &filter)) return EXIT_USAGE;
  if (!json) puts(count > 0 ? POINT_HEADER : RUN_HEADER);
  int exit_code = EXIT_DONE;
  for (size_t i = 0; i < count && exit_code == EXIT_DONE; i++)
    exit_code = export_curve(runs, line, ids[i]);
  if (count > 0 || hrl_runs_list(runs, &filter, json ? export_run_line : export_run, NULL,
                                 &error) == HRL_OK)
    return exit_code;
  console_error("%s", error.message);
  return EXIT_FAILED;
}
