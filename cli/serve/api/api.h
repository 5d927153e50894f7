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
  struct scenarios *scenarios;
  struct models *models;
  struct workers *workers; /* for what is neither's alone */
  struct workers *players; /* for what takes seconds */
  struct simulations *simulations;
  struct reports *reports;
  struct metrics metrics;
  struct sessions *sessions;
  const struct connections *connections;
  /* all routes, and every schema that they refer to: those of each resource */
  const struct route_table *tables;
  size_t table_count;
  const struct schema *const *schemas;
  size_t schema_count;
  bool locked; /* a token is wanted */
};

/* Each resource has a table of its own: these, and those that tables.c lists beside them.
 */
#define API_ROUTE_COUNT 9
extern const struct route api_routes[API_ROUTE_COUNT];
#define RUN_ROUTE_COUNT 10
extern const struct route run_routes[RUN_ROUTE_COUNT];

/* Every schema that those refer to. */
extern const struct schema started_schema, stopped_schema, progress_schema,
    endpoint_schema, fault_schema, start_body_schema, start_answer_schema,
    stop_answer_schema, status_schema, health_schema, root_schema, openapi_schema,
    detail_schema, validation_schema;

#endif
