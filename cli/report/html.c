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
    "figcaption{color:var(--faint);font-size:.88rem;margin-top:.5rem}\n"
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:"
    "tabular-nums}\n"
    "th{color:var(--faint);font-weight:600;text-align:left;vertical-align:bottom;"
    "border-bottom:2px solid var(--edge)}\n"
    "th,td{padding:.4rem .7rem .4rem 0}\n"
    "td{border-bottom:1px solid var(--edge);vertical-align:top}\n"
    ".n{text-align:right;white-space:nowrap}\n"
    "th.n{white-space:normal}\n"
    "td:first-child{white-space:nowrap}\n"
    "tr{break-inside:avoid}\n"
    "@media print{body{font-size:10.5pt}main{max-width:none;padding:0}"
    "h2{break-after:avoid}.tile,figure{background:none}"
    ".tiles{grid-template-columns:repeat(4,1fr)}}\n"
    "@page{margin:16mm}\n";

struct html_writer {
  struct report_writer writer; /* first */
  FILE *file;
  size_t columns, texts; /* of the table in hand */
  bool in_section;
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
  if (html->in_section) fputs("</section>\n", html->file);
  html->in_section = true;
  fputs("<section>\n", html->file);
  write_element(html->file, "h2", title);
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
  fputs("<tr>", html->file);
  for (size_t i = 0; i < html->columns; i++) {
    fprintf(html->file, "<%s%s>", element, i < html->texts ? "" : " class=\"n\"");
    write_escaped(html->file, cells[i]);
    fprintf(html->file, "</%s>", element);
  }
  fputs("</tr>\n", html->file);
}

static void write_table_begin(struct report_writer *writer, const char *const *headings,
                              size_t columns, size_t texts) {
  struct html_writer *html = own(writer);
  html->columns = columns;
  html->texts = texts;
  fputs("<div class=\"wide\"><table>\n<thead>", html->file);
  write_cells(html, "th", headings);
  fputs("</thead>\n<tbody>\n", html->file);
}

static void write_table_row(struct report_writer *writer, const char *const *cells) {
  write_cells(own(writer), "td", cells);
}

static void write_table_end(struct report_writer *writer) {
  fputs("</tbody>\n</table></div>\n", own(writer)->file);
}

static void write_chart(struct report_writer *writer, const struct chart *chart) {
  FILE *file = own(writer)->file;
  struct canvas_svg svg = canvas_svg_on(file);
  fprintf(file, "<figure>\n<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"",
          CHART_WIDTH, CHART_HEIGHT);
  write_escaped(file, chart->title);
  fputs(". ", file);
  write_escaped(file, chart->note);
  fputs("\">\n", file);
  chart_draw(chart, &svg.canvas);
  fputs("</svg>\n", file);
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
  if (html.in_section) fputs("</section>\n", file);
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
  chart_draw(chart, &canvas.canvas);
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
