#include "environments/custom/call.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a function was asked about, for messages. */
static hrl_status check_return(const hrl_task *task, const hrl_task_batch *batch,
                               const char *function, int result, hrl_error *error) {
  if (result == 0) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_TASK,
                   "task '%s': %s returned %d for episodes %" PRIu64 " to %" PRIu64
                   " after %zu step(s)",
                   task->name, function, result, batch->episodes[0],
                   batch->episodes[batch->count - 1], batch->step);
}

static hrl_status fail_number(const hrl_task *task, const hrl_task_batch *batch,
                              const char *function, const char *what, size_t i,
                              double found, hrl_error *error) {
  return hrlp_fail(error, HRL_ERROR_TASK,
                   "task '%s': %s gave %g as %s of episode %" PRIu64
                   " after %zu step(s); run hrl_task_check to find out why",
                   task->name, function, found, what, batch->episodes[i], batch->step);
}

hrl_status hrlp_call_reset(const hrl_task *task, const hrl_task_batch *batch,
                           hrl_error *error) {
  return check_return(task, batch, "reset", task->reset(task->data, batch), error);
}

hrl_status hrlp_call_observe(const hrl_task *task, const hrl_task_batch *batch,
                             float *observations, hrl_error *error) {
  hrl_status status = check_return(task, batch, "observe",
                                   task->observe(task->data, batch, observations), error);
  size_t width = task->observations;
  for (size_t k = 0; k < batch->count * width && status == HRL_OK; k++)
    if (!isfinite(observations[k])) {
      char what[32];
      snprintf(what, sizeof what, "observation %zu", k % width);
      status = fail_number(task, batch, "observe", what, k / width,
                           (double)observations[k], error);
    }
  return status;
}

double hrlp_quantity_place(const hrl_task_quantity *quantity, double value) {
  return (value - quantity->minimum) / (quantity->maximum - quantity->minimum);
}

static double bounded(const hrl_task_quantity *quantity, double value) {
  return value < quantity->minimum   ? quantity->minimum
         : value > quantity->maximum ? quantity->maximum
                                     : value;
}

double hrlp_quantity_value(const hrl_task_quantity *quantity, double place) {
  return bounded(quantity,
                 quantity->minimum + place * (quantity->maximum - quantity->minimum));
}

static void take_middles(const hrl_task_quantity *quantities, size_t width, size_t count,
                         double *values) {
  for (size_t k = 0; k < count * width; k++)
    values[k] = hrlp_quantity_value(&quantities[k % width], 0.5);
}

/* Brings values [count, width] within their bounds. */
static hrl_status bound_values(const hrl_task *task, const hrl_task_batch *batch,
                               const char *function, const hrl_task_quantity *quantities,
                               size_t width, double *values, hrl_error *error) {
  for (size_t k = 0; k < batch->count * width; k++) {
    if (!isfinite(values[k]))
      return fail_number(task, batch, function, quantities[k % width].name, k / width,
                         values[k], error);
    values[k] = bounded(&quantities[k % width], values[k]);
  }
  return HRL_OK;
}

hrl_status hrlp_call_choose_goals(const hrl_task *task, const hrl_task_batch *batch,
                                  double *goals, hrl_error *error) {
  take_middles(task->goal, task->goals, batch->count, goals);
  if (task->choose_goals == NULL) return HRL_OK;
  hrl_status status = check_return(task, batch, "choose_goals",
                                   task->choose_goals(task->data, batch, goals), error);
  return status == HRL_OK ? bound_values(task, batch, "choose_goals", task->goal,
                                         task->goals, goals, error)
                          : status;
}

hrl_status hrlp_call_choose_actions(const hrl_task *task, const hrl_task_batch *batch,
                                    const double *goals, double *actions,
                                    hrl_error *error) {
  take_middles(task->action, task->actions, batch->count, actions);
  if (task->choose_actions == NULL) return HRL_OK;
  hrl_status status =
      check_return(task, batch, "choose_actions",
                   task->choose_actions(task->data, batch, goals, actions), error);
  return status == HRL_OK ? bound_values(task, batch, "choose_actions", task->action,
                                         task->actions, actions, error)
                          : status;
}

hrl_status hrlp_call_rule(const hrl_task *task, size_t number,
                          const hrl_task_batch *batch, double *actions,
                          hrl_error *error) {
  const char *function = number == HRLP_OPTIMUM ? "optimum" : "rule";
  take_middles(task->action, task->actions, batch->count, actions);
  int result = number == HRLP_OPTIMUM ? task->optimum(task->data, batch, actions)
                                      : task->rule(task->data, number, batch, actions);
  hrl_status status = check_return(task, batch, function, result, error);
  return status == HRL_OK ? bound_values(task, batch, function, task->action,
                                         task->actions, actions, error)
                          : status;
}

hrl_status hrlp_call_potential(const hrl_task *task, const hrl_task_batch *batch,
                               const uint8_t *ends, double *potentials,
                               hrl_error *error) {
  memset(potentials, 0, batch->count * sizeof *potentials);
  hrl_status status = check_return(task, batch, "potential",
                                   task->potential(task->data, batch, potentials), error);
  for (size_t i = 0; i < batch->count && status == HRL_OK; i++) {
    if (ends != NULL && ends[i] == HRL_TASK_TERMINATED)
      potentials[i] = 0.0;
    else if (!isfinite(potentials[i]))
      status =
          fail_number(task, batch, "potential", "potential", i, potentials[i], error);
  }
  return status;
}

hrl_status hrlp_call_step(const hrl_task *task, const hrl_task_batch *batch,
                          const double *goals, const double *actions,
                          hrl_task_result *result, hrl_error *error) {
  memset(result->rewards, 0, batch->count * sizeof *result->rewards);
  memset(result->departures, 0, batch->count * sizeof *result->departures);
  memset(result->ends, 0, batch->count);
  hrl_task_result given = *result; /* the arrays stay the library's */
  hrl_status status = check_return(
      task, batch, "step", task->step(task->data, batch, goals, actions, &given), error);
  for (size_t i = 0; i < batch->count && status == HRL_OK; i++) {
    double departure = result->departures[i];
    if (!isfinite(result->rewards[i]))
      status = fail_number(task, batch, "step", "reward", i, result->rewards[i], error);
    else if (!isfinite(departure) || departure < 0.0)
      status = fail_number(task, batch, "step", "departure", i, departure, error);
    else if (result->ends[i] > HRL_TASK_TRUNCATED)
      status = fail_number(task, batch, "step", "end", i, result->ends[i], error);
  }
  return status;
}
