#include "report/html.h"

#include <stdbool.h>

#include "report/canvas_svg.h"
#include "report/contents.h"

static const char style[] =
    ":root{--edge:#dfe2e7;--card:#f7f8fa;--back:#fff}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--edge:#2c313a;--card:#1b1f26;"
    "--back:#15181d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--back);color:var(--ink);font:16px/1.55 system-ui,"
    "-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}\n"
    "header{border-bottom:3px solid var(--agents);padding-bottom:1rem}\n"
    "header p{margin:.2rem 0 0;color:var(--faint)}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0;overflow-wrap:anywhere}\n"
    "h2{font-size:1.3rem;margin:2.6rem 0 .6rem}\n"
    "p{max-width:46rem;overflow-wrap:anywhere}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));"
    "gap:.9rem;margin:1.4rem 0}\n"
    ".tile{background:var(--card);border:1px solid var(--edge);border-radius:.7rem;"
    "padding:.9rem 1.1rem}\n"
    ".tile span{display:block;color:var(--faint);font-size:.85rem}\n"
    ".tile b{display:block;font-size:1.75rem;line-height:1.3;font-variant-numeric:"
    "tabular-nums}\n"
    "figure{margin:1.2rem 0;padding:1rem 1.1rem .8rem;background:var(--card);"
    "border:1px solid var(--edge);border-radius:.7rem;break-inside:avoid}\n"
    "figure svg{display:block;width:100%;height:auto}\n"
    "figure .slim{display:none}\n"
    "@media screen and (max-width:36rem){figure .slim{display:block}figure "
    ".broad{display:none}"
    "main{padding:1.5rem .9rem 3rem}figure{padding:.8rem .7rem .7rem}h1{font-size:1.5rem}"
    ".tiles{grid-template-columns:1fr 1fr}.tile{padding:.7rem .8rem}"
    ".tile b{font-size:1.4rem}}\n"
    "figcaption{color:var(--faint);font-size:.88rem;margin-top:.5rem}\n"
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:"
    "tabular-nums}\n"
    "th{color:var(--faint);font-weight:600;text-align:left;vertical-align:bottom;"
    "border-bottom:2px solid var(--edge)}\n"
    "th,td{padding:.4rem .7rem .4rem 0}\n"
    "td{border-bottom:1px solid var(--edge);vertical-align:top}\n"
    "thead td{border-bottom-width:2px}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    ".wide:focus-visible{outline:2px solid var(--agents);outline-offset:3px}\n"
    ".n{text-align:right;white-space:nowrap}\n"
    "th.n{white-space:normal}\n"
    "td:first-child,.name{white-space:nowrap}\n"
    "tr{break-inside:avoid}\n"
    "@media print{body{font-size:10.5pt}main{max-width:none;padding:0}"
    "h2{break-after:avoid}.tile,figure{background:none}"
    ".tiles{grid-template-columns:repeat(4,1fr)}}\n"
    "@page{margin:16mm}\n";

struct html_writer {
  struct report_writer writer; /* first */
  FILE *file;
  size_t columns, texts; /* of the table in hand */
  unsigned sections;
};

static struct html_writer *own(struct report_writer *writer) {
  return (struct html_writer *)writer;
}

static void write_element(FILE *file, const char *name, const char *text) {
  fprintf(file, "<%s>", name);
  write_escaped(file, text);
  fprintf(file, "</%s>\n", name);
}

static void write_title(struct report_writer *writer, const char *title,
                        const char *subtitle) {
  FILE *file = own(writer)->file;
  fputs("<title>", file);
  write_escaped(file, title);
  fputs("</title>\n<style>\n", file);
  canvas_svg_style(file);
  fputs(style, file);
  fputs("</style>\n</head>\n<body>\n<main>\n<header>\n", file);
  write_element(file, "h1", title);
  write_element(file, "p", subtitle);
  fputs("</header>\n", file);
}

static void write_section(struct report_writer *writer, const char *title, bool charts) {
  (void)charts; /* its page has no end */
  struct html_writer *html = own(writer);
  if (html->sections > 0) fputs("</section>\n", html->file);
  html->sections++;
  fprintf(html->file, "<section>\n<h2 id=\"s%u\">", html->sections);
  write_escaped(html->file, title);
  fputs("</h2>\n", html->file);
}

static void write_paragraph(struct report_writer *writer, const char *text) {
  write_element(own(writer)->file, "p", text);
}

static void write_tiles(struct report_writer *writer, const struct tile *tiles,
                        size_t count) {
  FILE *file = own(writer)->file;
  fputs("<div class=\"tiles\">\n", file);
  for (size_t i = 0; i < count; i++) {
    fputs("<div class=\"tile\">", file);
    write_element(file, "span", tiles[i].label);
    write_element(file, "b", tiles[i].value);
    write_element(file, "span", tiles[i].note);
    fputs("</div>\n", file);
  }
  fputs("</div>\n", file);
}

static void write_cells(struct html_writer *html, const char *element,
                        const char *const *cells) {
  /* names beside figures stay in one line; of texts alone the last is long */
  bool is_prose = html->texts == html->columns;
  fputs("<tr>", html->file);
  for (size_t i = 0; i < html->columns; i++) {
    /* a heading without words is none */
    const char *own_element = cells[i][0] == '\0' ? "td" : element;
    const char *class = i >= html->texts ? " class=\"n\""
                        : is_prose       ? ""
                                         : " class=\"name\"";
    fprintf(html->file, "<%s%s>", own_element, class);
    write_escaped(html->file, cells[i]);
    fprintf(html->file, "</%s>", own_element);
  }
  fputs("</tr>\n", html->file);
}

static void write_table_begin(struct report_writer *writer, const char *const *headings,
                              size_t columns, size_t texts) {
  struct html_writer *html = own(writer);
  html->columns = columns;
  html->texts = texts;
  /* where it is wider than the window, keys can move it */
  fprintf(html->file,
          "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-labelledby=\"s%u\">"
          "<table>\n<thead>",
          html->sections);
  write_cells(html, "th", headings);
  fputs("</thead>\n<tbody>\n", html->file);
}

static void write_table_row(struct report_writer *writer, const char *const *cells) {
  write_cells(own(writer), "td", cells);
}

static void write_table_end(struct report_writer *writer) {
  fputs("</tbody>\n</table></div>\n", own(writer)->file);
}

static void write_drawing(FILE *file, const char *class, const struct chart *chart,
                          const struct chart_size *size) {
  struct canvas_svg svg = canvas_svg_on(file);
  fprintf(file, "<svg class=\"%s\" viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"",
          class, size->width, size->height);
  write_escaped(file, chart->title);
  fputs(". ", file);
  write_escaped(file, chart->note);
  fputs("\">\n", file);
  chart_draw(chart, size, &svg.canvas);
  fputs("</svg>\n", file);
}

/* Twice: only the one that suits the window is shown. */
static void write_chart(struct report_writer *writer, const struct chart *chart) {
  FILE *file = own(writer)->file;
  fputs("<figure>\n", file);
  write_drawing(file, "broad", chart, &chart_wide);
  write_drawing(file, "slim", chart, &chart_narrow);
  write_element(file, "figcaption", chart->note);
  fputs("</figure>\n", file);
}

void report_write_html(const struct report_document *document, FILE *file) {
  struct html_writer html = {
      .writer = {write_title, write_section, write_paragraph, write_tiles,
                 write_table_begin, write_table_row, write_table_end, write_chart},
      .file = file};
  fputs(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n",
      file);
  document->tell(document->subject, &html.writer);
  if (html.sections > 0) fputs("</section>\n", file);
  fputs("</main>\n</body>\n</html>\n", file);
}

/* ---- charts alone ---- */

/* Counts the charts, or draws them. */
struct svg_writer {
  struct report_writer writer; /* first */
  FILE *file;                  /* NULL: counts */
  size_t charts;
};

static void ignore_title(struct report_writer *writer, const char *title,
                         const char *subtitle) {
  (void)writer, (void)title, (void)subtitle;
}

static void ignore_section(struct report_writer *writer, const char *title, bool charts) {
  (void)writer, (void)title, (void)charts;
}

static void ignore_text(struct report_writer *writer, const char *text) {
  (void)writer, (void)text;
}

static void ignore_tiles(struct report_writer *writer, const struct tile *tiles,
                         size_t count) {
  (void)writer, (void)tiles, (void)count;
}

static void ignore_table(struct report_writer *writer, const char *const *headings,
                         size_t columns, size_t texts) {
  (void)writer, (void)headings, (void)columns, (void)texts;
}

static void ignore_row(struct report_writer *writer, const char *const *cells) {
  (void)writer, (void)cells;
}

static void ignore_end(struct report_writer *writer) { (void)writer; }

#define GAP 20.0

static void draw_chart(struct report_writer *writer, const struct chart *chart) {
  struct svg_writer *svg = (struct svg_writer *)writer;
  double top = GAP + (double)svg->charts * (CHART_HEIGHT + GAP);
  svg->charts++;
  if (svg->file == NULL) return;
  struct canvas_svg canvas = canvas_svg_on(svg->file);
  fprintf(svg->file, "<g transform=\"translate(%g %g)\">\n<title>", GAP, top);
  write_escaped(svg->file, chart->title);
  fputs("</title>\n<desc>", svg->file);
  write_escaped(svg->file, chart->note);
  fputs("</desc>\n", svg->file);
  chart_draw(chart, &chart_wide, &canvas.canvas);
  fputs("</g>\n", svg->file);
}

void report_write_svg(const struct report_document *document, FILE *file) {
  struct svg_writer svg = {.writer = {ignore_title, ignore_section, ignore_text,
                                      ignore_tiles, ignore_table, ignore_row, ignore_end,
                                      draw_chart}};
  document->tell(document->subject, &svg.writer);
  double width = CHART_WIDTH + 2.0 * GAP;
  double height = GAP + (double)svg.charts * (CHART_HEIGHT + GAP);
  fprintf(file,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" "
          "height=\"%g\">\n<style>\n",
          width, height, width, height);
  canvas_svg_style(file);
  fprintf(file, "</style>\n<rect width=\"%g\" height=\"%g\" fill=\"var(--paper)\"/>\n",
          width, height);
  svg.file = file;
  svg.charts = 0;
  document->tell(document->subject, &svg.writer);
  fputs("</svg>\n", file);
}
