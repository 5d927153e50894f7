#include "runs/curve.h"

#include "common/worth.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 64
#define HEIGHT 14

char curve_mark(size_t index) {
  static const char marks[] = "*o+x#@%&";
  return marks[index % (sizeof marks - 1)];
}

/* What is drawn: y over x of each curve. */
struct picture {
  bool by_return;
  double first, last;     /* x */
  double lowest, highest; /* y */
  char cells[HEIGHT][WIDTH];
};

static size_t size_of(const struct picture *picture, const struct curve *curve) {
  return picture->by_return ? curve->evaluation_count : curve->point_count;
}

static double x_of(const struct picture *picture, const struct curve *curve, size_t i) {
  return (double)(picture->by_return ? curve->evaluations[i].episode
                                     : curve->points[i].episode);
}

static double y_of(const struct picture *picture, const struct curve *curve, size_t i) {
  return picture->by_return ? evaluation_worth(&curve->evaluations[i].figures)
                            : curve->points[i].avg_reward;
}

static void measure(struct picture *picture, const struct curve *curves, size_t count) {
  picture->first = picture->lowest = INFINITY;
  picture->last = picture->highest = -INFINITY;
  for (size_t c = 0; c < count; c++) {
    for (size_t i = 0; i < size_of(picture, &curves[c]); i++) {
      double x = x_of(picture, &curves[c], i);
      double y = y_of(picture, &curves[c], i);
      picture->first = fmin(picture->first, x);
      picture->last = fmax(picture->last, x);
      picture->lowest = fmin(picture->lowest, y);
      picture->highest = fmax(picture->highest, y);
    }
  }
}

/* The curve's value at `x`, between its points; NaN outside of them. */
static double value_at(const struct picture *picture, const struct curve *curve,
                       double x) {
  size_t count = size_of(picture, curve);
  size_t i = 0;
  while (i < count && x_of(picture, curve, i) < x) i++;
  if (i == count) return NAN;
  double right = y_of(picture, curve, i);
  if (x_of(picture, curve, i) == x) return right;
  if (i == 0) return NAN;
  double from = x_of(picture, curve, i - 1);
  double left = y_of(picture, curve, i - 1);
  return left + (right - left) * (x - from) / (x_of(picture, curve, i) - from);
}

static void plot(struct picture *picture, const struct curve *curve, char mark) {
  double span = picture->highest - picture->lowest;
  for (int column = 0; column < WIDTH; column++) {
    double x =
        picture->first + (picture->last - picture->first) * column / (double)(WIDTH - 1);
    double y = value_at(picture, curve, column == WIDTH - 1 ? picture->last : x);
    if (!isfinite(y)) continue;
    double height = span > 0.0 ? (y - picture->lowest) / span : 0.5;
    int row = (int)lrint(height * (HEIGHT - 1));
    picture->cells[HEIGHT - 1 - row][column] = mark;
  }
}

/* What is drawn of runs by their evaluations, which may be of both models. */
static const char *name_worth(const struct curve *curves, size_t count) {
  size_t equivalents = 0;
  for (size_t c = 0; c < count; c++)
    if (isfinite(curves[c].evaluations[0].figures.certainty_equivalent)) equivalents++;
  return equivalents == count ? "certainty equivalent"
         : equivalents == 0   ? "strategic return"
                              : "strategic return or certainty equivalent";
}

void curves_draw(const struct curve *curves, size_t count) {
  struct picture picture = {.by_return = true};
  for (size_t c = 0; c < count; c++)
    if (curves[c].evaluation_count < 2) picture.by_return = false;
  measure(&picture, curves, count);
  if (!isfinite(picture.first) || !isfinite(picture.lowest) ||
      picture.first == picture.last)
    return;
  memset(picture.cells, ' ', sizeof picture.cells);
  for (size_t c = count; c-- > 0;) plot(&picture, &curves[c], curve_mark(c));
  puts(picture.by_return ? name_worth(curves, count) : "reward");
  for (int row = 0; row < HEIGHT; row++) {
    char label[16] = "";
    double y = picture.highest - (picture.highest - picture.lowest) * row / (HEIGHT - 1);
    if (row == 0 || row == HEIGHT - 1 || row == HEIGHT / 2)
      snprintf(label, sizeof label, "%.2f", y);
    printf("%12s |%.*s\n", label, WIDTH, picture.cells[row]);
  }
  printf("%12s +", "");
  for (int column = 0; column < WIDTH; column++) putchar('-');
  int left = printf("\n%12s  %.0f", "", picture.first) - 15;
  printf("%*.0f episodes\n", WIDTH - left, picture.last);
}
