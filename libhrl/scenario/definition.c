#include "scenario/definition.h"

#include <ctype.h>
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenario/content.h"

#define QUANTITY_NAME_MAX 40
#define RULES_MAX 1000000

struct hrlp_definition {
  atomic_size_t holders;
  hrl_task task; /* its texts and bounds are the definition's own */
  hrl_task_quantity goal[HRL_TASK_GOALS_MAX];
  hrl_task_quantity action[HRL_TASK_ACTIONS_MAX];
};

/* What a program of another version of the header gave, with zeros where it ends. */
static bool read_task(const hrl_task *given, hrl_task *task) {
  *task = (hrl_task){0};
  if (given == NULL || given->size < offsetof(hrl_task, choose_goals)) return false;
  memcpy(task, given, given->size < sizeof *task ? given->size : sizeof *task);
  return true;
}

static hrl_status check_size(const char *name, const char *what, size_t found,
                             size_t most, hrl_error *error) {
  if (found >= 1 && found <= most) return HRL_OK;
  return hrlp_fail(error, found == 0 ? HRL_ERROR_ARGUMENT : HRL_ERROR_LIMIT,
                   "task '%s': %s is %zu, expected 1 to %zu", name, what, found, most);
}

static bool is_name(const char *name) {
  size_t length = name == NULL ? 0 : strlen(name);
  for (size_t i = 0; i < length; i++)
    if (!isalnum((unsigned char)name[i]) && name[i] != '_') return false;
  return length > 0 && length <= QUANTITY_NAME_MAX;
}

static hrl_status check_quantities(const char *name, const char *what,
                                   const hrl_task_quantity *quantities, size_t count,
                                   hrl_error *error) {
  if (quantities == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "task '%s': %s is NULL, expected the names and bounds of %zu "
                     "number(s)",
                     name, what, count);
  for (size_t i = 0; i < count; i++) {
    const hrl_task_quantity *quantity = &quantities[i];
    if (!is_name(quantity->name))
      return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                       "task '%s': %s[%zu].name: expected at most %d letters, digits "
                       "and '_'",
                       name, what, i, QUANTITY_NAME_MAX);
    for (size_t j = 0; j < i; j++)
      if (strcmp(quantities[j].name, quantity->name) == 0)
        return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                         "task '%s': %s[%zu] and %s[%zu] are both called '%s'", name,
                         what, j, what, i, quantity->name);
    if (!isfinite(quantity->minimum) || !isfinite(quantity->maximum) ||
        !isfinite(quantity->maximum - quantity->minimum) ||
        !(quantity->minimum < quantity->maximum))
      return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                       "task '%s': %s '%s' lies within %g and %g, expected finite bounds "
                       "with the smaller one first",
                       name, what, quantity->name, quantity->minimum, quantity->maximum);
  }
  return HRL_OK;
}

static hrl_status check_functions(const hrl_task *task, hrl_error *error) {
  const char *missing = task->reset == NULL     ? "reset"
                        : task->observe == NULL ? "observe"
                        : task->step == NULL    ? "step"
                                                : NULL;
  if (missing != NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "task '%s': %s is NULL, expected a function", task->name, missing);
  if (task->rules > RULES_MAX)
    return hrlp_fail(error, HRL_ERROR_LIMIT,
                     "task '%s': rules is %zu, expected at most %d", task->name,
                     task->rules, RULES_MAX);
  if ((task->rules > 0) != (task->rule != NULL))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "task '%s': rules is %zu and rule is %s; expected both or neither",
                     task->name, task->rules, task->rule == NULL ? "NULL" : "a function");
  if (task->optimum_return != NULL && task->optimum == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "task '%s': optimum_return without optimum", task->name);
  return HRL_OK;
}

hrl_status hrlp_definition_check(const hrl_task *given, hrl_error *error) {
  hrl_task task;
  char name[HRL_NAME_SIZE];
  if (!read_task(given, &task))
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a task: expected an hrl_task with size set to sizeof(hrl_task)");
  if (task.name == NULL || hrl_name_sanitize(task.name, name, NULL) != HRL_OK ||
      strcmp(name, task.name) != 0)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "a task's name: expected ASCII letters, digits, '_', '-' and '.' "
                     "that can name files, not '%.100s'",
                     task.name == NULL ? "" : task.name);
  hrl_status status = check_size(name, "steps", task.steps, HRL_TASK_STEPS_MAX, error);
  if (status == HRL_OK)
    status = check_size(name, "observations", task.observations,
                        HRL_TASK_OBSERVATIONS_MAX, error);
  if (status == HRL_OK)
    status = check_size(name, "goals", task.goals, HRL_TASK_GOALS_MAX, error);
  if (status == HRL_OK)
    status = check_size(name, "actions", task.actions, HRL_TASK_ACTIONS_MAX, error);
  if (status == HRL_OK)
    status = check_size(name, "state_size", task.state_size, HRL_TASK_STATE_MAX, error);
  if (status == HRL_OK)
    status = check_quantities(name, "goal", task.goal, task.goals, error);
  if (status == HRL_OK)
    status = check_quantities(name, "action", task.action, task.actions, error);
  return status == HRL_OK ? check_functions(&task, error) : status;
}

static bool copy_quantities(const hrl_task_quantity *from, size_t count,
                            hrl_task_quantity *to) {
  bool copied = true;
  for (size_t i = 0; i < count; i++) {
    to[i] = from[i];
    to[i].name = hrlp_copy_text(from[i].name);
    copied = copied && to[i].name != NULL;
  }
  return copied;
}

static void free_quantities(hrl_task_quantity *quantities, size_t count) {
  for (size_t i = 0; i < count; i++) free((char *)(uintptr_t)quantities[i].name);
}

hrl_status hrlp_definition_create(const hrl_task *given, struct hrlp_definition **result,
                                  hrl_error *error) {
  *result = NULL;
  hrl_status status = hrlp_definition_check(given, error);
  if (status != HRL_OK) return status;
  struct hrlp_definition *made = calloc(1, sizeof *made);
  if (made == NULL) return hrlp_fail_memory(error, "a task");
  read_task(given, &made->task);
  hrl_task *task = &made->task;
  atomic_store(&made->holders, 1);
  bool goals = copy_quantities(task->goal, task->goals, made->goal);
  bool actions = copy_quantities(task->action, task->actions, made->action);
  task->name = hrlp_copy_text(task->name);
  task->goal = made->goal;
  task->action = made->action;
  if (task->name == NULL || !goals || !actions) {
    hrlp_definition_release(made);
    return hrlp_fail_memory(error, "a task");
  }
  *result = made;
  return HRL_OK;
}

struct hrlp_definition *hrlp_definition_share(struct hrlp_definition *definition) {
  if (definition != NULL) atomic_fetch_add(&definition->holders, 1);
  return definition;
}

void hrlp_definition_release(struct hrlp_definition *definition) {
  if (definition == NULL || atomic_fetch_sub(&definition->holders, 1) > 1) return;
  free_quantities(definition->goal, definition->task.goals);
  free_quantities(definition->action, definition->task.actions);
  free((char *)(uintptr_t)definition->task.name);
  free(definition);
}

const hrl_task *hrlp_definition_task(const struct hrlp_definition *definition) {
  return &definition->task;
}

static bool quantities_equal(const hrl_task_quantity *a, const hrl_task_quantity *b,
                             size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(a[i].name, b[i].name) != 0 || a[i].minimum != b[i].minimum ||
        a[i].maximum != b[i].maximum)
      return false;
  return true;
}

bool hrlp_definition_equals(const struct hrlp_definition *a,
                            const struct hrlp_definition *b) {
  if (a == NULL || b == NULL) return a == b;
  const hrl_task *x = &a->task;
  const hrl_task *y = &b->task;
  return strcmp(x->name, y->name) == 0 && x->version == y->version &&
         x->steps == y->steps && x->observations == y->observations &&
         x->goals == y->goals && x->actions == y->actions &&
         quantities_equal(x->goal, y->goal, x->goals) &&
         quantities_equal(x->action, y->action, x->actions);
}

void hrlp_scenario_kind(const struct hrl_scenario *scenario, char kind[HRLP_KIND_SIZE]) {
  if (scenario->definition == NULL) {
    snprintf(kind, HRLP_KIND_SIZE, "the model '%s'", hrl_scenario_model(scenario));
    return;
  }
  const hrl_task *task = &scenario->definition->task;
  snprintf(kind, HRLP_KIND_SIZE, "the task '%s', version %u", task->name,
           (unsigned)task->version);
}

hrl_status hrlp_scenario_check_household(const struct hrl_scenario *scenario,
                                         const char *function, hrl_error *error) {
  if (scenario->definition == NULL) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_MISMATCH,
                   "%s applies to households; '%s' is a program's own task", function,
                   scenario->definition->task.name);
}
