/* simulation/simulation.h - /api/simulation: trained pairs played, and what came of it.
 */
#ifndef SERVE_SIMULATION_SIMULATION_H
#define SERVE_SIMULATION_SIMULATION_H

#include "serve/api/workers.h"
#include "serve/http/request.h"
#include "serve/simulation/background.h"

struct simulations {
  char *folder; /* of the results */
  struct order_places places;
  struct workers *files;   /* for what takes milliseconds */
  struct workers *players; /* for what takes seconds */
  struct background background;
};

/* `results`: the folder in which that of the results is. False: memory is short. */
bool simulations_begin(struct simulations *simulations, const char *results);
void simulations_end(struct simulations *simulations);

/* The routes. `values` is the validated body or query. */
void simulations_handle_run(struct simulations *simulations, struct request *request,
                            json_t *values);
void simulations_handle_results(struct simulations *simulations, struct request *request);
void simulations_handle_delete(struct simulations *simulations, struct request *request);
void simulations_handle_history(struct simulations *simulations, struct request *request,
                                json_t *values);

#endif
