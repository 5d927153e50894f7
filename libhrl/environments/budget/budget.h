/* environments/budget/budget.h - the base household as an environment: model `budget`. */
#ifndef HRLP_BUDGET_H
#define HRLP_BUDGET_H

#include "environments/environment.h"

extern const struct hrlp_environment hrlp_budget;

#endif
