/* eval/output.h - the report of hrl-eval on standard output, in each of its forms. */
#ifndef CLI_EVAL_OUTPUT_H
#define CLI_EVAL_OUTPUT_H

#include "eval/report.h"

/* An aligned table and the skill. */
void eval_print_table(const struct eval_report *report);

/* A header line and a line for each row. */
void eval_print_csv(const struct eval_report *report);

/* One object. False: out of memory. */
bool eval_print_json(const struct eval_report *report);

/* Room for eval_format_exact. */
#define EXACT_SIZE 32

/* A decimal form that reads back as the same number, with no more digits than it takes;
 * "" where it is not finite. */
void eval_format_exact(char text[EXACT_SIZE], double value);

#endif
