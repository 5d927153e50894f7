/* api/runs.h - runs of the record, as clients read them. */
#ifndef SERVE_API_RUNS_H
#define SERVE_API_RUNS_H

#include "serve/api/record.h"
#include "serve/http/schema_types.h"

/* Most runs of one page, and how many it has where nobody says. */
#define RUNS_PAGE_MAX 1000
#define RUNS_PAGE 50
/* Most points of a curve. */
#define RUNS_POINTS_MAX 1000

extern const struct schema runs_query_schema, runs_schema, run_schema, run_best_schema,
    run_final_schema, run_options_schema, run_host_schema, run_queue_schema,
    run_detail_schema, curve_query_schema, curve_schema, point_schema, evaluation_schema,
    run_deleted_schema, change_answer_schema, run_changed_schema, compare_query_schema,
    comparison_schema, compared_run_schema, pairing_schema;

/* The routes. `values` is the validated query. */
void runs_handle_list(struct record *record, struct request *request, json_t *values);
void runs_handle_one(struct record *record, struct request *request);
void runs_handle_delete(struct record *record, struct request *request);
void runs_handle_progress(struct record *record, struct request *request, json_t *values);

#endif
