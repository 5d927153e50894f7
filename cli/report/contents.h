/* report/contents.h - what a report says, in which order; how it looks is its writer's.
 */
#ifndef CLI_REPORT_CONTENTS_H
#define CLI_REPORT_CONTENTS_H

#include "report/document.h"
#include "report/report.h"
#include "report/writer.h"

/* All of a report, which must live as long. */
struct report_document report_document(const struct report *report);

/* Its parts, which other documents have, too. */
void tell_part(unsigned parts, unsigned part, struct report_writer *writer,
               void (*tell)(const void *subject, struct report_writer *writer),
               const void *subject);
void tell_scenario(const void *report, struct report_writer *writer);
void tell_training(const void *report, struct report_writer *writer);

/* Those in files of their own. */
void tell_results(const void *report, struct report_writer *writer);
void tell_strategy(const void *report, struct report_writer *writer);

/* What the players are called. */
const char *player_name(enum player_place place);

/* A cell with a number. */
#define CELL_SIZE 32

#endif
