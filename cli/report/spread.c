#include "report/spread.h"

#include <math.h>

/* The share of households with less than `amount`. */
static double share_below(const double *sorted, size_t levels, double amount) {
  if (amount <= sorted[0]) return 0.0;
  for (size_t i = 1; i < levels; i++) {
    if (amount > sorted[i]) continue;
    double step = (amount - sorted[i - 1]) / (sorted[i] - sorted[i - 1]);
    return ((double)(i - 1) + step) / (double)(levels - 1);
  }
  return 1.0;
}

void spread_shares(const double *sorted, size_t levels, double low, double high,
                   size_t bins, double *shares) {
  double width = (high - low) / (double)bins;
  double before = share_below(sorted, levels, low);
  for (size_t i = 0; i < bins; i++) {
    double end = i + 1 < bins ? low + width * (double)(i + 1) : nextafter(high, INFINITY);
    double until = share_below(sorted, levels, end);
    shares[i] = until - before;
    before = until;
  }
}
