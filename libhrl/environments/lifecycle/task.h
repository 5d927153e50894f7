/* environments/lifecycle/task.h - the lifecycle household of one scenario, prepared. */
#ifndef HRLP_LIFECYCLE_TASK_H
#define HRLP_LIFECYCLE_TASK_H

#include "environments/environment.h"
#include "environments/lifecycle/forecast.h"

struct hrlp_lifecycle_task {
  struct hrlp_task task;
  struct hrlp_lifecycle_forecast forecast;
};

static inline const struct hrlp_lifecycle_forecast *hrlp_lifecycle_forecast_of(
    const struct hrlp_task *task) {
  return &((const struct hrlp_lifecycle_task *)task)->forecast;
}

#endif
