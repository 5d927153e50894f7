#include "serve/http/routing.h"

#include <stdio.h>
#include <string.h>

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

/* The route, or NULL with the methods that the path has in request->allow. */
static const struct route *find_route(const struct router *router,
                                      const struct request *request, char *allow,
                                      size_t size) {
  allow[0] = '\0';
  for (size_t i = 0; i < router->route_count; i++) {
    const struct route *route = &router->routes[i];
    if (strcmp(route->path, request->path) != 0) continue;
    bool is_get = route->method == METHOD_GET;
    if (route->method == request->method || (is_get && request->method == METHOD_HEAD))
      return route;
    size_t length = strlen(allow);
    snprintf(allow + length, size - length, "%s%s%s", length > 0 ? ", " : "",
             http_method_name(route->method), is_get ? ", HEAD" : "");
  }
  return NULL;
}

/* Sends a request for a path with one '/' too many to the route without it. False: there
 * is none. */
static bool redirect(const struct router *router, struct request *request) {
  for (size_t i = 0; i < router->route_count; i++) {
    const char *path = router->routes[i].path;
    if (strcmp(path, "/") == 0 || !is_path(request->path, path)) continue;
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
  if (route->body == NULL) {
    route->handle(router->api, request, NULL);
    return;
  }
  json_t *errors;
  json_t *values = schema_validate(route->body, request->body, request->length,
                                   claims_json(request), &errors);
  if (values != NULL)
    route->handle(router->api, request, values);
  else
    request_reply_json(request, 422, json_pack("{s:o}", "detail", errors));
  json_decref(values);
}

void routing_handle(const struct router *router, struct request *request) {
  char allow[sizeof request->allow];
  if (request->malformed) {
    request_reply_detail(request, 400, "Invalid path");
    return;
  }
  if (cors_preflight(request)) return;
  const struct route *route = find_route(router, request, allow, sizeof allow);
  bool is_open = route != NULL && route->open;
  if (route != NULL) request->route = route->path;
  if (is_path(request->path, router->stream_path)) request->route = router->stream_path;
  if (!is_open && !token_is_right(request))
    request_reply_detail(request, 401, "Not authenticated");
  else if (request->method == METHOD_POST && cors_is_foreign(request))
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
