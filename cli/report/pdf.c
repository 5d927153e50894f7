#include "report/pdf.h"

#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>

#include "report/canvas_cairo.h"
#include "report/contents.h"
#include "report/ink.h"
#include "report/utf8.h"

/* A4, in points. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define MARGIN 48.0
#define CONTENT (PAGE_WIDTH - 2.0 * MARGIN)
#define PAGE_END (PAGE_HEIGHT - 60.0)

#define BODY 9.5
#define EDGE 0xdfe2e7

#define COLUMNS_MOST 8

struct pdf_writer {
  struct report_writer writer; /* first */
  cairo_t *cairo;
  const char *name; /* below each page */
  double y;         /* where the next goes */
  int page;
  bool failed; /* memory was short */
  /* the table in hand: rows are kept until all widths are known */
  const char *headings[COLUMNS_MOST];
  size_t columns, texts, rows;
  char **cells; /* [rows * columns] */
};

static struct pdf_writer *own(struct report_writer *writer) {
  return (struct pdf_writer *)writer;
}

static void set_ink(struct pdf_writer *pdf, enum ink ink) {
  cairo_set_colour(pdf->cairo, ink_style(ink)->light, 1.0);
}

static void end_page(struct pdf_writer *pdf) {
  char text[32];
  struct typeface face = {.size = 8.0, .width = CONTENT};
  set_ink(pdf, INK_TEXT_FAINT);
  cairo_set_text(pdf->cairo, &face, (struct point){MARGIN, PAGE_HEIGHT - 40.0}, pdf->name,
                 true, NULL);
  snprintf(text, sizeof text, "%d", pdf->page);
  face.right = true;
  cairo_set_text(pdf->cairo, &face, (struct point){MARGIN, PAGE_HEIGHT - 40.0}, text,
                 true, NULL);
  cairo_show_page(pdf->cairo);
}

/* Goes to a new page where so much does not fit; true where it did. */
static bool make_room(struct pdf_writer *pdf, double height) {
  if (pdf->y + height <= PAGE_END || pdf->y <= MARGIN) return false;
  end_page(pdf);
  pdf->page++;
  pdf->y = MARGIN;
  return true;
}

static void draw_rule(struct pdf_writer *pdf, double y, double width, unsigned rgb) {
  cairo_set_colour(pdf->cairo, rgb, 1.0);
  cairo_set_line_width(pdf->cairo, width);
  cairo_set_dash(pdf->cairo, NULL, 0, 0.0);
  cairo_move_to(pdf->cairo, MARGIN, y);
  cairo_line_to(pdf->cairo, PAGE_WIDTH - MARGIN, y);
  cairo_stroke(pdf->cairo);
}

/* Text over the whole width, and space after it. */
static void put_text(struct pdf_writer *pdf, const struct typeface *face, enum ink ink,
                     const char *text, double space) {
  struct typeface wide = *face;
  wide.width = CONTENT;
  double height =
      cairo_set_text(pdf->cairo, &wide, (struct point){0, 0}, text, false, NULL);
  make_room(pdf, height);
  set_ink(pdf, ink);
  cairo_set_text(pdf->cairo, &wide, (struct point){MARGIN, pdf->y}, text, true, NULL);
  pdf->y += height + space;
}

static void write_title(struct report_writer *writer, const char *title,
                        const char *subtitle) {
  struct pdf_writer *pdf = own(writer);
  put_text(pdf, &(struct typeface){.size = 22.0, .bold = true}, INK_TEXT, title, 2.0);
  put_text(pdf, &(struct typeface){.size = BODY}, INK_TEXT_FAINT, subtitle, 8.0);
  draw_rule(pdf, pdf->y, 2.0, ink_style(INK_AGENTS)->light);
  pdf->y += 6.0;
}

static void write_section(struct report_writer *writer, const char *title, bool charts) {
  struct pdf_writer *pdf = own(writer);
  pdf->y += 14.0;
  make_room(pdf, charts ? 275.0
                        : 120.0); /* a heading alone at the end of a page is lost there */
  put_text(pdf, &(struct typeface){.size = 14.0, .bold = true}, INK_TEXT, title, 6.0);
}

static void write_paragraph(struct report_writer *writer, const char *text) {
  put_text(own(writer), &(struct typeface){.size = BODY}, INK_TEXT, text, 8.0);
}

static void write_tiles(struct report_writer *writer, const struct tile *tiles,
                        size_t count) {
  struct pdf_writer *pdf = own(writer);
  const double gap = 8.0;
  const double height = 66.0;
  double width = (CONTENT - gap * (double)(count - 1)) / (double)count;
  struct typeface small = {.size = 7.8, .width = width - 16.0};
  struct typeface large = {.size = 17.0, .bold = true, .width = width - 16.0};
  make_room(pdf, height);
  for (size_t i = 0; i < count; i++) {
    double x = MARGIN + (double)i * (width + gap);
    cairo_rectangle(pdf->cairo, x, pdf->y, width, height);
    cairo_set_colour(pdf->cairo, 0xf7f8fa, 1.0);
    cairo_fill_preserve(pdf->cairo);
    cairo_set_colour(pdf->cairo, EDGE, 1.0);
    cairo_set_line_width(pdf->cairo, 0.8);
    cairo_set_dash(pdf->cairo, NULL, 0, 0.0);
    cairo_stroke(pdf->cairo);
    set_ink(pdf, INK_TEXT_FAINT);
    cairo_set_text(pdf->cairo, &small, (struct point){x + 8.0, pdf->y + 6.0},
                   tiles[i].label, true, NULL);
    cairo_set_text(pdf->cairo, &small, (struct point){x + 8.0, pdf->y + 40.0},
                   tiles[i].note, true, NULL);
    set_ink(pdf, INK_TEXT);
    cairo_set_text(pdf->cairo, &large, (struct point){x + 8.0, pdf->y + 16.0},
                   tiles[i].value, true, NULL);
  }
  pdf->y += height + 12.0;
}

static void write_chart(struct report_writer *writer, const struct chart *chart) {
  struct pdf_writer *pdf = own(writer);
  const double scale = CONTENT / CHART_WIDTH;
  struct typeface face = {.size = 8.0, .width = CONTENT};
  double note =
      cairo_set_text(pdf->cairo, &face, (struct point){0, 0}, chart->note, false, NULL);
  make_room(pdf, CHART_HEIGHT * scale + note + 4.0);
  cairo_save(pdf->cairo);
  cairo_translate(pdf->cairo, MARGIN, pdf->y);
  cairo_scale(pdf->cairo, scale, scale);
  struct canvas_cairo canvas = canvas_cairo_on(pdf->cairo);
  chart_draw(chart, &chart_wide, &canvas.canvas);
  cairo_restore(pdf->cairo);
  pdf->y += CHART_HEIGHT * scale + 2.0;
  put_text(pdf, &(struct typeface){.size = 8.0}, INK_TEXT_FAINT, chart->note, 16.0);
}

/* ---- tables ---- */

static void write_table_begin(struct report_writer *writer, const char *const *headings,
                              size_t columns, size_t texts) {
  struct pdf_writer *pdf = own(writer);
  pdf->columns = columns < COLUMNS_MOST ? columns : COLUMNS_MOST;
  pdf->texts = texts;
  pdf->rows = 0;
  for (size_t i = 0; i < pdf->columns; i++) pdf->headings[i] = headings[i];
}

static void write_table_row(struct report_writer *writer, const char *const *cells) {
  struct pdf_writer *pdf = own(writer);
  size_t count = (pdf->rows + 1) * pdf->columns;
  char **grown = realloc(pdf->cells, count * sizeof *grown);
  if (grown == NULL) {
    pdf->failed = true;
    return;
  }
  pdf->cells = grown;
  for (size_t i = 0; i < pdf->columns; i++) {
    char *copy = strdup(cells[i]);
    grown[pdf->rows * pdf->columns + i] = copy;
    if (copy == NULL) pdf->failed = true;
  }
  pdf->rows++;
}

#define PADDING 10.0

static struct typeface cell_face(bool heading) {
  return (struct typeface){.size = heading ? 7.8 : 8.5, .bold = heading};
}

/* What a heading needs: that of numbers may have a word on each line. */
static double measure_heading(struct pdf_writer *pdf, const char *heading, bool whole) {
  struct typeface face = cell_face(true);
  double widest = 0.0;
  while (*heading != '\0') {
    char word[64];
    double width = 0.0;
    size_t length = whole ? strlen(heading) : strcspn(heading, " ");
    snprintf(word, sizeof word, "%.*s", (int)length, heading);
    cairo_set_text(pdf->cairo, &face, (struct point){0, 0}, word, false, &width);
    if (width > widest) widest = width;
    heading += length + strspn(heading + length, " ");
  }
  return widest;
}

/* What each column needs; one that needs too much gets what the others leave. */
static void measure_columns(struct pdf_writer *pdf, double widths[COLUMNS_MOST]) {
  double total = 0.0;
  size_t widest = 0;
  for (size_t i = 0; i < pdf->columns; i++) {
    struct typeface face = cell_face(false);
    double width = 0.0;
    widths[i] = measure_heading(pdf, pdf->headings[i], i < pdf->texts);
    for (size_t row = 0; row < pdf->rows; row++) {
      const char *text = pdf->cells[row * pdf->columns + i];
      if (text == NULL) continue;
      cairo_set_text(pdf->cairo, &face, (struct point){0, 0}, text, false, &width);
      if (width > widths[i]) widths[i] = width;
    }
    widths[i] += PADDING;
    total += widths[i];
    if (widths[i] > widths[widest]) widest = i;
  }
  double left = CONTENT - total;
  if (left < 0.0) {
    widths[widest] += left;
    if (widths[widest] < 80.0) widths[widest] = 80.0;
    return;
  }
  /* numbers spread, texts keep together */
  size_t numbers = pdf->columns - pdf->texts;
  for (size_t i = pdf->texts; i < pdf->columns; i++) widths[i] += left / (double)numbers;
  if (numbers == 0) widths[pdf->columns - 1] += left;
}

/* One row; gives its height. */
static double put_row(struct pdf_writer *pdf, const double *widths,
                      const char *const *cells, bool heading, bool draw) {
  double x = MARGIN;
  double height = 0.0;
  for (size_t i = 0; i < pdf->columns; i++) {
    struct typeface face = cell_face(heading);
    face.width = widths[i] - PADDING;
    face.right = i >= pdf->texts;
    double at = face.right ? x + PADDING : x;
    double high = cells[i] == NULL ? 0.0
                                   : cairo_set_text(pdf->cairo, &face,
                                                    (struct point){at, pdf->y + 3.0},
                                                    cells[i], draw, NULL);
    if (high > height) height = high;
    x += widths[i];
  }
  return height + 6.0;
}

static void put_heading(struct pdf_writer *pdf, const double *widths) {
  set_ink(pdf, INK_TEXT_FAINT);
  pdf->y += put_row(pdf, widths, pdf->headings, true, true);
  draw_rule(pdf, pdf->y, 1.2, EDGE);
}

static void write_table_end(struct report_writer *writer) {
  struct pdf_writer *pdf = own(writer);
  double widths[COLUMNS_MOST] = {0};
  measure_columns(pdf, widths);
  make_room(pdf, 60.0);
  put_heading(pdf, widths);
  for (size_t row = 0; row < pdf->rows; row++) {
    const char *const *cells = (const char *const *)(pdf->cells + row * pdf->columns);
    if (make_room(pdf, put_row(pdf, widths, cells, false, false)))
      put_heading(pdf, widths);
    set_ink(pdf, INK_TEXT);
    pdf->y += put_row(pdf, widths, cells, false, true);
    draw_rule(pdf, pdf->y, 0.5, EDGE);
  }
  pdf->y += 12.0;
  for (size_t i = 0; i < pdf->rows * pdf->columns; i++) free(pdf->cells[i]);
  free(pdf->cells);
  pdf->cells = NULL;
  pdf->rows = 0;
}

/* ---- all ---- */

static cairo_status_t write_bytes(void *file, const unsigned char *bytes,
                                  unsigned count) {
  return fwrite(bytes, 1, count, file) == count ? CAIRO_STATUS_SUCCESS
                                                : CAIRO_STATUS_WRITE_ERROR;
}

const char *report_pdf_absent(void) { return NULL; }

hrl_status report_write_pdf(const struct report_document *document, FILE *file,
                            hrl_error *error) {
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream(write_bytes, file, PAGE_WIDTH, PAGE_HEIGHT);
  cairo_t *cairo = cairo_create(surface);
  struct pdf_writer pdf = {
      .writer = {write_title, write_section, write_paragraph, write_tiles,
                 write_table_begin, write_table_row, write_table_end, write_chart},
      .cairo = cairo,
      .name = document->name,
      .y = MARGIN,
      .page = 1};
  char *title = utf8_clean(document->name);
  if (title != NULL)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
  free(title);
  document->tell(document->subject, &pdf.writer);
  end_page(&pdf);
  cairo_status_t drawn = cairo_status(cairo);
  cairo_destroy(cairo);
  cairo_surface_finish(surface);
  if (drawn == CAIRO_STATUS_SUCCESS) drawn = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  canvas_cairo_end();
  /* what the file did not take is told by ferror */
  bool failed =
      pdf.failed || (drawn != CAIRO_STATUS_SUCCESS && drawn != CAIRO_STATUS_WRITE_ERROR);
  if (failed && error != NULL) {
    error->status = HRL_ERROR_MEMORY;
    snprintf(error->message, sizeof error->message, "the PDF could not be created: %s",
             pdf.failed ? "out of memory" : cairo_status_to_string(drawn));
  }
  return failed ? HRL_ERROR_MEMORY : HRL_OK;
}
