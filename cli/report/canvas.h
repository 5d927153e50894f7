/* report/canvas.h - what charts are drawn on: an SVG, or a page of a PDF. */
#ifndef CLI_REPORT_CANVAS_H
#define CLI_REPORT_CANVAS_H

#include <stddef.h>

/* What something is drawn with; ink.h says how it looks. */
enum ink {
  INK_GRID,
  INK_AXIS,
  INK_AGENTS,
  INK_RULE,
  INK_OPTIMUM,
  INK_MARK,
  INK_AGENTS_OUTER, /* areas */
  INK_AGENTS_INNER,
  INK_TEXT,
  INK_TEXT_FAINT,
  INK_TITLE,
  INKS
};

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct point {
  double x, y;
};

/* Units are those of the chart, y grows downward. */
struct canvas {
  void (*polyline)(struct canvas *canvas, const struct point *points, size_t count,
                   enum ink ink);
  void (*polygon)(struct canvas *canvas, const struct point *points, size_t count,
                  enum ink ink);
  void (*disc)(struct canvas *canvas, struct point centre, double radius, enum ink ink);
  void (*text)(struct canvas *canvas, struct point at, enum anchor anchor, enum ink ink,
               const char *text);
};

#endif
