/* simulation/background.h - simulations whose client does not wait, and the names of all
 * that are on. */
#ifndef SERVE_SIMULATION_BACKGROUND_H
#define SERVE_SIMULATION_BACKGROUND_H

#include <pthread.h>

#include "serve/api/workers.h"
#include "serve/simulation/order.h"
#include "serve/socketio/session.h"

/* Those that are on, and the last ones that failed. */
#define BACKGROUND_MAX 64

struct background {
  struct sessions *sessions; /* who is told of their end */
  pthread_mutex_t lock;      /* of what follows */
  struct background_entry {
    char id[RESULT_ID_SIZE]; /* "" : free */
    bool is_on;
    unsigned status; /* of one that failed */
    const char *code;
    char message[HRL_ERROR_MESSAGE_SIZE];
  } entries[BACKGROUND_MAX];
  size_t next; /* where a free place is looked for first */
};

void background_begin(struct background *background);
void background_end(struct background *background);

/* Finds an id that no file and no other simulation has, and keeps it until
 * background_release. False: too many are on. */
bool background_reserve(struct background *background, struct order *order,
                        const char *folder);
/* It has ended; one that failed is remembered for those who ask. */
void background_release(struct background *background, const struct order *order);

/* Whether a simulation is on, or has failed of late; then a copy of what is known. */
bool background_find(struct background *background, const char *id,
                     struct background_entry *entry);

/* Has a worker carry out an order whose id is reserved; at its end every client hears of
 * it. On the loop. False: too many wait, and the id is free again. */
bool background_submit(struct background *background, struct workers *workers,
                       const struct order *order, const struct order_places *places);

#endif
