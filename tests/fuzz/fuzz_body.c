/* The bodies of POST /api/training/start, /api/simulation/run and /api/reports/generate:
 * their validation, and what becomes of names before anything begins. The first bit of an
 * input says whether it claims to be JSON, the next two which body it is. */
#include "fuzz.h"

#include "serve/api/api.h"
#include "serve/reports/routes.h"
#include "serve/simulation/routes.h"

#include <hrl/scenario.h>

/* A 422 must reach the client: its text can always be made. */
static void check_errors(json_t *errors) {
  PROMISE(json_is_array(errors) && json_array_size(errors) > 0);
  size_t i;
  json_t *error;
  json_array_foreach(errors, i, error) {
    PROMISE(json_is_string(json_object_get(error, "type")));
    PROMISE(json_is_string(json_object_get(error, "msg")));
    PROMISE(json_is_array(json_object_get(error, "loc")));
  }
  json_t *answer = json_pack("{s:O}", "detail", errors);
  PROMISE(answer != NULL);
  char *text = json_dumps(answer, JSON_COMPACT | JSON_ENCODE_ANY);
  PROMISE(text != NULL);
  free(text);
  json_decref(answer);
}

static void check_text(const struct field *field, const json_t *value) {
  PROMISE(json_is_string(value));
  PROMISE(json_string_length(value) >= (size_t)field->min_length);
  /* characters have four bytes at most */
  PROMISE(field->max_length == 0 ||
          json_string_length(value) <= 4 * (size_t)field->max_length);
  if (field->choices == NULL) return;
  PROMISE(strchr(json_string_value(value), ' ') == NULL);
  PROMISE(strstr(field->choices, json_string_value(value)) != NULL);
}

static void check_number(const struct field *field, const json_t *value) {
  PROMISE(field->type == FIELD_NUMBER ? json_is_real(value) : json_is_integer(value));
  double number = json_number_value(value);
  PROMISE(!field->positive || number > 0);
  PROMISE(field->maximum == 0 || number <= (double)field->maximum);
  PROMISE(!field->bounded || (number >= field->least && number <= field->most));
}

static void check_field(const struct field *field, const json_t *value) {
  size_t i;
  json_t *text;
  if (value == NULL || json_is_null(value)) {
    PROMISE(value == NULL ? field->omitted : field->nullable || !field->has_default);
    return;
  }
  switch (field->type) {
    case FIELD_TEXT:
      check_text(field, value);
      break;
    case FIELD_BOOLEAN:
      PROMISE(json_is_boolean(value));
      break;
    case FIELD_TEXTS:
      PROMISE(json_is_array(value));
      json_array_foreach(value, i, text) { PROMISE(json_is_string(text)); }
      break;
    default:
      check_number(field, value);
  }
}

/* Whatever a name held, the one that files are called by stays inside its folder. */
static void check_name(const json_t *given) {
  char name[HRL_NAME_SIZE];
  hrl_error error = HRL_ERROR_INIT;
  hrl_status status = hrl_name_sanitize(json_string_value(given), name, &error);
  promise_error(status, &error);
  if (status != HRL_OK) return;
  PROMISE(memchr(name, '\0', sizeof name) != NULL);
  PROMISE(strchr(name, '/') == NULL && name[0] != '.' && name[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct schema *const schemas[] = {&start_body_schema,
                                                 &simulation_body_schema,
                                                 &report_body_schema, &start_body_schema};
  const struct schema *schema = schemas[size == 0 ? 0 : data[0] >> 1 & 3];
  bool is_json = size == 0 || (data[0] & 1) == 0;
  /* as request.c keeps it: zero-terminated, and NULL where there is none */
  size_t length = size == 0 ? 0 : size - 1;
  char *body = NULL;
  if (length > 0) {
    body = malloc(length + 1);
    PROMISE(body != NULL);
    memcpy(body, data + 1, length);
    body[length] = '\0';
  }
  json_t *errors = NULL;
  json_t *values = schema_validate(schema, body, length, is_json, &errors);
  PROMISE((values == NULL) != (errors == NULL));
  if (errors != NULL) check_errors(errors);
  if (values != NULL) {
    PROMISE(is_json);
    PROMISE(json_object_size(values) <= schema->field_count);
    for (size_t i = 0; i < schema->field_count; i++)
      check_field(&schema->fields[i], json_object_get(values, schema->fields[i].name));
    check_name(json_object_get(values, schema->fields[0].name));
  }
  json_decref(errors);
  json_decref(values);
  free(body);
  return 0;
}
