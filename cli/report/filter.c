#include "report/filter.h"

static struct filter_writer *own(struct report_writer *writer) {
  return (struct filter_writer *)writer;
}

static void write_title(struct report_writer *writer, const char *title,
                        const char *subtitle) {
  own(writer)->inner->title(own(writer)->inner, title, subtitle);
}

static void write_section(struct report_writer *writer, const char *title, bool charts) {
  const struct filter_writer *filter = own(writer);
  filter->inner->section(filter->inner, title, charts && filter->charts);
}

static void write_paragraph(struct report_writer *writer, const char *text) {
  if (own(writer)->texts) own(writer)->inner->paragraph(own(writer)->inner, text);
}

static void write_tiles(struct report_writer *writer, const struct tile *tiles,
                        size_t count) {
  if (own(writer)->texts) own(writer)->inner->tiles(own(writer)->inner, tiles, count);
}

static void write_table_begin(struct report_writer *writer, const char *const *headings,
                              size_t columns, size_t texts) {
  struct report_writer *inner = own(writer)->inner;
  if (own(writer)->texts) inner->table_begin(inner, headings, columns, texts);
}

static void write_table_row(struct report_writer *writer, const char *const *cells) {
  if (own(writer)->texts) own(writer)->inner->table_row(own(writer)->inner, cells);
}

static void write_table_end(struct report_writer *writer) {
  if (own(writer)->texts) own(writer)->inner->table_end(own(writer)->inner);
}

static void write_chart(struct report_writer *writer, const struct chart *chart) {
  if (own(writer)->charts) own(writer)->inner->chart(own(writer)->inner, chart);
}

struct filter_writer filter_writer_on(struct report_writer *inner, bool texts,
                                      bool charts) {
  return (struct filter_writer){
      .writer = {write_title, write_section, write_paragraph, write_tiles,
                 write_table_begin, write_table_row, write_table_end, write_chart},
      .inner = inner,
      .texts = texts,
      .charts = charts};
}
