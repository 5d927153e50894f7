/* simulation/background.h - simulations whose client does not wait. */
#ifndef SERVE_SIMULATION_BACKGROUND_H
#define SERVE_SIMULATION_BACKGROUND_H

#include "serve/api/workers.h"
#include "serve/simulation/order.h"
#include "serve/socketio/session.h"

struct background {
  struct sessions *sessions; /* who is told of their end */
  struct pending pending;    /* those whose client waits, too */
};

/* Gives an order an id that no file and no other simulation has, until it is released.
 * False: too many are on. */
bool order_reserve(struct order *order, struct pending *pending, const char *folder);

/* Passes an order with a reserved id to a worker; every client is notified at the end.
 * Call on the loop. False: too many orders wait, and the id is released. */
bool background_submit(struct background *background, struct workers *workers,
                       const struct order *order, const struct order_places *places);

#endif
