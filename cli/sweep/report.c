#include "sweep/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the seeds of a scenario and setting came to. */
struct summary {
  const char *scenario;
  const char *setting;
  uint64_t episodes;
  bool ended; /* by halving */
  size_t runs, failed;
  double median, lower, upper, worst; /* of those that did not fail; NaN: all did */
  double seconds;                     /* median */
};

static struct summary summarize(const struct sweep *sweep, size_t group, double *values) {
  const struct plan *plan = &sweep->plan;
  const struct sweep_run *runs = &sweep->runs[group * plan->seed_count];
  double *seconds = values + plan->seed_count;
  struct summary summary = {.scenario = plan->scenarios[runs->scenario],
                            .setting = plan->settings[runs->setting].label,
                            .episodes = runs->outcome_episodes,
                            .ended = runs->ended,
                            .runs = plan->seed_count};
  size_t count = 0;
  for (size_t i = 0; i < plan->seed_count; i++) {
    const struct outcome *outcome = &runs[i].outcome;
    summary.failed += outcome->failed;
    if (outcome->failed) continue;
    seconds[count] = outcome->seconds;
    values[count++] = outcome->worth;
  }
  sweep_sort(values, count);
  sweep_sort(seconds, count);
  summary.median = sweep_quantile(values, count, 0.5);
  summary.lower = sweep_quantile(values, count, 0.25);
  summary.upper = sweep_quantile(values, count, 0.75);
  summary.worst = sweep_quantile(values, count, 0.0);
  summary.seconds = sweep_quantile(seconds, count, 0.5);
  return summary;
}

static void print_row(const struct summary *summary, int width) {
  printf("%-*s %9" PRIu64 " %5zu %6zu %10.2f %10.2f %10.2f %10.2f %8.2f  %s%s%s\n", width,
         summary->scenario, summary->episodes, summary->runs, summary->failed,
         summary->median, summary->lower, summary->upper, summary->worst,
         summary->seconds, summary->setting, summary->ended ? " " : "",
         summary->ended ? "(ended early)" : "");
}

/* A field of comma-separated values. */
static void print_field(const char *text) {
  putchar('"');
  for (; *text != '\0'; text++) {
    if (*text == '"') putchar('"');
    putchar(*text);
  }
  putchar('"');
}

static void print_csv(const struct summary *summary) {
  print_field(summary->scenario);
  putchar(',');
  print_field(summary->setting);
  printf(",%" PRIu64 ",%d,%zu,%zu", summary->episodes, summary->ended, summary->runs,
         summary->failed);
  const double figures[] = {summary->median, summary->lower, summary->upper,
                            summary->worst, summary->seconds};
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    if (isfinite(figures[i]))
      printf(",%.17g", figures[i]);
    else
      putchar(',');
  putchar('\n');
}

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static void print_object(json_t *object) {
  if (object == NULL) return;
  json_dumpf(object, stdout, JSON_REAL_PRECISION(17) | JSON_COMPACT);
  putchar('\n');
  json_decref(object);
}

static json_t *list_values(const struct setting *setting) {
  json_t *values = json_object();
  for (size_t i = 0; i < setting->count; i++)
    json_object_set_new(values, setting->values[i].key,
                        json_real(setting->values[i].value));
  return values;
}

static void print_json(const struct sweep *sweep, size_t group,
                       const struct summary *summary) {
  const struct plan *plan = &sweep->plan;
  for (size_t i = 0; i < plan->seed_count; i++) {
    const struct sweep_run *run = &sweep->runs[group * plan->seed_count + i];
    const struct outcome *outcome = &run->outcome;
    json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:b}", "kind", "run",
                               "run", run->name, "scenario", summary->scenario, "setting",
                               list_values(&plan->settings[run->setting]), "seed",
                               (json_int_t)run->seed, "episodes",
                               (json_int_t)summary->episodes, "ended", (int)run->ended);
    json_object_set_new(object, "worth",
                        outcome->failed ? json_null() : number(outcome->worth));
    json_object_set_new(object, "standard_error",
                        outcome->failed ? json_null() : number(outcome->standard_error));
    json_object_set_new(object, "seconds", number(outcome->seconds));
    json_object_set_new(object, "error",
                        outcome->failed ? json_string(outcome->message) : json_null());
    print_object(object);
  }
  const struct sweep_run *first = &sweep->runs[group * plan->seed_count];
  print_object(json_pack("{s:s, s:s, s:o, s:I, s:b, s:I, s:I, s:o, s:o, s:o, s:o, s:o}",
                         "kind", "setting", "scenario", summary->scenario, "setting",
                         list_values(&plan->settings[first->setting]), "episodes",
                         (json_int_t)summary->episodes, "ended", (int)summary->ended,
                         "runs", (json_int_t)summary->runs, "failed",
                         (json_int_t)summary->failed, "median", number(summary->median),
                         "lower_quartile", number(summary->lower), "upper_quartile",
                         number(summary->upper), "worst", number(summary->worst),
                         "seconds", number(summary->seconds)));
}

static int widest_name(const struct plan *plan) {
  size_t width = strlen("scenario");
  for (size_t i = 0; i < plan->scenario_count; i++)
    if (strlen(plan->scenarios[i]) > width) width = strlen(plan->scenarios[i]);
  return (int)width;
}

size_t report_print(const struct sweep *sweep, enum report_format format) {
  const struct plan *plan = &sweep->plan;
  int width = widest_name(plan);
  size_t failed = 0;
  double *values = calloc(2 * plan->seed_count, sizeof *values);
  if (values == NULL) return sweep->run_count;
  if (format == REPORT_TABLE)
    printf("%-*s %9s %5s %6s %10s %10s %10s %10s %8s  %s\n", width, "scenario",
           "episodes", "runs", "failed", "median", "quartile", "quartile", "worst",
           "seconds", "setting");
  if (format == REPORT_CSV)
    puts(
        "scenario,setting,episodes,ended,runs,failed,median,lower_quartile,"
        "upper_quartile,worst,seconds");
  for (size_t group = 0; group < plan->scenario_count * plan->setting_count; group++) {
    struct summary summary = summarize(sweep, group, values);
    failed += summary.failed;
    if (format == REPORT_TABLE) print_row(&summary, width);
    if (format == REPORT_CSV) print_csv(&summary);
    if (format == REPORT_JSON) print_json(sweep, group, &summary);
  }
  free(values);
  return failed;
}
