/* environments/budget/features.h - observations of the two agents, and the meaning of
 * their actions.
 *
 * Everything is scaled by the household's income and horizon, so that households of
 * 1,500 and of 15,000 euro a month look alike. docs/algorithm.md lists each feature. */
#ifndef HRLP_BUDGET_FEATURES_H
#define HRLP_BUDGET_FEATURES_H

#include <hrl/policy.h>

#include "environments/budget/forecast.h"

#define HRLP_BUDGET_EXECUTOR_OBSERVATIONS 20
#define HRLP_BUDGET_EXECUTOR_ACTIONS 1
#define HRLP_BUDGET_STRATEGIST_OBSERVATIONS 18
#define HRLP_BUDGET_STRATEGIST_ACTIONS 3
#define HRLP_BUDGET_CONTEXT 10

/* A household between two months. */
struct hrlp_budget_state {
  int64_t month;    /* months lived */
  double cash;      /* euro */
  double portfolio; /* euro */
  double fixed;     /* euro, of the month behind */
  double variable;  /* euro, of the month behind */
  /* what the strategist remembers of the period behind, 0 at the start */
  double average_cash;
  double average_change; /* of cash, a month */
  double spending_trend; /* variable expenses over their expectation, less 1 */
};

/* The strategist's observation, and its mean action before anything is learned: a
 * textbook goal that invests what is left of income and keeps the safety threshold. */
void hrlp_budget_strategist_observe(
    const struct hrlp_forecast *forecast, const struct hrlp_budget_state *state,
    int64_t period, float observation[HRLP_BUDGET_STRATEGIST_OBSERVATIONS],
    float offset[HRLP_BUDGET_STRATEGIST_ACTIONS]);

/* What household it is, for agents that know many. */
void hrlp_budget_context(const struct hrlp_forecast *forecast,
                         float features[HRLP_BUDGET_CONTEXT]);

/* What a strategist's action asks for. */
hrl_goal hrlp_budget_goal_from_action(const struct hrlp_forecast *forecast,
                                      const float action[HRLP_BUDGET_STRATEGIST_ACTIONS]);

/* The share of income that follows the goal exactly: the target, reduced so that the
 * buffer remains in cash. */
double hrlp_budget_goal_share(const struct hrlp_forecast *forecast,
                              const struct hrlp_budget_state *state,
                              const hrl_goal *goal);

/* The executor's observation, and its mean action before anything is learned:
 * hrlp_budget_goal_share. */
void hrlp_budget_executor_observe(const struct hrlp_forecast *forecast,
                                  const struct hrlp_budget_state *state,
                                  const hrl_goal *goal, int64_t months_to_next_goal,
                                  int64_t period,
                                  float observation[HRLP_BUDGET_EXECUTOR_OBSERVATIONS],
                                  float offset[HRLP_BUDGET_EXECUTOR_ACTIONS]);

/* Makes the observation of a state that of another, which differs in cash and variable
 * expenses alone. */
void hrlp_budget_executor_move_cash(const struct hrlp_forecast *forecast,
                                    const struct hrlp_budget_state *state,
                                    const hrl_goal *goal,
                                    float observation[HRLP_BUDGET_EXECUTOR_OBSERVATIONS]);

/* The share of income to invest that an executor's action means. */
double hrlp_budget_share_from_action(const float action[HRLP_BUDGET_EXECUTOR_ACTIONS]);

/* The whole advice for a month, shares of income (invest, save, consume) that add up to
 * 1: of what is not invested, expected expenses are to be consumed, the rest to be saved.
 */
void hrlp_budget_allocation(const struct hrlp_forecast *forecast,
                            const struct hrlp_budget_state *state, double invest,
                            double shares[3]);

#endif
