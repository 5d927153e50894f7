#include "evaluate/percentiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenario/definition.h"

#define MOST_LEVELS 1001

static const double usual[] = {5.0, 25.0, 50.0, 75.0, 95.0};

/* The figures of a month. The first, stocks, stay as they are where an episode has ended;
 * the rest, flows, are then not there. */
enum figure { CASH, PORTFOLIO, WEALTH, CONSUMPTION, SHARE, FIGURES };
#define STOCKS 3

/* How an episode ended. */
struct ending {
  uint64_t month;
  double stocks[STOCKS];
};

/* Some months of all episodes. Threads write to cells of different episodes when months
 * are played, and of different months when they are sorted. */
struct table {
  const hrl_percentiles_request *request;
  size_t episodes;
  uint64_t first; /* month */
  size_t months;
  double *values;         /* [months, FIGURES, episodes] */
  struct ending *endings; /* [episodes] */
  uint64_t *alive;        /* [months] episodes that lived through it */
  double *percentiles;    /* [months, FIGURES, request->count] */
  double *levels;         /* [request->count] those of the request, ascending */
};

static double *cells_of(const struct table *table, size_t month, size_t figure) {
  return table->values + (month * FIGURES + figure) * table->episodes;
}

static void keep_month(void *context, const hrl_trajectory_month *seen) {
  struct table *table = context;
  const double figures[FIGURES] = {[CASH] = seen->cash,
                                   [PORTFOLIO] = seen->portfolio,
                                   [WEALTH] = seen->cash + seen->portfolio,
                                   [CONSUMPTION] = seen->consumption,
                                   [SHARE] = seen->share};
  struct ending *ending = &table->endings[seen->episode];
  ending->month = seen->month;
  memcpy(ending->stocks, figures, sizeof ending->stocks);
  if (seen->month < table->first || seen->month - table->first >= table->months) return;
  for (size_t f = 0; f < FIGURES; f++)
    cells_of(table, (size_t)(seen->month - table->first), f)[seen->episode] = figures[f];
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Where a percentile lies among `count` sorted values: there, or before the next. */
static double place_of(double level, size_t count) {
  return level / 100.0 * (double)(count - 1);
}

static double pick(const double *sorted, size_t count, double level) {
  if (count == 0) return NAN;
  double place = place_of(level, count);
  size_t below = (size_t)place;
  if (below + 1 >= count) return sorted[count - 1];
  double part = place - (double)below;
  return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

/* Whether a percentile is picked from places `first` to `end` - 1 of the sorted values.
 */
static bool is_picked(const struct table *table, size_t count, size_t first, size_t end) {
  size_t low = 0;
  size_t high = table->request->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if ((size_t)place_of(table->levels[middle], count) + 1 < first)
      low = middle + 1;
    else
      high = middle;
  }
  return low < table->request->count && (size_t)place_of(table->levels[low], count) < end;
}

static double median_of(double a, double b, double c) {
  return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Sorts values `first` to `end` - 1 of `count`, but for parts from which none is picked:
 * these are in their place as a whole. A full sort takes four times as long. */
static void sort_picked(const struct table *table, double *values, size_t count,
                        size_t first, size_t end) {
  while (end - first > 1 && is_picked(table, count, first, end)) {
    double pivot = median_of(values[first], values[(first + end) / 2], values[end - 1]);
    size_t below = first;
    size_t above = end;
    for (size_t at = first; at < above;) {
      double value = values[at];
      if (value < pivot) {
        values[at++] = values[below];
        values[below++] = value;
      } else if (value > pivot) {
        values[at] = values[--above];
        values[above] = value;
      } else {
        at++;
      }
    }
    /* the smaller part by a call, so that few are nested */
    if (below - first < end - above) {
      sort_picked(table, values, count, first, below);
      first = above;
    } else {
      sort_picked(table, values, count, above, end);
      end = below;
    }
  }
}

/* Puts the values that are there first, and tells how many they are. */
static size_t gather(const struct table *table, size_t month, size_t figure) {
  double *values = cells_of(table, month, figure);
  size_t count = 0;
  for (size_t i = 0; i < table->episodes; i++) {
    const struct ending *ending = &table->endings[i];
    bool ended = ending->month < table->first + month;
    double value = !ended ? values[i] : figure < STOCKS ? ending->stocks[figure] : NAN;
    if (!isnan(value)) values[count++] = value;
  }
  return count;
}

static void sort_month(void *context, size_t month) {
  struct table *table = context;
  const hrl_percentiles_request *request = table->request;
  table->alive[month] = 0;
  for (size_t i = 0; i < table->episodes; i++)
    table->alive[month] += table->endings[i].month >= table->first + month;
  for (size_t f = 0; f < FIGURES; f++) {
    double *values = cells_of(table, month, f);
    size_t count = gather(table, month, f);
    sort_picked(table, values, count, 0, count);
    double *found = table->percentiles + (month * FIGURES + f) * request->count;
    for (size_t k = 0; k < request->count; k++)
      found[k] = pick(values, count, request->levels[k]);
  }
}

static hrl_status tell(const struct table *table, size_t months, hrl_error *error) {
  const hrl_percentiles_request *request = table->request;
  for (size_t month = 0; month < months; month++) {
    const double *found = table->percentiles + month * FIGURES * request->count;
    hrl_percentiles told = {.size = sizeof told,
                            .month = table->first + month,
                            .episodes = table->alive[month],
                            .count = request->count,
                            .levels = request->levels,
                            .cash = found + CASH * request->count,
                            .portfolio = found + PORTFOLIO * request->count,
                            .wealth = found + WEALTH * request->count,
                            .consumption = found + CONSUMPTION * request->count,
                            .share = found + SHARE * request->count};
    if (request->hear(&told, request->data) != 0)
      return hrlp_fail(error, HRL_ERROR_STATE, "the callback ended the percentiles");
  }
  return HRL_OK;
}

/* Fills in the usual levels. */
static hrl_status check(const hrl_percentiles_request *wanted,
                        hrl_percentiles_request *request, hrl_error *error) {
  *request = (hrl_percentiles_request)HRL_PERCENTILES_REQUEST_INIT;
  if (wanted != NULL)
    memcpy(request, wanted,
           wanted->size < sizeof *request ? wanted->size : sizeof *request);
  if (request->levels == NULL) {
    request->levels = usual;
    request->count = sizeof usual / sizeof usual[0];
  }
  if (request->hear == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT, "percentiles: expected a callback");
  if (request->count < 1 || request->count > MOST_LEVELS)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "percentiles: found %zu levels, expected 1 to %d", request->count,
                     MOST_LEVELS);
  for (size_t k = 0; k < request->count; k++)
    if (!(request->levels[k] >= 0.0 && request->levels[k] <= 100.0))
      return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                       "percentiles: level %zu is %g, expected 0 to 100", k,
                       request->levels[k]);
  return HRL_OK;
}

static hrl_status create_table(struct table *table, size_t all_months, size_t memory,
                               hrl_error *error) {
  size_t month = FIGURES * (table->episodes + table->request->count) * sizeof(double);
  table->months = memory / month;
  if (table->months < 1) table->months = 1;
  if (table->months > all_months) table->months = all_months;
  table->values = hrlp_alloc(table->months, FIGURES * table->episodes * sizeof(double));
  table->endings = hrlp_alloc(table->episodes, sizeof *table->endings);
  table->alive = hrlp_alloc(table->months, sizeof *table->alive);
  table->percentiles =
      hrlp_alloc(table->months, FIGURES * table->request->count * sizeof(double));
  table->levels = hrlp_alloc(table->request->count, sizeof *table->levels);
  if (table->values == NULL || table->endings == NULL || table->alive == NULL ||
      table->percentiles == NULL || table->levels == NULL)
    return hrlp_fail_memory(error, "the percentiles");
  memcpy(table->levels, table->request->levels,
         table->request->count * sizeof *table->levels);
  qsort(table->levels, table->request->count, sizeof *table->levels, compare);
  return HRL_OK;
}

static void destroy_table(struct table *table) {
  hrlp_free(table->values);
  hrlp_free(table->endings);
  hrlp_free(table->alive);
  hrlp_free(table->percentiles);
  hrlp_free(table->levels);
}

hrl_status hrlp_percentiles(const struct hrlp_player *player,
                            const hrl_evaluate_options *options, struct hrlp_pool *pool,
                            const hrl_percentiles_request *wanted, size_t memory,
                            hrl_evaluation *result, double *returns, hrl_error *error) {
  hrl_percentiles_request request;
  hrl_evaluation ignored = {.size = sizeof ignored};
  hrl_status status = check(wanted, &request, error);
  if (status != HRL_OK) return status;
  size_t all_months = (size_t)player->task->months;
  struct table table = {.request = &request,
                        .episodes = (size_t)options->episodes,
                        .first = (uint64_t)player->task->first_month};
  struct hrlp_audience audience = {.returns = returns, .observer = {keep_month, &table}};
  status = create_table(&table, all_months, memory, error);
  while (status == HRL_OK && table.first <= all_months) {
    size_t left = all_months - (size_t)table.first + 1;
    size_t months = left < table.months ? left : table.months;
    status = hrlp_evaluate_player(player, options->episodes, options->seed, pool,
                                  &audience, result != NULL ? result : &ignored, error);
    if (status != HRL_OK) break;
    hrlp_pool_run(pool, sort_month, &table, months);
    status = tell(&table, months, error);
    table.first += months;
  }
  destroy_table(&table);
  return status;
}

/* Of a plan, whose optimum it solves first where `plan` is NULL. */
static hrl_status percentiles_of_plan(const hrl_scenario *scenario,
                                      const struct hrlp_plan *plan,
                                      const hrl_evaluate_options *options,
                                      const hrl_percentiles_request *request,
                                      hrl_error *error) {
  struct hrlp_evaluation evaluation;
  struct hrlp_plan optimum = {.optimum = NULL};
  double value;
  hrl_status status = hrlp_scenario_check_household(
      scenario, plan == NULL ? "hrl_percentiles_optimum" : "hrl_percentiles_rule", error);
  if (status != HRL_OK) return status;
  status = hrlp_evaluation_begin(&evaluation, scenario, options, error);
  if (status == HRL_OK && plan == NULL)
    status = evaluation.task->environment->optimum_create(evaluation.task, &optimum,
                                                          &value, error);
  if (status == HRL_OK) {
    struct hrlp_player player = {.task = evaluation.task,
                                 .plan = plan == NULL ? &optimum : plan};
    status = hrlp_percentiles(&player, &evaluation.options, evaluation.pool, request,
                              HRLP_PERCENTILES_MEMORY, NULL, NULL, error);
    if (plan == NULL) evaluation.task->environment->optimum_destroy(&optimum);
  }
  hrlp_evaluation_end(&evaluation);
  return status;
}

hrl_status hrl_percentiles_rule(const hrl_scenario *scenario, const hrl_rule *rule,
                                const hrl_evaluate_options *options,
                                const hrl_percentiles_request *request,
                                hrl_error *error) {
  if (scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_percentiles_rule: expected a scenario and a rule");
  struct hrlp_plan plan;
  hrl_status status = hrlp_rule_check(rule, &plan, error);
  return status == HRL_OK ? percentiles_of_plan(scenario, &plan, options, request, error)
                          : status;
}

hrl_status hrl_percentiles_optimum(const hrl_scenario *scenario,
                                   const hrl_evaluate_options *options,
                                   const hrl_percentiles_request *request,
                                   hrl_error *error) {
  if (scenario == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "hrl_percentiles_optimum: expected a scenario");
  return percentiles_of_plan(scenario, NULL, options, request, error);
}
