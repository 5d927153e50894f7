/* eval/report_file.h - a report for readers, in the form that the file's name asks for.
 */
#ifndef CLI_EVAL_REPORT_FILE_H
#define CLI_EVAL_REPORT_FILE_H

#include "report/collect.h"

/* Why no report can be written to a file of that name, one line; NULL where one can. */
const char *eval_report_file_wrong(const char *path);

/* Collects what `source` has and writes it. Gives an exit code, the message is out. */
int eval_report_file_write(const char *path, const struct report_source *source);

#endif
