#include "environments/models.h"

#include "base/error.h"
#include "environments/budget/budget.h"
#include "environments/lifecycle/lifecycle.h"
#include "scenario/content.h"

/* By the places of the list in scenario/keys.c. */
static const struct hrlp_environment *const environments[] = {
    [HRLP_MODEL_BUDGET] = &hrlp_budget, [HRLP_MODEL_LIFECYCLE] = &hrlp_lifecycle};

hrl_status hrlp_task_create(const hrl_scenario *scenario, struct hrlp_task **task,
                            hrl_error *error) {
  *task = NULL;
  if (scenario->family != NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "%s is a family of households; hrl_scenario_draw gives one of them",
                     scenario->name);
  return environments[scenario->model]->create(scenario, task, error);
}

void hrlp_task_destroy(struct hrlp_task *task) {
  if (task != NULL) task->environment->destroy(task);
}
