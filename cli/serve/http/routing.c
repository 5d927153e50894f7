#include "serve/http/routing.h"

#include <stdio.h>
#include <string.h>

#include "serve/http/assets.h"
#include "serve/http/cors.h"

/* Whether a path is `wanted`, or that with a '/' behind it. */
static bool is_path(const char *path, const char *wanted) {
  size_t length = strlen(wanted);
  return strncmp(path, wanted, length) == 0 &&
         (path[length] == '\0' || strcmp(path + length, "/") == 0);
}

void routing_begin(const struct router *router, struct request *request) {
  request->body_limit = is_path(request->path, router->stream_path)
                            ? router->stream_body_limit
                            : router->body_limit;
}

/* Whether the path is the route's; `parameter` receives what stands for its "{...}". An
 * encoded '/' separates nothing, but stands for none of the names there are either. */
static bool route_matches(const char *route, const char *path,
                          char parameter[REQUEST_PATH_MAX]) {
  size_t before = strcspn(route, "{");
  parameter[0] = '\0';
  if (route[before] == '\0') return strcmp(route, path) == 0;
  if (strncmp(route, path, before) != 0) return false;
  path += before;
  route = strchr(route, '}') + 1;
  size_t length = strcspn(path, "/");
  if (length == 0 || strcmp(path + length, route) != 0) return false;
  for (size_t i = 0; i + 2 < length; i++)
    if (strncasecmp(path + i, "%2f", 3) == 0) return false;
  memcpy(parameter, path, length);
  parameter[length] = '\0';
  return true;
}

/* Adds a method to the value of an Allow header, once. */
static void allow_method(char *allow, size_t size, enum http_method method) {
  const char *name = http_method_name(method);
  if (strstr(allow, name) != NULL) return;
  size_t length = strlen(allow);
  snprintf(allow + length, size - length, "%s%s%s", length > 0 ? ", " : "", name,
           method == METHOD_GET ? ", HEAD" : "");
}

/* The route, or NULL with the methods that the path has in `allow`. */
static const struct route *find_route(const struct router *router,
                                      struct request *request, char *allow, size_t size) {
  allow[0] = '\0';
  for (size_t t = 0; t < router->table_count; t++) {
    for (size_t i = 0; i < router->tables[t].count; i++) {
      const struct route *route = &router->tables[t].routes[i];
      if (!route_matches(route->path, request->path, request->parameter)) continue;
      bool is_get = route->method == METHOD_GET;
      if (route->method == request->method || (is_get && request->method == METHOD_HEAD))
        return route;
      allow_method(allow, size, route->method);
    }
  }
  request->parameter[0] = '\0';
  return NULL;
}

/* Sends a request for a path with one '/' too many to the route without it. False: there
 * is none. */
static bool redirect(const struct router *router, struct request *request) {
  char path[REQUEST_PATH_MAX], parameter[REQUEST_PATH_MAX];
  size_t length = strlen(request->path);
  if (length < 3 || request->path[length - 1] != '/') return false; /* "//" is not "/" */
  snprintf(path, sizeof path, "%.*s", (int)length - 1, request->path);
  for (size_t t = 0; t < router->table_count; t++)
    for (size_t i = 0; i < router->tables[t].count; i++)
      if (route_matches(router->tables[t].routes[i].path, path, parameter)) {
        request_redirect(request, path);
        return true;
      }
  return false;
}

/* Whether the content type lets the body be JSON. A page of another origin can send other
 * types without asking first: those are not looked into. */
static bool claims_json(const struct request *request) {
  const char *type = request_header(request, "content-type");
  if (type == NULL || type[0] == '\0') return true;
  size_t length = strcspn(type, "; \t");
  return (length == 16 && strncasecmp(type, "application/json", length) == 0) ||
         (length > 17 && strncasecmp(type, "application/", 12) == 0 &&
          strncasecmp(type + length - 5, "+json", 5) == 0);
}

static void run_route(const struct router *router, struct request *request,
                      const struct route *route) {
  if (route->input == NULL) {
    route->handle(router->api, request, NULL);
    return;
  }
  json_t *errors;
  json_t *values = route->method == METHOD_GET
                       ? query_validate(route->input, request, &errors)
                       : schema_validate(route->input, request->body, request->length,
                                         claims_json(request), &errors);
  if (values != NULL)
    route->handle(router->api, request, values);
  else
    request_reply_json(request, 422, json_pack("{s:o}", "detail", errors));
  json_decref(values);
}

static bool changes_something(enum http_method method) {
  return method == METHOD_POST || method == METHOD_PUT || method == METHOD_PATCH ||
         method == METHOD_DELETE;
}

void routing_handle(const struct router *router, struct request *request) {
  char allow[sizeof request->allow];
  if (request->malformed) {
    request_reply_detail(request, 400, "Invalid path");
    return;
  }
  if (cors_preflight(request)) return;
  const struct route *route = find_route(router, request, allow, sizeof allow);
  bool is_open =
      route != NULL &&
      (route->access == ACCESS_OPEN ||
       (route->access == ACCESS_PAGE && assets_wanted(request)));
  if (route != NULL) request->route = route->path;
  if (is_path(request->path, router->stream_path)) request->route = router->stream_path;
  if (!is_open && !token_is_right(request))
    request_reply_detail(request, 401, "Not authenticated");
  else if (changes_something(request->method) && cors_is_foreign(request))
    request_reply_detail(request, 403, "Origin not allowed");
  else if (request->too_large)
    request_reply_detail(request, 413, "Request body too large");
  else if (is_path(request->path, router->stream_path))
    router->stream(router->stream_data, request);
  else if (route != NULL)
    run_route(router, request, route);
  else if (allow[0] == '\0') {
    if (!redirect(router, request)) request_reply_detail(request, 404, "Not Found");
  } else {
    memcpy(request->allow, allow, sizeof allow);
    request_reply_detail(request, 405, "Method Not Allowed");
  }
}
