#include "serve/models/routes.h"

#include "serve/api/api.h"
#include "serve/api/page.h"
#include "serve/models/models.h"

/* ---- the objects ---- */

#define NUMBER(key, what)                                                    \
  {                                                                          \
    .name = (key), .type = FIELD_NUMBER, .required = true, .nullable = true, \
    .text = (what)                                                           \
  }
#define FLAG(key, what) \
  { .name = (key), .type = FIELD_BOOLEAN, .required = true, .text = (what) }
#define TEXT(key, what) \
  { .name = (key), .type = FIELD_TEXT, .required = true, .text = (what) }
#define OBJECT(key, what) \
  { .name = (key), .type = FIELD_ANY, .required = true, .nullable = true, .text = (what) }

#define COMMON                                                                           \
  TEXT("name", "its name in paths"), TEXT("scenario_name", "what it was trained on"),    \
      {.name = "model",                                                                  \
       .type = FIELD_TEXT,                                                               \
       .required = true,                                                                 \
       .nullable = true,                                                                 \
       .text = "kind of household; null where the pair cannot be loaded"},               \
      NUMBER("size_mb", "of its two files"), TEXT("trained_at", "local time, ISO 8601"), \
      FLAG("has_metadata", "whether there is a NAME_metadata.json"),                     \
      FLAG("has_history", "whether there is a NAME_history.json"),                       \
      FLAG("shipped", "whether it came with the program: it cannot be deleted"),         \
      {.name = "episodes",                                                               \
       .type = FIELD_INTEGER,                                                            \
       .required = true,                                                                 \
       .nullable = true,                                                                 \
       .text = "of its training"},                                                       \
  {                                                                                      \
    .name = "error", .type = FIELD_TEXT,                                                 \
    .text = "why it cannot be used, where that is so"                                    \
  }

static const struct field row_fields[] = {
    COMMON,
    NUMBER("income", "of the household; null for a family"),
    NUMBER("risk_tolerance", "the same"),
    NUMBER("final_reward", "of the last episode"),
    NUMBER("avg_reward", "mean of all episodes"),
    NUMBER("max_reward", "of the best episode"),
    NUMBER("final_duration", "months of the last episode"),
    NUMBER("final_cash", "at the end of that"),
    NUMBER("final_invested", "all together in that"),
};
const struct schema model_row_schema = SCHEMA("ModelSummary", row_fields);

static const struct field list_fields[] = {
    {.name = "models",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &model_row_schema,
     .text = "a page of them, the newest first"},
    {.name = "total", .type = FIELD_INTEGER, .required = true, .text = "of all pages"},
};
const struct schema model_list_schema = SCHEMA("ModelList", list_fields);

static const struct field detail_fields[] = {
    COMMON,
    TEXT("high_agent_path", "the strategist's file"),
    TEXT("low_agent_path", "the executor's file"),
    OBJECT("metadata", "NAME_metadata.json, but for what only goes on training"),
    OBJECT("environment_config", "the household; ranges of a family are objects"),
    OBJECT("training_config", "how it was trained"),
    OBJECT("reward_config", "of the model budget"),
    OBJECT("utility_config", "of the model lifecycle"),
    OBJECT("training_history", "count, first, last, mean, min and max of each series"),
    OBJECT("final_metrics", "final_, avg_, max_ and min_ figures"),
    {.name = "agents",
     .type = FIELD_ANY,
     .text = "an array: networks and optimizer of each, as hrl-eval --inspect tells"},
    {.name = "files", .type = FIELD_ANY, .text = "an array: whether each is intact"},
};
const struct schema model_detail_schema = SCHEMA("ModelDetail", detail_fields);

static const struct field deleted_fields[] = {
    TEXT("name", "which"),
    TEXT("message", "for people"),
    TEXT("deleted_at", "local time, ISO 8601"),
};
const struct schema model_deleted_schema = SCHEMA("ModelDeleted", deleted_fields);

/* ---- the routes ---- */

static void handle_list(void *data, struct request *request, json_t *values) {
  models_handle_list(((struct api *)data)->models, request, values);
}

static void handle_get(void *data, struct request *request, json_t *values) {
  (void)values;
  models_handle_get(((struct api *)data)->models, request);
}

static void handle_delete(void *data, struct request *request, json_t *values) {
  (void)values;
  models_handle_delete(((struct api *)data)->models, request);
}

#define BUSY \
  { 503, "the service is busy", &detail_schema }

const struct route model_routes[MODEL_ROUTE_COUNT] = {
    {METHOD_GET,
     "/api/models",
     "All of them, the newest first",
     ACCESS_TOKEN,
     &page_query_schema,
     handle_list,
     {{200, "a page of them", &model_list_schema},
      {304, "as the client has it", NULL},
      {422, "the query is wrong", &validation_schema},
      BUSY}},
    {METHOD_GET,
     "/api/models/{name}",
     "One, with what it was trained on and how that went",
     ACCESS_TOKEN,
     NULL,
     handle_get,
     {{200, "all that is known", &model_detail_schema},
      {304, "as the client has it", NULL},
      {400, "the name is none", &detail_schema},
      {404, "no model has that name", &detail_schema},
      BUSY}},
    {METHOD_DELETE,
     "/api/models/{name}",
     "Delete it; its checkpoints stay",
     ACCESS_TOKEN,
     NULL,
     handle_delete,
     {{200, "it is gone", &model_deleted_schema},
      {400, "the name is none", &detail_schema},
      {403, "it came with the program", &detail_schema},
      {404, "no model has that name", &detail_schema},
      {409, "it is being trained", &detail_schema},
      {500, "a file cannot be deleted", &detail_schema},
      BUSY}},
};
