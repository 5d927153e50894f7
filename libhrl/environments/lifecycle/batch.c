#include "environments/lifecycle/batch.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "environments/lifecycle/features.h"
#include "environments/lifecycle/figures.h"
#include "environments/lifecycle/household.h"
#include "environments/lifecycle/nodes.h"
#include "environments/lifecycle/task.h"

/* What one household is to its agents. */
struct player {
  struct hrlp_life life;
  struct hrlp_lifecycle_state state; /* at the coming decision */
  struct hrlp_lifecycle_measures measures;
  struct hrlp_lifecycle_measures measures_before; /* at the decision behind */
  struct hrlp_life decided; /* the household right after that decision */
  hrl_goal goal;
  double plan;       /* consumption that the goal asks for at the coming decision */
  double shares[3];  /* of the decision behind: invest, save, consume */
  double goal_cash;  /* cash on hand when the goal was set */
  double goal_slope; /* measures.slope then */
  size_t found;      /* nodes after the decision behind */
  struct hrlp_life_sums sums;
};

struct lifecycle_batch {
  struct hrlp_batch batch;
  struct hrlp_batch_options options;
  size_t nodes;
  struct hrlp_life **going;          /* [N] those that live another month */
  struct player *players;            /* [N] */
  struct hrlp_lifecycle_node *found; /* [N, nodes] after the decision behind */
};

size_t hrlp_lifecycle_batch_size(const struct hrlp_task *task, size_t count) {
  return hrlp_padded_bytes(sizeof(struct lifecycle_batch)) +
         hrlp_padded_bytes(count * sizeof(struct hrlp_life *)) +
         hrlp_padded_bytes(count * sizeof(struct player)) +
         count * task->nodes * sizeof(struct hrlp_lifecycle_node);
}

struct hrlp_batch *hrlp_lifecycle_batch_lay(const struct hrlp_task *task, void *memory,
                                            size_t count,
                                            const struct hrlp_batch_options *options) {
  struct lifecycle_batch *batch = memory;
  uint8_t *next = (uint8_t *)memory + hrlp_padded_bytes(sizeof *batch);
  *batch = (struct lifecycle_batch){
      .batch = {task, count}, .options = *options, .nodes = task->nodes};
  batch->going = (void *)next;
  batch->players = (void *)(next + hrlp_padded_bytes(count * sizeof(struct hrlp_life *)));
  batch->found = (void *)((uint8_t *)batch->players +
                          hrlp_padded_bytes(count * sizeof(struct player)));
  return &batch->batch;
}

static struct lifecycle_batch *own(struct hrlp_batch *batch) {
  return (struct lifecycle_batch *)batch;
}

static const struct hrlp_lifecycle_forecast *forecast_of(
    const struct lifecycle_batch *batch) {
  return hrlp_lifecycle_forecast_of(batch->batch.task);
}

static void measure(const struct lifecycle_batch *batch, struct player *player) {
  const struct hrlp_life *life = &player->life;
  player->state = (struct hrlp_lifecycle_state){.month = life->month,
                                                .cash = life->cash_on_hand,
                                                .net = life->income - life->expenses,
                                                .level = life->level,
                                                .job = life->job};
  player->measures = hrlp_lifecycle_measure(forecast_of(batch), &player->state);
}

/* What the goal asks for now. Goals are in euro of the start. */
static void plan(const struct lifecycle_batch *batch, struct player *player) {
  const struct hrlp_lifecycle_forecast *forecast = forecast_of(batch);
  double buffer = player->goal.safety_buffer * forecast->price[player->state.month];
  player->plan =
      hrlp_lifecycle_goal_plan(forecast, &player->state, &player->measures, buffer);
}

void hrlp_lifecycle_reset(struct hrlp_batch *base, uint64_t first_episode) {
  struct lifecycle_batch *batch = own(base);
  for (size_t i = 0; i < base->count; i++) {
    struct player *player = &batch->players[i];
    *player = (struct player){0};
    hrlp_life_begin(forecast_of(batch), batch->options.seed, first_episode + i,
                    &player->life);
    measure(batch, player);
    player->goal_cash = player->state.cash;
  }
}

void hrlp_lifecycle_observe_strategist(struct hrlp_batch *base, const size_t *rows,
                                       size_t count, float *observations,
                                       float *offsets) {
  struct lifecycle_batch *batch = own(base);
  for (size_t row = 0; row < count; row++) {
    struct player *player = &batch->players[rows[row]];
    double trend = log(player->state.cash / player->goal_cash);
    hrlp_lifecycle_strategist_observe(
        forecast_of(batch), &player->state, &player->measures, trend,
        batch->options.period,
        observations + row * HRLP_LIFECYCLE_STRATEGIST_OBSERVATIONS,
        offsets + row * HRLP_LIFECYCLE_STRATEGIST_ACTIONS);
    player->goal_cash = player->state.cash;
    player->goal_slope = player->measures.slope;
  }
}

void hrlp_lifecycle_set_goals(struct hrlp_batch *base, const size_t *rows, size_t count,
                              const float *actions) {
  struct lifecycle_batch *batch = own(base);
  for (size_t row = 0; row < count; row++)
    batch->players[rows[row]].goal = hrlp_lifecycle_goal(
        forecast_of(batch), actions + row * HRLP_LIFECYCLE_STRATEGIST_ACTIONS);
}

void hrlp_lifecycle_observe_executor(struct hrlp_batch *base, const size_t *rows,
                                     size_t count, int64_t months_to_next_goal,
                                     float *observations, float *offsets) {
  struct lifecycle_batch *batch = own(base);
  double next = (double)months_to_next_goal / (double)batch->options.period;
  for (size_t row = 0; row < count; row++) {
    struct player *player = &batch->players[rows[row]];
    plan(batch, player);
    hrlp_lifecycle_executor_observe(
        forecast_of(batch), &player->state, &player->measures, &player->goal,
        player->plan, next, observations + row * HRLP_LIFECYCLE_EXECUTOR_OBSERVATIONS,
        offsets + row * HRLP_LIFECYCLE_EXECUTOR_ACTIONS);
  }
}

/* The decision of household i. */
static void decide(struct lifecycle_batch *batch, struct player *player,
                   const float *action) {
  const struct hrlp_lifecycle_forecast *forecast = forecast_of(batch);
  double consumption;
  double share;
  hrlp_lifecycle_decision(forecast, action, player->plan, &consumption, &share);
  player->measures_before = player->measures;
  hrlp_life_decide(forecast, &player->life, consumption, share);
  player->decided = player->life;
  double cash = player->life.cash_on_hand;
  player->shares[0] = player->life.portfolio / cash;
  player->shares[1] = player->life.cash / cash;
  player->shares[2] = player->life.consumption / cash;
  hrlp_life_count(forecast, &player->life, player->shares,
                  player->goal.target_invest_ratio, &player->sums);
}

/* A reward in its unit. Ten times a life's consumption at once is as bad, and as good, as
 * it gets: with a high aversion, a month of next to nothing would be beyond all numbers.
 */
static double bounded(double reward) {
  return HRLP_LIFECYCLE_REWARD_UNIT * hrlp_min(hrlp_max(reward, -10.0), 10.0);
}

/* Both agents' rewards for the decision behind: what it is worth and the expected change
 * of the potential, in units of a per cent of consumption. Noise that has come since then
 * is not in them. */
static void reward(const struct lifecycle_batch *batch, struct player *player,
                   double *strategist, double *executor) {
  const struct hrlp_lifecycle_forecast *forecast = forecast_of(batch);
  const struct hrlp_life *decided = &player->decided;
  double worth = hrlp_life_worth(forecast, decided->month, decided->consumption);
  struct hrlp_lifecycle_node *found =
      batch->found + (size_t)(player - batch->players) * batch->nodes;
  double after = 0.0;
  player->found = 0;
  if (decided->month == forecast->months)
    after = hrlp_life_bequest(forecast, decided->cash + decided->portfolio);
  else
    player->found = hrlp_lifecycle_nodes(forecast, decided, found);
  for (size_t k = 0; k < player->found; k++)
    after += found[k].weight * found[k].measures.potential;
  double gained = worth + forecast->beta * after - player->measures_before.potential;
  double rest = decided->cash + decided->portfolio;
  double share = rest > 0.0 ? decided->portfolio / rest : 0.0;
  double distance = fabs(share - player->goal.target_invest_ratio) +
                    fabs(log(decided->consumption / player->plan));
  double price = batch->options.goal_weight * (1.0 - player->goal.aggressiveness) /
                 forecast->weight[decided->month];
  *strategist = bounded(gained / player->goal_slope);
  *executor = bounded(gained / player->measures_before.slope - price * distance);
}

void hrlp_lifecycle_step(struct hrlp_batch *base, const size_t *rows, size_t count,
                         const float *actions, const struct hrlp_rewards *rewards,
                         uint8_t *finished) {
  struct lifecycle_batch *batch = own(base);
  size_t going = 0;
  for (size_t row = 0; row < count; row++) {
    struct player *player = &batch->players[rows[row]];
    decide(batch, player, actions + row * HRLP_LIFECYCLE_EXECUTOR_ACTIONS);
    if (rewards != NULL)
      reward(batch, player, &rewards->strategist[row], &rewards->executor[row]);
    finished[row] = player->life.month >= forecast_of(batch)->months;
    if (!finished[row]) batch->going[going++] = &player->life;
  }
  hrlp_life_advance(forecast_of(batch), batch->options.seed, batch->going, going);
  for (size_t row = 0; row < count; row++)
    if (!finished[row]) measure(batch, &batch->players[rows[row]]);
}

void hrlp_lifecycle_observe_nodes(struct hrlp_batch *base, const size_t *rows,
                                  size_t count, int64_t months_to_next_goal,
                                  float *observations, float *weights) {
  struct lifecycle_batch *batch = own(base);
  const struct hrlp_lifecycle_forecast *forecast = forecast_of(batch);
  size_t nodes = batch->nodes;
  double next = (double)months_to_next_goal / (double)batch->options.period;
  float offset[HRLP_LIFECYCLE_EXECUTOR_ACTIONS];
  for (size_t row = 0; row < count; row++) {
    const struct player *player = &batch->players[rows[row]];
    float *observed = observations + row * nodes * HRLP_LIFECYCLE_EXECUTOR_OBSERVATIONS;
    float *weight = weights + row * nodes;
    memset(weight, 0, nodes * sizeof *weight);
    memset(observed, 0, nodes * HRLP_LIFECYCLE_EXECUTOR_OBSERVATIONS * sizeof *observed);
    const struct hrlp_lifecycle_node *found = batch->found + rows[row] * nodes;
    for (size_t k = 0; k < player->found; k++) {
      struct hrlp_lifecycle_measures measures = found[k].measures;
      double buffer = player->goal.safety_buffer * forecast->price[found[k].state.month];
      double asked =
          hrlp_lifecycle_goal_plan(forecast, &found[k].state, &measures, buffer);
      hrlp_lifecycle_executor_observe(
          forecast, &found[k].state, &measures, &player->goal, asked, next,
          observed + k * HRLP_LIFECYCLE_EXECUTOR_OBSERVATIONS, offset);
      /* values are in units of each state's own slope */
      weight[k] = (float)(forecast->beta * found[k].weight * measures.slope /
                          player->measures_before.slope);
    }
  }
}

void hrlp_lifecycle_month(const struct hrlp_batch *base, size_t i,
                          hrl_trajectory_month *month) {
  const struct lifecycle_batch *batch = (const struct lifecycle_batch *)base;
  const struct player *player = &batch->players[i];
  month->goal = player->goal;
  hrlp_life_tell(forecast_of(batch), &player->decided, player->shares, month);
}

void hrlp_lifecycle_episode(const struct hrlp_batch *base, size_t i,
                            struct hrlp_episode *episode) {
  const struct lifecycle_batch *batch = (const struct lifecycle_batch *)base;
  const struct player *player = &batch->players[i];
  hrlp_life_close(forecast_of(batch), &player->life, &player->sums, episode);
}
