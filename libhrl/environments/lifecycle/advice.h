/* environments/lifecycle/advice.h - the environment interface's functions for advice
 * outside a batch.
 *
 * An hrl_observation is a household at a decision: income and expenses are the month's,
 * cash and portfolio what is there after them, together the cash on hand;
 * months_remaining counts the month. Job and level of income are told from the income. */
#ifndef HRLP_LIFECYCLE_ADVICE_H
#define HRLP_LIFECYCLE_ADVICE_H

#include "environments/environment.h"

void hrlp_lifecycle_start(const struct hrlp_task *task, hrl_observation *now);
hrl_status hrlp_lifecycle_check(const struct hrlp_task *task, const hrl_observation *now,
                                size_t index, hrl_error *error);
void hrlp_lifecycle_advise_strategist(const struct hrlp_task *task,
                                      const hrl_observation *now,
                                      const hrl_observation *previous, int64_t period,
                                      float *observation, float *offset);
hrl_goal hrlp_lifecycle_advise_goal(const struct hrlp_task *task, const float *action);
void hrlp_lifecycle_advise_executor(const struct hrlp_task *task,
                                    const hrl_observation *now, const hrl_goal *goal,
                                    int64_t months_to_next_goal, int64_t period,
                                    float *observation, float *offset);
hrl_allocation hrlp_lifecycle_advise_allocation(const struct hrlp_task *task,
                                                const hrl_observation *now,
                                                const hrl_goal *goal,
                                                const float *action);
void hrlp_lifecycle_differences(const struct hrlp_task *trained,
                                const struct hrlp_task *other, struct hrlp_text *text);

#endif
