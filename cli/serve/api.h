/* serve/api.h - the routes of the interface and the objects they take and give. */
#ifndef SERVE_API_H
#define SERVE_API_H

#include "serve/request.h"
#include "serve/schema.h"

/* One answer that a route can give. */
struct response {
  unsigned status; /* 0 ends the list */
  const char *text;
  const struct schema *schema; /* NULL: a page */
};

#define RESPONSES_MAX 8

/* One method of one path. */
struct route {
  enum http_method method;
  const char *path;
  const char *summary;
  bool open;                 /* needs no token */
  const struct schema *body; /* NULL: none is looked at */
  void (*handle)(struct request *request, json_t *values);
  struct response responses[RESPONSES_MAX];
};

extern const struct route api_routes[];
extern const size_t api_route_count;

/* Every schema that routes refer to. */
extern const struct schema *const api_schemas[];
extern const size_t api_schema_count;

extern const struct schema start_body_schema, start_answer_schema, stop_answer_schema,
    status_schema, health_schema, root_schema, openapi_schema, detail_schema,
    validation_schema;

/* Answers a request whose body is complete, if it has one. */
void api_handle(struct request *request);

#endif
