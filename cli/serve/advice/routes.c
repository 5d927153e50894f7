#include "serve/advice/routes.h"

#include "serve/advice/advice.h"

#define NUMBER(key, what) \
  { .name = (key), .type = FIELD_NUMBER, .required = true, .text = (what) }
#define NULLABLE(key, what)                                                  \
  {                                                                          \
    .name = (key), .type = FIELD_NUMBER, .required = true, .nullable = true, \
    .text = (what)                                                           \
  }
#define NUMBERS(key, what) \
  { .name = (key), .type = FIELD_NUMBERS, .required = true, .text = (what) }
#define INTEGER(key, what) \
  { .name = (key), .type = FIELD_INTEGER, .required = true, .text = (what) }
#define TEXT(key, what) \
  { .name = (key), .type = FIELD_TEXT, .required = true, .text = (what) }
#define OBJECT(key, kind, what)                                              \
  {                                                                          \
    .name = (key), .type = FIELD_OBJECT, .required = true, .schema = (kind), \
    .text = (what)                                                           \
  }

/* ---- the question ---- */

static const struct field body_fields[] = {
    {.name = "scenario_name",
     .type = FIELD_TEXT,
     .required = true,
     .min_length = 1,
     .max_length = 200,
     .text = "the household"},
    {.name = "model",
     .type = FIELD_TEXT,
     .has_default = true,
     .standard_text = "generalist",
     .min_length = 1,
     .max_length = 200,
     .text = "trained pair that answers"},
    {.name = "cash",
     .type = FIELD_NUMBER,
     .nullable = true,
     .bounded = true,
     .most = 1e12,
     .text = "present cash, euro; optional in month 1, default initial_cash"},
    {.name = "portfolio",
     .type = FIELD_NUMBER,
     .has_default = true,
     .bounded = true,
     .most = 1e12,
     .text = "euro invested now"},
    {.name = "month",
     .type = FIELD_INTEGER,
     .positive = true,
     .has_default = true,
     .standard = 1,
     .maximum = 2400,
     .text = "month to decide, counted from the scenario's start"},
    {.name = "unemployed",
     .type = FIELD_BOOLEAN,
     .has_default = true,
     .text = "unemployed at present; model lifecycle only"},
    {.name = "changes",
     .type = FIELD_TEXT,
     .has_default = true,
     .standard_text = "",
     .max_length = 2000,
     .text = "keys that differ from the scenario, \"income=1500,fixed_expenses=700\""},
    {.name = "what_if",
     .type = FIELD_TEXTS,
     .has_default = true,
     .text = "up to 6 households to compare with, each as in changes, also with cash, "
             "portfolio and month"},
    {.name = "lines",
     .type = FIELD_BOOLEAN,
     .has_default = true,
     .text = "whether the best rule and the optimum play the same futures, too"},
    {.name = "futures",
     .type = FIELD_INTEGER,
     .has_default = true,
     .standard = 1000,
     .bounded = true,
     .least = 100,
     .most = 10000,
     .text = "futures to simulate"},
    {.name = "seed",
     .type = FIELD_INTEGER,
     .has_default = true,
     .standard = 20240229,
     .bounded = true,
     .most = 9.0e15,
     .text = "chooses their noise"},
};
const struct schema advice_body_schema = SCHEMA("AdviceRequest", body_fields);

/* ---- the answer ---- */

static const struct field situation_fields[] = {
    INTEGER("month", "to decide"),
    NUMBER("cash", "euro"),
    NUMBER("portfolio", "euro"),
    {.name = "unemployed", .type = FIELD_BOOLEAN, .required = true, .text = "no job now"},
};
const struct schema advice_situation_schema = SCHEMA("AdviceSituation", situation_fields);

static const struct field month_fields[] = {
    NUMBER("amount", "euro to divide"),
    NUMBER("consume", "euro to spend"),
    NUMBER("save", "euro to keep in cash"),
    NUMBER("invest",
           "euro to invest; in the model lifecycle the portfolio after the month"),
};
const struct schema advice_month_schema = SCHEMA("AdviceThisMonth", month_fields);

static const struct field expected_fields[] = {
    NUMBER("income", "euro, of the month"),
    NUMBER("fixed_expenses", "euro"),
    NUMBER("variable_expense", "euro"),
    NUMBER("months_remaining", "to the horizon"),
};
const struct schema advice_expected_schema = SCHEMA("AdviceExpected", expected_fields);

static const struct field goal_fields[] = {
    NUMBER("target_invest_ratio", "share to invest, 0 to 1"),
    NUMBER("safety_buffer",
           "euro to keep; in the model lifecycle at the prices of the start"),
    NUMBER("aggressiveness", "0 to 1: how far the executor may deviate from it"),
    INTEGER("months", "that it holds"),
};
const struct schema advice_goal_schema = SCHEMA("AdviceGoal", goal_fields);

static const struct field value_fields[] = {
    NUMBER("strategic_return", "mean over the futures"),
    NUMBER("strategic_return_stderr", "its standard error"),
    NUMBER("final_wealth", "euro, mean"),
    NUMBER("solvent", "share of the futures, 0 to 1"),
    NULLABLE("consumption", "euro a month; null where the model has none"),
    {.name = "certainty_equivalent",
     .type = FIELD_NUMBER,
     .text = "certainty equivalent, euro a month; model lifecycle only"},
};
const struct schema advice_value_schema = SCHEMA("AdviceValue", value_fields);

static const struct field decision_fields[] = {
    NUMBER("consume", "euro; in the model budget expenses of last month's size"),
    NUMBER("save", "euro in cash"),
    NUMBER("invest", "euro; in the model lifecycle what the portfolio is to be"),
};
const struct schema advice_decision_schema = SCHEMA("AdviceDecision", decision_fields);

static const struct field comparison_fields[] = {
    TEXT("rule", "the best simple rule, in words"),
    OBJECT("rule_this_month", &advice_decision_schema, "what the rule would do"),
    OBJECT("policy", &advice_value_schema, "result of the agents"),
    OBJECT("best_rule", &advice_value_schema, "result of the rule"),
    NUMBER("lead",
           "of the pair, on the same noise; in the model lifecycle at the prices of the "
           "start"),
    NUMBER("lead_stderr", "its standard error"),
    TEXT("unit", "of the lead"),
};
const struct schema advice_comparison_schema =
    SCHEMA("AdviceComparison", comparison_fields);

static const struct field point_fields[] = {
    NULLABLE("wealth", "euro; null if not played"),
    NULLABLE("consumption", "euro; null if no future lived through it"),
};
const struct schema advice_point_schema = SCHEMA("AdvicePoint", point_fields);

static const struct field future_fields[] = {
    INTEGER("month", "the figures are of its end"),
    NUMBER("share_left", "of the futures that lived through it, 0 to 1"),
    NUMBERS("cash", "euro, at each level"),
    NUMBERS("portfolio", "euro, at each level"),
    NUMBERS("wealth", "euro, at each level"),
    NUMBERS("consumption", "euro, at each level; null if no future lived through it"),
    {.name = "best_rule",
     .type = FIELD_OBJECT,
     .schema = &advice_point_schema,
     .text = "median of its futures; only with lines"},
    {.name = "optimum",
     .type = FIELD_OBJECT,
     .schema = &advice_point_schema,
     .text = "the same for the optimum"},
};
const struct schema advice_future_schema = SCHEMA("AdviceFuture", future_fields);

static const struct field futures_fields[] = {
    INTEGER("count", "of them"),
    NUMBERS("levels", "per cent"),
    {.name = "months",
     .type = FIELD_OBJECTS,
     .required = true,
     .schema = &advice_future_schema,
     .text = "from the one to decide to the last"},
};
const struct schema advice_futures_schema = SCHEMA("AdviceFutures", futures_fields);

static const struct field answer_fields[] = {
    TEXT("scenario", "the household"),
    TEXT("model", "who answered"),
    TEXT("household_model", "budget or lifecycle"),
    TEXT("label", "\"as it is\", or what differs"),
    INTEGER("seed", "of the futures"),
    OBJECT("situation", &advice_situation_schema, "present state of the household"),
    OBJECT("this_month", &advice_month_schema, "what to do"),
    OBJECT("expected", &advice_expected_schema, "of the month"),
    OBJECT("goal", &advice_goal_schema, "behind it"),
    OBJECT("comparison", &advice_comparison_schema, "how good that is"),
    {.name = "outside",
     .type = FIELD_TEXT,
     .required = true,
     .nullable = true,
     .text = "in which values the household lies outside the training"},
    OBJECT("futures", &advice_futures_schema, "what may follow"),
    {.name = "what_if",
     .type = FIELD_ANY,
     .text = "array of such answers, for the household asked about only"},
};
const struct schema advice_answer_schema = SCHEMA("Advice", answer_fields);

/* ---- the route ---- */

static void handle(void *data, struct request *request, json_t *values) {
  advice_handle(data, request, values);
}

const struct route advice_routes[ADVICE_ROUTE_COUNT] = {
    {METHOD_POST,
     "/api/advice",
     "What to spend, keep and invest this month",
     ACCESS_TOKEN,
     &advice_body_schema,
     handle,
     {{200, "advice, simulated futures, and comparison", &advice_answer_schema},
      {400, "the request does not fit the household", &detail_schema},
      {404, "no scenario or model has that name", &detail_schema},
      {413, "the body is too large", &detail_schema},
      {422, "fields are missing or wrong", &validation_schema},
      {500, "the model's files are damaged", &detail_schema},
      {503, "the service is busy", &detail_schema}}},
};
