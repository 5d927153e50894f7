#include "serve/simulation/routes.h"

#include "serve/api/api.h"
#include "serve/api/page.h"
#include "serve/simulation/simulation.h"

#define NUMBER(key, what)                                                    \
  {                                                                          \
    .name = (key), .type = FIELD_NUMBER, .required = true, .nullable = true, \
    .text = (what)                                                           \
  }
#define INTEGER(key, what) \
  { .name = (key), .type = FIELD_INTEGER, .required = true, .text = (what) }
#define TEXT(key, what) \
  { .name = (key), .type = FIELD_TEXT, .required = true, .text = (what) }
#define NUMBERS(key, what) \
  { .name = (key), .type = FIELD_NUMBERS, .required = true, .text = (what) }
#define OBJECT(key, type_of, of, what) \
  { .name = (key), .type = (type_of), .required = true, .schema = &(of), .text = (what) }

/* ---- the objects ---- */

static const struct field body_fields[] = {
    {.name = "model_name",
     .type = FIELD_TEXT,
     .required = true,
     .min_length = 1,
     .text = "trained pair, such as generalist"},
    {.name = "scenario_name",
     .type = FIELD_TEXT,
     .required = true,
     .min_length = 1,
     .text = "household to play, such as bologna_coppia"},
    {.name = "num_episodes",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = 10,
     .maximum = 100000,
     .text = "how often"},
    {.name = "seed",
     .type = FIELD_INTEGER,
     .nullable = true,
     .text = "chooses the noise; null: a new one, which the results name"},
    {.name = "household",
     .type = FIELD_INTEGER,
     .bounded = true,
     .has_default = true,
     .most = 1e15,
     .text = "which one is drawn, where the scenario is a family"},
    {.name = "wait",
     .type = FIELD_BOOLEAN,
     .omitted = true,
     .text = "false: the answer comes at once, and simulation_completed or "
             "simulation_failed over Socket.IO at the end (default true)"},
};
const struct schema simulation_body_schema = SCHEMA("SimulationRequest", body_fields);

static const struct field episode_fields[] = {
    INTEGER("episode_id", "0 for the first"),
    INTEGER("duration", "months"),
    NUMBER("final_cash", "euro, as the next four"),
    NUMBER("final_invested", "put into the portfolio, less what was taken out"),
    NUMBER("final_portfolio_value", "what that is worth"),
    NUMBER("total_wealth", "cash and portfolio"),
    NUMBER("investment_gains", "portfolio less invested"),
    NUMBERS("months", "1, 2 and so on"),
    NUMBERS("cash_history", "after each month"),
    NUMBERS("invested_history", "the same"),
    NUMBERS("portfolio_history", "the same"),
    {.name = "income_history", .type = FIELD_NUMBERS, .text = "of the model lifecycle"},
    {.name = "consumption_history", .type = FIELD_NUMBERS, .text = "the same"},
    {.name = "actions",
     .type = FIELD_NUMBERS,
     .required = true,
     .text = "of each month the shares invested, saved and consumed"},
};
const struct schema simulation_episode_schema =
    SCHEMA("SimulationEpisode", episode_fields);

static const struct field fan_fields[] = {
    NUMBERS("levels", "per cent, for each of which the figures have an array"),
    NUMBERS("months", "that are told: every one, or every so many"),
    NUMBERS("alive", "episodes that lived through the month"),
    NUMBERS("cash", "euro after the month, of all episodes"),
    NUMBERS("portfolio", "the same"),
    NUMBERS("wealth", "the same"),
    NUMBERS("consumption", "euro, of those alive"),
    NUMBERS("share", "invested of income, or held of wealth, of those alive"),
};
const struct schema simulation_fan_schema = SCHEMA("Percentiles", fan_fields);

#define MOMENTS(key, what) NUMBER(key "_mean", what), NUMBER(key "_std", "its deviation")

static const struct field results_fields[] = {
    TEXT("simulation_id", "its name in paths"),
    TEXT("scenario_name", "the household"),
    TEXT("model_name", "the pair"),
    INTEGER("num_episodes", "that were played"),
    TEXT("timestamp", "local time, ISO 8601"),
    {.name = "seed",
     .type = FIELD_INTEGER,
     .required = true,
     .nullable = true,
     .text = "that gives the same results again"},
    {.name = "model", .type = FIELD_TEXT, .text = "kind of household"},
    {.name = "differences",
     .type = FIELD_TEXT,
     .nullable = true,
     .text = "by what the household lies outside what the pair was trained on"},
    {.name = "household", .type = FIELD_INTEGER, .text = "which one of a family it was"},
    MOMENTS("duration", "months"),
    MOMENTS("final_cash", "euro"),
    MOMENTS("final_invested", "euro"),
    MOMENTS("final_portfolio", "euro"),
    MOMENTS("total_wealth", "euro"),
    MOMENTS("investment_gains", "euro"),
    NUMBER("avg_invest_pct", "a share, 0 to 1, of all months, as the next two"),
    NUMBER("avg_save_pct", "the three add up to 1"),
    NUMBER("avg_consume_pct", "see there"),
    {.name = "episodes_stored",
     .type = FIELD_INTEGER,
     .text = "that `episodes` has, the first ones: their months are bounded"},
    {.name = "percentiles",
     .type = FIELD_OBJECT,
     .schema = &simulation_fan_schema,
     .text = "of all episodes"},
    OBJECT("episodes", FIELD_OBJECTS, simulation_episode_schema, "one by one"),
};
const struct schema simulation_results_schema =
    SCHEMA("SimulationResults", results_fields);

static const struct field answer_fields[] = {
    TEXT("status", "completed, or running where the client does not wait"),
    TEXT("simulation_id", "its name in paths"),
    TEXT("message", "for people"),
    {.name = "results",
     .type = FIELD_OBJECT,
     .schema = &simulation_results_schema,
     .text = "where it is completed"},
};
const struct schema simulation_answer_schema =
    SCHEMA("SimulationResponse", answer_fields);

static const struct field row_fields[] = {
    TEXT("simulation_id", "its name in paths"),
    TEXT("id", "the same"),
    TEXT("scenario_name", "the household"),
    TEXT("model_name", "the pair"),
    NUMBER("num_episodes", "that were played"),
    TEXT("timestamp", "local time, ISO 8601"),
    TEXT("created_at", "the same"),
    NUMBER("total_wealth_mean", "euro"),
    NUMBER("duration_mean", "months"),
    {.name = "model", .type = FIELD_TEXT, .nullable = true, .text = "kind of household"},
};
const struct schema simulation_row_schema = SCHEMA("SimulationSummary", row_fields);

static const struct field history_fields[] = {
    OBJECT("simulations", FIELD_OBJECTS, simulation_row_schema,
           "a page of them, the newest first"),
    INTEGER("total", "of all pages"),
};
const struct schema simulation_history_schema =
    SCHEMA("SimulationHistory", history_fields);

static const struct field deleted_fields[] = {
    TEXT("simulation_id", "which"),
    TEXT("message", "for people"),
};
const struct schema simulation_deleted_schema =
    SCHEMA("SimulationDeleted", deleted_fields);

static const struct field failure_detail_fields[] = {
    TEXT("error", "kind, such as NotFound or ValidationError"),
    TEXT("message", "for people"),
    TEXT("timestamp", "local time, ISO 8601"),
};
const struct schema failure_detail_schema =
    SCHEMA("FailureDetail", failure_detail_fields);

static const struct field failure_fields[] = {
    OBJECT("detail", FIELD_OBJECT, failure_detail_schema, "what is wrong"),
};
const struct schema failure_schema = SCHEMA("Failure", failure_fields);

/* ---- the routes ---- */

static void handle_run(void *data, struct request *request, json_t *values) {
  simulations_handle_run(((struct api *)data)->simulations, request, values);
}

static void handle_results(void *data, struct request *request, json_t *values) {
  (void)values;
  simulations_handle_results(((struct api *)data)->simulations, request);
}

static void handle_delete(void *data, struct request *request, json_t *values) {
  (void)values;
  simulations_handle_delete(((struct api *)data)->simulations, request);
}

static void handle_history(void *data, struct request *request, json_t *values) {
  simulations_handle_history(((struct api *)data)->simulations, request, values);
}

#define BUSY \
  { 503, "the service is busy", &detail_schema }

const struct route simulation_routes[SIMULATION_ROUTE_COUNT] = {
    {METHOD_POST,
     "/api/simulation/run",
     "Play a pair and keep what comes of it",
     ACCESS_TOKEN,
     &simulation_body_schema,
     handle_run,
     {{202, "it was played, or is, where the client does not wait",
       &simulation_answer_schema},
      {400, "a name is none, the two do not go together, or it is too much",
       &failure_schema},
      {404, "there is no such model or scenario", &failure_schema},
      {413, "the body is too large", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      {500, "it failed", &failure_schema},
      BUSY,
      {507, "the disk is full", &failure_schema}}},
    {METHOD_GET,
     "/api/simulation/results/{simulation_id}",
     "What came of it",
     ACCESS_TOKEN,
     NULL,
     handle_results,
     {{200, "the results", &simulation_results_schema},
      {202, "it is still on", &simulation_answer_schema},
      {304, "as the client has it", NULL},
      {400, "the id is none", &failure_schema},
      {404, "there is no such simulation", &failure_schema},
      {500, "it failed, or its file is damaged", &failure_schema},
      BUSY}},
    {METHOD_DELETE,
     "/api/simulation/results/{simulation_id}",
     "Delete it",
     ACCESS_TOKEN,
     NULL,
     handle_delete,
     {{200, "it is gone", &simulation_deleted_schema},
      {400, "the id is none", &failure_schema},
      {404, "there is no such simulation", &failure_schema},
      {409, "it is still on", &failure_schema},
      {500, "the file cannot be deleted", &failure_schema},
      BUSY}},
    {METHOD_GET,
     "/api/simulation/history",
     "All that were played, the newest first",
     ACCESS_TOKEN,
     &page_query_schema,
     handle_history,
     {{200, "a page of them", &simulation_history_schema},
      {304, "as the client has it", NULL},
      {422, "the query is wrong", &validation_schema},
      {500, "the folder cannot be read", &failure_schema},
      BUSY}},
};
