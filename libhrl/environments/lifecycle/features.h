/* environments/lifecycle/features.h - what the agents see of a household, what their
 * actions mean, and the textbook advice from which they start.
 *
 * The executor's actions are the logarithm of consumption over the goal's plan, and the
 * share of the rest for the portfolio. */
#ifndef HRLP_LIFECYCLE_FEATURES_H
#define HRLP_LIFECYCLE_FEATURES_H

#include <hrl/policy.h>

#include "environments/lifecycle/forecast.h"

#define HRLP_LIFECYCLE_STRATEGIST_OBSERVATIONS 19
#define HRLP_LIFECYCLE_STRATEGIST_ACTIONS 3
#define HRLP_LIFECYCLE_EXECUTOR_OBSERVATIONS 24
#define HRLP_LIFECYCLE_EXECUTOR_ACTIONS 2
#define HRLP_LIFECYCLE_CONTEXT 19

/* A household at a decision. */
struct hrlp_lifecycle_state {
  int64_t month; /* t */
  double cash;   /* on hand, M */
  double net;    /* income less expenses of the month */
  double level;  /* L */
  int job;
};

/* Measures of a state that do not depend on the goal. */
struct hrlp_lifecycle_measures {
  double plan;  /* consumption by the plan without a buffer, at least the floor's */
  double slope; /* what a per cent of consumption for the rest of life is worth there, in
                   the unit of utility */
  double potential; /* worth of living by that plan for the rest of life */
};
struct hrlp_lifecycle_measures hrlp_lifecycle_measure(
    const struct hrlp_lifecycle_forecast *forecast,
    const struct hrlp_lifecycle_state *state);

/* Consumption that a goal asks for; `buffer` in euro of the month. */
double hrlp_lifecycle_goal_plan(const struct hrlp_lifecycle_forecast *forecast,
                                const struct hrlp_lifecycle_state *state,
                                const struct hrlp_lifecycle_measures *measures,
                                double buffer);

/* `trend`: the logarithm of cash on hand over that at the last goal; `period`: months
 * between two goals. */
void hrlp_lifecycle_strategist_observe(const struct hrlp_lifecycle_forecast *forecast,
                                       const struct hrlp_lifecycle_state *state,
                                       const struct hrlp_lifecycle_measures *measures,
                                       double trend, int64_t period, float *observation,
                                       float *offset);
hrl_goal hrlp_lifecycle_goal(const struct hrlp_lifecycle_forecast *forecast,
                             const float *action);
/* `plan`: consumption that the goal asks for; `next_goal`: the share of the period that
 * is left of it. */
void hrlp_lifecycle_executor_observe(const struct hrlp_lifecycle_forecast *forecast,
                                     const struct hrlp_lifecycle_state *state,
                                     const struct hrlp_lifecycle_measures *measures,
                                     const hrl_goal *goal, double plan, double next_goal,
                                     float *observation, float *offset);

/* What household it is, for agents that know many. */
void hrlp_lifecycle_context(const struct hrlp_lifecycle_forecast *forecast,
                            float features[HRLP_LIFECYCLE_CONTEXT]);

/* The decision that an action asks for, before the floor and cash on hand bound it. */
void hrlp_lifecycle_decision(const struct hrlp_lifecycle_forecast *forecast,
                             const float *action, double plan, double *consumption,
                             double *share);

#endif
