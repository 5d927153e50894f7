/* report/chart.h - one chart: bands, lines and marks over one axis, drawn on any canvas.
 */
#ifndef CLI_REPORT_CHART_H
#define CLI_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "report/canvas.h"
#include "report/scale.h"

#define CHART_WIDTH 720.0
#define CHART_HEIGHT 300.0

/* How large it is drawn; texts have the same size on all. */
struct chart_size {
  double width, height;
  int x_ticks; /* about */
};
/* Across a page; and for a telephone's screen. */
extern const struct chart_size chart_wide, chart_narrow;

/* Values that are NaN are left out. */
struct chart_band {
  const double *low, *high; /* [count] */
  enum ink ink;
  const char *name; /* in the legend, or NULL */
};

struct chart_line {
  const double *y; /* [count] */
  enum ink ink;
  const char *name; /* in the legend, or NULL */
  bool dots;        /* at the values, which are few */
};

/* A level that matters, across the whole. */
struct chart_mark {
  double at;
  bool vertical;
  const char *name;
};

#define CHART_PARTS 6

struct chart {
  const char *title;
  const char *note; /* what is seen, for those who do not see it, and below it */
  const char *x_label;
  enum chart_unit x_unit, y_unit;
  const double *x; /* [count], ascending */
  size_t count;
  bool from_zero, x_from_zero; /* the axis begins at 0 */
  struct chart_band bands[CHART_PARTS];
  struct chart_line lines[CHART_PARTS];
  struct chart_mark marks[CHART_PARTS];
  size_t band_count, line_count, mark_count;
};

void chart_add_band(struct chart *chart, const double *low, const double *high,
                    enum ink ink, const char *name);
void chart_add_line(struct chart *chart, const double *y, enum ink ink, const char *name);
void chart_add_mark(struct chart *chart, double at, bool vertical, const char *name);

void chart_draw(const struct chart *chart, const struct chart_size *size,
                struct canvas *canvas);

#endif
