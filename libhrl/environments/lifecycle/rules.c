#include "environments/lifecycle/rules.h"

#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "environments/lifecycle/figures.h"
#include "environments/lifecycle/household.h"
#include "environments/lifecycle/optimum.h"
#include "environments/lifecycle/task.h"

static const double targets[] = {0, 2, 4, 8, 16}; /* months of income */
static const double buffers[] = {0, 3, 6};
#define SAVES 10 /* 0, 0.1 ... 0.9 */
#define SHARES 6 /* 0, 0.2 ... 1 */
#define TARGETS 5
#define BUFFERS 3
/* no share, or each other one with each buffer */
#define PORTFOLIOS (1 + (SHARES - 1) * BUFFERS)

static bool has_work(const struct hrlp_lifecycle_forecast *forecast) {
  return forecast->config.income >= 1e-3;
}

size_t hrlp_lifecycle_rule_count(const struct hrlp_task *task) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  size_t portfolios = forecast->has_risk ? PORTFOLIOS : 1;
  return has_work(forecast) ? portfolios * SAVES * TARGETS : portfolios;
}

void hrlp_lifecycle_rule(const struct hrlp_task *task, size_t number,
                         struct hrlp_plan *plan) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  size_t portfolios = forecast->has_risk ? PORTFOLIOS : 1;
  size_t portfolio = number % portfolios;
  number /= portfolios;
  *plan = (struct hrlp_plan){.optimum = NULL};
  if (portfolio > 0) {
    size_t held = (portfolio - 1) / BUFFERS + 1;
    plan->parameters[1] = (double)held / (SHARES - 1);
    plan->parameters[2] = buffers[(portfolio - 1) % BUFFERS];
  }
  if (!has_work(forecast)) return;
  plan->parameters[0] = (double)(number % SAVES) / SAVES;
  plan->parameters[3] = targets[number / SAVES];
}

hrl_status hrlp_lifecycle_solve(const struct hrlp_task *task, struct hrlp_plan *plan,
                                double *value, hrl_error *error) {
  *plan = (struct hrlp_plan){.optimum = NULL};
  struct hrlp_lifecycle_optimum *optimum = hrlp_alloc(1, sizeof *optimum);
  if (optimum == NULL) return hrlp_fail_memory(error, "the optimum");
  hrl_status status =
      hrlp_lifecycle_optimum_create(optimum, hrlp_lifecycle_forecast_of(task), error);
  if (status != HRL_OK) {
    hrlp_free(optimum);
    return status;
  }
  plan->optimum = optimum;
  *value = optimum->value;
  return HRL_OK;
}

void hrlp_lifecycle_unsolve(struct hrlp_plan *plan) {
  if (plan->optimum == NULL) return;
  hrlp_lifecycle_optimum_destroy(plan->optimum);
  hrlp_free(plan->optimum);
  plan->optimum = NULL;
}

/* One household that follows a plan. */
struct follower {
  struct hrlp_life life;
  struct hrlp_life_sums sums;
};

size_t hrlp_lifecycle_plan_size(const struct hrlp_task *task, size_t count) {
  (void)task;
  return count * (sizeof(struct follower) + sizeof(struct hrlp_life *));
}

static void follow_rule(const struct hrlp_lifecycle_forecast *forecast,
                        const struct hrlp_life *life, const struct hrlp_plan *plan,
                        double *consumption, double *share) {
  const struct hrlp_lifecycle_config *config = &forecast->config;
  double price = forecast->price[life->month];
  double cash = life->cash_on_hand;
  double income = config->income * price;
  double net = hrlp_max(life->income - life->expenses, 0.0);
  double before = hrlp_max(cash - net, 0.0);
  bool idle = hrlp_lifecycle_retired(config, life->month) || !has_work(forecast);
  double left =
      (double)(forecast->months - life->month + 1 + forecast->utility.bequest_months);
  double spent = (1.0 - plan->parameters[0]) * net;
  if (idle)
    spent += before / left;
  else if (plan->parameters[3] > 0.0)
    spent += hrlp_max(before - plan->parameters[3] * income, 0.0) / 12.0;
  if (!idle) spent = hrlp_max(spent, hrlp_min(cash, 0.25 * income));
  double rest = hrlp_max(cash - spent, 0.0);
  double free = hrlp_max(rest - plan->parameters[2] * income, 0.0);
  *consumption = spent;
  *share = rest > 1e-9 ? plan->parameters[1] * free / rest : 0.0;
}

static void follow(const struct hrlp_lifecycle_forecast *forecast,
                   const struct hrlp_plan *plan, const struct hrlp_observer *observer,
                   struct follower *follower) {
  struct hrlp_life *life = &follower->life;
  double consumption;
  double share;
  if (plan->optimum != NULL)
    hrlp_lifecycle_optimum_decide(plan->optimum, life->month, life->cash_on_hand,
                                  life->job, life->level, &consumption, &share);
  else
    follow_rule(forecast, life, plan, &consumption, &share);
  double cash = life->cash_on_hand;
  hrlp_life_decide(forecast, life, consumption, share);
  double shares[3] = {life->portfolio / cash, life->cash / cash,
                      life->consumption / cash};
  hrlp_life_count(forecast, life, shares, NAN, &follower->sums);
  if (observer->function == NULL) return;
  hrl_trajectory_month month = {.size = sizeof month, .episode = life->episode};
  hrlp_life_tell(forecast, life, shares, &month);
  observer->function(observer->context, &month);
}

void hrlp_lifecycle_plan_play(const struct hrlp_task *task, const struct hrlp_plan *plan,
                              const struct hrlp_plan_request *request) {
  const struct hrlp_lifecycle_forecast *forecast = hrlp_lifecycle_forecast_of(task);
  const size_t count = request->count;
  struct follower *followers = request->memory;
  struct hrlp_life **lives = (void *)(followers + count);
  for (size_t i = 0; i < count; i++) {
    followers[i].sums = (struct hrlp_life_sums){0};
    lives[i] = &followers[i].life;
    hrlp_life_begin(forecast, request->seed, request->first_episode + i, lives[i]);
  }
  for (int64_t t = task->first_month; t <= forecast->months; t++) {
    for (size_t i = 0; i < count; i++)
      follow(forecast, plan, &request->observer, &followers[i]);
    if (t < forecast->months) hrlp_life_advance(forecast, request->seed, lives, count);
  }
  for (size_t i = 0; i < count; i++)
    hrlp_life_close(forecast, &followers[i].life, &followers[i].sums,
                    &request->episodes[i]);
}
