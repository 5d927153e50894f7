/* simulation/routes.h - the table of /api/simulation and its objects. */
#ifndef SERVE_SIMULATION_ROUTES_H
#define SERVE_SIMULATION_ROUTES_H

#include "serve/http/routing.h"

#define SIMULATION_ROUTE_COUNT 4
extern const struct route simulation_routes[SIMULATION_ROUTE_COUNT];

extern const struct schema simulation_body_schema, simulation_answer_schema,
    simulation_results_schema, simulation_fan_schema, simulation_episode_schema,
    simulation_row_schema, simulation_history_schema, simulation_deleted_schema,
    failure_schema, failure_detail_schema;

#endif
