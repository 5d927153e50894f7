/* report/pdf.h - a document as a PDF, where the program was built with cairo and pango.
 */
#ifndef CLI_REPORT_PDF_H
#define CLI_REPORT_PDF_H

#include <stdio.h>

#include <hrl/error.h>

#include "report/document.h"

/* Why there is no PDF; NULL where there is. */
const char *report_pdf_absent(void);

/* HRL_ERROR_STATE where there is none, HRL_ERROR_MEMORY. Whether all was written is
 * ferror's to tell. */
hrl_status report_write_pdf(const struct report_document *document, FILE *file,
                            hrl_error *error);

#endif
