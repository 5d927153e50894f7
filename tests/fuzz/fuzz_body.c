/* The body of POST /api/training/start: its validation, and what becomes of its values
 * before training begins. The first bit of an input says whether it claims to be JSON. */
#include "fuzz.h"

#include "serve/api/api.h"

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

static void check_field(const struct field *field, const json_t *value) {
  if (json_is_null(value)) {
    PROMISE(field->nullable);
    return;
  }
  if (field->type == FIELD_TEXT) {
    PROMISE(json_is_string(value));
    PROMISE(json_string_length(value) >= (size_t)field->min_length);
    return;
  }
  if (field->type == FIELD_BOOLEAN) {
    PROMISE(json_is_boolean(value));
    return;
  }
  PROMISE(field->type == FIELD_NUMBER ? json_is_real(value) : json_is_integer(value));
  double number = json_number_value(value);
  PROMISE(!field->positive || number > 0);
  PROMISE(field->maximum == 0 || number <= (double)field->maximum);
  PROMISE(!field->bounded || (number >= field->least && number <= field->most));
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
  json_t *values = schema_validate(&start_body_schema, body, length, is_json, &errors);
  PROMISE((values == NULL) != (errors == NULL));
  if (errors != NULL) check_errors(errors);
  if (values != NULL) {
    PROMISE(is_json);
    PROMISE(json_object_size(values) <= start_body_schema.field_count);
    for (size_t i = 0; i < start_body_schema.field_count; i++) {
      const struct field *field = &start_body_schema.fields[i];
      const json_t *value = json_object_get(values, field->name);
      PROMISE(value != NULL || field->omitted);
      if (value != NULL) check_field(field, value);
    }
    check_name(json_object_get(values, "scenario_name"));
  }
  json_decref(errors);
  json_decref(values);
  free(body);
  return 0;
}
