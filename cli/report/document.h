/* report/document.h - what a writer writes: a name, and what is said. */
#ifndef CLI_REPORT_DOCUMENT_H
#define CLI_REPORT_DOCUMENT_H

#include "report/writer.h"

struct report_document {
  const char *name;
  void (*tell)(const void *subject, struct report_writer *writer);
  const void *subject;
};

#endif
