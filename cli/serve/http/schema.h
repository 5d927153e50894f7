/* http/schema.h - the JSON objects of the interface, as tables.
 *
 * The same table validates a request's body and becomes the schema in /openapi.json.
 */
#ifndef SERVE_HTTP_SCHEMA_H
#define SERVE_HTTP_SCHEMA_H

#include <jansson.h>
#include "serve/http/schema_types.h"

struct request;

/* Checks a request body. Gives the accepted values, an object with every key of the
 * schema, defaults included, but for those that are omitted; or NULL and in *errors the
 * array that a 422 carries as its detail. Both NULL: out of memory. `body` is
 * zero-terminated or NULL; `is_json` says what its content type claims. */
json_t *schema_validate(const struct schema *schema, const char *body, size_t length,
                        bool is_json, json_t **errors);

/* The same for the values of a request's query, whose fields are texts and integers. */
#define QUERY_VALUE_MAX 256
json_t *query_validate(const struct schema *schema, const struct request *request,
                       json_t **errors);

/* What an absent field is: a new value. */
json_t *schema_default(const struct field *field);

/* The JSON Schema of a field. */
json_t *schema_describe_field(const struct field *field);

/* The JSON Schema of `schema`. NULL: out of memory. */
json_t *schema_describe(const struct schema *schema);

#endif
