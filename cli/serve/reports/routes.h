/* reports/routes.h - the table of /api/reports and its objects. */
#ifndef SERVE_REPORTS_ROUTES_H
#define SERVE_REPORTS_ROUTES_H

#include "serve/http/routing.h"

#define REPORT_ROUTE_COUNT 5
extern const struct route report_routes[REPORT_ROUTE_COUNT];

extern const struct schema report_body_schema, report_answer_schema,
    report_metadata_schema, report_list_schema, report_deleted_schema;

#endif
