#include "serve/http/schema.h"

#include <string.h>

#include "serve/http/request.h"
#include "serve/http/schema_value.h"

/* Path of a value in a request: the keys that lead to it. */
#define DEPTH_MAX 6
struct place {
  const char *keys[DEPTH_MAX];
  size_t depth;
};

static json_t *location(const struct place *place) {
  json_t *keys = json_array();
  for (size_t i = 0; i < place->depth; i++)
    json_array_append_new(keys, json_string(place->keys[i]));
  return keys;
}

/* Adds an error about `where`, an array that this takes over. */
static void add_error(json_t *errors, struct fault *fault, json_t *where, json_t *input) {
  json_t *error = json_pack("{s:s, s:o, s:s, s:O}", "type", fault->type, "loc", where,
                            "msg", fault->message, "input", input);
  if (error != NULL && fault->context != NULL)
    json_object_set(error, "ctx", fault->context);
  json_decref(fault->context);
  fault->context = NULL;
  json_array_append_new(errors, error);
}

json_t *schema_default(const struct field *field) {
  if (field->standard_text != NULL) return json_string(field->standard_text);
  if (field->type == FIELD_NUMBER && (field->has_default || field->standard_real != 0))
    return json_real(field->standard_real);
  return field->has_default ? json_integer(field->standard) : json_null();
}

static bool validate_object(const struct schema *schema, json_t *object, json_t *values,
                            struct place *place, json_t *errors);

static void add_at(json_t *errors, struct fault fault, const struct place *place,
                   json_t *input) {
  add_error(errors, &fault, location(place), input);
}

static struct fault not_an_object(void) {
  return schema_fault(
      "model_attributes_type",
      "Input should be a valid dictionary or object to extract fields from", NULL);
}

/* An object inside an object. False: memory is short. */
static bool validate_inner(const struct field *field, json_t *input, json_t *values,
                           struct place *place, json_t *errors) {
  json_t *inner = json_object();
  bool ok = inner != NULL && validate_object(field->schema, input, inner, place, errors);
  if (!ok) {
    json_decref(inner);
    return false;
  }
  return json_object_set_new(values, field->name, inner) == 0;
}

/* Takes one field of `object`. False: memory is short. */
static bool validate_field(const struct field *field, json_t *object, json_t *values,
                           struct place *place, json_t *errors) {
  json_t *input = NULL;
  json_t *value = NULL;
  if (field->alias != NULL) input = json_object_get(object, field->alias);
  place->keys[place->depth - 1] = input != NULL ? field->alias : field->name;
  if (input == NULL) input = json_object_get(object, field->name);
  if (input == NULL && field->required) {
    add_at(errors, schema_fault("missing", "Field required", NULL), place, object);
    return true;
  }
  if (input == NULL) {
    if (field->omitted) return true;
    return json_object_set_new(values, field->name, schema_default(field)) == 0;
  }
  if (field->type == FIELD_OBJECT && !(field->nullable && json_is_null(input))) {
    if (json_is_object(input)) return validate_inner(field, input, values, place, errors);
    add_at(errors, not_an_object(), place, input);
    return true;
  }
  struct fault fault = schema_value(field, input, &value);
  if (fault.type == NULL) return json_object_set_new(values, field->name, value) == 0;
  add_at(errors, fault, place, input);
  return true;
}

/* Which of a schema's variants an object wants; NULL, with an error: none of them. */
static const struct schema *choose_variant(const struct schema *schema, json_t *object,
                                           struct place *place, json_t *errors) {
  json_t *given = json_object_get(object, schema->selector);
  if (given == NULL || json_is_null(given)) return schema->variants[0].schema;
  for (size_t i = 0; i < schema->variant_count; i++)
    if (json_is_string(given) &&
        strcmp(json_string_value(given), schema->variants[i].value) == 0)
      return schema->variants[i].schema;
  place->keys[place->depth++] = schema->selector;
  add_at(errors,
         json_is_string(given)
             ? schema_fault("literal_error", "Input should be one of the models", NULL)
             : schema_fault("string_type", "Input should be a valid string", NULL),
         place, given);
  place->depth--;
  return NULL;
}

static bool validate_object(const struct schema *schema, json_t *object, json_t *values,
                            struct place *place, json_t *errors) {
  if (schema->variant_count > 0) {
    schema = choose_variant(schema, object, place, errors);
    if (schema == NULL) return true;
  }
  if (place->depth == DEPTH_MAX) return false;
  place->depth++;
  bool ok = true;
  for (size_t i = 0; i < schema->field_count && ok; i++)
    ok = validate_field(&schema->fields[i], object, values, place, errors);
  place->depth--;
  return ok;
}

/* The body as JSON; NULL where it is none, with the error added. */
static json_t *parse_body(const char *body, size_t length, bool is_json, json_t *errors) {
  struct fault fault;
  if (length == 0) {
    fault = schema_fault("missing", "Field required", NULL);
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
  fault = schema_fault("json_invalid", "JSON decode error",
                       json_pack("{s:s}", "error", where.text));
  json_t *nothing = json_object();
  add_error(errors, &fault, json_pack("[s, i]", "body", where.position), nothing);
  json_decref(nothing);
  return NULL;
}

/* `values`, where nothing is wrong with them; otherwise NULL, and what is in *errors. */
static json_t *conclude(json_t *values, bool ok, json_t **errors) {
  bool accepted = ok && json_array_size(*errors) == 0;
  if (accepted || json_array_size(*errors) == 0) {
    json_decref(*errors);
    *errors = NULL;
  }
  if (accepted) return values;
  json_decref(values);
  return NULL;
}

json_t *schema_validate(const struct schema *schema, const char *body, size_t length,
                        bool is_json, json_t **errors) {
  struct place place = {{"body"}, 1};
  json_t *values = json_object();
  *errors = json_array();
  bool ok = values != NULL && *errors != NULL;
  json_t *json = parse_body(body, length, is_json, *errors);
  if (json_is_object(json))
    ok = ok && validate_object(schema, json, values, &place, *errors);
  else if (json != NULL)
    add_at(*errors, not_an_object(), &place, json);
  json_decref(json);
  return conclude(values, ok && json != NULL, errors);
}

json_t *query_validate(const struct schema *schema, const struct request *request,
                       json_t **errors) {
  struct place place = {{"query"}, 1};
  json_t *values = json_object();
  json_t *given = json_object();
  *errors = json_array();
  bool ok = values != NULL && given != NULL && *errors != NULL;
  for (size_t i = 0; ok && i < schema->field_count; i++) {
    char text[QUERY_VALUE_MAX];
    const char *name = schema->fields[i].name;
    if (!request_query(request, name, text, sizeof text)) continue;
    json_t *value = json_string(text);
    if (value == NULL) value = json_string("?"); /* it is not UTF-8 */
    ok = json_object_set_new(given, name, value) == 0;
  }
  ok = ok && validate_object(schema, given, values, &place, *errors);
  json_decref(given);
  return conclude(values, ok, errors);
}
