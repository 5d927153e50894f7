/* Where the program was built without cairo and pango. */
#include <stdio.h>

#include "report/pdf.h"

static const char reason[] =
    "this program was built without PDF (-Dpdf=enabled needs cairo and pango); use a "
    "name that ends in .html";

const char *report_pdf_absent(void) { return reason; }

hrl_status report_write_pdf(const struct report_document *document, FILE *file,
                            hrl_error *error) {
  (void)document, (void)file;
  if (error != NULL) {
    error->status = HRL_ERROR_STATE;
    snprintf(error->message, sizeof error->message, "%s", reason);
  }
  return HRL_ERROR_STATE;
}
