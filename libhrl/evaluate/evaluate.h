/* evaluate/evaluate.h - playing episodes without exploration, and what they are worth. */
#ifndef HRLP_EVALUATE_H
#define HRLP_EVALUATE_H

#include <hrl/evaluate.h>

#include "agents/rollout.h"
#include "base/thread.h"

/* Plays `episodes` episodes with the agents' mean actions; noise from `seed`. `returns`
 * receives the strategic return of each; NULL: not wanted. */
hrl_status hrlp_evaluate_agents(const struct hrlp_agents *agents, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                hrl_evaluation *result, double *returns,
                                hrl_error *error);

/* The same for a simple rule or the optimum. */
hrl_status hrlp_evaluate_plan(const struct hrlp_task *task, const struct hrlp_plan *plan,
                              uint64_t episodes, uint64_t seed, struct hrlp_pool *pool,
                              hrl_evaluation *result, hrl_error *error);

/* Checks the caller's options, filling in defaults; makes the pool they ask for. */
hrl_status hrlp_evaluate_begin(const hrl_evaluate_options *options,
                               hrl_evaluate_options *checked, struct hrlp_pool **pool,
                               hrl_error *error);

#endif
