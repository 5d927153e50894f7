/* simulation/order.h - one simulation that was asked for: its pair and its household
 * found, played, and the result written. */
#ifndef SERVE_SIMULATION_ORDER_H
#define SERVE_SIMULATION_ORDER_H

#include <hrl/policy.h>
#include <jansson.h>
#include <stdatomic.h>

#include "serve/api/pending.h"
#include "serve/files/scenario_store.h"
#include "serve/models/store.h"
#include "serve/simulation/results.h"

struct order {
  char model[HRL_NAME_SIZE];
  char scenario[HRL_NAME_SIZE];
  char id[RESULT_ID_SIZE];
  uint64_t episodes, seed, household;
  struct failure failure;
};

/* Where they are found, and where results go. */
struct order_places {
  const struct scenario_store *scenarios;
  const struct model_store *models;
  const char *results;
};

/* Takes what a request says. False: it failed. */
bool order_read(struct order *order, const json_t *values);

/* What is played. */
struct order_parts {
  hrl_scenario *household;
  bool drawn; /* from a family */
  hrl_policy *policy;
  char *differences; /* from what the pair was trained on, or NULL; freed with hrl_free */
};

/* Finds both, and that they go together. False: it failed; the parts are to be freed all
 * the same. */
bool order_find(struct order *order, const struct order_places *places,
                struct order_parts *parts);
void order_parts_free(struct order_parts *parts);

/* Finds, plays, and writes the result as the file of order->id; `text` receives it,
 * malloc'ed. False: it failed. */
bool order_carry_out(struct order *order, const struct order_places *places,
                     const atomic_bool *ending, char **text);

#endif
