/* custom/play.h - a program's own task, played by its rules and its optimum. */
#ifndef HRLP_CUSTOM_PLAY_H
#define HRLP_CUSTOM_PLAY_H

#include "environments/environment.h"

/* The functions of environment.h. A rule's number is its plan's first parameter. */
size_t hrlp_custom_rules(const struct hrlp_task *task);
void hrlp_custom_rule(const struct hrlp_task *task, size_t number,
                      struct hrlp_plan *plan);
hrl_status hrlp_custom_solve(const struct hrlp_task *task, struct hrlp_plan *plan,
                             double *value, hrl_error *error);
void hrlp_custom_unsolve(struct hrlp_plan *plan);
size_t hrlp_custom_plan_size(const struct hrlp_task *task, size_t count);
void hrlp_custom_plan_play(const struct hrlp_task *task, const struct hrlp_plan *plan,
                           const struct hrlp_plan_request *request);

#endif
