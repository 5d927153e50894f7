#include "serve/api/api.h"

#include <stdio.h>
#include <string.h>

#include <hrl/version.h>

#include "serve/api/training.h"
#include "serve/http/assets.h"
#include "serve/http/docs.h"
#include "serve/http/log.h"
#include "serve/http/openapi.h"

static const char about[] =
    "Trains the agents of a household. Progress comes over Socket.IO (Engine.IO 4, path "
    "/socket.io/): connection_established, training_started, training_progress, "
    "training_stopped, training_completed, training_error, training_queued, "
    "training_paused, training_resumed, each with its run_id; simulation_completed and "
    "simulation_failed, report_completed and report_failed, of requests that do not "
    "wait; subscribe_training is answered with subscription_confirmed; with "
    "{\"run_id\": n, \"interval_ms\": n} it narrows what the client hears.";

static void handle_health(void *api, struct request *request, json_t *values) {
  (void)api, (void)values;
  char now[TIME_TEXT_SIZE];
  time_text(now);
  request_reply_json(request, 200,
                     json_pack("{s:s, s:s, s:s}", "status", "healthy", "version",
                               hrl_version(), "timestamp", now));
}

/* Where each resource begins, and the paths of training by what they do. */
static json_t *list_endpoints(void) {
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "scenarios",
                   "/api/scenarios", "models", "/api/models", "training", "/api/training",
                   "simulation", "/api/simulation", "reports", "/api/reports", "start",
                   "/api/training/start", "stop", "/api/training/stop", "status",
                   "/api/training/status", "health", "/health");
}

static void handle_root(void *api, struct request *request, json_t *values) {
  (void)api, (void)values;
  if (assets_wanted(request)) {
    assets_reply(request, "index.html");
    return;
  }
  request->vary = "Accept";
  request_reply_json(
      request, 200,
      json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "message",
                "hrl-serve: training, evaluation and advice over HTTP and Socket.IO",
                "version", hrl_version(), "documentation", "/docs", "endpoints",
                list_endpoints(), "websocket", "/socket.io", "status", "operational"));
}

static void handle_page_file(void *api, struct request *request, json_t *values) {
  (void)api, (void)values;
  assets_reply(request, request->parameter);
}

static void handle_openapi(void *data, struct request *request, json_t *values) {
  const struct api *api = data;
  (void)values;
  const struct openapi openapi = {.title = "hrl-serve",
                                  .version = hrl_version(),
                                  .about = about,
                                  .tables = api->tables,
                                  .table_count = api->table_count,
                                  .schemas = api->schemas,
                                  .schema_count = api->schema_count,
                                  .detail = &detail_schema,
                                  .locked = api->locked};
  request_reply_json(request, 200, openapi_document(&openapi));
}

static void handle_docs(void *api, struct request *request, json_t *values) {
  (void)api, (void)values;
  request_reply(request, 200, TYPE_HTML, docs_page, strlen(docs_page));
}

static void handle_start(void *data, struct request *request, json_t *values) {
  training_handle_start(((struct api *)data)->training, request, values);
}

static void handle_stop(void *data, struct request *request, json_t *values) {
  (void)values;
  training_handle_only(((struct api *)data)->training, request, CHANGE_STOP);
}

static void handle_status(void *data, struct request *request, json_t *values) {
  (void)values;
  training_handle_status(((struct api *)data)->training, request);
}

static void handle_metrics(void *data, struct request *request, json_t *values) {
  const struct api *api = data;
  (void)values;
  metrics_handle(&api->metrics,
                 &(struct metrics_sources){api->sessions, api->connections,
                                           training_count(api->training)},
                 request);
}

const struct route api_routes[API_ROUTE_COUNT] = {
    {METHOD_POST,
     "/api/training/start",
     "Start a training run",
     ACCESS_TOKEN,
     &start_body_schema,
     handle_start,
     {{202, "training began", &start_answer_schema},
      {400, "a run is active, or the name or the scenario file is invalid",
       &detail_schema},
      {404, "no scenario has that name", &detail_schema},
      {413, "the body is too large", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      {500, "training could not be started", &detail_schema},
      {503, "the service is shutting down", &detail_schema}}},
    {METHOD_POST,
     "/api/training/stop",
     "Stop it and save",
     ACCESS_TOKEN,
     NULL,
     handle_stop,
     {{200, "training has ended and its files are saved", &stop_answer_schema},
      {400, "no active run", &detail_schema},
      {500, "training failed as it stopped", &detail_schema}}},
    {METHOD_GET,
     "/api/training/status",
     "Status of training",
     ACCESS_TOKEN,
     NULL,
     handle_status,
     {{200, "the present or last run", &status_schema}}},
    {METHOD_GET,
     "/health",
     "Whether the service works",
     ACCESS_OPEN,
     NULL,
     handle_health,
     {{200, "it does", &health_schema}}},
    {METHOD_GET,
     "/metrics",
     "Figures for operations",
     ACCESS_TOKEN,
     NULL,
     handle_metrics,
     {{200, "Prometheus' text format", NULL}}},
    {METHOD_GET,
     "/",
     "About the service; for a browser, the page",
     ACCESS_PAGE,
     NULL,
     handle_root,
     {{200, "its parts", &root_schema}}},
    {METHOD_GET,
     "/page/{file}",
     "A file of the page",
     ACCESS_OPEN,
     NULL,
     handle_page_file,
     {{200, "the file", NULL},
      {304, "the client's file is current", NULL},
      {404, "no such file", &detail_schema}}},
    {METHOD_GET,
     "/openapi.json",
     "This description",
     ACCESS_TOKEN,
     NULL,
     handle_openapi,
     {{200, "OpenAPI 3.1", &openapi_schema}}},
    {METHOD_GET,
     "/docs",
     "The same as a page",
     ACCESS_TOKEN,
     NULL,
     handle_docs,
     {{200, "the page", NULL}}},
};
