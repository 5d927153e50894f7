#include "runs/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/console.h"
#include "common/json_text.h"
#include "common/run_json.h"

json_t *progress_json(const struct curve *curve) {
  json_t *list = json_array();
  for (size_t i = 0; i < curve->point_count; i++)
    json_array_append_new(list, point_json(&curve->points[i]));
  return list;
}

json_t *evaluations_json(const struct curve *curve) {
  json_t *list = json_array();
  for (size_t i = 0; i < curve->evaluation_count; i++)
    json_array_append_new(list, evaluation_json(curve->evaluations[i].episode,
                                                &curve->evaluations[i].figures));
  return list;
}

bool runs_print_json(json_t *json, size_t flags) {
  char *text = json_print(json, flags);
  if (text != NULL)
    puts(text);
  else
    console_error("out of memory");
  free(text);
  json_decref(json);
  return text != NULL;
}
