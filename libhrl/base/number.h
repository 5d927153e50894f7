/* base/number.h - the smaller and the larger of two numbers.
 *
 * Compilers make calls of fmin and fmax, which mind NaN; these are an instruction each.
 * Where the first is NaN, they give the second. */
#ifndef HRLP_NUMBER_H
#define HRLP_NUMBER_H

static inline double hrlp_min(double a, double b) { return a < b ? a : b; }
static inline double hrlp_max(double a, double b) { return a > b ? a : b; }

#endif
