/* http/routing.h - which part of the service answers a request. */
#ifndef SERVE_HTTP_ROUTING_H
#define SERVE_HTTP_ROUTING_H

#include <stdint.h>

#include "serve/http/request.h"
#include "serve/http/schema.h"

/* One answer that a route can give. */
struct response {
  unsigned status; /* 0 ends the list */
  const char *text;
  const struct schema *schema; /* NULL: a page, or nothing */
};

#define RESPONSES_MAX 12

/* One method of one path. One segment of the path may be "{name}": what stands there in a
 * request is its `parameter`. Of two routes that match, the first one answers. */
/* Who may have it where the service wants a token. */
enum route_access {
  ACCESS_TOKEN = 0, /* who has that */
  ACCESS_OPEN = 1,  /* everybody */
  ACCESS_PAGE = 2,  /* who has that; a browser gets the page instead, without */
};

struct route {
  enum http_method method;
  const char *path;
  const char *summary;
  enum route_access access;
  const struct schema *input; /* of the body, a GET's of the query; NULL: not looked at */
  void (*handle)(void *api, struct request *request, json_t *values);
  struct response responses[RESPONSES_MAX];
};

/* The routes of one resource. */
struct route_table {
  const struct route *routes;
  size_t count;
};

struct router {
  const struct route_table *tables;
  size_t table_count;
  size_t body_limit; /* bytes of a request's body */
  void *api;         /* for the routes */
  /* one path, with or without a '/' behind it, that is none of the routes */
  const char *stream_path;
  size_t stream_body_limit;
  void (*stream)(void *data, struct request *request);
  void *stream_data;
  /* told of every request that ended, after so many microseconds; 499: unanswered */
  void (*ended)(void *data, const struct request *request, unsigned status,
                int64_t duration);
  void *ended_data;
};

/* Sets how much of a request's body is read; its head is complete. */
void routing_begin(const struct router *router, struct request *request);

/* Answers a request whose body is complete, if it has one. */
void routing_handle(const struct router *router, struct request *request);

#endif
