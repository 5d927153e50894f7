/* The file of a simulation, which other programs may have written: its row of the
 * history, and the report that is made of it. */
#include "fuzz.h"

#include "common/json_text.h"
#include "report/html.h"
#include "report/run.h"
#include "serve/simulation/results.h"

static void check_row(const json_t *head) {
  json_t *row = json_is_object(head) ? result_row(head, "fuzz") : NULL;
  if (row == NULL) return;
  PROMISE(json_is_string(json_object_get(row, "timestamp")));
  char *text = json_print(row, JSON_COMPACT);
  PROMISE(text != NULL);
  json_t *again = json_loads(text, 0, NULL);
  PROMISE(again != NULL);
  json_decref(again);
  free(text);
  json_decref(row);
}

static void check_report(const json_t *results) {
  struct report_run run;
  char *text = NULL;
  size_t length = 0;
  PROMISE(run_read(&run, results));
  run.created = "now";
  run.reason = "a reason";
  FILE *memory = open_memstream(&text, &length);
  PROMISE(memory != NULL);
  const struct report_document document = run_document(&run);
  report_write_html(&document, memory);
  PROMISE(fclose(memory) == 0);
  PROMISE(strstr(text, "<script") == NULL && strstr(text, "</html>") != NULL);
  PROMISE(hrlp_is_text(text, length));
  free(text);
  run_destroy(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  PROMISE(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  json_t *results = json_read(text, size);
  if (json_is_object(results)) {
    check_row(results);
    check_report(results);
  }
  json_decref(results);
  json_t *head = result_head_parse(text);
  check_row(head);
  json_decref(head);
  free(text);
  return 0;
}
