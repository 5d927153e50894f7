/* sweep/report.h - what a sweep came to, on standard output. */
#ifndef CLI_SWEEP_REPORT_H
#define CLI_SWEEP_REPORT_H

#include "sweep/sweep.h"

enum report_format { REPORT_TABLE, REPORT_CSV, REPORT_JSON };

/* Gives the number of runs that failed. */
size_t report_print(const struct sweep *sweep, enum report_format format);

#endif
