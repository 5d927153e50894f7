#include "report/chart.h"

#include <math.h>
#include <string.h>

#include "report/scale.h"

#define LEFT 66.0
#define RIGHT 18.0
#define TOP 66.0
#define BOTTOM 46.0
#define TITLE_Y 20.0
#define LEGEND_Y 42.0
#define LEGEND_GAP 22.0
#define LEGEND_LINE 18.0

/* Points nearer to each other than this are not told apart. */
#define NEAREST 1.5
#define MOST_POINTS 512

const struct chart_size chart_wide = {CHART_WIDTH, CHART_HEIGHT, 10};
const struct chart_size chart_narrow = {350.0, 310.0, 5};

void chart_add_band(struct chart *chart, const double *low, const double *high,
                    enum ink ink, const char *name) {
  if (chart->band_count < CHART_PARTS)
    chart->bands[chart->band_count++] = (struct chart_band){low, high, ink, name};
}

void chart_add_line(struct chart *chart, const double *y, enum ink ink,
                    const char *name) {
  if (chart->line_count < CHART_PARTS)
    chart->lines[chart->line_count++] = (struct chart_line){y, ink, name, false};
}

void chart_add_mark(struct chart *chart, double at, bool vertical, const char *name) {
  if (chart->mark_count < CHART_PARTS)
    chart->marks[chart->mark_count++] = (struct chart_mark){at, vertical, name};
}

struct range {
  double low, high;
};

static void include(struct range *range, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) continue;
    if (!(range->low <= values[i])) range->low = values[i];
    if (!(range->high >= values[i])) range->high = values[i];
  }
}

static struct range find_range(const struct chart *chart) {
  struct range range = {NAN, NAN};
  if (chart->from_zero) range.low = range.high = 0.0;
  for (size_t i = 0; i < chart->band_count; i++) {
    include(&range, chart->bands[i].low, chart->count);
    include(&range, chart->bands[i].high, chart->count);
  }
  for (size_t i = 0; i < chart->line_count; i++)
    include(&range, chart->lines[i].y, chart->count);
  for (size_t i = 0; i < chart->mark_count; i++)
    if (!chart->marks[i].vertical) include(&range, &chart->marks[i].at, 1);
  return range;
}

/* The axes of a chart that is being drawn. */
struct frame {
  const struct chart *chart;
  struct canvas *canvas;
  double top, right, bottom; /* of what the axes enclose */
  double height;             /* of all */
  struct scale x, y;
};

static void draw_axes(const struct frame *frame) {
  const struct chart *chart = frame->chart;
  struct canvas *canvas = frame->canvas;
  char label[SCALE_LABEL];
  double bottom = frame->bottom;
  for (int i = 0; i < scale_ticks(&frame->y); i++) {
    double v = frame->y.first + i * frame->y.step;
    double y = scale_place(&frame->y, v);
    struct point line[2] = {{LEFT, y}, {frame->right, y}};
    canvas->polyline(canvas, line, 2, INK_GRID);
    scale_format(&frame->y, chart->y_unit, v, label);
    canvas->text(canvas, (struct point){LEFT - 8.0, y + 4.0}, ANCHOR_END, INK_TEXT_FAINT,
                 label);
  }
  struct point base[2] = {{LEFT, bottom}, {frame->right, bottom}};
  canvas->polyline(canvas, base, 2, INK_AXIS);
  for (int i = 0; i < scale_ticks(&frame->x); i++) {
    double v = frame->x.first + i * frame->x.step;
    double x = scale_place(&frame->x, v);
    struct point tick[2] = {{x, bottom}, {x, bottom + 5.0}};
    canvas->polyline(canvas, tick, 2, INK_AXIS);
    scale_format(&frame->x, chart->x_unit, v, label);
    canvas->text(canvas, (struct point){x, bottom + 19.0}, ANCHOR_MIDDLE, INK_TEXT_FAINT,
                 label);
  }
  canvas->text(canvas, (struct point){(LEFT + frame->right) / 2.0, frame->height - 8.0},
               ANCHOR_MIDDLE, INK_TEXT_FAINT, chart->x_label);
}

/* The width of a legend's text, about: a chart does not know its reader's typeface. */
static double text_width(const char *text) {
  double width = 0.0;
  for (; *text != '\0'; text++) {
    if (((unsigned char)*text & 0xc0) == 0x80) continue; /* of the character before */
    width += strchr(" ijltf,.:", *text) != NULL ? 4.2
             : strchr("mwMW%", *text) != NULL   ? 11.0
             : *text >= 'A' && *text <= 'Z'     ? 8.6
                                                : 7.4;
  }
  return width;
}

#define ENTRY_LINE 26.0 /* what stands before its name */

/* Where the next entry begins, in a line of its own where there is no room for it. */
static struct point place_entry(struct point *next, double width, const char *name) {
  double needed = ENTRY_LINE + text_width(name);
  if (next->x > 0.0 && next->x + needed > width)
    *next = (struct point){0.0, next->y + LEGEND_LINE};
  struct point place = *next;
  next->x += needed + LEGEND_GAP;
  return place;
}

static void draw_entry(struct canvas *canvas, struct point at, enum ink ink, bool area,
                       const char *name) {
  double x = at.x;
  double y = at.y - 4.0;
  struct point box[4] = {
      {x, y - 5.0}, {x + 20.0, y - 5.0}, {x + 20.0, y + 5.0}, {x, y + 5.0}};
  struct point line[2] = {{x, y}, {x + 20.0, y}};
  if (area)
    canvas->polygon(canvas, box, 4, ink);
  else
    canvas->polyline(canvas, line, 2, ink);
  canvas->text(canvas, (struct point){x + ENTRY_LINE, at.y}, ANCHOR_START, INK_TEXT,
               name);
}

/* Gives the height of the lines that it has beyond the first. */
static double draw_legend(const struct chart *chart, double width,
                          struct canvas *canvas) {
  struct point next = {0.0, LEGEND_Y};
  canvas->text(canvas, (struct point){0.0, TITLE_Y}, ANCHOR_START, INK_TITLE,
               chart->title);
  for (size_t i = 0; i < chart->line_count; i++) {
    const struct chart_line *line = &chart->lines[i];
    if (line->name == NULL) continue;
    draw_entry(canvas, place_entry(&next, width, line->name), line->ink, false,
               line->name);
  }
  for (size_t i = 0; i < chart->band_count; i++) {
    const struct chart_band *band = &chart->bands[i];
    if (band->name == NULL) continue;
    draw_entry(canvas, place_entry(&next, width, band->name), band->ink, true,
               band->name);
  }
  return next.y - LEGEND_Y;
}

/* Points of a stretch of `y` from *at on that has no gap; *at is then behind it. */
static size_t gather(const struct frame *frame, const double *y, size_t *at,
                     struct point points[MOST_POINTS]) {
  const struct chart *chart = frame->chart;
  size_t count = 0;
  while (*at < chart->count && !isfinite(y[*at])) ++*at;
  for (; *at < chart->count && isfinite(y[*at]) && count < MOST_POINTS; ++*at) {
    struct point point = {scale_place(&frame->x, chart->x[*at]),
                          scale_place(&frame->y, y[*at])};
    bool last = *at + 1 == chart->count || !isfinite(y[*at + 1]);
    bool step = *at > 0 && chart->x[*at] == chart->x[*at - 1];
    if (count > 0 && !last && !step && point.x - points[count - 1].x < NEAREST) continue;
    points[count++] = point;
  }
  return count;
}

static void draw_line(const struct frame *frame, const struct chart_line *line) {
  struct point points[MOST_POINTS];
  for (size_t at = 0; at < frame->chart->count;) {
    size_t count = gather(frame, line->y, &at, points);
    if (count > 1) frame->canvas->polyline(frame->canvas, points, count, line->ink);
    for (size_t i = 0; i < count && (line->dots || count == 1); i++)
      frame->canvas->disc(frame->canvas, points[i], 3.2, line->ink);
  }
}

static void draw_band(const struct frame *frame, const struct chart_band *band) {
  struct point points[2 * MOST_POINTS];
  struct point low[MOST_POINTS];
  for (size_t at = 0; at < frame->chart->count;) {
    size_t from = at;
    size_t high_count = gather(frame, band->high, &at, points);
    size_t low_count = gather(frame, band->low, &from, low);
    for (size_t i = 0; i < low_count; i++)
      points[high_count + i] = low[low_count - 1 - i];
    if (high_count > 1 && low_count > 1)
      frame->canvas->polygon(frame->canvas, points, high_count + low_count, band->ink);
  }
}

/* How far lines stay away from where the name of a mark at `y` would stand. */
static double clearance(const struct frame *frame, double y, bool left) {
  const struct chart *chart = frame->chart;
  double least = frame->height;
  double reach = 0.2 * (frame->right - LEFT);
  for (size_t k = 0; k < chart->line_count; k++)
    for (size_t i = 0; i < chart->count; i++) {
      double x = scale_place(&frame->x, chart->x[i]);
      double apart = fabs(scale_place(&frame->y, chart->lines[k].y[i]) - (y - 9.0));
      bool near = left ? x < LEFT + reach : x > frame->right - reach;
      if (near && apart < least) least = apart; /* never where it is NaN */
    }
  return least;
}

/* Names of levels stand where lines leave room; where they do anyway, they take turns. */
static bool stands_left(const struct frame *frame, size_t index, double y) {
  double left = clearance(frame, y, true);
  double right = clearance(frame, y, false);
  return fmin(left, right) > 12.0 || left == right ? index % 2 == 1 : left > right;
}

static void draw_mark(const struct frame *frame, size_t index) {
  const struct chart_mark *mark = &frame->chart->marks[index];
  double x = scale_place(&frame->x, mark->at);
  double y = scale_place(&frame->y, mark->at);
  bool left = !mark->vertical && stands_left(frame, index, y);
  struct point across[2] = {{LEFT, y}, {frame->right, y}};
  struct point down[2] = {{x, frame->top}, {x, frame->bottom}};
  frame->canvas->polyline(frame->canvas, mark->vertical ? down : across, 2, INK_MARK);
  if (mark->vertical)
    frame->canvas->text(frame->canvas, (struct point){x - 5.0, frame->top + 11.0},
                        ANCHOR_END, INK_TEXT_FAINT, mark->name);
  else
    frame->canvas->text(frame->canvas,
                        (struct point){left ? LEFT + 4.0 : frame->right - 4.0, y - 5.0},
                        left ? ANCHOR_START : ANCHOR_END, INK_TEXT_FAINT, mark->name);
}

void chart_draw(const struct chart *chart, const struct chart_size *size,
                struct canvas *canvas) {
  struct range range = find_range(chart);
  double first = chart->count > 0 && !chart->x_from_zero ? chart->x[0] : 0.0;
  double last = chart->count > 0 ? chart->x[chart->count - 1] : 1.0;
  double top = TOP + draw_legend(chart, size->width, canvas);
  double right = size->width - RIGHT;
  double bottom = size->height - BOTTOM;
  struct frame frame = {
      .chart = chart,
      .canvas = canvas,
      .top = top,
      .right = right,
      .bottom = bottom,
      .height = size->height,
      .x = scale_make(first, last, size->x_ticks, false, LEFT, right),
      .y = scale_make(range.low, range.high, 5, true, bottom, top),
  };
  draw_axes(&frame);
  for (size_t i = 0; i < chart->band_count; i++) draw_band(&frame, &chart->bands[i]);
  for (size_t i = 0; i < chart->mark_count; i++) draw_mark(&frame, i);
  /* the first is solid and wide: the others are seen on it where they coincide */
  for (size_t i = 0; i < chart->line_count; i++) draw_line(&frame, &chart->lines[i]);
}
