/* report/collect.h - plays episodes and reads files for a report. */
#ifndef CLI_REPORT_COLLECT_H
#define CLI_REPORT_COLLECT_H

#include "report/report.h"

/* What a report is to be about. Texts must live as long as the report. */
struct report_source {
  const char *model; /* as its user calls it */
  const hrl_policy *policy;
  const hrl_scenario *scenario;
  const hrl_evaluate_options *options;
  const struct yardsticks *yardsticks; /* NULL: they are played, too */
  const char *history;                 /* the training's, see report/history.h; or NULL */
  const char *differences;
  const char *created;
  unsigned parts; /* as in struct report, as those that follow */
  const char *title;
  const struct report_run *run;
};

/* *report is destroyed with report_destroy, also after a failure. */
hrl_status report_collect(struct report *report, const struct report_source *source,
                          hrl_error *error);
/* Only what the file of a scenario says: its name, its description and its keys. */
hrl_status report_collect_keys(struct report *report, const hrl_scenario *scenario,
                               hrl_error *error);
void report_destroy(struct report *report);

#endif
