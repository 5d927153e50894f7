/* http/openapi.h - the routes as OpenAPI describes them. */
#ifndef SERVE_HTTP_OPENAPI_H
#define SERVE_HTTP_OPENAPI_H

#include <jansson.h>

#include "serve/http/routing.h"

struct openapi {
  const char *title;
  const char *version;
  const char *about;
  const struct route_table *tables;
  size_t table_count;
  const struct schema *const *schemas; /* every schema that routes refer to */
  size_t schema_count;
  const struct schema *detail; /* of errors */
  bool locked;                 /* a token is wanted */
};

/* The OpenAPI 3.1 document; NULL: out of memory. */
json_t *openapi_document(const struct openapi *openapi);

#endif
