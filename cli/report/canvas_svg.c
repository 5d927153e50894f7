#include "report/canvas_svg.h"

#include "report/ink.h"
#include "report/utf8.h"

void write_escaped(FILE *file, const char *text) {
  while (*text != '\0') {
    size_t length = utf8_length(text);
    const char *entity = *text == '&'    ? "&amp;"
                         : *text == '<'  ? "&lt;"
                         : *text == '>'  ? "&gt;"
                         : *text == '"'  ? "&quot;"
                         : *text == '\'' ? "&#39;"
                         : length == 0   ? UTF8_REPLACEMENT
                                         : NULL;
    if (entity != NULL)
      fputs(entity, file);
    else
      (void)fwrite(text, 1, length, file); /* ferror tells */
    text += length > 0 ? length : 1;
  }
}

static FILE *file_of(struct canvas *canvas) {
  return ((struct canvas_svg *)canvas)->file;
}

static void write_points(FILE *file, const struct point *points, size_t count) {
  for (size_t i = 0; i < count; i++)
    fprintf(file, "%s%.1f %.1f",
            i == 0   ? "M"
            : i == 1 ? "L"
                     : " ",
            points[i].x, points[i].y);
}

static void draw_polyline(struct canvas *canvas, const struct point *points, size_t count,
                          enum ink ink) {
  FILE *file = file_of(canvas);
  fprintf(file, "<path class=\"%s\" d=\"", ink_style(ink)->class);
  write_points(file, points, count);
  fputs("\"/>\n", file);
}

static void draw_polygon(struct canvas *canvas, const struct point *points, size_t count,
                         enum ink ink) {
  FILE *file = file_of(canvas);
  fprintf(file, "<path class=\"%s\" d=\"", ink_style(ink)->class);
  write_points(file, points, count);
  fputs("Z\"/>\n", file);
}

static void draw_disc(struct canvas *canvas, struct point centre, double radius,
                      enum ink ink) {
  fprintf(file_of(canvas), "<circle class=\"%sd\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
          ink_style(ink)->class, centre.x, centre.y, radius);
}

static void draw_text(struct canvas *canvas, struct point at, enum anchor anchor,
                      enum ink ink, const char *text) {
  static const char *const anchors[] = {"start", "middle", "end"};
  FILE *file = file_of(canvas);
  fprintf(file, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
          ink_style(ink)->class, at.x, at.y, anchors[anchor]);
  write_escaped(file, text);
  fputs("</text>\n", file);
}

struct canvas_svg canvas_svg_on(FILE *file) {
  return (struct canvas_svg){
      .canvas = {draw_polyline, draw_polygon, draw_disc, draw_text}, .file = file};
}

static void write_variables(FILE *file, const char *selector, bool dark) {
  fprintf(file, "%s{", selector);
  for (int ink = 0; ink < INKS; ink++) {
    const struct ink_style *style = ink_style((enum ink)ink);
    fprintf(file, "--%s:#%06x;", style->variable, dark ? style->dark : style->light);
  }
  fprintf(file, "--paper:%s}\n", dark ? "#15181d" : "#fff");
}

static void write_line_style(FILE *file, const struct ink_style *style) {
  fprintf(file, "fill:none;stroke:var(--%s);stroke-width:%g;stroke-linejoin:round",
          style->variable, style->width);
  if (style->dash[0] > 0.0)
    fprintf(file, ";stroke-dasharray:%g %g", style->dash[0], style->dash[1]);
  fprintf(file, "}\n.%sd{fill:var(--%s)}\n", style->class, style->variable);
}

void canvas_svg_style(FILE *file) {
  write_variables(file, ":root", false);
  fputs("@media screen and (prefers-color-scheme:dark){", file);
  write_variables(file, ":root", true);
  fputs("}\n", file);
  for (int ink = 0; ink < INKS; ink++) {
    const struct ink_style *style = ink_style((enum ink)ink);
    fprintf(file, ".%s{", style->class);
    if (style->size > 0.0)
      fprintf(file, "fill:var(--%s);font-size:%gpx%s}\n", style->variable, style->size,
              style->bold ? ";font-weight:600" : "");
    else if (style->width <= 0.0)
      fprintf(file, "fill:var(--%s);fill-opacity:%g}\n", style->variable, style->opacity);
    else
      write_line_style(file, style);
  }
  fputs(
      "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',"
      "sans-serif}\n.f{paint-order:stroke;stroke:var(--card,var(--paper));stroke-width:"
      "4px;"
      "stroke-linejoin:round}\n",
      file);
}
