#include "agents/play.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "nn/gaussian.h"

/* What one thread works in: `shard` households. Arrays of rows hold the living ones
 * without gaps, so that every matrix product is one over all of them. */
struct stage {
  struct hrlp_household household;
  void *household_memory;
  struct hrlp_month month;
  double *month_memory;
  uint8_t *flags;                 /* [3 * shard]: active, insolvent, finished */
  double *invest;                 /* [shard] */
  struct hrlp_state *states;      /* [shard] */
  struct hrlp_goal *goals;        /* [shard] */
  struct hrlp_episode_sums *sums; /* [shard] */
  struct period_sums {
    double cash, spent, expected, start_cash;
    int64_t months;
  } * periods;         /* [shard] of the period behind */
  size_t *rows;        /* [shard] household of each row */
  float *observations; /* [shard, widest] */
  float *offsets;      /* [shard, widest action] */
  float *work;         /* actors' activations */
};

struct hrlp_player {
  size_t shard;
  size_t stage_count;
  struct stage *stages;
};

/* The play in hand, as threads see it. */
struct round {
  struct hrlp_player *player;
  const struct hrlp_play *play;
};

static bool create_stage(struct stage *stage, const struct hrlp_agents *agents,
                         size_t shard) {
  size_t strategist = hrlp_mlp_workspace_size(&agents->strategist.actor, shard);
  size_t executor = hrlp_mlp_workspace_size(&agents->executor.actor, shard);
  stage->household_memory = hrlp_alloc(1, hrlp_household_memory(shard));
  stage->month_memory = hrlp_alloc(2 * shard, sizeof(double));
  stage->flags = hrlp_alloc(3 * shard, 1);
  stage->invest = hrlp_alloc(shard, sizeof(double));
  stage->states = hrlp_alloc(shard, sizeof *stage->states);
  stage->goals = hrlp_alloc(shard, sizeof *stage->goals);
  stage->sums = hrlp_alloc(shard, sizeof *stage->sums);
  stage->periods = hrlp_alloc(shard, sizeof *stage->periods);
  stage->rows = hrlp_alloc(shard, sizeof *stage->rows);
  stage->observations = hrlp_alloc(shard * HRLP_EXECUTOR_OBSERVATIONS, sizeof(float));
  stage->offsets = hrlp_alloc(shard * HRLP_STRATEGIST_ACTIONS, sizeof(float));
  stage->work = hrlp_alloc(strategist > executor ? strategist : executor, sizeof(float));
  if (stage->household_memory == NULL || stage->month_memory == NULL ||
      stage->flags == NULL || stage->invest == NULL || stage->states == NULL ||
      stage->goals == NULL || stage->sums == NULL || stage->periods == NULL ||
      stage->rows == NULL || stage->observations == NULL || stage->offsets == NULL ||
      stage->work == NULL)
    return false;
  stage->month = (struct hrlp_month){.reward = stage->month_memory,
                                     .wealth_change = stage->month_memory + shard,
                                     .insolvent = stage->flags + shard,
                                     .finished = stage->flags + 2 * shard};
  return true;
}

static void destroy_stage(struct stage *stage) {
  hrlp_free(stage->household_memory);
  hrlp_free(stage->month_memory);
  hrlp_free(stage->flags);
  hrlp_free(stage->invest);
  hrlp_free(stage->states);
  hrlp_free(stage->goals);
  hrlp_free(stage->sums);
  hrlp_free(stage->periods);
  hrlp_free(stage->rows);
  hrlp_free(stage->observations);
  hrlp_free(stage->offsets);
  hrlp_free(stage->work);
}

hrl_status hrlp_player_create(const struct hrlp_agents *agents, size_t households,
                              size_t shard, struct hrlp_player **result,
                              hrl_error *error) {
  *result = NULL;
  struct hrlp_player *player = hrlp_alloc(1, sizeof *player);
  if (player == NULL) return hrlp_fail_memory(error, "the players");
  player->shard = shard;
  player->stage_count = (households + shard - 1) / shard;
  player->stages = hrlp_alloc(player->stage_count, sizeof *player->stages);
  bool made = player->stages != NULL;
  for (size_t i = 0; made && i < player->stage_count; i++)
    made = create_stage(&player->stages[i], agents, shard);
  if (!made) {
    hrlp_player_destroy(player);
    return hrlp_fail_memory(error, "the players");
  }
  *result = player;
  return HRL_OK;
}

void hrlp_player_destroy(struct hrlp_player *player) {
  if (player == NULL) return;
  for (size_t i = 0; player->stages != NULL && i < player->stage_count; i++)
    destroy_stage(&player->stages[i]);
  hrlp_free(player->stages);
  hrlp_free(player);
}

/* Brings a household's state up to date after a month, or at its beginning. */
static void read_state(struct stage *stage, size_t i) {
  const struct hrlp_household *household = &stage->household;
  struct hrlp_state *state = &stage->states[i];
  state->month = household->month[i];
  state->cash = household->cash[i];
  state->portfolio = household->portfolio[i];
  state->fixed = household->fixed[i];
  state->variable = household->variable[i];
}

/* Rows whose random numbers are made at a time. */
#define DRAWN 16

/* Normals of decision `step` for rows [row, row + count) of the stage; `first` is the
 * first household of its shard. */
static void draw_normals(const struct stage *stage, const struct hrlp_play *play,
                         enum hrlp_random_domain domain, size_t first, size_t row,
                         size_t count, size_t step, double normals[DRAWN][4]) {
  uint64_t episodes[DRAWN];
  uint32_t steps[DRAWN];
  for (size_t i = 0; i < count; i++) {
    episodes[i] = play->first_episode + first + stage->rows[row + i];
    steps[i] = (uint32_t)step;
  }
  hrlp_random_normal_blocks(play->seed, domain, episodes, steps, count, normals[0]);
}

/* Draws `actions` from the policy of `agent` for stage->rows[0..count), or takes their
 * mean, and keeps what learning needs in `track`. The actions are left in
 * stage->offsets. */
static void act(struct stage *stage, const struct hrlp_play *play,
                const struct hrlp_actor_critic *agent, struct hrlp_track *track,
                enum hrlp_random_domain domain, size_t first, size_t count, size_t step) {
  size_t width = agent->observations;
  size_t actions = agent->actions;
  const float *log_std = agent->parameters + agent->log_std_offset;
  const float *output = hrlp_mlp_forward(&agent->actor, agent->parameters,
                                         stage->observations, count, stage->work);
  double drawn[DRAWN][4] = {{0}};
  float deviation[HRLP_STRATEGIST_ACTIONS];
  float precision[HRLP_STRATEGIST_ACTIONS];
  for (size_t j = 0; j < actions; j++) deviation[j] = expf(log_std[j]);
  hrlp_gaussian_precision(log_std, actions, precision);
  for (size_t row = 0; row < count; row++) {
    size_t household = first + stage->rows[row];
    float *action = stage->offsets + row * actions; /* the offset, to become the action */
    float mean[HRLP_STRATEGIST_ACTIONS];
    if (play->explore && row % DRAWN == 0)
      draw_normals(stage, play, domain, first, row,
                   count - row < DRAWN ? count - row : DRAWN, step, drawn);
    const double *normals = drawn[row % DRAWN];
    size_t at = track == NULL ? 0 : household * track->steps + step;
    if (track != NULL)
      memcpy(track->offsets + at * actions, action, actions * sizeof(float));
    for (size_t j = 0; j < actions; j++) {
      mean[j] = action[j] + output[row * actions + j];
      action[j] = mean[j] + (play->explore ? deviation[j] * (float)normals[j] : 0.0f);
    }
    if (track == NULL) continue;
    memcpy(track->observations + at * width, stage->observations + row * width,
           width * sizeof(float));
    memcpy(track->actions + at * actions, action, actions * sizeof(float));
    track->log_probabilities[at] =
        hrlp_gaussian_log_probability(action, mean, log_std, precision, actions);
    track->rewards[at] = 0.0f;
    track->lengths[household] = step + 1;
  }
}

/* What the strategist remembers of the period behind. */
static void close_period(struct stage *stage, size_t i) {
  struct period_sums *period = &stage->periods[i];
  struct hrlp_state *state = &stage->states[i];
  double months = period->months > 0 ? (double)period->months : 1.0;
  state->average_cash = period->months > 0 ? period->cash / months : state->cash;
  state->average_change =
      period->months > 0 ? (state->cash - period->start_cash) / months : 0.0;
  state->spending_trend =
      period->expected > 0.0 ? period->spent / period->expected - 1.0 : 0.0;
  *period = (struct period_sums){.start_cash = state->cash};
}

/* The living households get a new goal. */
static void set_goals(struct stage *stage, const struct hrlp_play *play, size_t first,
                      size_t count, int64_t month) {
  const struct hrlp_agents *agents = play->agents;
  int64_t period = agents->config.period;
  for (size_t row = 0; row < count; row++) {
    close_period(stage, stage->rows[row]);
    hrlp_strategist_observe(&agents->outlook, &stage->states[stage->rows[row]], period,
                            stage->observations + row * HRLP_STRATEGIST_OBSERVATIONS,
                            stage->offsets + row * HRLP_STRATEGIST_ACTIONS);
  }
  if (agents->config.mode == HRLP_HIERARCHY)
    act(stage, play, &agents->strategist,
        play->record == NULL ? NULL : &play->record->strategist, HRLP_RANDOM_STRATEGIST,
        first, count, (size_t)(month / period));
  for (size_t row = 0; row < count; row++)
    stage->goals[stage->rows[row]] = hrlp_goal_from_action(
        &agents->outlook, stage->offsets + row * HRLP_STRATEGIST_ACTIONS);
}

/* The living households choose what to invest. */
static void choose_shares(struct stage *stage, const struct hrlp_play *play, size_t first,
                          size_t count, int64_t month) {
  const struct hrlp_agents *agents = play->agents;
  int64_t period = agents->config.period;
  for (size_t row = 0; row < count; row++) {
    size_t i = stage->rows[row];
    hrlp_executor_observe(&agents->outlook, &stage->states[i], &stage->goals[i],
                          period - month % period, period,
                          stage->observations + row * HRLP_EXECUTOR_OBSERVATIONS,
                          stage->offsets + row * HRLP_EXECUTOR_ACTIONS);
  }
  act(stage, play, &agents->executor,
      play->record == NULL ? NULL : &play->record->executor, HRLP_RANDOM_EXECUTOR, first,
      count, (size_t)month);
  for (size_t row = 0; row < count; row++)
    stage->invest[stage->rows[row]] =
        hrlp_share_from_action(stage->offsets + row * HRLP_EXECUTOR_ACTIONS);
}

/* What both agents are paid for the month that household i just lived. */
static void pay(const struct stage *stage, const struct hrlp_play *play, size_t household,
                size_t i, const struct hrlp_state *before, int64_t month) {
  const struct hrlp_agents *agents = play->agents;
  const struct hrlp_environment *environment = &agents->outlook.environment;
  const struct hrlp_state *after = &stage->states[i];
  const struct hrlp_goal *goal = &stage->goals[i];
  struct hrlp_transition transition = {.month = month,
                                       .reward = stage->month.reward[i],
                                       .wealth_change = stage->month.wealth_change[i],
                                       .cash_before = before->cash,
                                       .portfolio_before = before->portfolio,
                                       .cash_after = after->cash,
                                       .portfolio_after = after->portfolio,
                                       .fixed = after->fixed,
                                       .variable = after->variable,
                                       .invested = stage->invest[i] * environment->income,
                                       .finished = stage->month.finished[i] != 0};
  double shaped = hrlp_outlook_shape(&agents->outlook, &transition);
  /* following the goal, priced in what the same share of income earns when invested */
  double distance =
      fabs(stage->invest[i] - hrlp_goal_share(&agents->outlook, before, goal));
  double unit = agents->outlook.reward.alpha * environment->income / 1000.0;
  double price = agents->config.goal_weight * (1.0 - goal->aggressiveness) * unit;
  struct hrlp_record *record = play->record;
  record->executor.rewards[household * record->executor.steps + (size_t)month] =
      (float)(shaped - price * distance);
  if (agents->config.mode == HRLP_HIERARCHY)
    record->strategist.rewards[household * record->strategist.steps +
                               (size_t)(month / agents->config.period)] += (float)shaped;
}

/* After a month of household i: its sums, the record, whoever watches. True where its
 * episode goes on. */
static bool account(struct stage *stage, const struct hrlp_play *play, size_t household,
                    size_t i, int64_t month) {
  const struct hrlp_agents *agents = play->agents;
  struct hrlp_state before = stage->states[i];
  double shares[3];
  hrlp_allocation(&agents->outlook, &before, stage->invest[i], shares);
  read_state(stage, i);
  const struct hrlp_state *after = &stage->states[i];
  struct period_sums *period = &stage->periods[i];
  period->cash += after->cash;
  period->spent += after->variable;
  period->expected += agents->outlook.environment.variable_expense_mean *
                      agents->outlook.price[month + 1];
  period->months++;
  hrlp_episode_add(&stage->sums[i], stage->month.reward[i], stage->month.wealth_change[i],
                   after->cash, shares, stage->goals[i].target_invest_ratio);
  if (play->record != NULL) pay(stage, play, household, i, &before, month);
  if (play->watch != NULL)
    play->watch(play->watch_context, &(struct hrlp_watched_month){
                                         .episode = play->first_episode + household,
                                         .month = month + 1,
                                         .goal = stage->goals[i],
                                         .shares = {shares[0], shares[1], shares[2]},
                                         .fixed = after->fixed,
                                         .variable = after->variable,
                                         .cash = after->cash,
                                         .portfolio = after->portfolio,
                                         .reward = stage->month.reward[i],
                                         .finished = stage->month.finished[i] != 0,
                                         .insolvent = stage->month.insolvent[i] != 0});
  if (!stage->month.finished[i]) return true;
  play->episodes[household] = hrlp_episode_close(
      &stage->sums[i], agents->outlook.reward.lambda, agents->outlook.reward.mu,
      after->cash, stage->household.invested[i], after->portfolio);
  return false;
}

/* Plays the episodes of one shard from the first month to the last. */
static void play_shard(void *context, size_t shard) {
  const struct round *round = context;
  const struct hrlp_play *play = round->play;
  const struct hrlp_agents *agents = play->agents;
  struct stage *stage = &round->player->stages[shard];
  size_t first = shard * round->player->shard;
  size_t count = play->count - first;
  if (count > round->player->shard) count = round->player->shard;
  uint8_t *active = stage->flags;
  hrlp_household_attach(&stage->household, stage->household_memory, count,
                        &agents->outlook.environment, &agents->outlook.reward,
                        play->seed);
  for (size_t i = 0; i < count; i++) {
    hrlp_household_reset(&stage->household, i, play->first_episode + first + i);
    stage->states[i] = (struct hrlp_state){0};
    stage->sums[i] = (struct hrlp_episode_sums){0};
    stage->periods[i] = (struct period_sums){0};
    read_state(stage, i);
    active[i] = 1;
    stage->rows[i] = i;
  }
  size_t alive = count;
  for (int64_t month = 0; alive > 0; month++) {
    if (month % agents->config.period == 0) set_goals(stage, play, first, alive, month);
    choose_shares(stage, play, first, alive, month);
    hrlp_household_step(&stage->household, 0, count, active, stage->invest,
                        &stage->month);
    size_t still = 0;
    for (size_t row = 0; row < alive; row++) {
      size_t i = stage->rows[row];
      if (account(stage, play, first + i, i, month))
        stage->rows[still++] = i;
      else
        active[i] = 0;
    }
    alive = still;
  }
}

void hrlp_play(struct hrlp_player *player, const struct hrlp_play *play,
               struct hrlp_pool *pool) {
  struct round round = {player, play};
  hrlp_pool_run(pool, play_shard, &round,
                (play->count + player->shard - 1) / player->shard);
}
