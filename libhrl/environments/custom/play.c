#include "environments/custom/play.h"

#include <math.h>

#include "base/memory.h"
#include "environments/custom/batch.h"
#include "environments/custom/call.h"

size_t hrlp_custom_rules(const struct hrlp_task *task) {
  return hrlp_custom_definition(task)->rules;
}

void hrlp_custom_rule(const struct hrlp_task *task, size_t number,
                      struct hrlp_plan *plan) {
  (void)task;
  *plan = (struct hrlp_plan){.parameters = {(double)number}};
}

hrl_status hrlp_custom_solve(const struct hrlp_task *task, struct hrlp_plan *plan,
                             double *value, hrl_error *error) {
  const hrl_task *own = hrlp_custom_definition(task);
  if (own->optimum == NULL)
    return hrlp_fail(error, HRL_ERROR_ARGUMENT,
                     "the task '%s' has no optimum; set its function `optimum`",
                     own->name);
  /* whatever it needs, the program has made before */
  *plan = (struct hrlp_plan){.optimum = (void *)(uintptr_t)own};
  *value = own->optimum_return == NULL ? NAN : own->optimum_return(own->data);
  return HRL_OK;
}

void hrlp_custom_unsolve(struct hrlp_plan *plan) { plan->optimum = NULL; }

/* Behind the batch: the rows that go on, and which have finished. */
size_t hrlp_custom_plan_size(const struct hrlp_task *task, size_t count) {
  return hrlp_custom_batch_size(task, count) + hrlp_padded_bytes(count * sizeof(size_t)) +
         hrlp_padded_bytes(count);
}

/* The actions of a plan for all that go on, under the goals of the textbook. */
static void choose(struct hrlp_custom_batch *batch, const struct hrlp_plan *plan) {
  const hrl_task *task = hrlp_custom_definition(batch->batch.task);
  size_t number = plan->optimum != NULL ? HRLP_OPTIMUM : (size_t)plan->parameters[0];
  if (batch->error.status != HRL_OK) return;
  if (hrlp_call_choose_goals(task, &batch->view, batch->goals, &batch->error) == HRL_OK)
    hrlp_call_rule(task, number, &batch->view, batch->actions, &batch->error);
}

static void tell(const struct hrlp_plan_request *request, const struct hrlp_batch *batch,
                 size_t i) {
  hrl_trajectory_month seen = {.size = sizeof seen,
                               .episode = request->first_episode + i};
  if (request->observer.function == NULL) return;
  hrlp_custom_month(batch, i, &seen);
  request->observer.function(request->observer.context, &seen);
}

void hrlp_custom_plan_play(const struct hrlp_task *task, const struct hrlp_plan *plan,
                           const struct hrlp_plan_request *request) {
  size_t count = request->count;
  uint8_t *memory = request->memory;
  size_t *rows = (void *)(memory + hrlp_custom_batch_size(task, count));
  uint8_t *finished = (uint8_t *)rows + hrlp_padded_bytes(count * sizeof(size_t));
  struct hrlp_batch *base = hrlp_custom_batch_lay(
      task, memory, count,
      &(struct hrlp_batch_options){.seed = request->seed, .period = 1});
  struct hrlp_custom_batch *batch = (struct hrlp_custom_batch *)base;
  hrlp_custom_reset(base, request->first_episode);
  for (size_t i = 0; i < count; i++) rows[i] = i;
  for (size_t alive = count, still = 0; alive > 0; alive = still, still = 0) {
    hrlp_custom_gather(batch, rows, alive);
    choose(batch, plan);
    hrlp_custom_advance(batch, rows, finished);
    for (size_t row = 0; row < alive; row++) {
      size_t i = rows[row];
      tell(request, base, i);
      if (finished[row])
        hrlp_custom_episode(base, i, &request->episodes[i]);
      else
        rows[still++] = i;
    }
  }
  if (batch->error.status != HRL_OK && request->error != NULL)
    *request->error = batch->error;
}
