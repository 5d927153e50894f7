#include "eval/report.h"

#include <math.h>

const struct eval_figure eval_figures[FIGURE_COUNT] = {
    {"strategic_return", "return", 2, "-"}, {"strategic_return_stderr", "+-", 2, "n/a"},
    {"reward", "reward", 2, "-"},           {"months", "months", 1, "-"},
    {"solvent", "solvent", 3, "-"},         {"stability", "stability", 3, "-"},
    {"final_cash", "final cash", 2, "-"},   {"invested", "invested", 2, "-"},
    {"wealth", "wealth", 2, "-"},           {"goal_adherence", "adherence", 4, "-"},
};

double eval_figure_get(const struct eval_row *row, size_t index) {
  const hrl_evaluation *figures = &row->figures;
  const double values[FIGURE_COUNT] = {
      figures->strategic_return, figures->strategic_return_stderr,
      figures->reward,           figures->months,
      figures->solvent,          figures->stability,
      figures->final_cash,       figures->invested,
      figures->wealth,           figures->goal_adherence,
  };
  return values[index];
}

const char *eval_row_name(enum eval_place place) {
  static const char *const names[ROW_COUNT] = {
      [ROW_POLICY] = "policy",     [ROW_CONSTANT] = "constant",
      [ROW_FIXED_05] = "fixed_05", [ROW_FIXED_10] = "fixed_10",
      [ROW_FIXED_15] = "fixed_15", [ROW_FIXED_20] = "fixed_20",
      [ROW_NOTHING] = "nothing",   [ROW_OPTIMUM] = "optimum",
  };
  return names[place];
}

hrl_status eval_report_fill(struct eval_report *report,
                            const struct yardsticks *yardsticks,
                            const hrl_scenario *scenario,
                            const hrl_evaluate_options *options, hrl_error *error) {
  static const struct {
    enum eval_place place;
    double share;
  } rules[] = {{ROW_FIXED_05, 0.05},
               {ROW_FIXED_10, 0.10},
               {ROW_FIXED_15, 0.15},
               {ROW_FIXED_20, 0.20},
               {ROW_NOTHING, 0.0}};
  for (size_t i = 0; i < ROW_COUNT; i++) {
    report->rows[i].share = NAN;
    report->rows[i].figures.size = sizeof report->rows[i].figures;
  }
  report->skill = yardsticks->skill;
  report->skill_absent = yardsticks->absent[0] != '\0' ? yardsticks->absent : NULL;
  report->rows[ROW_POLICY] = (struct eval_row){true, NAN, yardsticks->policy};
  report->rows[ROW_CONSTANT] =
      (struct eval_row){true, yardsticks->rule.save, yardsticks->best_rule};
  report->rows[ROW_OPTIMUM] =
      (struct eval_row){yardsticks->has_optimum, NAN, yardsticks->optimum};
  hrl_status status = HRL_OK;
  for (size_t i = 0; i < sizeof rules / sizeof rules[0] && status == HRL_OK; i++) {
    struct eval_row *row = &report->rows[rules[i].place];
    row->share = rules[i].share;
    status = hrl_evaluate_share(scenario, row->share, options, &row->figures, error);
    row->present = status == HRL_OK;
  }
  return status;
}
