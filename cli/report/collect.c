#include "report/collect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hrl/percentiles.h>

#include "report/history.h"

/* Episodes on which the best rule with a reserve is picked, at most. */
#define SCREEN_EPISODES 256

static hrl_status fail_memory(hrl_error *error) {
  if (error != NULL) {
    error->status = HRL_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "out of memory for a report");
  }
  return HRL_ERROR_MEMORY;
}

/* ---- how episodes spread ---- */

struct sink {
  struct report_player *player;
  size_t months;
  double episodes;
};

static int keep_month(const hrl_percentiles *month, void *data) {
  struct sink *sink = data;
  const double *figures[FIGURES] = {month->cash, month->portfolio, month->wealth,
                                    month->consumption, month->share};
  static const size_t places[LEVELS] = {5, 25, 50, 75, 95};
  size_t at = (size_t)month->month - 1;
  if (at >= sink->months) return 1;
  for (size_t f = 0; f < FIGURES; f++)
    for (size_t k = 0; k < LEVELS; k++)
      sink->player->values[f][k][at] = figures[f][places[k]];
  /* who lived through a month was solvent after the one before */
  if (at > 0) sink->player->solvent[at - 1] = (double)month->episodes / sink->episodes;
  if (at + 1 == sink->months)
    memcpy(sink->player->final_wealth, month->wealth, sizeof sink->player->final_wealth);
  return 0;
}

static bool create_player(struct report_player *player, size_t months) {
  double *memory = calloc((FIGURES * LEVELS + 1) * months, sizeof *memory);
  if (memory == NULL) return false;
  player->solvent = memory;
  for (size_t f = 0; f < FIGURES; f++)
    for (size_t k = 0; k < LEVELS; k++)
      player->values[f][k] = memory + (1 + f * LEVELS + k) * months;
  return true;
}

const hrl_evaluation *report_evaluation(const struct report *report,
                                        enum player_place place) {
  const struct yardsticks *yardsticks = &report->yardsticks;
  return place == PLAYER_AGENTS ? &yardsticks->policy
         : place == PLAYER_RULE ? &yardsticks->best_rule
                                : &yardsticks->optimum;
}

static hrl_status collect_players(struct report *report,
                                  const struct report_source *source, hrl_error *error) {
  double levels[WHOLE_LEVELS];
  for (int i = 0; i < WHOLE_LEVELS; i++) levels[i] = 100.0 * i / (WHOLE_LEVELS - 1);
  hrl_status status = HRL_OK;
  for (int place = 0; place < PLAYERS && status == HRL_OK; place++) {
    struct report_player *player = &report->players[place];
    struct sink sink = {player, report->months, (double)source->options->episodes};
    hrl_percentiles_request request = HRL_PERCENTILES_REQUEST_INIT;
    request.levels = levels;
    request.count = WHOLE_LEVELS;
    request.hear = keep_month;
    request.data = &sink;
    if (place == PLAYER_OPTIMUM && !report->yardsticks.has_optimum) continue;
    if (!create_player(player, report->months)) return fail_memory(error);
    player->present = true;
    if (place == PLAYER_AGENTS)
      status = hrl_percentiles_policy(source->policy, source->scenario, source->options,
                                      &request, error);
    else if (place == PLAYER_RULE)
      status = hrl_percentiles_rule(source->scenario, &report->yardsticks.rule,
                                    source->options, &request, error);
    else
      status =
          hrl_percentiles_optimum(source->scenario, source->options, &request, error);
    player->solvent[report->months - 1] =
        report_evaluation(report, (enum player_place)place)->solvent;
  }
  return status;
}

/* ---- what a reserve is worth ---- */

/* The best of the rules that keep so many months of income. */
static hrl_status collect_reserve(struct report *report,
                                  const struct report_source *source, double months,
                                  hrl_error *error) {
  hrl_evaluate_options options = *source->options;
  if (options.episodes > SCREEN_EPISODES) options.episodes = SCREEN_EPISODES;
  hrl_rule best = report->yardsticks.rule;
  double most = -INFINITY;
  hrl_evaluation found = {.size = sizeof found};
  hrl_status status = HRL_OK;
  best.target = months;
  best.save = 0.0;
  for (int save = 1; save <= 9 && months > 0.0 && status == HRL_OK; save++) {
    hrl_rule rule = best;
    rule.save = 0.1 * save;
    status = hrl_evaluate_rule(source->scenario, &rule, &options, &found, error);
    if (status != HRL_OK || !(found.certainty_equivalent > most)) continue;
    most = found.certainty_equivalent;
    best = rule;
  }
  if (status == HRL_OK)
    status = hrl_evaluate_rule(source->scenario, &best, source->options, &found, error);
  if (status == HRL_OK)
    report->reserves[report->reserve_count++] = (struct report_reserve){
        months, found.certainty_equivalent, found.certainty_equivalent_stderr};
  return status;
}

static hrl_status collect_reserves(struct report *report,
                                   const struct report_source *source, hrl_error *error) {
  static const double months[RESERVES] = {0, 1, 2, 3, 4, 6, 8, 12, 18};
  hrl_status status = HRL_OK;
  if (!report->is_lifecycle || !(report->income > 0.0)) return HRL_OK;
  for (int i = 0; i < RESERVES && status == HRL_OK; i++)
    status = collect_reserve(report, source, months[i], error);
  return status;
}

/* ---- the scenario ---- */

static void format_value(struct report_key *key, const hrl_scenario_key *row,
                         double value) {
  if (row->type != HRL_KEY_CHOICE) {
    snprintf(key->value, sizeof key->value, "%.10g", value);
    return;
  }
  const char *word = row->choices;
  for (int i = 0; i < (int)value && word != NULL; i++) {
    word = strchr(word, ' ');
    if (word != NULL) word++;
  }
  if (word != NULL)
    snprintf(key->value, sizeof key->value, "%.*s", (int)strcspn(word, " "), word);
}

/* Of the household that is played, but how the pair was trained is its own scenario's. */
static hrl_status collect_keys(struct report *report, const hrl_scenario *scenario,
                               const hrl_scenario *trained, hrl_error *error) {
  const char *model = hrl_scenario_model(scenario);
  size_t count = hrl_model_key_count(model);
  report->keys = calloc(count > 0 ? count : 1, sizeof *report->keys);
  if (report->keys == NULL) return fail_memory(error);
  for (size_t i = 0; i < count; i++) {
    const hrl_scenario_key *row = hrl_model_key_at(model, i);
    struct report_key *key = &report->keys[report->key_count++];
    char name[128];
    double value;
    *key = (struct report_key){row->section, row->name, row->unit, row->text, ""};
    snprintf(name, sizeof name, "%s.%s", row->section, row->name);
    bool training = strcmp(row->section, "training") == 0;
    hrl_status status =
        hrl_scenario_get(training ? trained : scenario, name, &value, error);
    if (status != HRL_OK) return status;
    format_value(key, row, value);
  }
  return HRL_OK;
}

hrl_status report_collect_keys(struct report *report, const hrl_scenario *scenario,
                               hrl_error *error) {
  *report = (struct report){.scenario = hrl_scenario_name(scenario),
                            .description = hrl_scenario_description(scenario),
                            .is_lifecycle = is_lifecycle(scenario)};
  return collect_keys(report, scenario, scenario, error);
}

/* The value of an environment's key; NaN where the model has no such key. */
static double key_value(const hrl_scenario *scenario, const char *key) {
  double value;
  return hrl_scenario_get(scenario, key, &value, NULL) == HRL_OK ? value : NAN;
}

/* Beyond so many months, time is in years. */
#define MONTHS_SHOWN 36

static hrl_status set_time(struct report *report, hrl_error *error) {
  report->time = calloc(report->months, sizeof *report->time);
  if (report->time == NULL) return fail_memory(error);
  report->in_years = report->months > MONTHS_SHOWN;
  for (size_t i = 0; i < report->months; i++)
    report->time[i] = (double)(i + 1) / (report->in_years ? 12.0 : 1.0);
  return HRL_OK;
}

hrl_status report_collect(struct report *report, const struct report_source *source,
                          hrl_error *error) {
  const hrl_scenario *scenario = source->scenario;
  double retirement = key_value(scenario, "environment.retirement_month");
  *report = (struct report){
      .parts = source->parts,
      .title = source->title,
      .run = source->run,
      .model = source->model,
      .scenario = hrl_scenario_name(scenario),
      .description = hrl_scenario_description(scenario),
      .differences = source->differences,
      .created = source->created,
      .is_lifecycle = is_lifecycle(scenario),
      .episodes = source->options->episodes,
      .seed = source->options->seed,
      .months = (size_t)key_value(scenario, "environment.max_months"),
      .income = key_value(scenario, "environment.income"),
      .threshold = key_value(scenario, "environment.safety_threshold"),
      .retirement = retirement > 0.0 ? retirement : 0.0,
  };
  hrl_status status = set_time(report, error);
  if (status != HRL_OK) return status;
  if (source->yardsticks != NULL)
    report->yardsticks = *source->yardsticks;
  else
    status = yardsticks_play(&report->yardsticks, source->policy, scenario,
                             source->options, error);
  if (status == HRL_OK)
    status = collect_keys(report, scenario, hrl_policy_scenario(source->policy), error);
  if (status == HRL_OK) status = course_read(&report->course, source->history, error);
  if (status == HRL_OK) status = collect_players(report, source, error);
  if (status == HRL_OK) status = collect_reserves(report, source, error);
  return status;
}

void report_destroy(struct report *report) {
  for (int i = 0; i < PLAYERS; i++) free(report->players[i].solvent);
  course_destroy(&report->course);
  free(report->keys);
  free(report->time);
  *report = (struct report){0};
}
