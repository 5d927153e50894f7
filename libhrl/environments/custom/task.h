/* custom/task.h - a program's own task, made ready to be played. */
#ifndef HRLP_CUSTOM_TASK_H
#define HRLP_CUSTOM_TASK_H

#include "environments/environment.h"
#include "scenario/definition.h"

/* What stands before an executor's observation: what both agents see; behind it are the
 * goal and the share of the period for which that still holds. */
struct hrlp_custom_task {
  struct hrlp_task task;
  struct hrlp_environment environment; /* the table, with this task's sizes */
  struct hrlp_definition *definition;  /* shared */
  float *example; /* [2, executor's observations] of both agents, see storage/example.h */
};

extern const struct hrlp_environment hrlp_custom;

static inline const hrl_task *hrlp_custom_definition(const struct hrlp_task *task) {
  return hrlp_definition_task(((const struct hrlp_custom_task *)task)->definition);
}

#endif
