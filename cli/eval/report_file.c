#include "eval/report_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/console.h"
#include "eval/output_file.h"
#include "report/contents.h"
#include "report/history.h"
#include "report/html.h"
#include "report/pdf.h"

static bool ends_in(const char *path, const char *ending) {
  size_t length = strlen(path);
  size_t tail = strlen(ending);
  return length > tail && strcmp(path + length - tail, ending) == 0;
}

const char *eval_report_file_wrong(const char *path) {
  if (ends_in(path, ".html") || ends_in(path, ".svg")) return NULL;
  if (ends_in(path, ".pdf")) return report_pdf_absent();
  return "--report: expected a file name that ends in .html, .pdf or .svg";
}

static hrl_status write_report(const char *path, const struct report *report, FILE *file,
                               hrl_error *error) {
  const struct report_document document = report_document(report);
  if (ends_in(path, ".pdf")) return report_write_pdf(&document, file, error);
  if (ends_in(path, ".svg"))
    report_write_svg(&document, file);
  else
    report_write_html(&document, file);
  return HRL_OK;
}

/* Makes the whole report in memory. *text is freed with free. */
static hrl_status make_report(const char *path, const struct report_source *source,
                              char **text, size_t *size, hrl_error *error) {
  struct report report;
  *text = NULL;
  FILE *memory = open_memstream(text, size);
  hrl_status status = report_collect(&report, source, error);
  if (status == HRL_OK && memory != NULL)
    status = write_report(path, &report, memory, error);
  report_destroy(&report);
  bool written = memory != NULL && !ferror(memory);
  if (memory != NULL && fclose(memory) != 0) written = false;
  if (status != HRL_OK || written) return status;
  error->status = HRL_ERROR_MEMORY;
  snprintf(error->message, sizeof error->message, "out of memory for a report");
  return HRL_ERROR_MEMORY;
}

int eval_report_file_write(const char *path, const struct report_source *source) {
  struct report_source filled = *source;
  struct output_file output;
  hrl_error error = HRL_ERROR_INIT;
  char today[32];
  char *text;
  size_t size = 0;
  time_t now = time(NULL);
  struct tm date;
  if (!output_file_open(&output, "--report", path)) return EXIT_FAILED;
  (void)strftime(today, sizeof today, "%Y-%m-%d", localtime_r(&now, &date));
  filled.created = today;
  char *history = history_path(source->model);
  filled.history = history;
  hrl_status status = make_report(path, &filled, &text, &size, &error);
  if (status == HRL_OK) {
    (void)fwrite(text, 1, size, output.file);
    output_file_failed(&output);
  }
  free(text);
  free(history);
  return output_file_close(&output, status, &error);
}
