#include "report/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The round number nearest to a step: 1, 2, 2.5 or 5 times a power of ten. */
static double round_step(double step) {
  static const double steps[] = {1.0, 2.0, 2.5, 5.0, 10.0};
  double power = pow(10.0, floor(log10(step)));
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
    if (steps[i] == 2.5 && power < 10.0)
      continue; /* 2.5, 5, 7.5: harder to read than 2, 4, 6 */
    else if (steps[i] * power >= step * (1.0 - 1e-9))
      return steps[i] * power;
  return 10.0 * power;
}

/* Beyond it, and below its inverse, axes would not be finite. */
#define GREATEST 1e250

struct scale scale_make(double low, double high, int ticks, bool round, double start,
                        double end) {
  if (!isfinite(low)) low = 0.0;
  if (!isfinite(high) || high < low) high = low;
  low = fmin(fmax(low, -GREATEST), GREATEST);
  high = fmin(fmax(high, -GREATEST), GREATEST);
  if (high - low <= 1e-9 * fmax(fabs(low), fabs(high)) || high - low < 1.0 / GREATEST) {
    double room = fabs(low) > 1.0 / GREATEST ? 0.1 * fabs(low) : 1.0;
    low -= low > 0.0 ? room : 0.0;
    high = low + 2.0 * room;
  }
  double step = round_step((high - low) / ticks);
  struct scale scale = {.step = step, .start = start, .end = end};
  scale.low = round ? floor(low / step + 1e-9) * step : low;
  scale.high = round ? ceil(high / step - 1e-9) * step : high;
  scale.first = ceil(scale.low / step - 1e-9) * step;
  return scale;
}

int scale_ticks(const struct scale *scale) {
  return (int)floor((scale->high - scale->first) / scale->step + 1e-9) + 1;
}

double scale_place(const struct scale *scale, double value) {
  double part = (value - scale->low) / (scale->high - scale->low);
  return scale->start + fmin(fmax(part, 0.0), 1.0) * (scale->end - scale->start);
}

/* Writes the digits of `plain` with a comma before every third from the point. */
static void group(const char *plain, char text[SCALE_LABEL]) {
  size_t digits = strspn(plain, "0123456789");
  size_t used = 0;
  for (size_t i = 0; plain[i] != '\0' && used + 2 < SCALE_LABEL; i++) {
    if (i > 0 && i < digits && (digits - i) % 3 == 0) text[used++] = ',';
    text[used++] = plain[i];
  }
  text[used] = '\0';
}

void format_number(double value, int decimals, char text[SCALE_LABEL]) {
  char plain[SCALE_LABEL];
  if (!isfinite(value)) {
    snprintf(text, SCALE_LABEL, "%s", "-");
    return;
  }
  if (fabs(value) >= 1e15) {
    snprintf(text, SCALE_LABEL, "%.3g", value);
    return;
  }
  snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
  bool negative = value < 0.0 && strspn(plain, "0.") < strlen(plain);
  char grouped[SCALE_LABEL];
  group(plain, grouped);
  snprintf(text, SCALE_LABEL, "%s%.30s", negative ? "-" : "", grouped);
}

void format_percent(double share, char text[SCALE_LABEL]) {
  char number[SCALE_LABEL];
  format_number(100.0 * share, 1, number);
  snprintf(text, SCALE_LABEL, "%.27s%s", number, isfinite(share) ? " %" : "");
}

/* Decimals that tell neighbouring ticks apart. */
static int decimals_of(double step) {
  int decimals = 0;
  while (decimals < 6 && fabs(step - round(step)) > 1e-6 * step) {
    step *= 10.0;
    decimals++;
  }
  return decimals;
}

void scale_format(const struct scale *scale, enum chart_unit unit, double value,
                  char text[SCALE_LABEL]) {
  double largest = fmax(fabs(scale->low), fabs(scale->high));
  double divisor = unit == UNIT_PERCENT ? 0.01 : 1.0;
  const char *suffix = unit == UNIT_PERCENT ? " %" : "";
  if (unit != UNIT_PERCENT && largest >= 1e9) {
    divisor = 1e9;
    suffix = " bn";
  } else if (unit != UNIT_PERCENT && largest >= 2e6) {
    divisor = 1e6;
    suffix = " M";
  } else if (unit != UNIT_PERCENT && largest >= 2e4) {
    divisor = 1e3;
    suffix = " k";
  }
  char number[SCALE_LABEL];
  format_number(value / divisor, decimals_of(scale->step / divisor), number);
  if (fabs(value) < 1e-9 * scale->step) suffix = unit == UNIT_PERCENT ? " %" : "";
  snprintf(text, SCALE_LABEL, "%.26s%s", number, suffix);
}
