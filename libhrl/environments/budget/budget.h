/* environments/budget/budget.h - the base household as an environment: model `budget`. */
#ifndef HRLP_BUDGET_H
#define HRLP_BUDGET_H

#include "environments/budget/forecast.h"
#include "environments/environment.h"

/* Its task. */
struct hrlp_budget_task {
  struct hrlp_task task;
  struct hrlp_forecast forecast; /* has the scenario's sections, too */
};

static inline const struct hrlp_forecast *hrlp_budget_forecast(
    const struct hrlp_task *task) {
  return &((const struct hrlp_budget_task *)task)->forecast;
}

extern const struct hrlp_environment hrlp_budget;

#endif
