#include "serve/tables.h"

#include "serve/advice/routes.h"
#include "serve/api/api.h"
#include "serve/api/runs.h"
#include "serve/models/routes.h"
#include "serve/reports/routes.h"
#include "serve/scenarios/routes.h"
#include "serve/scenarios/schema.h"
#include "serve/simulation/routes.h"

const struct route_table api_tables[] = {
    {advice_routes, ADVICE_ROUTE_COUNT}, {scenario_routes, SCENARIO_ROUTE_COUNT},
    {model_routes, MODEL_ROUTE_COUNT},   {simulation_routes, SIMULATION_ROUTE_COUNT},
    {report_routes, REPORT_ROUTE_COUNT}, {run_routes, RUN_ROUTE_COUNT},
    {api_routes, API_ROUTE_COUNT},
};
const size_t api_table_count = sizeof api_tables / sizeof api_tables[0];

/* The schemas of a model's scenario. */
#define SCENARIO_SCHEMAS(model)                                        \
  &scenario_model_schemas[model], &scenario_section_schemas[model][0], \
      &scenario_section_schemas[model][1], &scenario_section_schemas[model][2]

const struct schema *const api_schemas[] = {
    &start_body_schema,
    &start_answer_schema,
    &started_schema,
    &stop_answer_schema,
    &stopped_schema,
    &status_schema,
    &progress_schema,
    &runs_schema,
    &run_schema,
    &run_detail_schema,
    &run_best_schema,
    &run_final_schema,
    &run_options_schema,
    &run_host_schema,
    &run_queue_schema,
    &curve_schema,
    &point_schema,
    &evaluation_schema,
    &run_deleted_schema,
    &change_answer_schema,
    &run_changed_schema,
    &comparison_schema,
    &compared_run_schema,
    &pairing_schema,
    &scenario_body_schema,
    SCENARIO_SCHEMAS(0),
    SCENARIO_SCHEMAS(1),
    &scenario_row_schema,
    &scenario_list_schema,
    &scenario_detail_schema,
    &scenario_made_schema,
    &scenario_deleted_schema,
    &scenario_template_schema,
    &scenario_templates_schema,
    &advice_body_schema,
    &advice_answer_schema,
    &advice_situation_schema,
    &advice_month_schema,
    &advice_expected_schema,
    &advice_goal_schema,
    &advice_value_schema,
    &advice_decision_schema,
    &advice_comparison_schema,
    &advice_point_schema,
    &advice_future_schema,
    &advice_futures_schema,
    &model_list_schema,
    &model_row_schema,
    &model_detail_schema,
    &model_deleted_schema,
    &simulation_body_schema,
    &simulation_answer_schema,
    &simulation_results_schema,
    &simulation_fan_schema,
    &simulation_episode_schema,
    &simulation_row_schema,
    &simulation_history_schema,
    &simulation_deleted_schema,
    &failure_schema,
    &failure_detail_schema,
    &report_body_schema,
    &report_answer_schema,
    &report_metadata_schema,
    &report_list_schema,
    &report_deleted_schema,
    &health_schema,
    &root_schema,
    &endpoint_schema,
    &openapi_schema,
    &detail_schema,
    &validation_schema,
    &fault_schema,
};
const size_t api_schema_count = sizeof api_schemas / sizeof api_schemas[0];
