/* api/runs_schemas.c - the tables of what the routes of runs take and give. */
#include "serve/api/compare.h"
#include "serve/api/runs.h"

#define NUMBER(key, phrase)                                                  \
  {                                                                          \
    .name = (key), .type = FIELD_NUMBER, .required = true, .nullable = true, \
    .text = (phrase)                                                         \
  }
#define COUNT(key, phrase) \
  { .name = (key), .type = FIELD_INTEGER, .required = true, .text = (phrase) }
#define TEXT(key, phrase) \
  { .name = (key), .type = FIELD_TEXT, .required = true, .text = (phrase) }
#define MAYBE_TEXT(key, phrase)                                            \
  {                                                                        \
    .name = (key), .type = FIELD_TEXT, .required = true, .nullable = true, \
    .text = (phrase)                                                       \
  }
#define OBJECT(key, table, phrase)                                           \
  {                                                                          \
    .name = (key), .type = FIELD_OBJECT, .required = true, .nullable = true, \
    .schema = &(table), .text = (phrase)                                     \
  }

static const struct field runs_query_fields[] = {
    {.name = "state",
     .type = FIELD_TEXT,
     .omitted = true,
     .text = "only runs in this state: queued, running, paused, stopped, completed, "
             "failed, interrupted; separate several by commas"},
    {.name = "scenario",
     .type = FIELD_TEXT,
     .omitted = true,
     .min_length = 1,
     .text = "only runs of this scenario"},
    {.name = "since",
     .type = FIELD_TEXT,
     .omitted = true,
     .text = "only runs started at or after this ISO 8601 date or time"},
    {.name = "until",
     .type = FIELD_TEXT,
     .omitted = true,
     .text = "only runs started before this time, or before the end of this date"},
    {.name = "limit",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = RUNS_PAGE,
     .maximum = RUNS_PAGE_MAX,
     .text = "maximum number, newest first"},
    {.name = "offset",
     .type = FIELD_INTEGER,
     .has_default = true,
     .bounded = true,
     .least = 0,
     .most = 1e15,
     .text = "number of newest runs to skip"},
};
const struct schema runs_query_schema = SCHEMA("RunsQuery", runs_query_fields);

static const struct field best_fields[] = {
    NUMBER("strategic_return", "measure of the agents"),
    NUMBER("certainty_equivalent", "real euro a month; null where the model has none"),
    COUNT("episode", "episodes done before"),
};
const struct schema run_best_schema = SCHEMA("RunBest", best_fields);

static const struct field final_fields[] = {
    NUMBER("strategic_return", "measure of the agents"),
    NUMBER("strategic_return_stderr", "standard error of that mean"),
    NUMBER("certainty_equivalent", "real euro a month; null where the model has none"),
    NUMBER("certainty_equivalent_stderr", "its standard error"),
    COUNT("episode", "episodes done before"),
};
const struct schema run_final_schema = SCHEMA("RunFinal", final_fields);

static const struct field options_fields[] = {
    COUNT("seed", "seed of all random numbers"),
    COUNT("save_interval", "episodes between checkpoints, each with an evaluation"),
    COUNT("eval_episodes", "episodes per evaluation"),
    COUNT("threads", "that it ran with last"),
    COUNT("keep", "checkpoints to keep; 0: all"),
    COUNT("patience", "evaluations without improvement that end the run; 0: never"),
    NUMBER("min_improvement", "of the strategic return, with patience"),
    COUNT("min_episodes", "before it may end early"),
    NUMBER("target", "strategic return that ends it"),
};
const struct schema run_options_schema = SCHEMA("RunOptions", options_fields);

static const struct field host_fields[] = {
    MAYBE_TEXT("name", "where it ran last"),
    COUNT("process", "number of the process that ran it last"),
};
const struct schema run_host_schema = SCHEMA("RunHost", host_fields);

static const struct field queue_fields[] = {
    {.name = "waits",
     .type = FIELD_BOOLEAN,
     .required = true,
     .text = "whether the queue has yet to complete it"},
    COUNT("priority", "runs with the highest priority start first"),
    TEXT("queued_time", "when it entered the queue"),
};
const struct schema run_queue_schema = SCHEMA("RunQueue", queue_fields);

#define RUN_FIELDS                                                                       \
  COUNT("id", "number of the run, never reused"), TEXT("scenario", "its name"),          \
      MAYBE_TEXT("scenario_hash", "equal for equal scenarios"),                          \
      TEXT("state", "queued, running, paused, stopped, completed, failed, interrupted"), \
      MAYBE_TEXT("reason", "why it completed: episodes, converged, target"),             \
      MAYBE_TEXT("start_time", "when it first ran: local time, ISO 8601"),               \
      MAYBE_TEXT("end_time", "when it ended"), COUNT("episode", "episodes done"),        \
      COUNT("total_episodes", "episodes requested"),                                     \
      NUMBER("elapsed_time", "seconds of training"),                                     \
      COUNT("parts", "number of starts, resumptions included"),                          \
      OBJECT("best", run_best_schema, "the best evaluation"),                            \
      OBJECT("final", run_final_schema, "the last evaluation"),                          \
      OBJECT("options", run_options_schema, "what it was started with"),                 \
      MAYBE_TEXT("library_version", "that ran it last"),                                 \
      OBJECT("host", run_host_schema, "where it ran last"),                              \
      MAYBE_TEXT("error", "why it failed"),                                              \
      TEXT("folder", "where its files are, in the folder of models"),                    \
      OBJECT("queue", run_queue_schema,                                                  \
             "its place in the queue; null if it was never queued")

static const struct field run_fields[] = {RUN_FIELDS};
const struct schema run_schema = SCHEMA("Run", run_fields);

static const struct field run_detail_fields[] = {
    RUN_FIELDS,
    MAYBE_TEXT("scenario_text", "the scenario as YAML, every key with its value"),
};
const struct schema run_detail_schema = SCHEMA("RunDetail", run_detail_fields);

static const struct field runs_fields[] = {
    {.name = "runs",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &run_schema,
     .text = "the newest first"},
    COUNT("total", "total number, beyond this page"),
    COUNT("limit", "as asked for"),
    COUNT("offset", "as asked for"),
};
const struct schema runs_schema = SCHEMA("Runs", runs_fields);

static const struct field curve_query_fields[] = {
    {.name = "points",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = RUNS_POINTS_MAX,
     .maximum = RUNS_POINTS_MAX,
     .text = "maximum points of progress, at equal distances; at most 513 exist"},
};
const struct schema curve_query_schema = SCHEMA("CurveQuery", curve_query_fields);

static const struct field point_fields[] = {
    COUNT("episode", "after which these are the means of the last ten"),
    NUMBER("avg_reward", "reward of an episode"),
    NUMBER("avg_duration", "months"),
    NUMBER("avg_cash", "euro at the end"),
    NUMBER("avg_invested", "euro, all months together"),
    NUMBER("stability", "share of months that ended with cash"),
    NUMBER("goal_adherence", "distance between the goal and what was invested"),
    NUMBER("elapsed_time", "seconds of training"),
};
const struct schema point_schema = SCHEMA("RunPoint", point_fields);

static const struct field evaluation_fields[] = {
    COUNT("episode", "after which it was made"),
    COUNT("episodes", "that were played"),
    NUMBER("strategic_return", "measure of the agents"),
    NUMBER("strategic_return_stderr", "standard error of that mean"),
    NUMBER("reward", "of the executor"),
    NUMBER("months", "length of an episode"),
    NUMBER("solvent",
           "share of episodes that reached the horizon with cash of 0 or more"),
    NUMBER("stability", "share of months that ended with cash"),
    NUMBER("final_cash", "euro"),
    NUMBER("invested", "euro"),
    NUMBER("wealth", "euro"),
    NUMBER("goal_adherence", "distance between the goal and what was invested"),
    NUMBER("certainty_equivalent", "real euro a month; null where the model has none"),
    NUMBER("certainty_equivalent_stderr", "its standard error"),
    NUMBER("consumption", "real euro a month; 0 or null where the model has none"),
    NUMBER("rescued", "share of episodes that needed a transfer"),
};
const struct schema evaluation_schema = SCHEMA("RunEvaluation", evaluation_fields);

static const struct field curve_fields[] = {
    COUNT("run_id", "number of the run"),
    TEXT("state", "where it stands"),
    COUNT("episode", "episodes done"),
    COUNT("total_episodes", "episodes requested"),
    {.name = "progress",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &point_schema,
     .text = "the learning curve"},
    {.name = "evaluations",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &evaluation_schema,
     .text = "of the agents, without exploration"},
};
const struct schema curve_schema = SCHEMA("RunCurve", curve_fields);

static const struct field deleted_fields[] = {
    TEXT("message", "for people"),
    COUNT("run_id", "number of the run"),
};
const struct schema run_deleted_schema = SCHEMA("RunDeleted", deleted_fields);

static const struct field changed_fields[] = {
    TEXT("scenario_name", "scenario, as in its file names"),
    COUNT("episodes_completed", "episodes done"),
    TEXT("status",
         "paused, resumed, queued, stopped; completed if a stop came too late; pausing, "
         "resuming, stopping if another process runs it"),
    COUNT("total_episodes", "episodes requested"),
    COUNT("run_id", "number of the run"),
};
const struct schema run_changed_schema = SCHEMA("RunChanged", changed_fields);

static const struct field change_answer_fields[] = {
    TEXT("message", "for people"),
    {.name = "data",
     .type = FIELD_OBJECT,
     .required = true,
     .schema = &run_changed_schema,
     .text = "what the run is now"},
};
const struct schema change_answer_schema = SCHEMA("ChangeResponse", change_answer_fields);

static const struct field compare_query_fields[] = {
    {.name = "runs",
     .type = FIELD_TEXT,
     .required = true,
     .text =
         "numbers of 2 to 8 runs, separated by commas; all are compared with the first"},
    {.name = "episodes",
     .type = FIELD_INTEGER,
     .has_default = true,
     .standard = COMPARE_EPISODES,
     .bounded = true,
     .least = 0,
     .most = COMPARE_EPISODES_MAX,
     .text = "episodes that the agents of each run play now, on the same noise; 0: use "
             "the recorded evaluations"},
    {.name = "seed",
     .type = FIELD_INTEGER,
     .has_default = true,
     .standard = COMPARE_SEED,
     .bounded = true,
     .least = 0,
     .most = 9e15,
     .text = "of that noise"},
    {.name = "points",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = RUNS_POINTS_MAX,
     .maximum = RUNS_POINTS_MAX,
     .text = "of each curve, at most"},
};
const struct schema compare_query_schema = SCHEMA("CompareQuery", compare_query_fields);

static const struct field compared_run_fields[] = {
    RUN_FIELDS,
    {.name = "progress",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &point_schema,
     .text = "the learning curve"},
    {.name = "evaluations",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &evaluation_schema,
     .text = "of the agents, without exploration"},
};
const struct schema compared_run_schema = SCHEMA("ComparedRun", compared_run_fields);

static const struct field pairing_fields[] = {
    COUNT("first", "number of the first run"),
    COUNT("second", "number of another"),
    MAYBE_TEXT(
        "source",
        "models: played now; recorded: their last evaluations; null: neither exists"),
    COUNT("episodes", "that both played on the same noise"),
    NUMBER("difference",
           "mean difference of the second's strategic return from the first's"),
    NUMBER("standard_error", "of that mean"),
};
const struct schema pairing_schema = SCHEMA("Pairing", pairing_fields);

static const struct field comparison_fields[] = {
    {.name = "runs",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &compared_run_schema,
     .text = "in the order requested"},
    {.name = "differences",
     .type = FIELD_ANY,
     .required = true,
     .text = "options and keys of the scenario that differ, with a value per run"},
    {.name = "paired",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &pairing_schema,
     .text = "each run compared with the first"},
};
const struct schema comparison_schema = SCHEMA("Comparison", comparison_fields);
