/* report/run.h - the report of a stored simulation, without playing it again. */
#ifndef CLI_REPORT_RUN_H
#define CLI_REPORT_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "report/document.h"
#include "report/report.h"

enum run_figure {
  RUN_DURATION,
  RUN_CASH,
  RUN_INVESTED,
  RUN_PORTFOLIO,
  RUN_WEALTH,
  RUN_GAINS,
  RUN_FIGURES
};

/* Texts are those of what it was read from, which must live as long. NaN: not known. */
struct report_run {
  const char *id, *scenario, *model, *time;
  double episodes;
  double seed;
  double mean[RUN_FIGURES], deviation[RUN_FIGURES];
  double shares[3];          /* invested, saved, consumed */
  size_t months;             /* of the fans; 0: none */
  double *at;                /* [months] */
  double *values[3][LEVELS]; /* [months] CASH, PORTFOLIO, WEALTH */
  double *final_wealth;      /* [final_count] of episodes, ascending */
  size_t final_count;
  /* of what is told without the rest of a report */
  unsigned parts;               /* as in struct report */
  const char *title, *created;  /* as there */
  const char *reason;           /* why there is no more */
  const struct report *details; /* its scenario's keys, or NULL */
};

/* Reads the results of a simulation. False: memory is short. Destroyed with run_destroy.
 */
bool run_read(struct report_run *run, const json_t *results);
void run_destroy(struct report_run *run);

/* What came of it, in a table, for a larger report. */
void tell_run(const void *run, struct report_writer *writer);

/* A report of nothing else. */
struct report_document run_document(const struct report_run *run);

#endif
