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

static hrl_status play_shares(struct eval_report *report, const hrl_scenario *scenario,
                              const hrl_evaluate_options *options, hrl_error *error) {
  static const struct {
    enum eval_place place;
    double share;
  } rules[] = {{ROW_FIXED_05, 0.05},
               {ROW_FIXED_10, 0.10},
               {ROW_FIXED_15, 0.15},
               {ROW_FIXED_20, 0.20},
               {ROW_NOTHING, 0.0}};
  struct eval_row *best = &report->rows[ROW_CONSTANT];
  hrl_status status =
      hrl_evaluate_best_share(scenario, options, &best->share, &best->figures, error);
  best->present = status == HRL_OK;
  for (size_t i = 0; i < sizeof rules / sizeof rules[0] && status == HRL_OK; i++) {
    struct eval_row *row = &report->rows[rules[i].place];
    row->share = rules[i].share;
    status = hrl_evaluate_share(scenario, row->share, options, &row->figures, error);
    row->present = status == HRL_OK;
  }
  return status;
}

/* The optimum, where there is one: with random returns of the portfolio it is not solved
 * exactly, so that nothing could be measured by it. */
static hrl_status play_optimum(struct eval_report *report, const hrl_scenario *scenario,
                               const hrl_evaluate_options *options, hrl_error *error) {
  static const char key[] = "environment.investment_return_type";
  const double stochastic = 2.0; /* its place among the key's choices */
  double returns = 0.0;
  hrl_status status = hrl_scenario_get(scenario, key, &returns, error);
  if (status != HRL_OK) return status;
  if (returns == stochastic) {
    report->skill_absent =
        "the optimum is not known where the portfolio's returns are "
        "stochastic";
    return HRL_OK;
  }
  struct eval_row *row = &report->rows[ROW_OPTIMUM];
  hrl_error reason = HRL_ERROR_INIT;
  status = hrl_evaluate_optimum(scenario, options, NULL, &row->figures, &reason);
  row->present = status == HRL_OK;
  if (status == HRL_ERROR_LIMIT) {
    report->skill_absent =
        "the scenario has too many months for the optimum to be solved";
    return HRL_OK;
  }
  if (status != HRL_OK && error != NULL) *error = reason;
  return status;
}

hrl_status eval_report_fill(struct eval_report *report, const hrl_policy *policy,
                            const hrl_scenario *scenario,
                            const hrl_evaluate_options *options, hrl_error *error) {
  report->skill = NAN;
  for (size_t i = 0; i < ROW_COUNT; i++) {
    report->rows[i].share = NAN;
    report->rows[i].figures.size = sizeof report->rows[i].figures;
  }
  struct eval_row *trained = &report->rows[ROW_POLICY];
  hrl_status status =
      hrl_evaluate_policy(policy, scenario, options, &trained->figures, error);
  trained->present = status == HRL_OK;
  if (status == HRL_OK) status = play_shares(report, scenario, options, error);
  if (status == HRL_OK) status = play_optimum(report, scenario, options, error);
  if (status != HRL_OK || !report->rows[ROW_OPTIMUM].present) return status;
  /* all three played the same noise, which so drops out of the comparison */
  report->skill = hrl_skill(trained->figures.strategic_return,
                            report->rows[ROW_CONSTANT].figures.strategic_return,
                            report->rows[ROW_OPTIMUM].figures.strategic_return);
  if (isnan(report->skill))
    report->skill_absent = "no policy can do better than the best constant share";
  return HRL_OK;
}
