/* serve/tables.h - every route and every schema of the service. */
#ifndef SERVE_TABLES_H
#define SERVE_TABLES_H

#include "serve/http/routing.h"

extern const struct route_table api_tables[];
extern const size_t api_table_count;

/* Every schema that routes refer to. */
extern const struct schema *const api_schemas[];
extern const size_t api_schema_count;

#endif
