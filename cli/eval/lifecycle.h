/* eval/lifecycle.h - the report on a household of the model `lifecycle`. */
#ifndef CLI_EVAL_LIFECYCLE_H
#define CLI_EVAL_LIFECYCLE_H

#include "eval/report.h"

enum eval_form { EVAL_FORM_TABLE, EVAL_FORM_CSV, EVAL_FORM_JSON };

/* Plays rules that people know, and prints them beside the yardsticks. `report` has what
 * is told of the run; its rows are not used. */
hrl_status eval_lifecycle(const struct eval_report *report,
                          const struct yardsticks *yardsticks,
                          const hrl_scenario *scenario,
                          const hrl_evaluate_options *options, enum eval_form form,
                          hrl_error *error);

#endif
