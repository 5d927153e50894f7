/* report/spread.h - how many households end with how much, of percentiles. */
#ifndef CLI_REPORT_SPREAD_H
#define CLI_REPORT_SPREAD_H

#include <stddef.h>

/* The share of households in each of `bins` equal steps from `low` to `high`, both of
 * which belong to a step. `sorted` has `levels` percentiles, evenly spaced from the least
 * to the greatest; between two of them households are spread evenly, and where several
 * are alike, so many households have that very amount. */
void spread_shares(const double *sorted, size_t levels, double low, double high,
                   size_t bins, double *shares);

#endif
