/* api/runs_routes.c - the table of the routes of runs. */
#include "serve/api/api.h"
#include "serve/api/runs.h"

#define RECORD_FAILS                                                       \
  {500, "the record cannot be read", &detail_schema},                      \
      {501, "built without the record of runs", &detail_schema}, {         \
    503, "too much to do, or the record is held elsewhere", &detail_schema \
  }

static void handle_list(void *api, struct request *request, json_t *values) {
  runs_handle_list(((struct api *)api)->record, request, values);
}

static void handle_one(void *api, struct request *request, json_t *values) {
  (void)values;
  runs_handle_one(((struct api *)api)->record, request);
}

static void handle_progress(void *api, struct request *request, json_t *values) {
  runs_handle_progress(((struct api *)api)->record, request, values);
}

const struct route run_routes[RUN_ROUTE_COUNT] = {
    {METHOD_GET,
     "/api/training/runs",
     "Runs that were recorded or wait, the newest first",
     ACCESS_TOKEN,
     &runs_query_schema,
     handle_list,
     {{200, "a page of them", &runs_schema},
      {422, "a value of the query is wrong", &validation_schema},
      RECORD_FAILS}},
    {METHOD_GET,
     "/api/training/runs/{id}",
     "One run",
     ACCESS_TOKEN,
     NULL,
     handle_one,
     {{200, "the run", &run_detail_schema},
      {404, "no run has that number", &detail_schema},
      RECORD_FAILS}},
    {METHOD_GET,
     "/api/training/runs/{id}/progress",
     "The learning curve of a run",
     ACCESS_TOKEN,
     &curve_query_schema,
     handle_progress,
     {{200, "its curve", &curve_schema},
      {404, "no run has that number", &detail_schema},
      {422, "a value of the query is wrong", &validation_schema},
      RECORD_FAILS}},
};
