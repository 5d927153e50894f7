#include "eval/lifecycle.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "eval/output.h"

enum place { POLICY, BEST_RULE, RULE_50_30_20, RULE_60_40, SPEND_ALL, OPTIMUM, PLACES };

static const char *const names[PLACES] = {"policy",     "best_rule", "rule_50_30_20",
                                          "rule_60_40", "spend_all", "optimum"};

struct row {
  bool present;
  bool has_rule;
  hrl_rule rule;
  hrl_evaluation figures;
};

struct table {
  struct row rows[PLACES];
  double skill;       /* in certainty equivalents; NaN where it is not defined */
  const char *absent; /* why the skill is not defined, or NULL */
};

/* Rules that people know, as far as this model can tell: of 100 after tax, 50 are for
 * needs, 30 for wishes and 20 are kept, which is 0.4 of what needs leave. */
static const struct {
  enum place place;
  hrl_rule rule;
} known[] = {{RULE_50_30_20, {sizeof(hrl_rule), 0.4, 0.0, 0.0, 0.0}},
             {RULE_60_40, {sizeof(hrl_rule), 0.4, 0.6, 0.0, 0.0}},
             {SPEND_ALL, {sizeof(hrl_rule), 0.0, 0.0, 0.0, 0.0}}};

static hrl_status fill(struct table *table, const struct yardsticks *yardsticks,
                       const hrl_scenario *scenario, const hrl_evaluate_options *options,
                       hrl_error *error) {
  *table = (struct table){.skill = yardsticks->skill};
  struct row *rows = table->rows;
  if (yardsticks->absent[0] != '\0') table->absent = yardsticks->absent;
  for (int i = 0; i < PLACES; i++) rows[i].figures.size = sizeof rows[i].figures;
  rows[POLICY] = (struct row){.present = true, .figures = yardsticks->policy};
  rows[BEST_RULE] = (struct row){true, true, yardsticks->rule, yardsticks->best_rule};
  rows[OPTIMUM] =
      (struct row){.present = yardsticks->has_optimum, .figures = yardsticks->optimum};
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < sizeof known / sizeof known[0] && status == HRL_OK; i++) {
    struct row *row = &rows[known[i].place];
    row->present = row->has_rule = true;
    row->rule = known[i].rule;
    status = hrl_evaluate_rule(scenario, &row->rule, options, &row->figures, error);
  }
  return status;
}

/* The figures of a row, in the order of the columns. */
#define FIGURES 9
static const struct {
  const char *name, *heading;
  int decimals;
} figures[FIGURES] = {{"certainty_equivalent", "certainty equivalent", 2},
                      {"certainty_equivalent_stderr", "+-", 2},
                      {"consumption", "consumption", 2},
                      {"rescued", "rescued", 3},
                      {"stability", "stability", 3},
                      {"final_cash", "final cash", 0},
                      {"wealth", "wealth", 0},
                      {"goal_adherence", "adherence", 4},
                      {"strategic_return", "return", 5}};

static double get(const hrl_evaluation *from, size_t index) {
  const double values[FIGURES] = {from->certainty_equivalent,
                                  from->certainty_equivalent_stderr,
                                  from->consumption,
                                  from->rescued,
                                  from->stability,
                                  from->final_cash,
                                  from->wealth,
                                  from->goal_adherence,
                                  from->strategic_return};
  return values[index];
}

static void print_csv(const struct table *table) {
  char number[EXACT_SIZE];
  printf("row,save,share,buffer,target");
  for (size_t f = 0; f < FIGURES; f++) printf(",%s", figures[f].name);
  printf(",skill\n");
  for (int i = 0; i < PLACES; i++) {
    const struct row *row = &table->rows[i];
    if (!row->present) continue;
    printf("%s", names[i]);
    const double rule[] = {row->rule.save, row->rule.share, row->rule.buffer,
                           row->rule.target};
    for (size_t k = 0; k < 4; k++) {
      eval_format_exact(number, row->has_rule ? rule[k] : NAN);
      printf(",%s", number);
    }
    for (size_t f = 0; f < FIGURES; f++) {
      eval_format_exact(number, get(&row->figures, f));
      printf(",%s", number);
    }
    eval_format_exact(number, i == POLICY ? table->skill : NAN);
    printf(",%s\n", number);
  }
}

static json_t *make_row(const struct row *row) {
  if (!row->present) return json_null();
  json_t *object = json_object();
  if (row->has_rule)
    json_object_set_new(
        object, "rule",
        json_pack("{s:o, s:o, s:o, s:o}", "save", json_number(row->rule.save), "share",
                  json_number(row->rule.share), "buffer_months",
                  json_number(row->rule.buffer), "target_months",
                  json_number(row->rule.target)));
  for (size_t f = 0; f < FIGURES; f++)
    json_object_set_new(object, figures[f].name, json_number(get(&row->figures, f)));
  return object;
}

static hrl_status print_json(const struct eval_report *report,
                             const struct table *table) {
  json_t *object = json_pack(
      "{s:o, s:o, s:I, s:I, s:o}", "scenario", json_text(report->scenario), "model",
      json_text(report->model), "episodes", (json_int_t)report->episodes, "seed",
      (json_int_t)report->seed, "skill", json_number(table->skill));
  json_object_set_new(object, "differences", json_text(report->differences));
  for (int i = 0; i < PLACES; i++)
    json_object_set_new(object, names[i], make_row(&table->rows[i]));
  char *text = json_print(object, JSON_INDENT(2));
  hrl_status status = text == NULL ? HRL_ERROR_MEMORY : HRL_OK;
  if (text != NULL) puts(text);
  free(text);
  json_decref(object);
  return status;
}

#define LABEL_SIZE 96

static void format_label(char label[LABEL_SIZE], const struct row *row, int place) {
  static const char *const fixed[PLACES] = {"trained agents", NULL,        "50/30/20",
                                            "60/40",          "spend all", "optimum"};
  if (place != BEST_RULE) {
    snprintf(label, LABEL_SIZE, "%s", fixed[place]);
    return;
  }
  int used =
      snprintf(label, LABEL_SIZE, "best rule: save %.0f %%", 100.0 * row->rule.save);
  if (row->rule.target > 0.0)
    used += snprintf(label + used, LABEL_SIZE - (size_t)used, " up to %.0f months",
                     row->rule.target);
  if (row->rule.share > 0.0)
    used += snprintf(label + used, LABEL_SIZE - (size_t)used, ", invest %.0f %%",
                     100.0 * row->rule.share);
  if (row->rule.share > 0.0 && row->rule.buffer > 0.0)
    snprintf(label + used, LABEL_SIZE - (size_t)used, " beyond %.0f months",
             row->rule.buffer);
}

static int column_width(size_t figure) {
  int heading = (int)strlen(figures[figure].heading);
  return heading > 8 ? heading : 8;
}

static void print_table(const struct eval_report *report, const struct table *table) {
  enum { SHOWN = 8 }; /* the return says nothing that the first column does not */
  printf("model %s  scenario %s  episodes %" PRIu64 "  seed %" PRIu64
         "\nreal euro a month\n\n",
         report->model, report->scenario, report->episodes, report->seed);
  char label[LABEL_SIZE];
  int widest = 0;
  for (int i = 0; i < PLACES; i++) {
    format_label(label, &table->rows[i], i);
    if (table->rows[i].present && (int)strlen(label) > widest)
      widest = (int)strlen(label);
  }
  printf("%-*s", widest, "");
  for (size_t f = 0; f < SHOWN; f++) printf("  %*s", column_width(f), figures[f].heading);
  putchar('\n');
  for (int i = 0; i < PLACES; i++) {
    const struct row *row = &table->rows[i];
    if (!row->present) continue;
    format_label(label, row, i);
    printf("%-*s", widest, label);
    for (size_t f = 0; f < SHOWN; f++) {
      int width = column_width(f);
      double value = get(&row->figures, f);
      if (isfinite(value))
        printf("  %*.*f", width, figures[f].decimals, value);
      else
        printf("  %*s", width, "-");
    }
    putchar('\n');
  }
  if (table->absent != NULL)
    printf("\nskill not defined: %s\n", table->absent);
  else
    printf("\nskill %.3f  (0: the best simple rule, 1: the optimum)\n", table->skill);
}

hrl_status eval_lifecycle(const struct eval_report *report,
                          const struct yardsticks *yardsticks,
                          const hrl_scenario *scenario,
                          const hrl_evaluate_options *options, enum eval_form form,
                          hrl_error *error) {
  struct table table;
  hrl_status status = fill(&table, yardsticks, scenario, options, error);
  if (status != HRL_OK) return status;
  if (form == EVAL_FORM_JSON) return print_json(report, &table);
  if (form == EVAL_FORM_CSV)
    print_csv(&table);
  else
    print_table(report, &table);
  return HRL_OK;
}
