/* scenarios/routes.c - the table of /api/scenarios. */
#include "serve/scenarios/routes.h"

#include "serve/api/api.h"
#include "serve/api/page.h"
#include "serve/scenarios/scenarios.h"
#include "serve/scenarios/schema.h"

static void handle_list(void *data, struct request *request, json_t *values) {
  scenarios_handle_list(((struct api *)data)->scenarios, request, values);
}

static void handle_templates(void *data, struct request *request, json_t *values) {
  (void)values;
  scenarios_handle_templates(((struct api *)data)->scenarios, request);
}

static void handle_get(void *data, struct request *request, json_t *values) {
  (void)values;
  scenarios_handle_get(((struct api *)data)->scenarios, request);
}

static void handle_create(void *data, struct request *request, json_t *values) {
  scenarios_handle_create(((struct api *)data)->scenarios, request, values);
}

static void handle_update(void *data, struct request *request, json_t *values) {
  scenarios_handle_update(((struct api *)data)->scenarios, request, values);
}

static void handle_delete(void *data, struct request *request, json_t *values) {
  (void)values;
  scenarios_handle_delete(((struct api *)data)->scenarios, request);
}

#define BUSY \
  { 503, "the service is busy", &detail_schema }
#define UNWRITTEN                                        \
  {500, "its file cannot be written", &detail_schema}, { \
    507, "the disk is full", &detail_schema              \
  }

const struct route scenario_routes[SCENARIO_ROUTE_COUNT] = {
    {METHOD_GET,
     "/api/scenarios",
     "All of them, the newest first",
     ACCESS_TOKEN,
     &page_query_schema,
     handle_list,
     {{200, "a page of them", &scenario_list_schema},
      {304, "as the client has it", NULL},
      {422, "the query is wrong", &validation_schema},
      BUSY}},
    {METHOD_GET,
     "/api/scenarios/templates",
     "Households to begin with",
     ACCESS_TOKEN,
     NULL,
     handle_templates,
     {{200, "each in full", &scenario_templates_schema}, BUSY}},
    {METHOD_POST,
     "/api/scenarios",
     "A new one",
     ACCESS_TOKEN,
     &scenario_body_schema,
     handle_create,
     {{201, "it was written", &scenario_made_schema},
      {400, "the name is none, or the keys do not go together", &detail_schema},
      {409, "there is one of that name", &detail_schema},
      {413, "the body is too large", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      BUSY,
      UNWRITTEN}},
    {METHOD_GET,
     "/api/scenarios/{name}",
     "One in full",
     ACCESS_TOKEN,
     NULL,
     handle_get,
     {{200, "every key with its value", &scenario_detail_schema},
      {304, "as the client has it", NULL},
      {400, "the name is none, or the file is broken", &detail_schema},
      {404, "no scenario has that name", &detail_schema},
      BUSY}},
    {METHOD_PUT,
     "/api/scenarios/{name}",
     "Change it, and its name",
     ACCESS_TOKEN,
     &scenario_body_schema,
     handle_update,
     {{200, "it was written", &scenario_made_schema},
      {400, "a name is none, or the keys do not go together", &detail_schema},
      {403, "it came with the program and keeps its name", &detail_schema},
      {404, "no scenario has that name", &detail_schema},
      {409, "there is one of the new name", &detail_schema},
      {412, "it is another one than If-Match says", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      BUSY,
      UNWRITTEN}},
    {METHOD_DELETE,
     "/api/scenarios/{name}",
     "Delete it",
     ACCESS_TOKEN,
     NULL,
     handle_delete,
     {{200, "it is gone", &scenario_deleted_schema},
      {400, "the name is none", &detail_schema},
      {403, "it came with the program", &detail_schema},
      {404, "no scenario has that name", &detail_schema},
      {412, "it is another one than If-Match says", &detail_schema},
      BUSY}},
};
