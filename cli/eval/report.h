/* eval/report.h - the figures of hrl-eval: a row for each way to run the household. */
#ifndef CLI_EVAL_REPORT_H
#define CLI_EVAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <hrl/evaluate.h>

#include "report/yardsticks.h"

/* The rows, in the order in which they are shown. */
enum eval_place {
  ROW_POLICY,
  ROW_CONSTANT,
  ROW_FIXED_05,
  ROW_FIXED_10,
  ROW_FIXED_15,
  ROW_FIXED_20,
  ROW_NOTHING,
  ROW_OPTIMUM,
  ROW_COUNT,
};

/* One way to run the household. */
struct eval_row {
  bool present;
  double share; /* of income, invested every month; NaN where it is not constant */
  hrl_evaluation figures;
};

/* All that is to be told. */
struct eval_report {
  const char *model;    /* as the user gave it */
  const char *scenario; /* its name */
  uint64_t episodes;
  uint64_t seed;
  struct eval_row rows[ROW_COUNT];
  double skill;             /* NaN where it is not defined */
  const char *skill_absent; /* why it is not, or NULL */
  const char *differences;  /* of the household from the one trained on, or NULL */
};

/* Plays the rows that are not among the yardsticks, which must live as long as `report`.
 */
hrl_status eval_report_fill(struct eval_report *report,
                            const struct yardsticks *yardsticks,
                            const hrl_scenario *scenario,
                            const hrl_evaluate_options *options, hrl_error *error);

/* What rows are called in JSON and CSV: "policy", "constant", "fixed_05" ... */
const char *eval_row_name(enum eval_place place);

/* One figure of a row, as all forms of output show it. */
struct eval_figure {
  const char *name;    /* in JSON and CSV */
  const char *heading; /* in the table */
  int decimals;        /* in the table */
  const char *absent;  /* in the table, where it is not defined */
};

#define FIGURE_COUNT 10
extern const struct eval_figure eval_figures[FIGURE_COUNT];

/* A row's figure `index`; NaN where it has none. */
double eval_figure_get(const struct eval_row *row, size_t index);

#endif
