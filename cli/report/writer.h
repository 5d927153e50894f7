/* report/writer.h - what a report is written with: HTML, the pages of a PDF, or an SVG.
 * Texts are plain: a writer escapes what its form takes for more. */
#ifndef CLI_REPORT_WRITER_H
#define CLI_REPORT_WRITER_H

#include <stddef.h>

#include "report/chart.h"

/* A figure that is to be seen first. */
struct tile {
  const char *label;
  char value[48];
  char note[96];
};

struct report_writer {
  void (*title)(struct report_writer *writer, const char *title, const char *subtitle);
  /* `charts`: it begins with one, or nearly, which its title should not be away from. */
  void (*section)(struct report_writer *writer, const char *title, bool charts);
  void (*paragraph)(struct report_writer *writer, const char *text);
  void (*tiles)(struct report_writer *writer, const struct tile *tiles, size_t count);
  /* Columns but the first `texts` have numbers. */
  void (*table_begin)(struct report_writer *writer, const char *const *headings,
                      size_t columns, size_t texts);
  void (*table_row)(struct report_writer *writer, const char *const *cells);
  void (*table_end)(struct report_writer *writer);
  void (*chart)(struct report_writer *writer, const struct chart *chart);
};

#endif
