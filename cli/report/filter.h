/* report/filter.h - a writer that leaves out charts, or all but these, and hands the rest
 * to another one. */
#ifndef CLI_REPORT_FILTER_H
#define CLI_REPORT_FILTER_H

#include <stdbool.h>

#include "report/writer.h"

struct filter_writer {
  struct report_writer writer; /* first */
  struct report_writer *inner;
  bool texts, charts; /* what gets through */
};

struct filter_writer filter_writer_on(struct report_writer *inner, bool texts,
                                      bool charts);

#endif
