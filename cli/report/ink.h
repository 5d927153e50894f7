/* report/ink.h - how what is drawn looks, on paper and on a screen, by day and by night.
 */
#ifndef CLI_REPORT_INK_H
#define CLI_REPORT_INK_H

#include "report/canvas.h"

struct ink_style {
  const char *class;    /* in CSS */
  const char *variable; /* that has its colour there */
  unsigned light, dark; /* 0xrrggbb */
  double opacity;
  double width;   /* of a line; 0: an area */
  double dash[2]; /* drawn and left out; 0: solid */
  double size;    /* of text; 0: no text */
  int bold;
};

const struct ink_style *ink_style(enum ink ink);

#endif
