#include "environments/budget/rules.h"

#include <math.h>

#include "base/memory.h"
#include "environments/budget/task.h"
#include "environments/budget/figures.h"
#include "environments/budget/optimum.h"

size_t hrlp_budget_rule_count(const struct hrlp_task *task) {
  (void)task;
  return HRLP_BUDGET_RULES;
}

void hrlp_budget_rule(const struct hrlp_task *task, size_t number,
                      struct hrlp_plan *plan) {
  (void)task;
  *plan = (struct hrlp_plan){.parameters = {(double)number / 100.0}};
}

hrl_status hrlp_budget_solve(const struct hrlp_task *task, struct hrlp_plan *plan,
                             double *value, hrl_error *error) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(task);
  *plan = (struct hrlp_plan){0};
  struct hrlp_budget_optimum *optimum = hrlp_alloc(1, sizeof *optimum);
  if (optimum == NULL) return hrlp_fail_memory(error, "the optimum");
  hrl_status status = hrlp_budget_optimum_solve(optimum, &forecast->environment,
                                                &forecast->reward, error);
  if (status != HRL_OK) {
    hrlp_free(optimum);
    return status;
  }
  *value = optimum->strategic_return;
  plan->optimum = optimum;
  return HRL_OK;
}

void hrlp_budget_unsolve(struct hrlp_plan *plan) {
  if (plan->optimum != NULL) hrlp_budget_optimum_destroy(plan->optimum);
  hrlp_free(plan->optimum);
  plan->optimum = NULL;
}

/* The arrays that a plan is played in, of `count` entries each. */
struct workspace {
  double *reward, *wealth_change, *invest;
  struct hrlp_episode_sums *sums;
  uint8_t *active, *insolvent, *finished;
};

size_t hrlp_budget_plan_size(const struct hrlp_task *task, size_t count) {
  (void)task;
  return hrlp_padded_bytes(hrlp_household_memory(count)) +
         3 * hrlp_padded_bytes(count * sizeof(double)) +
         hrlp_padded_bytes(count * sizeof(struct hrlp_episode_sums)) +
         3 * hrlp_padded_bytes(count);
}

/* Every array begins on a 64-byte boundary, after the household's own. */
static void lay(struct workspace *workspace, void *memory, size_t count) {
  uint8_t *next = (uint8_t *)memory + hrlp_padded_bytes(hrlp_household_memory(count));
  double **numbers[] = {&workspace->reward, &workspace->wealth_change,
                        &workspace->invest};
  uint8_t **flags[] = {&workspace->active, &workspace->insolvent, &workspace->finished};
  for (size_t k = 0; k < 3; k++, next += hrlp_padded_bytes(count * sizeof(double)))
    *numbers[k] = (void *)next;
  workspace->sums = (void *)next;
  next += hrlp_padded_bytes(count * sizeof *workspace->sums);
  for (size_t k = 0; k < 3; k++, next += hrlp_padded_bytes(count)) *flags[k] = next;
}

/* Tells of household i's month. */
static void tell(const struct hrlp_observer *observer, const struct hrlp_household *batch,
                 const struct workspace *at, size_t i) {
  hrl_trajectory_month month = {
      .size = sizeof month,
      .episode = batch->episode[i],
      .allocation = {.invest = at->invest[i], .consume = 1.0 - at->invest[i]},
      .reward = at->reward[i],
      .insolvent = at->insolvent[i] != 0,
  };
  hrlp_household_tell(batch, i, &month);
  observer->function(observer->context, &month);
}

void hrlp_budget_plan_play(const struct hrlp_task *task, const struct hrlp_plan *plan,
                           const struct hrlp_plan_request *request) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(task);
  const struct hrlp_budget_config *config = &forecast->environment;
  const size_t count = request->count;
  struct workspace at;
  struct hrlp_household batch;
  lay(&at, request->memory, count);
  struct hrlp_month month = {at.reward, at.wealth_change, at.insolvent, at.finished};
  hrlp_household_attach(&batch, request->memory, count, config, &forecast->reward,
                        request->seed);
  for (size_t i = 0; i < count; i++) {
    hrlp_household_reset(&batch, i, request->first_episode + i);
    at.sums[i] = (struct hrlp_episode_sums){0};
    at.active[i] = 1;
    at.invest[i] = plan->parameters[0];
  }
  size_t alive = count;
  for (int64_t t = task->first_month - 1; alive > 0; t++) {
    for (size_t i = 0; plan->optimum != NULL && i < count; i++)
      at.invest[i] = hrlp_budget_optimum_share(plan->optimum, config, t, batch.cash[i]);
    hrlp_household_step(&batch, 0, count, at.active, at.invest, &month);
    for (size_t i = 0; i < count; i++) {
      if (!at.active[i]) continue;
      double shares[3] = {at.invest[i], 0.0, 1.0 - at.invest[i]};
      hrlp_episode_add(&at.sums[i], at.reward[i], at.wealth_change[i], batch.cash[i],
                       shares, NAN);
      if (request->observer.function != NULL) tell(&request->observer, &batch, &at, i);
      if (!at.finished[i]) continue;
      at.active[i] = 0;
      alive--;
      request->episodes[i] =
          hrlp_episode_close(&at.sums[i], forecast->reward.lambda, forecast->reward.mu,
                             batch.cash[i], batch.invested[i], batch.portfolio[i]);
    }
  }
}
