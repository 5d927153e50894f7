/* report/history.h - how a pair learned, from the history that lies beside its files. */
#ifndef CLI_REPORT_HISTORY_H
#define CLI_REPORT_HISTORY_H

#include "report/report.h"

/* The history of a model: NAME_history.json beside NAME_high_agent.pt, or a checkpoint's
 * training_history.json. NULL: out of memory. Freed with free; it may not exist. */
char *history_path(const char *model);

/* Reads it. The course stays unknown where there is none, or it is not what it should be.
 * HRL_ERROR_MEMORY. Freed with course_destroy. */
hrl_status course_read(struct report_course *course, const char *path, hrl_error *error);
void course_destroy(struct report_course *course);

#endif
