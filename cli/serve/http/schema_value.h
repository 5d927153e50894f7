/* http/schema_value.h - reads one value of a body or a query; of schema.c alone. */
#ifndef SERVE_HTTP_SCHEMA_VALUE_H
#define SERVE_HTTP_SCHEMA_VALUE_H

#include "serve/http/schema_types.h"

/* What is wrong with one value. */
struct fault {
  const char *type; /* NULL: nothing */
  char message[160];
  json_t *context; /* or NULL */
};

/* A fault; takes over the context. */
struct fault schema_fault(const char *type, const char *message, json_t *context);

/* The value that `input`, which is of no object's type, stands for: a new reference, NULL
 * where there is a fault or memory is short. */
struct fault schema_value(const struct field *field, json_t *input, json_t **value);

#endif
