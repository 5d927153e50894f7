/* agents/view.h - a household as the two agents see it: their observations, and what
 * their actions mean.
 *
 * Everything is measured by the household's own income and horizon, so that households of
 * 1,500 and of 15,000 euro a month look alike. docs/algorithm.md lists each feature. */
#ifndef HRLP_VIEW_H
#define HRLP_VIEW_H

#include "agents/outlook.h"

#define HRLP_EXECUTOR_OBSERVATIONS 20
#define HRLP_EXECUTOR_ACTIONS 1
#define HRLP_STRATEGIST_OBSERVATIONS 18
#define HRLP_STRATEGIST_ACTIONS 3

/* A household between two months. */
struct hrlp_state {
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

/* What the strategist asks for. */
struct hrlp_goal {
  double target_invest_ratio; /* share of income, 0..1 */
  double safety_buffer;       /* euro >= 0 */
  double aggressiveness;      /* 0..1 */
};

/* The strategist's observation, and its mean action before anything is learned: a
 * textbook goal that invests what is left of income and keeps the safety threshold. */
void hrlp_strategist_observe(const struct hrlp_outlook *outlook,
                             const struct hrlp_state *state, int64_t period,
                             float observation[HRLP_STRATEGIST_OBSERVATIONS],
                             float offset[HRLP_STRATEGIST_ACTIONS]);

/* What a strategist's action asks for. */
struct hrlp_goal hrlp_goal_from_action(const struct hrlp_outlook *outlook,
                                       const float action[HRLP_STRATEGIST_ACTIONS]);

/* The share of income by which the goal is followed to the letter: the target, as far as
 * it leaves the buffer in cash. */
double hrlp_goal_share(const struct hrlp_outlook *outlook, const struct hrlp_state *state,
                       const struct hrlp_goal *goal);

/* The executor's observation, and its mean action before anything is learned:
 * hrlp_goal_share. */
void hrlp_executor_observe(const struct hrlp_outlook *outlook,
                           const struct hrlp_state *state, const struct hrlp_goal *goal,
                           int64_t months_to_next_goal, int64_t period,
                           float observation[HRLP_EXECUTOR_OBSERVATIONS],
                           float offset[HRLP_EXECUTOR_ACTIONS]);

/* The share of income to invest that an executor's action means. */
double hrlp_share_from_action(const float action[HRLP_EXECUTOR_ACTIONS]);

/* The whole advice for a month, shares of income (invest, save, consume) that add up to 1:
 * of what is not invested, expected expenses are to be consumed, the rest to be saved. */
void hrlp_allocation(const struct hrlp_outlook *outlook, const struct hrlp_state *state,
                     double invest, double shares[3]);

#endif
