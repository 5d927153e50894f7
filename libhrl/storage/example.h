/* storage/example.h - stored observations with both agents' outputs, in metadata.json, to
 * verify on loading that the agents are those that were saved.
 */
#ifndef HRLP_EXAMPLE_H
#define HRLP_EXAMPLE_H

#include "agents/agents.h"

/* The agents' observations, and the outputs of their actors. */
struct hrlp_example {
  float strategist_x[HRLP_OBSERVATIONS_MAX], strategist_y[HRLP_ACTIONS_MAX];
  float executor_x[HRLP_OBSERVATIONS_MAX], executor_y[HRLP_ACTIONS_MAX];
};

/* An example of these agents: the household at its start, with the textbook goal. False
 * where memory is short. */
bool hrlp_example_make(const struct hrlp_agents *agents, struct hrlp_example *example);

/* Puts the agents' answers to the example's observations in place of its outputs. False
 * where memory is short. */
bool hrlp_example_answer(const struct hrlp_agents *agents, struct hrlp_example *example);

/* Whether two examples have the same outputs, but for differences that the sums of one
 * processor and another explain. */
bool hrlp_example_agrees(const struct hrlp_example *a, const struct hrlp_example *b);

#endif
