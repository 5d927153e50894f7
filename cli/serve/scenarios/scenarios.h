/* scenarios/scenarios.h - /api/scenarios: the files of scenarios over HTTP. */
#ifndef SERVE_SCENARIOS_SCENARIOS_H
#define SERVE_SCENARIOS_SCENARIOS_H

#include "serve/api/workers.h"
#include "serve/files/scenario_store.h"
#include "serve/http/request.h"

/* The resource: its files, and who reads and writes them. */
struct scenarios {
  struct scenario_store store;
  struct workers *workers;
};

/* `name` is taken by a route. */
#define SCENARIO_RESERVED "templates"

/* The routes. `values` is the validated body or query. */
void scenarios_handle_list(struct scenarios *scenarios, struct request *request,
                           json_t *values);
void scenarios_handle_templates(struct scenarios *scenarios, struct request *request);
void scenarios_handle_get(struct scenarios *scenarios, struct request *request);
void scenarios_handle_create(struct scenarios *scenarios, struct request *request,
                             json_t *values);
void scenarios_handle_update(struct scenarios *scenarios, struct request *request,
                             json_t *values);
void scenarios_handle_delete(struct scenarios *scenarios, struct request *request);

#endif
