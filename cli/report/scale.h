/* report/scale.h - the axes of a chart: round numbers, and where they are. */
#ifndef CLI_REPORT_SCALE_H
#define CLI_REPORT_SCALE_H

#include <stdbool.h>

/* What an axis counts. */
enum chart_unit { UNIT_PLAIN, UNIT_EURO, UNIT_PERCENT };

#define SCALE_LABEL 32

struct scale {
  double low, high;   /* what it shows, high > low */
  double first, step; /* of its ticks */
  double start, end;  /* where low and high are on the canvas */
};

/* Shows low ... high, of which neither need be finite; with `round` its ends are ticks.
 */
struct scale scale_make(double low, double high, int ticks, bool round, double start,
                        double end);

/* How many ticks there are: first, first + step ... */
int scale_ticks(const struct scale *scale);

double scale_place(const struct scale *scale, double value);

/* A value of the axis as text: "12,000", "1.2 M", "40 %". */
void scale_format(const struct scale *scale, enum chart_unit unit, double value,
                  char text[SCALE_LABEL]);

/* A number with commas between thousands, as many decimals as asked for, or "-". */
void format_number(double value, int decimals, char text[SCALE_LABEL]);

/* 0.123 as "12.3 %", or "-". */
void format_percent(double share, char text[SCALE_LABEL]);

#endif
