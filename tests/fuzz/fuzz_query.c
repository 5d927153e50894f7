/* The query of the routes of runs: its validation, and what is read from its values. */
#include "fuzz.h"

#include "common/run_filter.h"
#include "serve/api/runs.h"
#include "serve/http/request.h"
#include "serve/http/schema.h"

#define RUNS_MAX 8

static void check_value(const struct field *field, const json_t *value) {
  if (value == NULL) {
    PROMISE(field->omitted);
    return;
  }
  if (field->type == FIELD_TEXT) {
    PROMISE(json_is_string(value));
    return;
  }
  PROMISE(json_is_integer(value));
  double number = (double)json_integer_value(value);
  PROMISE(!field->positive || number > 0);
  PROMISE(field->maximum == 0 || number <= (double)field->maximum);
  PROMISE(!field->bounded || (number >= field->least && number <= field->most));
}

static const char *text_of(const json_t *values, const char *key) {
  return json_string_value(json_object_get(values, key));
}

/* Whatever they were made of, they stay within their bounds. */
static void check_texts(const json_t *values) {
  uint64_t ids[RUNS_MAX];
  const char *state = text_of(values, "state");
  const char *since = text_of(values, "since");
  const char *runs = text_of(values, "runs");
  if (state != NULL) PROMISE(run_states_parse(state) < 1U << HRL_RUN_STATE_COUNT);
  if (since != NULL && run_time_is_valid(since)) PROMISE(strlen(since) <= 26);
  if (runs == NULL) return;
  size_t count = run_ids_parse(runs, ids, RUNS_MAX);
  PROMISE(count <= RUNS_MAX);
  for (size_t i = 0; i < count; i++) PROMISE(ids[i] > 0 && ids[i] <= INT64_MAX);
}

static void check_schema(const struct schema *schema, const struct request *request) {
  json_t *errors = NULL;
  json_t *values = query_validate(schema, request, &errors);
  PROMISE((values == NULL) != (errors == NULL));
  if (errors != NULL) {
    char *text = json_dumps(errors, JSON_COMPACT);
    PROMISE(text != NULL && json_array_size(errors) > 0);
    free(text);
  } else {
    for (size_t i = 0; i < schema->field_count; i++)
      check_value(&schema->fields[i], json_object_get(values, schema->fields[i].name));
    check_texts(values);
  }
  json_decref(errors);
  json_decref(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct schema *const schemas[] = {&runs_query_schema, &curve_query_schema,
                                                 &compare_query_schema};
  struct request request = {.method = METHOD_GET};
  char *target = malloc(size + 4);
  PROMISE(target != NULL);
  memcpy(target, "/r?", 3);
  if (size > 0) memcpy(target + 3, data, size);
  target[size + 3] = '\0';
  PROMISE(request_set_target(&request, target));
  for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++)
    check_schema(schemas[i], &request);
  request_clear(&request);
  free(target);
  return 0;
}
