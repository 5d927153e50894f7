/* advice/routes.h - the table of /api/advice and its objects: what hrl-advise tells, over
 * HTTP. */
#ifndef SERVE_ADVICE_ROUTES_H
#define SERVE_ADVICE_ROUTES_H

#include "serve/http/routing.h"

#define ADVICE_ROUTE_COUNT 1
extern const struct route advice_routes[ADVICE_ROUTE_COUNT];

extern const struct schema advice_body_schema, advice_answer_schema,
    advice_situation_schema, advice_month_schema, advice_expected_schema,
    advice_goal_schema, advice_value_schema, advice_decision_schema,
    advice_comparison_schema, advice_point_schema, advice_future_schema,
    advice_futures_schema;

#endif
