/* report/html.h - a document as one HTML page that needs nothing besides, or its charts
 * as SVG. */
#ifndef CLI_REPORT_HTML_H
#define CLI_REPORT_HTML_H

#include <stdio.h>

#include "report/document.h"

/* Whether all was written is ferror's to tell. */
void report_write_html(const struct report_document *document, FILE *file);

/* The charts below each other. */
void report_write_svg(const struct report_document *document, FILE *file);

#endif
