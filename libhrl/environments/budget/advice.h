/* environments/budget/advice.h - the base household outside a batch: what the agents see
 * of a household of today, and what their actions advise. The functions are those of
 * environments/environment.h. */
#ifndef HRLP_BUDGET_ADVICE_H
#define HRLP_BUDGET_ADVICE_H

#include "environments/environment.h"

void hrlp_budget_start(const struct hrlp_task *task, hrl_observation *now);
hrl_status hrlp_budget_check(const struct hrlp_task *task, const hrl_observation *now,
                             size_t index, hrl_error *error);
void hrlp_budget_advise_strategist(const struct hrlp_task *task,
                                   const hrl_observation *now,
                                   const hrl_observation *previous, int64_t period,
                                   float *observation, float *offset);
hrl_goal hrlp_budget_goal(const struct hrlp_task *task, const float *action);
void hrlp_budget_advise_executor(const struct hrlp_task *task, const hrl_observation *now,
                                 const hrl_goal *goal, int64_t months_to_next_goal,
                                 int64_t period, float *observation, float *offset);
hrl_allocation hrlp_budget_advise_allocation(const struct hrlp_task *task,
                                             const hrl_observation *now,
                                             const hrl_goal *goal, const float *action);

#endif
