/* report/canvas_svg.h - charts as SVG elements. */
#ifndef CLI_REPORT_CANVAS_SVG_H
#define CLI_REPORT_CANVAS_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "report/canvas.h"

/* A canvas whose elements go to `file`. */
struct canvas_svg {
  struct canvas canvas; /* first */
  FILE *file;
};

struct canvas_svg canvas_svg_on(FILE *file);

/* The style sheet's rules for the classes of elements and, by variables, for their
 * colours: light, dark where the reader's system is, and always light in print. */
void canvas_svg_style(FILE *file);

/* Text with what HTML and XML would take for markup escaped; what they cannot hold, such
 * as control characters and bytes that are not UTF-8, becomes U+FFFD. */
void write_escaped(FILE *file, const char *text);

#endif
