/* policy/ask.h - running an agent's network for whoever asks it. */
#ifndef HRLP_ASK_H
#define HRLP_ASK_H

#include "policy/policy.h"

/* Rows whose networks run in one product. */
#define HRLP_ASK_ROWS 64

/* Room for one agent's rows. */
struct hrlp_ask {
  float *x, *action, *work;
};

/* To be ended with hrlp_ask_end, also after a failure. */
hrl_status hrlp_ask_begin(struct hrlp_ask *ask, const struct hrlp_actor_critic *agent,
                          hrl_error *error);
void hrlp_ask_end(struct hrlp_ask *ask);

/* Adds the actor's outputs for observations ask->x to the offsets in ask->action. False
 * where numbers near the end of those that there are have not got as far. */
bool hrlp_ask_run(struct hrlp_ask *ask, const struct hrlp_actor_critic *agent,
                  size_t count);

#endif
