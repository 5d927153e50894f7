#include "serve/http/schema.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is wrong with one value. */
struct fault {
  const char *type; /* NULL: nothing */
  char message[160];
  json_t *context; /* or NULL */
};

static struct fault no_fault(void) { return (struct fault){0}; }

static struct fault make_fault(const char *type, const char *message, json_t *context) {
  struct fault fault = {.type = type, .context = context};
  snprintf(fault.message, sizeof fault.message, "%s", message);
  return fault;
}

/* Adds an error about `location`, an array that this takes over. */
static void add_error(json_t *errors, struct fault *fault, json_t *location,
                      json_t *input) {
  json_t *error = json_pack("{s:s, s:o, s:s, s:O}", "type", fault->type, "loc", location,
                            "msg", fault->message, "input", input);
  if (error != NULL && fault->context != NULL)
    json_object_set(error, "ctx", fault->context);
  json_decref(fault->context);
  fault->context = NULL;
  json_array_append_new(errors, error);
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Whole numbers as clients write them: "10", " +10 ", "1_000", "10.00". */
static bool parse_integer(const char *text, json_int_t *value) {
  char digits[32];
  size_t n = 0;
  while (is_space(*text)) text++;
  if (*text == '-' || *text == '+') digits[n++] = *text++;
  size_t sign = n;
  while ((*text >= '0' && *text <= '9') || (*text == '_' && n > sign)) {
    bool between = text[-(*text == '_')] != '_' && text[1] >= '0' && text[1] <= '9';
    if (*text == '_' && !between) return false;
    if (*text != '_') {
      if (n + 1 == sizeof digits) return false;
      digits[n++] = *text;
    }
    text++;
  }
  if (n == sign) return false;
  if (*text == '.' && text[1] == '0')
    for (text++; *text == '0';) text++;
  while (is_space(*text)) text++;
  if (*text != '\0') return false;
  digits[n] = '\0';
  errno = 0;
  *value = strtoll(digits, NULL, 10);
  return errno == 0;
}

/* The integer that `input` stands for. */
static struct fault read_integer(const json_t *input, json_int_t *value) {
  if (json_is_integer(input)) {
    *value = json_integer_value(input);
    return no_fault();
  }
  if (json_is_real(input)) {
    double number = json_real_value(input);
    if (number != floor(number))
      return make_fault("int_from_float",
                        "Input should be a valid integer, got a number with a fractional "
                        "part",
                        NULL);
    if (fabs(number) >= 9.2e18)
      return make_fault("int_parsing_size",
                        "Unable to parse input as an integer, exceeded maximum size",
                        NULL);
    *value = (json_int_t)number;
    return no_fault();
  }
  if (!json_is_string(input))
    return make_fault("int_type", "Input should be a valid integer", NULL);
  if (strlen(json_string_value(input)) == json_string_length(input) &&
      parse_integer(json_string_value(input), value))
    return no_fault();
  return make_fault(
      "int_parsing",
      "Input should be a valid integer, unable to parse string as an integer", NULL);
}

static struct fault check_bounds(const struct field *field, json_int_t value) {
  if (field->positive && value <= 0)
    return make_fault("greater_than", "Input should be greater than 0",
                      json_pack("{s:i}", "gt", 0));
  if (field->maximum == 0 || value <= field->maximum) return no_fault();
  struct fault fault =
      make_fault("less_than_equal", "", json_pack("{s:I}", "le", field->maximum));
  snprintf(fault.message, sizeof fault.message,
           "Input should be less than or equal to %" JSON_INTEGER_FORMAT, field->maximum);
  return fault;
}

static struct fault check_text(const struct field *field, const json_t *input) {
  if (!json_is_string(input))
    return make_fault("string_type", "Input should be a valid string", NULL);
  /* bytes are at least as many as characters, and one is the only bound in use */
  if (json_string_length(input) >= (size_t)field->min_length) return no_fault();
  struct fault fault = make_fault("string_too_short", "",
                                  json_pack("{s:I}", "min_length", field->min_length));
  snprintf(fault.message, sizeof fault.message,
           "String should have at least %" JSON_INTEGER_FORMAT " character%s",
           field->min_length, field->min_length == 1 ? "" : "s");
  return fault;
}

/* The value that `input` stands for, a new reference; what is wrong with it otherwise. */
static struct fault read_field(const struct field *field, json_t *input, json_t **value) {
  *value = NULL;
  if (json_is_null(input) && field->nullable) {
    *value = json_null();
    return no_fault();
  }
  if (field->type == FIELD_TEXT) {
    struct fault fault = check_text(field, input);
    if (fault.type == NULL) *value = json_incref(input);
    return fault;
  }
  json_int_t number = 0;
  struct fault fault = read_integer(input, &number);
  if (fault.type == NULL) fault = check_bounds(field, number);
  if (fault.type == NULL) *value = json_integer(number);
  return fault;
}

/* The value of a field that the body does not have. */
static json_t *absent_value(const struct field *field) {
  return field->has_default ? json_integer(field->standard) : json_null();
}

static void validate_object(const struct schema *schema, json_t *object, json_t *values,
                            json_t *errors) {
  for (size_t i = 0; i < schema->field_count; i++) {
    const struct field *field = &schema->fields[i];
    json_t *input = json_object_get(object, field->name);
    json_t *value = NULL;
    struct fault fault = no_fault();
    if (input != NULL)
      fault = read_field(field, input, &value);
    else if (field->required)
      fault = make_fault("missing", "Field required", NULL);
    else
      value = absent_value(field);
    if (fault.type != NULL)
      add_error(errors, &fault, json_pack("[s, s]", "body", field->name),
                input == NULL ? object : input);
    else
      json_object_set_new(values, field->name, value);
  }
}

/* The body as JSON; NULL where it is none, with the error added. */
static json_t *parse_body(const char *body, size_t length, bool is_json, json_t *errors) {
  struct fault fault;
  if (length == 0) {
    fault = make_fault("missing", "Field required", NULL);
    add_error(errors, &fault, json_pack("[s]", "body"), json_null());
    return NULL;
  }
  if (!is_json) {
    json_t *text = json_stringn(body, length);
    return text != NULL ? text : json_string("");
  }
  json_error_t where;
  json_t *json = json_loadb(body, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
  if (json != NULL) return json;
  /* the message quotes the body, cut anywhere */
  for (char *c = where.text; *c != '\0'; c++)
    if (*c < ' ' || *c > '~') *c = '?';
  fault = make_fault("json_invalid", "JSON decode error",
                     json_pack("{s:s}", "error", where.text));
  json_t *nothing = json_object();
  add_error(errors, &fault, json_pack("[s, i]", "body", where.position), nothing);
  json_decref(nothing);
  return NULL;
}

json_t *schema_validate(const struct schema *schema, const char *body, size_t length,
                        bool is_json, json_t **errors) {
  json_t *values = json_object();
  *errors = json_array();
  json_t *json = parse_body(body, length, is_json, *errors);
  if (json_is_object(json)) {
    validate_object(schema, json, values, *errors);
  } else if (json != NULL) {
    struct fault fault = make_fault(
        "model_attributes_type",
        "Input should be a valid dictionary or object to extract fields from", NULL);
    add_error(*errors, &fault, json_pack("[s]", "body"), json);
  }
  bool accepted =
      json_array_size(*errors) == 0 && json_object_size(values) == schema->field_count;
  json_decref(json);
  if (accepted) {
    json_decref(*errors);
    *errors = NULL;
    return values;
  }
  json_decref(values);
  return NULL;
}

static json_t *describe_type(const struct field *field) {
  static const char *const types[] = {"string", "integer", "number", "boolean", "object"};
  if (field->type == FIELD_OBJECT || field->type == FIELD_OBJECTS) {
    char path[96];
    snprintf(path, sizeof path, "#/components/schemas/%s", field->schema->name);
    json_t *reference = json_pack("{s:s}", "$ref", path);
    if (field->type == FIELD_OBJECT && field->nullable)
      return json_pack("{s:[o, {s:s}]}", "anyOf", reference, "type", "null");
    if (field->type == FIELD_OBJECT) return reference;
    return json_pack("{s:s, s:o}", "type", "array", "items", reference);
  }
  if (field->nullable) return json_pack("{s:[s, s]}", "type", types[field->type], "null");
  return json_pack("{s:s}", "type", types[field->type]);
}

static json_t *describe_field(const struct field *field) {
  json_t *described = describe_type(field);
  json_object_set_new(described, "description", json_string(field->text));
  if (field->positive)
    json_object_set_new(described, "exclusiveMinimum", json_integer(0));
  if (field->maximum != 0)
    json_object_set_new(described, "maximum", json_integer(field->maximum));
  if (field->min_length != 0)
    json_object_set_new(described, "minLength", json_integer(field->min_length));
  if (field->has_default)
    json_object_set_new(described, "default", json_integer(field->standard));
  return described;
}

json_t *schema_describe(const struct schema *schema) {
  json_t *properties = json_object();
  json_t *required = json_array();
  for (size_t i = 0; i < schema->field_count; i++) {
    const struct field *field = &schema->fields[i];
    json_object_set_new(properties, field->name, describe_field(field));
    if (field->required) json_array_append_new(required, json_string(field->name));
  }
  json_t *described =
      json_pack("{s:s, s:s, s:o, s:o}", "type", "object", "title", schema->name,
                "properties", properties, "required", required);
  if (described != NULL && json_array_size(required) == 0)
    json_object_del(described, "required");
  return described;
}
