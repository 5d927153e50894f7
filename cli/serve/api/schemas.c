/* api/schemas.c - the tables of the interface's objects. */
#include "serve/api/api.h"
#include "serve/api/runs.h"

static const struct field start_body_fields[] = {
    {.name = "scenario_name",
     .type = FIELD_TEXT,
     .required = true,
     .min_length = 1,
     .text = "scenario to train on, such as bologna_coppia"},
    {.name = "num_episodes",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = 1000,
     .maximum = 1000000000,
     .text = "episodes to train for; overrides the scenario's"},
    {.name = "save_interval",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = 100,
     .maximum = 1000000000,
     .text = "episodes between checkpoints, each with an evaluation"},
    {.name = "eval_episodes",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = 10,
     .maximum = 100000,
     .text = "episodes per evaluation"},
    {.name = "seed",
     .type = FIELD_INTEGER,
     .nullable = true,
     .text = "seed of all random numbers; null: a new one for each run"},
    {.name = "queue",
     .type = FIELD_BOOLEAN,
     .omitted = true,
     .text = "whether it may wait if another run is active; false"},
    {.name = "priority",
     .type = FIELD_INTEGER,
     .has_default = true,
     .bounded = true,
     .least = -1000000,
     .most = 1000000,
     .text = "waiting runs with the highest priority start first"},
    {.name = "keep",
     .type = FIELD_INTEGER,
     .has_default = true,
     .bounded = true,
     .least = 0,
     .most = 1000000000,
     .text = "checkpoints to keep besides the best; 0: all"},
    {.name = "patience",
     .type = FIELD_INTEGER,
     .has_default = true,
     .bounded = true,
     .least = 0,
     .most = 1000,
     .text = "evaluations with less than min_improvement before the run ends early; 0: "
             "never"},
    {.name = "min_improvement",
     .type = FIELD_NUMBER,
     .nullable = true,
     .bounded = true,
     .least = 0,
     .most = 1e9,
     .text =
         "of the strategic return, with patience; null: 0.1, on a household of the model "
         "lifecycle 0.001"},
    {.name = "min_episodes",
     .type = FIELD_INTEGER,
     .has_default = true,
     .bounded = true,
     .least = 0,
     .most = 1000000000,
     .text = "episodes before patience or target may end the run"},
    {.name = "target",
     .type = FIELD_NUMBER,
     .nullable = true,
     .text =
         "strategic return (certainty equivalent in the model lifecycle) that ends the "
         "run; null: none"},
};
const struct schema start_body_schema = SCHEMA("TrainingRequest", start_body_fields);

#define RUN_ID_TEXT "number of the run; with --concurrency above 1, and with queue"

#define RUN_FIELDS                                                 \
  {.name = "status",                                               \
   .type = FIELD_TEXT,                                             \
   .required = true,                                               \
   .text = "result: started, queued, stopped, completed"},         \
  {                                                                \
    .name = "scenario_name", .type = FIELD_TEXT, .required = true, \
    .text = "scenario, as in its file names"                       \
  }

static const struct field started_fields[] = {
    RUN_FIELDS,
    {.name = "num_episodes",
     .type = FIELD_INTEGER,
     .required = true,
     .text = "episodes to train for"},
    {.name = "start_time",
     .type = FIELD_TEXT,
     .required = true,
     .nullable = true,
     .text = "local time, ISO 8601; null if it waits"},
    {.name = "run_id", .type = FIELD_INTEGER, .text = RUN_ID_TEXT},
};
const struct schema started_schema = SCHEMA("TrainingStarted", started_fields);

static const struct field start_answer_fields[] = {
    {.name = "message", .type = FIELD_TEXT, .required = true, .text = "for people"},
    {.name = "scenario_name",
     .type = FIELD_TEXT,
     .required = true,
     .text = "scenario, as in its file names"},
    {.name = "data",
     .type = FIELD_OBJECT,
     .required = true,
     .schema = &started_schema,
     .text = "run that started, or waits"},
    {.name = "run_id", .type = FIELD_INTEGER, .text = RUN_ID_TEXT},
};
const struct schema start_answer_schema = SCHEMA("StartResponse", start_answer_fields);

static const struct field stopped_fields[] = {
    RUN_FIELDS,
    {.name = "episodes_completed",
     .type = FIELD_INTEGER,
     .required = true,
     .text = "episodes done"},
    {.name = "total_episodes",
     .type = FIELD_INTEGER,
     .required = true,
     .text = "episodes requested"},
};
const struct schema stopped_schema = SCHEMA("TrainingStopped", stopped_fields);

static const struct field stop_answer_fields[] = {
    {.name = "message", .type = FIELD_TEXT, .required = true, .text = "for people"},
    {.name = "data",
     .type = FIELD_OBJECT,
     .required = true,
     .schema = &stopped_schema,
     .text = "the run that ended"},
};
const struct schema stop_answer_schema = SCHEMA("StopResponse", stop_answer_fields);

static const struct field progress_fields[] = {
    {.name = "episode", .type = FIELD_INTEGER, .required = true, .text = "just finished"},
    {.name = "total_episodes",
     .type = FIELD_INTEGER,
     .required = true,
     .text = "of the run"},
    {.name = "avg_reward",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "reward of an episode, mean of the last ten"},
    {.name = "avg_duration",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "months"},
    {.name = "avg_cash",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "euro at the end"},
    {.name = "avg_invested",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "euro, all months together"},
    {.name = "stability",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "share of months that ended with cash"},
    {.name = "goal_adherence",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "distance between the goal and what was invested; lower is better"},
    {.name = "elapsed_time",
     .type = FIELD_NUMBER,
     .required = true,
     .nullable = true,
     .text = "seconds of training"},
};
const struct schema progress_schema = SCHEMA("TrainingProgress", progress_fields);

static const struct field status_fields[] = {
    {.name = "is_training",
     .type = FIELD_BOOLEAN,
     .required = true,
     .text = "whether a run is active"},
    {.name = "scenario_name",
     .type = FIELD_TEXT,
     .required = true,
     .nullable = true,
     .text = "of the present or last run"},
    {.name = "current_episode",
     .type = FIELD_INTEGER,
     .required = true,
     .text = "episodes done"},
    {.name = "total_episodes",
     .type = FIELD_INTEGER,
     .required = true,
     .text = "of the run"},
    {.name = "start_time",
     .type = FIELD_TEXT,
     .required = true,
     .nullable = true,
     .text = "local time, ISO 8601"},
    {.name = "latest_progress",
     .type = FIELD_OBJECT,
     .required = true,
     .nullable = true,
     .schema = &progress_schema,
     .text = "of the last episode"},
    {.name = "error",
     .type = FIELD_TEXT,
     .text = "why the last run failed; only if it did"},
};
const struct schema status_schema = SCHEMA("TrainingStatus", status_fields);

static const struct field health_fields[] = {
    {.name = "status", .type = FIELD_TEXT, .required = true, .text = "\"healthy\""},
    {.name = "version", .type = FIELD_TEXT, .required = true, .text = "of the library"},
    {.name = "timestamp",
     .type = FIELD_TEXT,
     .required = true,
     .text = "local time, ISO 8601"},
};
const struct schema health_schema = SCHEMA("Health", health_fields);

static const struct field endpoint_fields[] = {
    {.name = "scenarios", .type = FIELD_TEXT, .text = "prefix of its paths"},
    {.name = "models", .type = FIELD_TEXT, .text = "the same"},
    {.name = "training", .type = FIELD_TEXT, .text = "the same"},
    {.name = "simulation", .type = FIELD_TEXT, .text = "the same"},
    {.name = "reports", .type = FIELD_TEXT, .text = "the same"},
    {.name = "start", .type = FIELD_TEXT, .text = "path that starts a run"},
    {.name = "stop", .type = FIELD_TEXT, .text = "path that stops it"},
    {.name = "status", .type = FIELD_TEXT, .text = "path of its status"},
    {.name = "health", .type = FIELD_TEXT, .text = "path that answers without a token"},
};
const struct schema endpoint_schema = SCHEMA("Endpoints", endpoint_fields);

static const struct field root_fields[] = {
    {.name = "message", .type = FIELD_TEXT, .required = true, .text = "for people"},
    {.name = "version", .type = FIELD_TEXT, .required = true, .text = "of the library"},
    {.name = "documentation",
     .type = FIELD_TEXT,
     .required = true,
     .text = "path of the page about these routes"},
    {.name = "endpoints",
     .type = FIELD_OBJECT,
     .required = true,
     .schema = &endpoint_schema,
     .text = "paths by purpose"},
    {.name = "websocket",
     .type = FIELD_TEXT,
     .required = true,
     .text = "path of Socket.IO"},
    {.name = "status", .type = FIELD_TEXT, .required = true, .text = "\"operational\""},
};
const struct schema root_schema = SCHEMA("Root", root_fields);

static const struct field openapi_fields[] = {
    {.name = "openapi", .type = FIELD_TEXT, .required = true, .text = "\"3.1.0\""},
};
const struct schema openapi_schema = SCHEMA("OpenAPI", openapi_fields);

static const struct field detail_fields[] = {
    {.name = "detail", .type = FIELD_TEXT, .required = true, .text = "what is wrong"},
};
const struct schema detail_schema = SCHEMA("Error", detail_fields);

static const struct field fault_fields[] = {
    {.name = "type",
     .type = FIELD_TEXT,
     .required = true,
     .text = "kind of error, such as missing or greater_than"},
    {.name = "msg", .type = FIELD_TEXT, .required = true, .text = "for people"},
};
const struct schema fault_schema = SCHEMA("ValidationFault", fault_fields);

static const struct field validation_fields[] = {
    {.name = "detail",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &fault_schema,
     .text = "every field that is wrong, with loc, input and maybe ctx"},
};
const struct schema validation_schema = SCHEMA("ValidationError", validation_fields);
