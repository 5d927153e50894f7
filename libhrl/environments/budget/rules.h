/* environments/budget/rules.h - the base household played by what was not learned: a
 * constant share of income, or the optimum. The functions are those of
 * environments/environment.h. */
#ifndef HRLP_BUDGET_RULES_H
#define HRLP_BUDGET_RULES_H

#include "environments/environment.h"

/* "Invest 0, 0.01 ... 1 of income every month"; parameters[0] is the share. */
#define HRLP_BUDGET_RULES 101

size_t hrlp_budget_rule_count(const struct hrlp_task *task);
void hrlp_budget_rule(const struct hrlp_task *task, size_t number,
                      struct hrlp_plan *plan);
hrl_status hrlp_budget_solve(const struct hrlp_task *task, struct hrlp_plan *plan,
                             double *value, hrl_error *error);
void hrlp_budget_unsolve(struct hrlp_plan *plan);
size_t hrlp_budget_plan_size(const struct hrlp_task *task, size_t count);
void hrlp_budget_plan_play(const struct hrlp_task *task, const struct hrlp_plan *plan,
                           const struct hrlp_plan_request *request);

#endif
