/* api/runs_routes.c - the table of the routes of runs. */
#include "serve/api/api.h"
#include "serve/api/compare.h"
#include "serve/api/runs.h"
#include "serve/api/training.h"

#define RECORD_FAILS                                                      \
  {500, "the run database cannot be read", &detail_schema},               \
      {501, "built without the run database", &detail_schema}, {          \
    503, "the service is busy, or the database is locked", &detail_schema \
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

static void handle_delete(void *api, struct request *request, json_t *values) {
  (void)values;
  runs_handle_delete(((struct api *)api)->record, request);
}

static void handle_pause(void *api, struct request *request, json_t *values) {
  (void)values;
  training_handle_change(((struct api *)api)->training, request, CHANGE_PAUSE);
}

static void handle_resume(void *api, struct request *request, json_t *values) {
  (void)values;
  training_handle_change(((struct api *)api)->training, request, CHANGE_RESUME);
}

static void handle_stop(void *api, struct request *request, json_t *values) {
  (void)values;
  training_handle_change(((struct api *)api)->training, request, CHANGE_STOP);
}

static void handle_pause_only(void *api, struct request *request, json_t *values) {
  (void)values;
  training_handle_only(((struct api *)api)->training, request, CHANGE_PAUSE);
}

static void handle_resume_only(void *api, struct request *request, json_t *values) {
  (void)values;
  training_handle_only(((struct api *)api)->training, request, CHANGE_RESUME);
}

static void handle_compare(void *data, struct request *request, json_t *values) {
  const struct api *api = data;
  compare_handle(api->record, api->players, request, values);
}

#define CHANGE_FAILS                                                                    \
  {404, "no run has that number", &detail_schema},                                      \
      {409, "the state of the run does not allow it, or it has ended", &detail_schema}, \
      {500, "the run failed, or the run database cannot be used", &detail_schema}, {    \
    503, "the service is busy or shutting down, or the database is locked",             \
        &detail_schema                                                                  \
  }

const struct route run_routes[RUN_ROUTE_COUNT] = {
    {METHOD_GET,
     "/api/training/runs",
     "Recorded and waiting runs, newest first",
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
    {METHOD_DELETE,
     "/api/training/runs/{id}",
     "Remove a run from the database; its files remain",
     ACCESS_TOKEN,
     NULL,
     handle_delete,
     {{200, "it is removed", &run_deleted_schema},
      {404, "no run has that number", &detail_schema},
      {409, "the run is active: stop it first", &detail_schema},
      RECORD_FAILS}},
    {METHOD_POST,
     "/api/training/runs/{id}/pause",
     "Pause a run, or skip a waiting one",
     ACCESS_TOKEN,
     NULL,
     handle_pause,
     {{200, "it is paused", &change_answer_schema},
      {202, "another process runs it; the request was passed on", &change_answer_schema},
      CHANGE_FAILS}},
    {METHOD_POST,
     "/api/training/runs/{id}/resume",
     "Resume a run that is paused, stopped, failed or interrupted",
     ACCESS_TOKEN,
     NULL,
     handle_resume,
     {{200, "it continues (resumed), or waits for its turn (queued)",
       &change_answer_schema},
      {202, "another process runs it; the request was passed on", &change_answer_schema},
      CHANGE_FAILS}},
    {METHOD_POST,
     "/api/training/runs/{id}/stop",
     "Stop and save a run, or remove a waiting one from the queue",
     ACCESS_TOKEN,
     NULL,
     handle_stop,
     {{200, "it has ended, and its files are saved", &change_answer_schema},
      {202, "another process runs it; the request was passed on", &change_answer_schema},
      CHANGE_FAILS}},
    {METHOD_POST,
     "/api/training/pause",
     "Pause the only run",
     ACCESS_TOKEN,
     NULL,
     handle_pause_only,
     {{200, "it is paused", &change_answer_schema},
      {400, "no active run", &detail_schema},
      CHANGE_FAILS}},
    {METHOD_POST,
     "/api/training/resume",
     "Resume the only run",
     ACCESS_TOKEN,
     NULL,
     handle_resume_only,
     {{200, "it continues (resumed), or waits for its turn (queued)",
       &change_answer_schema},
      {400, "no active run", &detail_schema},
      CHANGE_FAILS}},
    {METHOD_GET,
     "/api/training/compare",
     "Compare runs",
     ACCESS_TOKEN,
     &compare_query_schema,
     handle_compare,
     {{200, "the comparison", &comparison_schema},
      {404, "no run has such a number", &detail_schema},
      {422, "a value of the query is wrong", &validation_schema},
      RECORD_FAILS}},
};
