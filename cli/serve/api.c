#include "serve/log.h"
#include "serve/api.h"

#include <stdio.h>
#include <string.h>

#include <hrl/version.h>

#include "serve/cors.h"
#include "serve/pages.h"
#include "serve/polling.h"
#include "serve/training.h"

static void handle_health(struct request *request, json_t *values) {
  (void)values;
  char now[TIME_TEXT_SIZE];
  time_text(now);
  request_reply_json(request, 200,
                     json_pack("{s:s, s:s, s:s}", "status", "healthy", "version",
                               hrl_version(), "timestamp", now));
}

static void handle_root(struct request *request, json_t *values) {
  (void)values;
  request_reply_json(
      request, 200,
      json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:s, s:s}", "message",
                "hrl-serve trains households for clients over HTTP and Socket.IO",
                "version", hrl_version(), "documentation", "/docs", "endpoints", "start",
                "/api/training/start", "stop", "/api/training/stop", "status",
                "/api/training/status", "health", "/health", "websocket", "/socket.io",
                "status", "operational"));
}

static void handle_openapi(struct request *request, json_t *values) {
  (void)values;
  int locked = request->server->options.token[0] != '\0';
  request_reply_json(request, 200, openapi_document(locked));
}

static void handle_docs(struct request *request, json_t *values) {
  (void)values;
  request_reply(request, 200, TYPE_HTML, docs_page, strlen(docs_page));
}

const struct route api_routes[] = {
    {METHOD_POST,
     "/api/training/start",
     "Start a training run",
     false,
     &start_body_schema,
     training_handle_start,
     {{202, "training began", &start_answer_schema},
      {400, "a run is on, the name is invalid, or the scenario file is", &detail_schema},
      {404, "no scenario has that name", &detail_schema},
      {413, "the body is too large", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      {500, "training could not begin", &detail_schema},
      {503, "the service is ending", &detail_schema}}},
    {METHOD_POST,
     "/api/training/stop",
     "Stop it and save",
     false,
     NULL,
     training_handle_stop,
     {{200, "training has ended and its files are saved", &stop_answer_schema},
      {400, "no run is on", &detail_schema}}},
    {METHOD_GET,
     "/api/training/status",
     "How far it is",
     false,
     NULL,
     training_handle_status,
     {{200, "the present or last run", &status_schema}}},
    {METHOD_GET,
     "/health",
     "Whether the service works",
     true,
     NULL,
     handle_health,
     {{200, "it does", &health_schema}}},
    {METHOD_GET,
     "/",
     "What the service is",
     false,
     NULL,
     handle_root,
     {{200, "its parts", &root_schema}}},
    {METHOD_GET,
     "/openapi.json",
     "This description",
     false,
     NULL,
     handle_openapi,
     {{200, "OpenAPI 3.1", &openapi_schema}}},
    {METHOD_GET,
     "/docs",
     "A page that shows it",
     false,
     NULL,
     handle_docs,
     {{200, "the page", NULL}}},
};
const size_t api_route_count = sizeof api_routes / sizeof api_routes[0];

static bool is_socketio(const struct request *request) {
  return strcmp(request->path, "/socket.io/") == 0 ||
         strcmp(request->path, "/socket.io") == 0;
}

/* The route, or NULL with the methods that the path has in `allow`. */
static const struct route *find_route(const struct request *request, char *allow,
                                      size_t size) {
  allow[0] = '\0';
  for (size_t i = 0; i < api_route_count; i++) {
    const struct route *route = &api_routes[i];
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
static bool redirect(struct request *request) {
  char path[REQUEST_PATH_MAX];
  size_t length = strlen(request->path);
  if (length < 2 || request->path[length - 1] != '/') return false;
  snprintf(path, sizeof path, "%.*s", (int)length - 1, request->path);
  size_t i = 0;
  while (i < api_route_count && strcmp(api_routes[i].path, path) != 0) i++;
  if (i < api_route_count) request_redirect(request, path);
  return i < api_route_count;
}

/* Whether the content type lets the body be JSON. A page of another origin can send other
 * types without asking first: those are not looked into. */
static bool claims_json(struct lws *wsi) {
  char type[128];
  if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE) <= 0) return true;
  if (!request_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof type)) return false;
  type[strcspn(type, "; \t")] = '\0';
  size_t length = strlen(type);
  return strcasecmp(type, "application/json") == 0 ||
         (strncasecmp(type, "application/", 12) == 0 && length > 17 &&
          strcasecmp(type + length - 5, "+json") == 0);
}

static void run_route(struct request *request, const struct route *route) {
  if (route->body == NULL) {
    route->handle(request, NULL);
    return;
  }
  json_t *errors;
  json_t *values = schema_validate(route->body, request->body, request->length,
                                   claims_json(request->wsi), &errors);
  if (values != NULL)
    route->handle(request, values);
  else
    request_reply_json(request, 422, json_pack("{s:o}", "detail", errors));
  json_decref(values);
}

void api_handle(struct request *request) {
  const struct server *server = request->server;
  if (cors_preflight(request)) return;
  char allow[sizeof request->allow];
  const struct route *route = find_route(request, allow, sizeof allow);
  bool is_open = route != NULL && route->open;
  if (!is_open && !token_is_right(server, request->wsi))
    request_reply_detail(request, 401, "Not authenticated");
  else if (request->method == METHOD_POST && cors_is_foreign(server, request->wsi))
    request_reply_detail(request, 403, "Origin not allowed");
  else if (request->too_large)
    request_reply_detail(request, 413, "Request body too large");
  else if (is_socketio(request))
    polling_handle(request);
  else if (route != NULL)
    run_route(request, route);
  else if (allow[0] == '\0') {
    if (!redirect(request)) request_reply_detail(request, 404, "Not Found");
  } else {
    memcpy(request->allow, allow, sizeof allow);
    request_reply_detail(request, 405, "Method Not Allowed");
  }
}
