#include "serve/reports/routes.h"

#include "serve/api/api.h"
#include "serve/api/page.h"
#include "serve/reports/reports.h"
#include "serve/simulation/routes.h"

#define TEXT(key, what) \
  { .name = (key), .type = FIELD_TEXT, .required = true, .text = (what) }

/* ---- the objects ---- */

static const struct field body_fields[] = {
    {.name = "simulation_id",
     .type = FIELD_TEXT,
     .required = true,
     .min_length = 1,
     .text = "simulation that it is about"},
    {.name = "report_type",
     .type = FIELD_TEXT,
     .required = true,
     .choices = "pdf html",
     .text = "what it is to be"},
    {.name = "include_sections",
     .type = FIELD_TEXTS,
     .nullable = true,
     .text = "of summary, scenario, training, results, charts, strategy; null, or none: "
             "all"},
    {.name = "title",
     .type = FIELD_TEXT,
     .nullable = true,
     .max_length = 200,
     .text = "above it; null: one that names the scenario"},
    {.name = "wait",
     .type = FIELD_BOOLEAN,
     .omitted = true,
     .text =
         "false: the answer comes at once, and report_completed or report_failed over "
         "Socket.IO at the end (default true)"},
};
const struct schema report_body_schema = SCHEMA("ReportRequest", body_fields);

#define METADATA                                                                         \
  TEXT("report_id", "its name in paths"), TEXT("simulation_id", "what it is about"),     \
      TEXT("report_type", "html or pdf"), TEXT("title", "above it"),                     \
      TEXT("generated_at", "local time, ISO 8601"), TEXT("file_path", "its file"),       \
      {.name = "file_size_kb", .type = FIELD_NUMBER, .required = true, .text = "KiB"}, { \
    .name = "sections", .type = FIELD_TEXTS, .required = true,                           \
    .text = "that were asked for"                                                        \
  }

#define LATER(key, kind, what) \
  { .name = (key), .type = (kind), .text = (what) }

static const struct field answer_fields[] = {
    TEXT("status", "completed, or running where the client does not wait"),
    TEXT("message", "for people"),
    TEXT("report_id", "its name in paths"),
    LATER("simulation_id", FIELD_TEXT, "what it is about"),
    LATER("report_type", FIELD_TEXT, "html or pdf"),
    LATER("title", FIELD_TEXT, "above it, where it is completed, as all that follows"),
    LATER("generated_at", FIELD_TEXT, "local time, ISO 8601"),
    LATER("file_path", FIELD_TEXT, "its file"),
    LATER("file_size_kb", FIELD_NUMBER, "KiB"),
    LATER("sections", FIELD_TEXTS, "that were asked for"),
};
const struct schema report_answer_schema = SCHEMA("ReportResponse", answer_fields);

static const struct field metadata_fields[] = {METADATA};
const struct schema report_metadata_schema = SCHEMA("ReportMetadata", metadata_fields);

static const struct field list_fields[] = {
    {.name = "reports",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &report_metadata_schema,
     .text = "a page of them, the newest first"},
    {.name = "total", .type = FIELD_INTEGER, .required = true, .text = "of all pages"},
};
const struct schema report_list_schema = SCHEMA("ReportList", list_fields);

static const struct field deleted_fields[] = {
    TEXT("report_id", "which"),
    TEXT("message", "for people"),
};
const struct schema report_deleted_schema = SCHEMA("ReportDeleted", deleted_fields);

static const struct field get_fields[] = {
    {.name = "disposition",
     .type = FIELD_TEXT,
     .has_default = true,
     .standard_text = "attachment",
     .choices = "attachment inline",
     .text = "inline: a browser shows it instead of keeping it"},
};
static const struct schema get_query_schema = SCHEMA("ReportQuery", get_fields);

/* ---- the routes ---- */

static void handle_generate(void *data, struct request *request, json_t *values) {
  reports_handle_generate(((struct api *)data)->reports, request, values);
}

static void handle_list(void *data, struct request *request, json_t *values) {
  reports_handle_list(((struct api *)data)->reports, request, values);
}

static void handle_get(void *data, struct request *request, json_t *values) {
  reports_handle_get(((struct api *)data)->reports, request, values);
}

static void handle_metadata(void *data, struct request *request, json_t *values) {
  (void)values;
  reports_handle_metadata(((struct api *)data)->reports, request);
}

static void handle_delete(void *data, struct request *request, json_t *values) {
  (void)values;
  reports_handle_delete(((struct api *)data)->reports, request);
}

#define BUSY \
  { 503, "the service is busy", &detail_schema }
#define ABSENT                                      \
  {400, "the id is none", &failure_schema}, {       \
    404, "there is no such report", &failure_schema \
  }

const struct route report_routes[REPORT_ROUTE_COUNT] = {
    {METHOD_POST,
     "/api/reports/generate",
     "Make one of a simulation",
     ACCESS_TOKEN,
     &report_body_schema,
     handle_generate,
     {{202, "it is there, or is being made, where the client does not wait",
       &report_answer_schema},
      {400, "the id is none, or the simulation's file is damaged", &failure_schema},
      {404, "there is no such simulation", &failure_schema},
      {413, "the body is too large", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      {500, "it failed", &failure_schema},
      {501, "the service was built without what makes PDF", &failure_schema},
      BUSY,
      {507, "the disk is full", &failure_schema}}},
    {METHOD_GET,
     "/api/reports/list",
     "All of them, the newest first",
     ACCESS_TOKEN,
     &page_query_schema,
     handle_list,
     {{200, "a page of them", &report_list_schema},
      {304, "as the client has it", NULL},
      {422, "the query is wrong", &validation_schema},
      {500, "the folder cannot be read", &failure_schema},
      BUSY}},
    {METHOD_GET,
     "/api/reports/{report_id}",
     "The report itself",
     ACCESS_TOKEN,
     &get_query_schema,
     handle_get,
     {{200, "HTML or PDF", NULL},
      {202, "it is being made", &report_answer_schema},
      {304, "as the client has it", NULL},
      ABSENT,
      {422, "the query is wrong", &validation_schema},
      {500, "the file cannot be read", &failure_schema},
      BUSY}},
    {METHOD_GET,
     "/api/reports/{report_id}/metadata",
     "What is known of it",
     ACCESS_TOKEN,
     NULL,
     handle_metadata,
     {{200, "when it was made, and of what", &report_metadata_schema},
      {202, "it is being made", &report_answer_schema},
      {304, "as the client has it", NULL},
      ABSENT,
      BUSY}},
    {METHOD_DELETE,
     "/api/reports/{report_id}",
     "Delete it",
     ACCESS_TOKEN,
     NULL,
     handle_delete,
     {{200, "it is gone", &report_deleted_schema},
      ABSENT,
      {409, "it is being made", &failure_schema},
      {500, "a file cannot be deleted", &failure_schema},
      BUSY}},
};
