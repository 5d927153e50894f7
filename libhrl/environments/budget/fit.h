/* environments/budget/fit.h - whether a household is like the one that agents were
 * trained on. The function is that of environments/environment.h. */
#ifndef HRLP_BUDGET_FIT_H
#define HRLP_BUDGET_FIT_H

#include "environments/environment.h"

void hrlp_budget_differences(const struct hrlp_task *trained,
                             const struct hrlp_task *other, struct hrlp_text *text);

#endif
