/* report/html.h - a report as one HTML page that needs nothing besides, or its charts as
 * SVG. */
#ifndef CLI_REPORT_HTML_H
#define CLI_REPORT_HTML_H

#include <stdio.h>

#include "report/report.h"

/* Whether all was written is ferror's to tell. */
void report_write_html(const struct report *report, FILE *file);

/* The charts below each other. */
void report_write_svg(const struct report *report, FILE *file);

#endif
