#include "environments/budget/batch.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "environments/budget/task.h"
#include "environments/budget/features.h"
#include "environments/budget/figures.h"

/* What a household has seen of the period in hand. */
struct period {
  double cash, spent, expected, start_cash;
  int64_t months;
};

/* What one household is to its agents, besides the month's own arrays. */
struct player {
  struct hrlp_budget_state state;  /* after the month behind */
  struct hrlp_budget_state before; /* before it */
  hrl_goal goal;
  double shares[3]; /* invest, save, consume */
  struct period period;
  struct hrlp_episode_sums sums;
  struct node {
    double cash, variable;
    bool finished;
  } nodes[HRLP_BUDGET_NODES]; /* that the month behind could have ended in */
};

/* Nodes and weights of Gauss and Hermite for a standard normal number. */
static const double node_normals[HRLP_BUDGET_NODES] = {
    -2.8569700138728056, -1.3556261799742659, 0.0, 1.3556261799742659,
    2.8569700138728056};
static const double node_weights[HRLP_BUDGET_NODES] = {
    0.011257411327720688, 0.22207592200561266, 0.53333333333333333, 0.22207592200561266,
    0.011257411327720688};

struct budget_batch {
  struct hrlp_batch batch;
  struct hrlp_batch_options options;
  struct hrlp_household household;
  struct hrlp_month month;
  double *invest;  /* [N] */
  uint8_t *active; /* [N] 0: its episode is over */
  struct player *players;
};

size_t hrlp_budget_batch_size(const struct hrlp_task *task, size_t count) {
  (void)task;
  return hrlp_padded_bytes(sizeof(struct budget_batch)) +
         hrlp_padded_bytes(hrlp_household_memory(count)) +
         3 * hrlp_padded_bytes(count * sizeof(double)) + 3 * hrlp_padded_bytes(count) +
         hrlp_padded_bytes(count * sizeof(struct player));
}

struct hrlp_batch *hrlp_budget_batch_lay(const struct hrlp_task *task, void *memory,
                                         size_t count,
                                         const struct hrlp_batch_options *options) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(task);
  struct budget_batch *batch = memory;
  uint8_t *next = (uint8_t *)memory + hrlp_padded_bytes(sizeof *batch);
  *batch = (struct budget_batch){.batch = {task, count}, .options = *options};
  hrlp_household_attach(&batch->household, next, count, &forecast->environment,
                        &forecast->reward, options->seed);
  next += hrlp_padded_bytes(hrlp_household_memory(count));
  double **numbers[] = {&batch->month.reward, &batch->month.wealth_change,
                        &batch->invest};
  uint8_t **flags[] = {&batch->month.insolvent, &batch->month.finished, &batch->active};
  /* every part begins on a 64-byte boundary */
  for (size_t k = 0; k < 3; k++, next += hrlp_padded_bytes(count * sizeof(double)))
    *numbers[k] = (void *)next;
  for (size_t k = 0; k < 3; k++, next += hrlp_padded_bytes(count)) *flags[k] = next;
  batch->players = (void *)next;
  return &batch->batch;
}

static struct budget_batch *own(struct hrlp_batch *batch) {
  return (struct budget_batch *)batch;
}

static void read_state(struct budget_batch *batch, size_t i) {
  const struct hrlp_household *household = &batch->household;
  struct hrlp_budget_state *state = &batch->players[i].state;
  state->month = household->month[i];
  state->cash = household->cash[i];
  state->portfolio = household->portfolio[i];
  state->fixed = household->fixed[i];
  state->variable = household->variable[i];
}

void hrlp_budget_reset(struct hrlp_batch *base, uint64_t first_episode) {
  struct budget_batch *batch = own(base);
  for (size_t i = 0; i < base->count; i++) {
    hrlp_household_reset(&batch->household, i, first_episode + i);
    batch->players[i] = (struct player){0};
    batch->active[i] = 1;
    read_state(batch, i);
  }
}

/* What the strategist remembers of the period behind. */
static void close_period(struct player *player) {
  struct period *period = &player->period;
  struct hrlp_budget_state *state = &player->state;
  double months = period->months > 0 ? (double)period->months : 1.0;
  state->average_cash = period->months > 0 ? period->cash / months : state->cash;
  state->average_change =
      period->months > 0 ? (state->cash - period->start_cash) / months : 0.0;
  state->spending_trend =
      period->expected > 0.0 ? period->spent / period->expected - 1.0 : 0.0;
  *period = (struct period){.start_cash = state->cash};
}

void hrlp_budget_observe_strategist(struct hrlp_batch *base, const size_t *rows,
                                    size_t count, float *observations, float *offsets) {
  struct budget_batch *batch = own(base);
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(base->task);
  for (size_t row = 0; row < count; row++) {
    struct player *player = &batch->players[rows[row]];
    close_period(player);
    hrlp_budget_strategist_observe(
        forecast, &player->state, batch->options.period,
        observations + row * HRLP_BUDGET_STRATEGIST_OBSERVATIONS,
        offsets + row * HRLP_BUDGET_STRATEGIST_ACTIONS);
  }
}

void hrlp_budget_set_goals(struct hrlp_batch *base, const size_t *rows, size_t count,
                           const float *actions) {
  struct budget_batch *batch = own(base);
  for (size_t row = 0; row < count; row++)
    batch->players[rows[row]].goal = hrlp_budget_goal_from_action(
        hrlp_budget_forecast(base->task), actions + row * HRLP_BUDGET_STRATEGIST_ACTIONS);
}

void hrlp_budget_observe_executor(struct hrlp_batch *base, const size_t *rows,
                                  size_t count, int64_t months_to_next_goal,
                                  float *observations, float *offsets) {
  struct budget_batch *batch = own(base);
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(base->task);
  for (size_t row = 0; row < count; row++) {
    const struct player *player = &batch->players[rows[row]];
    hrlp_budget_executor_observe(forecast, &player->state, &player->goal,
                                 months_to_next_goal, batch->options.period,
                                 observations + row * HRLP_BUDGET_EXECUTOR_OBSERVATIONS,
                                 offsets + row * HRLP_BUDGET_EXECUTOR_ACTIONS);
  }
}

/* The month that household i just lived, with other variable expenses. Returns are as
 * they were drawn. */
static struct hrlp_transition make_transition(const struct budget_batch *batch, size_t i,
                                              double variable) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(batch->batch.task);
  const struct hrlp_budget_state *before = &batch->players[i].before;
  const struct hrlp_budget_state *after = &batch->players[i].state;
  double invested = batch->invest[i] * forecast->environment.income;
  double expenses = after->fixed + variable;
  double cash = before->cash + forecast->environment.income - expenses - invested;
  return (struct hrlp_transition){
      .month = before->month,
      .reward = hrlp_household_reward(&forecast->environment, &forecast->reward, invested,
                                      cash, expenses),
      .wealth_change = cash + after->portfolio - before->cash - before->portfolio,
      .cash_before = before->cash,
      .portfolio_before = before->portfolio,
      .cash_after = cash,
      .portfolio_after = after->portfolio,
      .fixed = after->fixed,
      .variable = variable,
      .invested = invested,
      .finished = cash < 0.0 || after->month >= forecast->months};
}

/* The expected reward over the nodes, which are kept for nodes_observe. */
static double expect_reward(struct budget_batch *batch, size_t i) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(batch->batch.task);
  const struct hrlp_budget_config *config = &forecast->environment;
  struct player *player = &batch->players[i];
  double expected = 0.0;
  for (size_t k = 0; k < HRLP_BUDGET_NODES; k++) {
    double variable = hrlp_positive_part(config->variable_expense_mean +
                                         config->variable_expense_std * node_normals[k]) *
                      forecast->price[player->state.month];
    struct hrlp_transition transition = make_transition(batch, i, variable);
    player->nodes[k] =
        (struct node){transition.cash_after, variable, transition.finished};
    expected += node_weights[k] * hrlp_forecast_shape(forecast, &transition);
  }
  return expected;
}

/* Both agents' rewards for the month that household i just lived. */
static void reward_month(struct budget_batch *batch, size_t i, double *strategist,
                         double *executor) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(batch->batch.task);
  const struct player *player = &batch->players[i];
  struct hrlp_transition transition = make_transition(batch, i, player->state.variable);
  /* as they were lived, to the last bit */
  transition.reward = batch->month.reward[i];
  transition.wealth_change = batch->month.wealth_change[i];
  transition.cash_after = player->state.cash;
  transition.finished = batch->month.finished[i] != 0;
  /* following the goal, priced in what the same share of income earns when invested */
  double distance =
      fabs(batch->invest[i] -
           hrlp_budget_goal_share(forecast, &player->before, &player->goal));
  double unit = forecast->reward.alpha * forecast->environment.income / 1000.0;
  double price = batch->options.goal_weight * (1.0 - player->goal.aggressiveness) * unit;
  *strategist = hrlp_forecast_shape(forecast, &transition);
  *executor = expect_reward(batch, i) - price * distance;
}

void hrlp_budget_observe_nodes(struct hrlp_batch *base, const size_t *rows, size_t count,
                               int64_t months_to_next_goal, float *observations,
                               float *weights) {
  struct budget_batch *batch = own(base);
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(base->task);
  float offset[HRLP_BUDGET_EXECUTOR_ACTIONS];
  for (size_t row = 0; row < count; row++) {
    const struct player *player = &batch->players[rows[row]];
    struct hrlp_budget_state state = player->state;
    float first[HRLP_BUDGET_EXECUTOR_OBSERVATIONS]; /* cash is all that differs */
    hrlp_budget_executor_observe(forecast, &state, &player->goal, months_to_next_goal,
                                 batch->options.period, first, offset);
    for (size_t k = 0; k < HRLP_BUDGET_NODES; k++) {
      const struct node *node = &player->nodes[k];
      size_t at = row * HRLP_BUDGET_NODES + k;
      float *observed = observations + at * HRLP_BUDGET_EXECUTOR_OBSERVATIONS;
      weights[at] = node->finished ? 0.0f : (float)node_weights[k];
      memcpy(observed, first, sizeof first);
      if (node->finished) continue; /* whatever it is worth does not count */
      state.cash = node->cash;
      state.variable = node->variable;
      hrlp_budget_executor_move_cash(forecast, &state, &player->goal, observed);
    }
  }
}

/* What is counted of the month that household i just lived. */
static void count_month(struct budget_batch *batch, size_t i) {
  const struct hrlp_forecast *forecast = hrlp_budget_forecast(batch->batch.task);
  struct player *player = &batch->players[i];
  player->before = player->state;
  hrlp_budget_allocation(forecast, &player->before, batch->invest[i], player->shares);
  read_state(batch, i);
  const struct hrlp_budget_state *after = &player->state;
  struct period *period = &player->period;
  period->cash += after->cash;
  period->spent += after->variable;
  period->expected +=
      forecast->environment.variable_expense_mean * forecast->price[after->month];
  period->months++;
  hrlp_episode_add(&player->sums, batch->month.reward[i], batch->month.wealth_change[i],
                   after->cash, player->shares, player->goal.target_invest_ratio);
}

void hrlp_budget_step(struct hrlp_batch *base, const size_t *rows, size_t count,
                      const float *actions, const struct hrlp_rewards *rewards,
                      uint8_t *finished) {
  struct budget_batch *batch = own(base);
  for (size_t row = 0; row < count; row++)
    batch->invest[rows[row]] =
        hrlp_budget_share_from_action(actions + row * HRLP_BUDGET_EXECUTOR_ACTIONS);
  hrlp_household_step(&batch->household, 0, base->count, batch->active, batch->invest,
                      &batch->month);
  for (size_t row = 0; row < count; row++) {
    size_t i = rows[row];
    count_month(batch, i);
    if (rewards != NULL)
      reward_month(batch, i, &rewards->strategist[row], &rewards->executor[row]);
    finished[row] = batch->month.finished[i];
    if (finished[row]) batch->active[i] = 0;
  }
}

void hrlp_budget_month(const struct hrlp_batch *base, size_t i,
                       hrl_trajectory_month *month) {
  const struct budget_batch *batch = (const struct budget_batch *)base;
  const struct player *player = &batch->players[i];
  month->goal = player->goal;
  month->allocation =
      (hrl_allocation){player->shares[0], player->shares[1], player->shares[2]};
  month->reward = batch->month.reward[i];
  month->insolvent = batch->month.insolvent[i] != 0;
  hrlp_household_tell(&batch->household, i, month);
}

void hrlp_budget_episode(const struct hrlp_batch *base, size_t i,
                         struct hrlp_episode *episode) {
  const struct budget_batch *batch = (const struct budget_batch *)base;
  const struct hrlp_budget_weights *weights = &batch->household.reward;
  *episode = hrlp_episode_close(&batch->players[i].sums, weights->lambda, weights->mu,
                                batch->household.cash[i], batch->household.invested[i],
                                batch->household.portfolio[i]);
}
