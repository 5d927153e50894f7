/* http/schema.h - the JSON objects of the interface, as tables.
 *
 * The same table validates a request's body and becomes the schema in /openapi.json.
 */
#ifndef SERVE_HTTP_SCHEMA_H
#define SERVE_HTTP_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum field_type {
  FIELD_TEXT,
  FIELD_INTEGER,
  FIELD_NUMBER,
  FIELD_BOOLEAN,
  FIELD_OBJECT,  /* as `schema` says */
  FIELD_OBJECTS, /* an array of them */
};

struct schema;

/* One key of an object. */
struct field {
  const char *name;
  enum field_type type;
  bool required;
  bool nullable;
  bool has_default;
  json_int_t standard;         /* its value where it is absent */
  bool positive;               /* an integer that must be greater than 0 */
  json_int_t maximum;          /* of an integer; 0: any */
  json_int_t min_length;       /* of a text, in characters */
  const struct schema *schema; /* of an object */
  const char *text;            /* one phrase */
};

struct schema {
  const char *name;
  const struct field *fields;
  size_t field_count;
};

/* Checks a request body. Gives the accepted values, an object with every key of the
 * schema, defaults included; or NULL and in *errors the array that a 422 carries as its
 * detail. Both NULL: out of memory. `body` is zero-terminated or NULL; `is_json` says
 * what its content type claims. */
json_t *schema_validate(const struct schema *schema, const char *body, size_t length,
                        bool is_json, json_t **errors);

/* The JSON Schema of `schema`. NULL: out of memory. */
json_t *schema_describe(const struct schema *schema);

#endif
