#include "environments/models.h"

#include "environments/budget/budget.h"

hrl_status hrlp_task_create(const hrl_scenario *scenario, struct hrlp_task **task,
                            hrl_error *error) {
  return hrlp_budget.create(scenario, task, error);
}

void hrlp_task_destroy(struct hrlp_task *task) {
  if (task != NULL) task->environment->destroy(task);
}
