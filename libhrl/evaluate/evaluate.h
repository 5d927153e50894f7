/* evaluate/evaluate.h - playing episodes without exploration, and what they are worth. */
#ifndef HRLP_EVALUATE_H
#define HRLP_EVALUATE_H

#include <hrl/evaluate.h>

#include "agents/rollout.h"
#include "base/thread.h"

/* Who plays: agents, or a plan. */
struct hrlp_player {
  const struct hrlp_task *task;
  const struct hrlp_agents *agents; /* whose task it is, or NULL */
  const struct hrlp_plan *plan;     /* where there are no agents */
};

/* Who hears of it, each NULL where nobody does. */
struct hrlp_audience {
  double *returns;               /* [episodes] strategic return of each */
  struct hrlp_observer observer; /* of every month, from the threads that play it */
};

/* Plays `episodes` episodes, agents without exploration; noise from `seed`. */
hrl_status hrlp_evaluate_player(const struct hrlp_player *player, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                const struct hrlp_audience *audience,
                                hrl_evaluation *result, hrl_error *error);

/* The same for agents whose months nobody watches. `returns` may be NULL. */
hrl_status hrlp_evaluate_agents(const struct hrlp_agents *agents, uint64_t episodes,
                                uint64_t seed, struct hrlp_pool *pool,
                                hrl_evaluation *result, double *returns,
                                hrl_error *error);

/* Checks the caller's options, filling in defaults; makes the pool they ask for. */
hrl_status hrlp_evaluate_begin(const hrl_evaluate_options *options,
                               hrl_evaluate_options *checked, struct hrlp_pool **pool,
                               hrl_error *error);

/* What plans are played with: the caller's options, a pool and the scenario's task. `end`
 * follows also where `begin` failed. */
struct hrlp_evaluation {
  hrl_evaluate_options options;
  struct hrlp_pool *pool;
  struct hrlp_task *task;
};
hrl_status hrlp_evaluation_begin(struct hrlp_evaluation *evaluation,
                                 const hrl_scenario *scenario,
                                 const hrl_evaluate_options *options, hrl_error *error);
void hrlp_evaluation_end(struct hrlp_evaluation *evaluation);

/* Plays a plan that nobody watches. */
hrl_status hrlp_evaluate_plan(const struct hrlp_evaluation *evaluation,
                              const struct hrlp_plan *plan, uint64_t episodes,
                              hrl_evaluation *result, hrl_error *error);

/* A rule by its number, and what it came to. */
struct hrlp_ranked_rule {
  size_t number;
  double value;
};

/* Puts the best first, of equal ones that with the lower number. */
void hrlp_rules_rank(struct hrlp_ranked_rule *rules, size_t count);

/* The rule of a plan, as far as the caller's struct has room. */
void hrlp_rule_give(const struct hrlp_plan *plan, hrl_rule *rule);

/* The plan of a caller's rule. */
hrl_status hrlp_rule_check(const hrl_rule *rule, struct hrlp_plan *plan,
                           hrl_error *error);

#endif
