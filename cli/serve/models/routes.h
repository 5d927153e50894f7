/* models/routes.h - the table of /api/models and its objects. */
#ifndef SERVE_MODELS_ROUTES_H
#define SERVE_MODELS_ROUTES_H

#include "serve/http/routing.h"

#define MODEL_ROUTE_COUNT 3
extern const struct route model_routes[MODEL_ROUTE_COUNT];

extern const struct schema model_list_schema, model_row_schema, model_detail_schema,
    model_deleted_schema;

#endif
