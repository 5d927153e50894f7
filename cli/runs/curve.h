/* runs/curve.h - learning curves, drawn in characters. */
#ifndef CLI_RUNS_CURVE_H
#define CLI_RUNS_CURVE_H

#include "common/run_curve.h"

/* Draws the strategic returns of the evaluations, or the rewards where a run has fewer
 * than two of them, of all curves in one picture. */
void curves_draw(const struct curve *curves, size_t count);

/* The character that curve `index` of a picture is drawn with. */
char curve_mark(size_t index);

#endif
