/* environments/lifecycle/rules.h - simple rules of households, and plans played. */
#ifndef HRLP_LIFECYCLE_RULES_H
#define HRLP_LIFECYCLE_RULES_H

#include "environments/environment.h"

/* Rules are (save, share, buffer, target): save that share of what income leaves after
 * expenses; spend a twelfth of what exceeds `target` months of income (0: never); hold
 * that share of what exceeds `buffer` months of income in the portfolio; in retirement or
 * without income spend assets evenly over the months left. */
size_t hrlp_lifecycle_rule_count(const struct hrlp_task *task);
void hrlp_lifecycle_rule(const struct hrlp_task *task, size_t number,
                         struct hrlp_plan *plan);

hrl_status hrlp_lifecycle_solve(const struct hrlp_task *task, struct hrlp_plan *plan,
                                double *value, hrl_error *error);
void hrlp_lifecycle_unsolve(struct hrlp_plan *plan);
size_t hrlp_lifecycle_plan_size(const struct hrlp_task *task, size_t count);
void hrlp_lifecycle_plan_play(const struct hrlp_task *task, const struct hrlp_plan *plan,
                              const struct hrlp_plan_request *request);

#endif
