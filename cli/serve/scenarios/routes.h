/* scenarios/routes.h - the table of /api/scenarios. */
#ifndef SERVE_SCENARIOS_ROUTES_H
#define SERVE_SCENARIOS_ROUTES_H

#include "serve/http/routing.h"

#define SCENARIO_ROUTE_COUNT 6
extern const struct route scenario_routes[SCENARIO_ROUTE_COUNT];

#endif
