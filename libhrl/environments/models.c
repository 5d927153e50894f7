#include "environments/models.h"

#include "base/error.h"
#include "environments/budget/budget.h"
#include "environments/custom/task.h"
#include "environments/lifecycle/lifecycle.h"
#include "scenario/content.h"

/* By the places of the list in scenario/keys.c. */
static const struct hrlp_environment *const environments[] = {
    [HRLP_MODEL_BUDGET] = &hrlp_budget,
    [HRLP_MODEL_LIFECYCLE] = &hrlp_lifecycle,
    [HRLP_MODEL_TASK] = &hrlp_custom};

const struct hrlp_environment *hrlp_environment_of(const hrl_scenario *scenario) {
  return environments[scenario->model];
}

hrl_status hrlp_household_check(const hrl_scenario *scenario, hrl_error *error) {
  if (scenario->family != NULL)
    return hrlp_fail(
        error, HRL_ERROR_ARGUMENT,
        "%s is a family of households; draw one of them with hrl_scenario_draw",
        scenario->name);
  bool lifecycle = scenario->model == HRLP_MODEL_LIFECYCLE;
  int64_t months =
      lifecycle ? scenario->lifecycle.max_months : scenario->environment.max_months;
  int64_t first = lifecycle ? scenario->lifecycle.beginning.month
                            : scenario->environment.beginning.month;
  if (first <= months) return HRL_OK; /* the horizon may have been moved since */
  return hrlp_fail(error, HRL_ERROR_RANGE,
                   "environment.max_months: found %lld, expected at least %lld, the "
                   "month that the household begins at",
                   (long long)months, (long long)first);
}

hrl_status hrlp_task_create(const hrl_scenario *scenario, struct hrlp_task **task,
                            hrl_error *error) {
  *task = NULL;
  hrl_status status = hrlp_household_check(scenario, error);
  return status == HRL_OK ? hrlp_environment_of(scenario)->create(scenario, task, error)
                          : status;
}

void hrlp_task_destroy(struct hrlp_task *task) {
  if (task != NULL) task->environment->destroy(task);
}
