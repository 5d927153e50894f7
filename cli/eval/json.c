#include <stdio.h>
#include <stdlib.h>

#include "eval/output.h"
#include "common/json_text.h"

static json_t *make_row(const struct eval_report *report, enum eval_place place) {
  const struct eval_row *row = &report->rows[place];
  if (!row->present) return json_null();
  json_t *object = json_object();
  if (place == ROW_CONSTANT)
    json_object_set_new(object, "share", json_number(row->share));
  for (size_t f = 0; f < FIGURE_COUNT; f++)
    json_object_set_new(object, eval_figures[f].name,
                        json_number(eval_figure_get(row, f)));
  return object;
}

bool eval_print_json(const struct eval_report *report) {
  json_t *object = json_pack(
      "{s:o, s:o, s:I, s:I, s:o}", "scenario", json_text(report->scenario), "model",
      json_text(report->model), "episodes", (json_int_t)report->episodes, "seed",
      (json_int_t)report->seed, "skill", json_number(report->skill));
  json_object_set_new(object, "differences", json_text(report->differences));
  for (int place = 0; place < ROW_COUNT; place++)
    json_object_set_new(object, eval_row_name((enum eval_place)place),
                        make_row(report, (enum eval_place)place));
  char *text = json_print(object, JSON_INDENT(2));
  if (text != NULL) puts(text);
  bool printed = text != NULL;
  free(text);
  json_decref(object);
  return printed;
}
