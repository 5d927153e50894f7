/* reports/reports.h - /api/reports: what a simulation came to, to read and to print. */
#ifndef SERVE_REPORTS_REPORTS_H
#define SERVE_REPORTS_REPORTS_H

#include "serve/http/request.h"
#include "serve/reports/state.h"

/* What its owner has not set. */
void reports_begin(struct reports *reports);
void reports_end(struct reports *reports);

/* The routes. `values` is the validated body or query. */
void reports_handle_generate(struct reports *reports, struct request *request,
                             json_t *values);
void reports_handle_list(struct reports *reports, struct request *request,
                         json_t *values);
void reports_handle_get(struct reports *reports, struct request *request, json_t *values);
void reports_handle_metadata(struct reports *reports, struct request *request);
void reports_handle_delete(struct reports *reports, struct request *request);

#endif
