/* custom/call.h - calling the functions of a program's own task, and not believing them:
 * what they give is finite and within bounds, or the call fails with HRL_ERROR_TASK. */
#ifndef HRLP_CUSTOM_CALL_H
#define HRLP_CUSTOM_CALL_H

#include <hrl/task.h>

#include "base/error.h"

hrl_status hrlp_call_reset(const hrl_task *task, const hrl_task_batch *batch,
                           hrl_error *error);
hrl_status hrlp_call_observe(const hrl_task *task, const hrl_task_batch *batch,
                             float *observations, hrl_error *error);
/* Textbook goals and actions, within their bounds; their middles where the task has none.
 */
hrl_status hrlp_call_choose_goals(const hrl_task *task, const hrl_task_batch *batch,
                                  double *goals, hrl_error *error);
hrl_status hrlp_call_choose_actions(const hrl_task *task, const hrl_task_batch *batch,
                                    const double *goals, double *actions,
                                    hrl_error *error);
/* Actions of a rule, or with `number` HRLP_OPTIMUM of the optimum, within their bounds.
 */
#define HRLP_OPTIMUM ((size_t)-1)
hrl_status hrlp_call_rule(const hrl_task *task, size_t number,
                          const hrl_task_batch *batch, double *actions, hrl_error *error);
/* `ends` tells what the last step came to; NULL before the first. */
hrl_status hrlp_call_potential(const hrl_task *task, const hrl_task_batch *batch,
                               const uint8_t *ends, double *potentials, hrl_error *error);
/* `result` is cleared before. */
hrl_status hrlp_call_step(const hrl_task *task, const hrl_task_batch *batch,
                          const double *goals, const double *actions,
                          hrl_task_result *result, hrl_error *error);

/* A value's place between its bounds, 0..1, and the value at a place, which may lie
 * beyond. */
double hrlp_quantity_place(const hrl_task_quantity *quantity, double value);
double hrlp_quantity_value(const hrl_task_quantity *quantity, double place);

#endif
