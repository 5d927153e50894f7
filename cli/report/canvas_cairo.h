/* report/canvas_cairo.h - charts by cairo, their text by pango. */
#ifndef CLI_REPORT_CANVAS_CAIRO_H
#define CLI_REPORT_CANVAS_CAIRO_H

#include <stdbool.h>

#include <cairo.h>

#include "report/canvas.h"

/* A canvas that draws into a context, with its present transformation. */
struct canvas_cairo {
  struct canvas canvas; /* first */
  cairo_t *cairo;
};

struct canvas_cairo canvas_cairo_on(cairo_t *cairo);

/* What text is set in. */
struct typeface {
  double size;
  bool bold;
  double width; /* at which lines break; 0: never */
  bool right;   /* to the right of that width */
};

/* Sets text with its upper left corner at a point, in the context's colour, and gives its
 * height; `width` receives what it took, or is NULL. Draws nothing where `draw` is false.
 */
double cairo_set_text(cairo_t *cairo, const struct typeface *face, struct point at,
                      const char *text, bool draw, double *width);

/* Gives back the fonts that this thread has looked up. */
void canvas_cairo_end(void);

void cairo_set_colour(cairo_t *cairo, unsigned rgb, double opacity);

#endif
