/* http/schema_describe.c - schemas as OpenAPI has them. */
#include <stdio.h>
#include <string.h>

#include "serve/http/schema.h"

static json_t *describe_type(const struct field *field) {
  static const char *const types[] = {
      [FIELD_TEXT] = "string",     [FIELD_INTEGER] = "integer", [FIELD_NUMBER] = "number",
      [FIELD_BOOLEAN] = "boolean", [FIELD_OBJECT] = "object",   [FIELD_OBJECTS] = "array",
      [FIELD_TEXTS] = "array",     [FIELD_NUMBERS] = "array",   [FIELD_ANY] = "object"};
  if (field->type == FIELD_OBJECT || field->type == FIELD_OBJECTS) {
    char path[96];
    snprintf(path, sizeof path, "#/components/schemas/%s", field->schema->name);
    json_t *reference = json_pack("{s:s}", "$ref", path);
    if (field->type == FIELD_OBJECT && field->nullable)
      return json_pack("{s:[o, {s:s}]}", "anyOf", reference, "type", "null");
    if (field->type == FIELD_OBJECT) return reference;
    return json_pack("{s:s, s:o}", "type", "array", "items", reference);
  }
  if (field->type == FIELD_TEXTS || field->type == FIELD_NUMBERS)
    return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type",
                     field->type == FIELD_TEXTS ? "string" : "number");
  if (field->ranges) return json_pack("{s:[s, s]}", "type", types[field->type], "object");
  if (field->nullable) return json_pack("{s:[s, s]}", "type", types[field->type], "null");
  return json_pack("{s:s}", "type", types[field->type]);
}

static json_t *describe_choices(const char *choices) {
  json_t *words = json_array();
  for (const char *at = choices; *at != '\0';) {
    size_t length = strcspn(at, " ");
    json_array_append_new(words, json_stringn(at, length));
    at += length + (at[length] == ' ');
  }
  return words;
}

json_t *schema_describe_field(const struct field *field) {
  json_t *described = describe_type(field);
  json_object_set_new(described, "description", json_string(field->text));
  if (field->unit != NULL && field->unit[0] != '\0')
    json_object_set_new(described, "x-unit", json_string(field->unit));
  if (field->positive)
    json_object_set_new(described, "exclusiveMinimum", json_integer(0));
  if (field->maximum != 0)
    json_object_set_new(described, "maximum", json_integer(field->maximum));
  if (field->bounded) {
    json_object_set_new(described, field->least_open ? "exclusiveMinimum" : "minimum",
                        json_real(field->least));
    json_object_set_new(described, "maximum", json_real(field->most));
  }
  if (field->choices != NULL)
    json_object_set_new(described, "enum", describe_choices(field->choices));
  if (field->max_length != 0)
    json_object_set_new(described, "maxLength", json_integer(field->max_length));
  if (field->min_length != 0)
    json_object_set_new(described, "minLength", json_integer(field->min_length));
  if (field->has_default || field->standard_real != 0 || field->standard_text != NULL)
    json_object_set_new(described, "default", schema_default(field));
  return described;
}

/* One of several, by the value of a key. */
static json_t *describe_variants(const struct schema *schema) {
  json_t *any = json_array();
  for (size_t i = 0; i < schema->variant_count; i++) {
    char path[96];
    snprintf(path, sizeof path, "#/components/schemas/%s",
             schema->variants[i].schema->name);
    json_array_append_new(any, json_pack("{s:s}", "$ref", path));
  }
  return json_pack("{s:s, s:o}", "title", schema->name, "anyOf", any);
}

static json_t *describe_list(const struct schema *schema) {
  char path[96];
  snprintf(path, sizeof path, "#/components/schemas/%s", schema->items->name);
  return json_pack("{s:s, s:s, s:{s:s}}", "title", schema->name, "type", "array", "items",
                   "$ref", path);
}

json_t *schema_describe(const struct schema *schema) {
  if (schema->variant_count > 0) return describe_variants(schema);
  if (schema->items != NULL) return describe_list(schema);
  json_t *properties = json_object();
  json_t *required = json_array();
  for (size_t i = 0; i < schema->field_count; i++) {
    const struct field *field = &schema->fields[i];
    json_object_set_new(properties, field->name, schema_describe_field(field));
    if (field->required) json_array_append_new(required, json_string(field->name));
  }
  json_t *described =
      json_pack("{s:s, s:s, s:o, s:o}", "type", "object", "title", schema->name,
                "properties", properties, "required", required);
  if (described != NULL && json_array_size(required) == 0)
    json_object_del(described, "required");
  return described;
}
