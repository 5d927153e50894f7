/* environments/budget/task.h - the base household of one scenario, prepared. */
#ifndef HRLP_BUDGET_TASK_H
#define HRLP_BUDGET_TASK_H

#include "environments/budget/forecast.h"
#include "environments/environment.h"

struct hrlp_budget_task {
  struct hrlp_task task;
  struct hrlp_forecast forecast; /* has the scenario's sections, too */
};

static inline const struct hrlp_forecast *hrlp_budget_forecast(
    const struct hrlp_task *task) {
  return &((const struct hrlp_budget_task *)task)->forecast;
}

#endif
