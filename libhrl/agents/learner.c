#include "agents/learner.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "rl/gae.h"

/* Households that one thread plays at a time, and rows whose values it asks for. */
#define PLAY_SHARD 4
#define VALUE_SHARDS 8
#define VALUE_ROWS 128

/* One agent's side of learning. */
struct side {
  struct hrlp_track *track;
  struct hrlp_ppo *ppo;
  float *values, *advantages, *returns; /* of each sample */
  size_t *starts; /* [households] first sample of each */
  float *work;    /* [VALUE_SHARDS] critic's activations for VALUE_ROWS */
  size_t count;   /* of samples */
};

struct hrlp_learner {
  struct hrlp_player *player;
  struct hrlp_record record;
  struct side strategist;
  struct side executor;
  size_t households; /* of the batch in hand */
};

static bool create_track(struct hrlp_track *track, const struct hrlp_actor_critic *agent,
                         size_t households, size_t steps) {
  size_t rows = households * steps;
  track->steps = steps;
  track->lengths = hrlp_alloc(households, sizeof(size_t));
  track->observations = hrlp_alloc(rows * agent->observations, sizeof(float));
  track->offsets = hrlp_alloc(rows * agent->actions, sizeof(float));
  track->actions = hrlp_alloc(rows * agent->actions, sizeof(float));
  track->log_probabilities = hrlp_alloc(rows, sizeof(float));
  track->rewards = hrlp_alloc(rows, sizeof(float));
  return track->lengths != NULL && track->observations != NULL && track->offsets != NULL &&
         track->actions != NULL && track->log_probabilities != NULL &&
         track->rewards != NULL;
}

static void destroy_track(struct hrlp_track *track) {
  hrlp_free(track->lengths);
  hrlp_free(track->observations);
  hrlp_free(track->offsets);
  hrlp_free(track->actions);
  hrlp_free(track->log_probabilities);
  hrlp_free(track->rewards);
}

static hrl_status create_side(struct side *side, struct hrlp_track *track,
                              const struct hrlp_actor_critic *agent, size_t households,
                              size_t steps, size_t minibatch, hrl_error *error) {
  side->track = track;
  size_t rows = households * steps;
  if (!create_track(track, agent, households, steps))
    return hrlp_fail_memory(error, "a batch of episodes");
  side->values = hrlp_alloc(rows, sizeof(float));
  side->advantages = hrlp_alloc(rows, sizeof(float));
  side->returns = hrlp_alloc(rows, sizeof(float));
  side->starts = hrlp_alloc(households, sizeof(size_t));
  side->work = hrlp_alloc(VALUE_SHARDS * hrlp_mlp_workspace_size(&agent->critic, VALUE_ROWS),
                          sizeof(float));
  if (side->values == NULL || side->advantages == NULL || side->returns == NULL ||
      side->starts == NULL || side->work == NULL)
    return hrlp_fail_memory(error, "a batch of episodes");
  /* no minibatch is larger than the batch */
  return hrlp_ppo_create(agent, minibatch < rows ? minibatch : rows, &side->ppo, error);
}

static void destroy_side(struct side *side) {
  hrlp_free(side->values);
  hrlp_free(side->advantages);
  hrlp_free(side->returns);
  hrlp_free(side->starts);
  hrlp_free(side->work);
  hrlp_ppo_destroy(side->ppo);
}

hrl_status hrlp_learner_create(const struct hrlp_agents *agents,
                               struct hrlp_learner **result, hrl_error *error) {
  *result = NULL;
  const struct hrlp_agents_config *config = &agents->config;
  struct hrlp_learner *learner = hrlp_alloc(1, sizeof *learner);
  if (learner == NULL) return hrlp_fail_memory(error, "the learner");
  size_t households = (size_t)config->households;
  size_t months = (size_t)agents->outlook.months;
  size_t decisions = (months + (size_t)config->period - 1) / (size_t)config->period;
  hrl_status status =
      hrlp_player_create(agents, households, PLAY_SHARD, &learner->player, error);
  if (status == HRL_OK)
    status = create_side(&learner->executor, &learner->record.executor, &agents->executor,
                         households, months, config->minibatch_low, error);
  if (status == HRL_OK)
    status = create_side(&learner->strategist, &learner->record.strategist,
                         &agents->strategist, households, decisions, config->minibatch_high,
                         error);
  if (status != HRL_OK) {
    hrlp_learner_destroy(learner);
    return status;
  }
  *result = learner;
  return HRL_OK;
}

void hrlp_learner_destroy(struct hrlp_learner *learner) {
  if (learner == NULL) return;
  hrlp_player_destroy(learner->player);
  destroy_side(&learner->executor);
  destroy_side(&learner->strategist);
  destroy_track(&learner->record.executor);
  destroy_track(&learner->record.strategist);
  hrlp_free(learner);
}

void hrlp_learner_play(struct hrlp_learner *learner, const struct hrlp_agents *agents,
                       uint64_t first_episode, size_t count, struct hrlp_episode *episodes,
                       struct hrlp_pool *pool) {
  struct hrlp_play play = {.agents = agents,
                           .seed = agents->seed,
                           .first_episode = first_episode,
                           .count = count,
                           .explore = true,
                           .record = &learner->record,
                           .episodes = episodes};
  learner->households = count;
  hrlp_play(learner->player, &play, pool);
}

/* Closes the gaps that episodes shorter than the horizon left in a track. */
static void close_gaps(struct side *side, const struct hrlp_actor_critic *agent,
                       size_t households) {
  struct hrlp_track *track = side->track;
  size_t count = 0;
  for (size_t i = 0; i < households; i++) {
    size_t from = i * track->steps;
    size_t length = track->lengths[i];
    side->starts[i] = count;
    if (from != count) {
      size_t width = agent->observations;
      size_t actions = agent->actions;
      memmove(track->observations + count * width, track->observations + from * width,
              length * width * sizeof(float));
      memmove(track->offsets + count * actions, track->offsets + from * actions,
              length * actions * sizeof(float));
      memmove(track->actions + count * actions, track->actions + from * actions,
              length * actions * sizeof(float));
      memmove(track->log_probabilities + count, track->log_probabilities + from,
              length * sizeof(float));
      memmove(track->rewards + count, track->rewards + from, length * sizeof(float));
    }
    count += length;
  }
  side->count = count;
}

/* The critic's opinion of every sample. */
struct valuation {
  struct side *side;
  const struct hrlp_actor_critic *agent;
  float scale;
};

static void value_shard(void *context, size_t shard) {
  const struct valuation *valuation = context;
  const struct hrlp_actor_critic *agent = valuation->agent;
  struct side *side = valuation->side;
  float *work = side->work + shard * hrlp_mlp_workspace_size(&agent->critic, VALUE_ROWS);
  for (size_t first = shard * VALUE_ROWS; first < side->count;
       first += (size_t)VALUE_SHARDS * VALUE_ROWS) {
    size_t rows = side->count - first < VALUE_ROWS ? side->count - first : VALUE_ROWS;
    const float *values =
        hrlp_mlp_forward(&agent->critic, agent->parameters + agent->critic_offset,
                         side->track->observations + first * agent->observations, rows, work);
    for (size_t i = 0; i < rows; i++)
      side->values[first + i] = values[i] * valuation->scale;
  }
}

/* Advantages and the critic's targets from rewards and values. */
static void estimate_advantages(struct side *side, size_t households, double gamma,
                                double lambda, struct hrlp_return_scale *scale,
                                double decay) {
  for (size_t i = 0; i < households; i++) {
    size_t at = side->starts[i];
    /* an episode ends by insolvency or at its horizon: nothing is worth anything beyond */
    hrlp_gae(side->track->rewards + at, side->values + at, side->track->lengths[i], 0.0f,
             (float)gamma, (float)lambda, side->advantages + at, side->returns + at);
  }
  hrlp_return_scale_update(scale, side->returns, side->count, decay);
  float factor = (float)(1.0 / hrlp_return_scale_get(scale));
  for (size_t i = 0; i < side->count; i++) side->returns[i] *= factor;
  hrlp_standardize(side->advantages, side->count);
}

struct lesson {
  double gamma, lambda, rate, std;
  size_t epochs, minibatch;
};

static hrl_status teach(struct side *side, struct hrlp_actor_critic *agent,
                        struct hrlp_return_scale *scale, const struct hrlp_agents *agents,
                        const struct lesson *lesson, double progress, size_t households,
                        struct hrlp_pool *pool, struct hrlp_ppo_report *report,
                        hrl_error *error) {
  const struct hrlp_agents_config *config = &agents->config;
  close_gaps(side, agent, households);
  struct valuation valuation = {side, agent, (float)hrlp_return_scale_get(scale)};
  hrlp_pool_run(pool, value_shard, &valuation, VALUE_SHARDS);
  estimate_advantages(side, households, lesson->gamma, lesson->lambda, scale,
                      config->scale_decay);
  double std_share = 1.0 + (config->std_end - 1.0) * progress;
  struct hrlp_ppo_config ppo = {
      .epochs = lesson->epochs,
      .minibatch = lesson->minibatch,
      .clip = (float)config->clip,
      .value_weight = (float)config->value_weight,
      .entropy_weight = (float)config->entropy_weight,
      .gradient_norm = (float)config->gradient_norm,
      .learning_rate = (float)(lesson->rate * (1.0 + (config->rate_end - 1.0) * progress)),
      .log_std_minimum = (float)log(lesson->std * config->std_end * 0.5),
      .log_std_maximum = (float)log(lesson->std * std_share)};
  struct hrlp_samples samples = {.count = side->count,
                                 .observations = side->track->observations,
                                 .offsets = side->track->offsets,
                                 .actions = side->track->actions,
                                 .log_probabilities = side->track->log_probabilities,
                                 .advantages = side->advantages,
                                 .returns = side->returns};
  return hrlp_ppo_update(side->ppo, agent, &ppo, &samples, agents->seed, agents->updates,
                         pool, report, error);
}

hrl_status hrlp_learner_update(struct hrlp_learner *learner, struct hrlp_agents *agents,
                               uint64_t episodes_before, struct hrlp_pool *pool,
                               struct hrlp_round_report *report, hrl_error *error) {
  const struct hrlp_agents_config *config = &agents->config;
  double before = (double)episodes_before;
  double progress = before / (before + config->schedule);
  struct lesson low = {config->gamma_low, config->lambda_low,  config->rate_low,
                       config->std_low,   config->epochs_low, config->minibatch_low};
  struct lesson high = {config->gamma_high, config->lambda_high,  config->rate_high,
                        config->std_high,   config->epochs_high, config->minibatch_high};
  *report = (struct hrlp_round_report){0};
  hrl_status status =
      teach(&learner->executor, &agents->executor, &agents->executor_scale, agents, &low,
            progress, learner->households, pool, &report->executor, error);
  if (status == HRL_OK && config->mode == HRLP_HIERARCHY)
    status = teach(&learner->strategist, &agents->strategist, &agents->strategist_scale,
                   agents, &high, progress, learner->households, pool, &report->strategist,
                   error);
  agents->updates++;
  return status;
}
