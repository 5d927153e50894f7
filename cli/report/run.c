#include "report/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double number_of(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Value `index` of an array of an episode; one that has ended stays as it ended. */
static double history_at(const json_t *episode, const char *key, size_t index) {
  const json_t *values = json_object_get(episode, key);
  size_t count = json_array_size(values);
  if (count == 0) return NAN;
  const json_t *value = json_array_get(values, index < count ? index : count - 1);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* What of `count` sorted values is p per cent up. */
static double percentile(const double *sorted, size_t count, double p) {
  double place = p / 100.0 * (double)(count - 1);
  size_t below = (size_t)place;
  if (below + 1 >= count) return sorted[count - 1];
  return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

static bool create_fans(struct report_run *run, size_t months) {
  double *memory = calloc((1 + 3 * LEVELS) * months + 1, sizeof *memory);
  if (memory == NULL) return false;
  run->at = memory;
  run->months = months;
  for (size_t f = 0; f < 3; f++)
    for (size_t k = 0; k < LEVELS; k++)
      run->values[f][k] = memory + (1 + f * LEVELS + k) * months;
  return true;
}

/* ---- fans that the file has ---- */

static bool read_fans(struct report_run *run, const json_t *fan) {
  static const char *const names[3] = {"cash", "portfolio", "wealth"};
  const json_t *times = json_object_get(fan, "months");
  size_t months = json_array_size(times);
  if (json_array_size(json_object_get(fan, "levels")) != LEVELS) months = 0;
  if (months == 0) return true;
  if (!create_fans(run, months)) return false;
  for (size_t i = 0; i < months; i++) {
    run->at[i] = json_number_value(json_array_get(times, i));
    for (size_t f = 0; f < 3; f++)
      for (size_t k = 0; k < LEVELS; k++) {
        const json_t *level = json_array_get(json_object_get(fan, names[f]), k);
        const json_t *value = json_array_get(level, i);
        run->values[f][k][i] = json_is_number(value) ? json_number_value(value) : NAN;
      }
  }
  return true;
}

/* ---- fans of its episodes ---- */

/* One month of all episodes. */
static void add_month(struct report_run *run, const json_t *episodes, size_t month,
                      double *values) {
  static const double levels[LEVELS] = {5, 25, 50, 75, 95};
  size_t count = json_array_size(episodes), i;
  json_t *episode;
  run->at[month] = (double)month + 1;
  for (size_t f = 0; f < 3; f++) {
    size_t known = 0;
    json_array_foreach(episodes, i, episode) {
      double cash = history_at(episode, "cash_history", month);
      double portfolio = history_at(episode, "portfolio_history", month);
      double value = f == 0 ? cash : f == 1 ? portfolio : cash + portfolio;
      if (isfinite(value) && known < count) values[known++] = value;
    }
    qsort(values, known, sizeof *values, ascending);
    for (size_t k = 0; k < LEVELS; k++)
      run->values[f][k][month] = known > 0 ? percentile(values, known, levels[k]) : NAN;
  }
}

/* More are no months of a file of ours. */
#define MONTHS_MOST 12000

static bool make_fans(struct report_run *run, const json_t *episodes) {
  size_t months = 0, i;
  json_t *episode;
  json_array_foreach(episodes, i, episode) {
    size_t length = json_array_size(json_object_get(episode, "cash_history"));
    if (length > months) months = length;
  }
  if (months == 0 || months > MONTHS_MOST) return true;
  double *values = calloc(json_array_size(episodes), sizeof *values);
  bool made = values != NULL && create_fans(run, months);
  for (size_t month = 0; made && month < months; month++)
    add_month(run, episodes, month, values);
  free(values);
  return made;
}

static bool read_final_wealth(struct report_run *run, const json_t *episodes) {
  size_t i;
  json_t *episode;
  run->final_wealth = calloc(json_array_size(episodes) + 1, sizeof *run->final_wealth);
  if (run->final_wealth == NULL) return false;
  json_array_foreach(episodes, i, episode) {
    double wealth = number_of(episode, "total_wealth");
    if (isfinite(wealth)) run->final_wealth[run->final_count++] = wealth;
  }
  qsort(run->final_wealth, run->final_count, sizeof *run->final_wealth, ascending);
  return true;
}

/* ---- all ---- */

bool run_read(struct report_run *run, const json_t *results) {
  static const char *const figures[RUN_FIGURES][2] = {
      {"duration_mean", "duration_std"},
      {"final_cash_mean", "final_cash_std"},
      {"final_invested_mean", "final_invested_std"},
      {"final_portfolio_mean", "final_portfolio_std"},
      {"total_wealth_mean", "total_wealth_std"},
      {"investment_gains_mean", "investment_gains_std"}};
  static const char *const shares[3] = {"avg_invest_pct", "avg_save_pct",
                                        "avg_consume_pct"};
  const json_t *episodes = json_object_get(results, "episodes");
  *run = (struct report_run){.id = text_of(results, "simulation_id"),
                             .scenario = text_of(results, "scenario_name"),
                             .model = text_of(results, "model_name"),
                             .time = text_of(results, "timestamp"),
                             .episodes = number_of(results, "num_episodes"),
                             .seed = number_of(results, "seed")};
  for (int i = 0; i < RUN_FIGURES; i++) {
    run->mean[i] = number_of(results, figures[i][0]);
    run->deviation[i] = number_of(results, figures[i][1]);
  }
  for (int i = 0; i < 3; i++) run->shares[i] = number_of(results, shares[i]);
  const json_t *fan = json_object_get(results, "percentiles");
  return (json_is_object(fan) ? read_fans(run, fan) : make_fans(run, episodes)) &&
         read_final_wealth(run, episodes);
}

void run_destroy(struct report_run *run) {
  free(run->at);
  free(run->final_wealth);
  *run = (struct report_run){.months = 0};
}
