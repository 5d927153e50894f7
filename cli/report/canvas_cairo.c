#include "report/canvas_cairo.h"

#include <stdlib.h>

#include <pango/pangocairo.h>

#include "report/ink.h"
#include "report/utf8.h"

static cairo_t *cairo_of(struct canvas *canvas) {
  return ((struct canvas_cairo *)canvas)->cairo;
}

void cairo_set_colour(cairo_t *cairo, unsigned rgb, double opacity) {
  cairo_set_source_rgba(cairo, (double)(rgb >> 16 & 0xff) / 255.0,
                        (double)(rgb >> 8 & 0xff) / 255.0, (double)(rgb & 0xff) / 255.0,
                        opacity);
}

double cairo_set_text(cairo_t *cairo, const struct typeface *face, struct point at,
                      const char *text, bool draw, double *width) {
  char *clean = utf8_clean(text);
  if (clean == NULL) return 0.0; /* the page lacks a word; memory is short for more */
  PangoLayout *layout = pango_cairo_create_layout(cairo);
  PangoFontDescription *font = pango_font_description_from_string("Sans");
  pango_font_description_set_absolute_size(font, face->size * PANGO_SCALE);
  if (face->bold) pango_font_description_set_weight(font, PANGO_WEIGHT_SEMIBOLD);
  pango_layout_set_font_description(layout, font);
  pango_layout_set_text(layout, clean, -1);
  if (face->width > 0.0) {
    pango_layout_set_width(layout, (int)(face->width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  }
  if (face->right) pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
  int wide = 0;
  int high = 0;
  pango_layout_get_size(layout, &wide, &high);
  if (width != NULL) *width = (double)wide / PANGO_SCALE;
  if (draw) {
    cairo_move_to(cairo, at.x, at.y);
    pango_cairo_show_layout(cairo, layout);
  }
  pango_font_description_free(font);
  g_object_unref(layout);
  free(clean);
  return (double)high / PANGO_SCALE;
}

static void trace(cairo_t *cairo, const struct point *points, size_t count) {
  cairo_new_path(cairo);
  for (size_t i = 0; i < count; i++) cairo_line_to(cairo, points[i].x, points[i].y);
}

static void draw_polyline(struct canvas *canvas, const struct point *points, size_t count,
                          enum ink ink) {
  const struct ink_style *style = ink_style(ink);
  cairo_t *cairo = cairo_of(canvas);
  trace(cairo, points, count);
  cairo_set_colour(cairo, style->light, style->opacity);
  cairo_set_line_width(cairo, style->width);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash(cairo, style->dash, style->dash[0] > 0.0 ? 2 : 0, 0.0);
  cairo_stroke(cairo);
}

static void draw_polygon(struct canvas *canvas, const struct point *points, size_t count,
                         enum ink ink) {
  const struct ink_style *style = ink_style(ink);
  cairo_t *cairo = cairo_of(canvas);
  trace(cairo, points, count);
  cairo_close_path(cairo);
  cairo_set_colour(cairo, style->light, style->opacity);
  cairo_fill(cairo);
}

static void draw_disc(struct canvas *canvas, struct point centre, double radius,
                      enum ink ink) {
  cairo_t *cairo = cairo_of(canvas);
  cairo_new_path(cairo);
  cairo_arc(cairo, centre.x, centre.y, radius, 0.0, 6.283185307179586);
  cairo_set_colour(cairo, ink_style(ink)->light, 1.0);
  cairo_fill(cairo);
}

static void draw_text(struct canvas *canvas, struct point at, enum anchor anchor,
                      enum ink ink, const char *text) {
  const struct ink_style *style = ink_style(ink);
  cairo_t *cairo = cairo_of(canvas);
  struct typeface face = {.size = style->size, .bold = style->bold != 0};
  double width = 0.0;
  double height = cairo_set_text(cairo, &face, at, text, false, &width);
  /* the baseline lies about four fifths down a line */
  at.y -= 0.79 * height;
  at.x -= anchor == ANCHOR_END ? width : anchor == ANCHOR_MIDDLE ? width / 2.0 : 0.0;
  cairo_set_colour(cairo, style->light, 1.0);
  cairo_set_text(cairo, &face, at, text, true, NULL);
}

struct canvas_cairo canvas_cairo_on(cairo_t *cairo) {
  return (struct canvas_cairo){
      .canvas = {draw_polyline, draw_polygon, draw_disc, draw_text}, .cairo = cairo};
}

void canvas_cairo_end(void) { pango_cairo_font_map_set_default(NULL); }
