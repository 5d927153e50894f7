/* report/contents.h - what a report says, in which order; how it looks is its writer's.
 */
#ifndef CLI_REPORT_CONTENTS_H
#define CLI_REPORT_CONTENTS_H

#include "report/report.h"
#include "report/writer.h"

void report_tell(const struct report *report, struct report_writer *writer);

/* Its parts in files of their own. */
void tell_results(const struct report *report, struct report_writer *writer);
void tell_strategy(const struct report *report, struct report_writer *writer);

/* What the players are called. */
const char *player_name(enum player_place place);

/* A cell with a number. */
#define CELL_SIZE 32

#endif
