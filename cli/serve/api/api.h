/* api/api.h - the routes of the interface and the objects they take and give. */
#ifndef SERVE_API_API_H
#define SERVE_API_API_H

#include "serve/api/metrics.h"
#include "serve/http/routing.h"

/* The largest body of a request. */
#define API_BODY_MAX 65536

/* What the routes work on: `api` of struct router. */
struct api {
  struct training *training;
  struct record *record;
  struct metrics metrics;
  struct sessions *sessions;
  const struct connections *connections;
  bool locked; /* a token is wanted */
};

/* Each resource has a table of its own. */
#define RUN_ROUTE_COUNT 3
extern const struct route run_routes[RUN_ROUTE_COUNT];
extern const struct route_table api_tables[];
extern const size_t api_table_count;

/* Every schema that routes refer to. */
extern const struct schema *const api_schemas[];
extern const size_t api_schema_count;

extern const struct schema start_body_schema, start_answer_schema, stop_answer_schema,
    status_schema, health_schema, root_schema, openapi_schema, detail_schema,
    validation_schema;

#endif
