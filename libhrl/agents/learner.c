#include "agents/learner.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "rl/gae.h"

/* Episodes that one thread plays at a time, and rows whose values it asks for. */
#define ROLLOUT_SHARD 4
#define VALUE_SHARDS 8
/* The greatest value of a family's households, in the scale of returns. */
#define MOST_RETURN 8.0
#define VALUE_ROWS 128

/* What one agent learns from, and with. */
struct agent_batch {
  struct hrlp_trajectories *trajectories;
  struct hrlp_ppo *ppo;
  float *values, *advantages, *returns; /* of each sample */
  float *next_values; /* expected over the nodes of each sample, or NULL */
  float *last_values; /* [households] of what was seen at the end, or NULL */
  size_t *starts;     /* [households] first sample of each */
  float *work;        /* [VALUE_SHARDS] critic's activations for VALUE_ROWS */
  size_t count;       /* of samples */
};

struct hrlp_learner {
  struct hrlp_rollout *rollout;
  struct hrlp_rollout_buffer buffer;
  struct agent_batch strategist;
  struct agent_batch executor;
  size_t households; /* episodes of the batch in hand */
};

static bool create_trajectories(struct hrlp_trajectories *trajectories,
                                const struct hrlp_actor_critic *agent, size_t households,
                                size_t steps, size_t nodes, bool cuts) {
  size_t rows = households * steps;
  trajectories->steps = steps;
  trajectories->nodes = nodes;
  if (nodes > 0) {
    trajectories->node_observations =
        hrlp_alloc(rows * nodes * agent->observations, sizeof(float));
    trajectories->node_weights = hrlp_alloc(rows * nodes, sizeof(float));
    if (trajectories->node_observations == NULL || trajectories->node_weights == NULL)
      return false;
  }
  if (cuts) {
    trajectories->truncated = hrlp_alloc(households, 1);
    trajectories->last_observations =
        hrlp_alloc(households * agent->observations, sizeof(float));
    if (trajectories->truncated == NULL || trajectories->last_observations == NULL)
      return false;
  }
  trajectories->lengths = hrlp_alloc(households, sizeof(size_t));
  trajectories->observations = hrlp_alloc(rows * agent->observations, sizeof(float));
  trajectories->offsets = hrlp_alloc(rows * agent->actions, sizeof(float));
  trajectories->actions = hrlp_alloc(rows * agent->actions, sizeof(float));
  trajectories->log_probabilities = hrlp_alloc(rows, sizeof(float));
  trajectories->rewards = hrlp_alloc(rows, sizeof(float));
  return trajectories->lengths != NULL && trajectories->observations != NULL &&
         trajectories->offsets != NULL && trajectories->actions != NULL &&
         trajectories->log_probabilities != NULL && trajectories->rewards != NULL;
}

static void destroy_trajectories(struct hrlp_trajectories *trajectories) {
  hrlp_free(trajectories->lengths);
  hrlp_free(trajectories->observations);
  hrlp_free(trajectories->offsets);
  hrlp_free(trajectories->actions);
  hrlp_free(trajectories->log_probabilities);
  hrlp_free(trajectories->rewards);
  hrlp_free(trajectories->node_observations);
  hrlp_free(trajectories->node_weights);
  hrlp_free(trajectories->truncated);
  hrlp_free(trajectories->last_observations);
}

static hrl_status create_batch(struct agent_batch *batch,
                               struct hrlp_trajectories *trajectories,
                               const struct hrlp_actor_critic *agent, size_t households,
                               size_t steps, size_t nodes, bool cuts, size_t minibatch,
                               hrl_error *error) {
  batch->trajectories = trajectories;
  size_t rows = households * steps;
  if (!create_trajectories(trajectories, agent, households, steps, nodes, cuts))
    return hrlp_fail_memory(error, "a batch of episodes");
  if (cuts) {
    batch->last_values = hrlp_alloc(households, sizeof(float));
    if (batch->last_values == NULL) return hrlp_fail_memory(error, "a batch of episodes");
  }
  if (nodes > 0) {
    batch->next_values = hrlp_alloc(rows, sizeof(float));
    if (batch->next_values == NULL) return hrlp_fail_memory(error, "a batch of episodes");
  }
  batch->values = hrlp_alloc(rows, sizeof(float));
  batch->advantages = hrlp_alloc(rows, sizeof(float));
  batch->returns = hrlp_alloc(rows, sizeof(float));
  batch->starts = hrlp_alloc(households, sizeof(size_t));
  batch->work = hrlp_alloc(
      VALUE_SHARDS * hrlp_mlp_workspace_size(&agent->critic, VALUE_ROWS), sizeof(float));
  if (batch->values == NULL || batch->advantages == NULL || batch->returns == NULL ||
      batch->starts == NULL || batch->work == NULL)
    return hrlp_fail_memory(error, "a batch of episodes");
  /* no minibatch is larger than the batch */
  return hrlp_ppo_create(agent, minibatch < rows ? minibatch : rows, &batch->ppo, error);
}

static void destroy_batch(struct agent_batch *batch) {
  hrlp_free(batch->values);
  hrlp_free(batch->next_values);
  hrlp_free(batch->last_values);
  hrlp_free(batch->advantages);
  hrlp_free(batch->returns);
  hrlp_free(batch->starts);
  hrlp_free(batch->work);
  hrlp_ppo_destroy(batch->ppo);
}

hrl_status hrlp_learner_create(const struct hrlp_agents *agents,
                               struct hrlp_learner **result, hrl_error *error) {
  *result = NULL;
  const struct hrlp_agents_config *config = &agents->config;
  struct hrlp_learner *learner = hrlp_alloc(1, sizeof *learner);
  if (learner == NULL) return hrlp_fail_memory(error, "the learner");
  size_t households = (size_t)config->households;
  size_t months = (size_t)agents->task->months;
  size_t decisions = (months + (size_t)config->period - 1) / (size_t)config->period;
  bool cuts = agents->task->environment->truncated != NULL;
  hrl_status status =
      hrlp_rollout_create(agents, households, ROLLOUT_SHARD, &learner->rollout, error);
  if (status == HRL_OK)
    status = create_batch(&learner->executor, &learner->buffer.executor,
                          &agents->executor, households, months, agents->task->nodes,
                          cuts, config->minibatch_low, error);
  if (status == HRL_OK)
    status = create_batch(&learner->strategist, &learner->buffer.strategist,
                          &agents->strategist, households, decisions, 0, cuts,
                          config->minibatch_high, error);
  if (status != HRL_OK) {
    hrlp_learner_destroy(learner);
    return status;
  }
  *result = learner;
  return HRL_OK;
}

void hrlp_learner_destroy(struct hrlp_learner *learner) {
  if (learner == NULL) return;
  hrlp_rollout_destroy(learner->rollout);
  destroy_batch(&learner->executor);
  destroy_batch(&learner->strategist);
  destroy_trajectories(&learner->buffer.executor);
  destroy_trajectories(&learner->buffer.strategist);
  hrlp_free(learner);
}

hrl_status hrlp_learner_collect(struct hrlp_learner *learner,
                                const struct hrlp_agents *agents, uint64_t first_episode,
                                size_t count, struct hrlp_episode *episodes,
                                struct hrlp_pool *pool, hrl_error *error) {
  struct hrlp_rollout_request request = {.agents = agents,
                                         .seed = agents->seed,
                                         .first_episode = first_episode,
                                         .count = count,
                                         .explore = true,
                                         .buffer = &learner->buffer,
                                         .episodes = episodes};
  learner->households = count;
  return hrlp_rollout_run(learner->rollout, &request, pool, error);
}

/* Closes the gaps that episodes shorter than the horizon left in a trajectories. */
static void close_gaps(struct agent_batch *batch, const struct hrlp_actor_critic *agent,
                       size_t households) {
  struct hrlp_trajectories *trajectories = batch->trajectories;
  size_t count = 0;
  for (size_t i = 0; i < households; i++) {
    size_t from = i * trajectories->steps;
    size_t length = trajectories->lengths[i];
    batch->starts[i] = count;
    if (from != count) {
      size_t width = agent->observations;
      size_t actions = agent->actions;
      memmove(trajectories->observations + count * width,
              trajectories->observations + from * width, length * width * sizeof(float));
      memmove(trajectories->offsets + count * actions,
              trajectories->offsets + from * actions, length * actions * sizeof(float));
      memmove(trajectories->actions + count * actions,
              trajectories->actions + from * actions, length * actions * sizeof(float));
      memmove(trajectories->log_probabilities + count,
              trajectories->log_probabilities + from, length * sizeof(float));
      memmove(trajectories->rewards + count, trajectories->rewards + from,
              length * sizeof(float));
      size_t nodes = trajectories->nodes;
      if (nodes > 0) {
        memmove(trajectories->node_observations + count * nodes * width,
                trajectories->node_observations + from * nodes * width,
                length * nodes * width * sizeof(float));
        memmove(trajectories->node_weights + count * nodes,
                trajectories->node_weights + from * nodes,
                length * nodes * sizeof(float));
      }
    }
    count += length;
  }
  batch->count = count;
}

/* The critic's values of some observations. */
struct valuation {
  const struct hrlp_actor_critic *agent;
  const float *observations; /* [count, observations] */
  size_t count;
  float scale;
  float *work;          /* [VALUE_SHARDS] activations for VALUE_ROWS */
  float *values;        /* [count], or NULL */
  const float *weights; /* [count]: the values are added up, `nodes` at a time, */
  size_t nodes;
  float *sums; /* [count / nodes] */
};

static void value_shard(void *context, size_t shard) {
  const struct valuation *valuation = context;
  const struct hrlp_actor_critic *agent = valuation->agent;
  float *work =
      valuation->work + shard * hrlp_mlp_workspace_size(&agent->critic, VALUE_ROWS);
  /* whole groups of nodes, so that a sum is one thread's */
  size_t most = VALUE_ROWS / valuation->nodes * valuation->nodes;
  for (size_t first = shard * most; first < valuation->count;
       first += VALUE_SHARDS * most) {
    size_t rows = valuation->count - first < most ? valuation->count - first : most;
    const float *values = hrlp_mlp_forward(
        &agent->critic, agent->parameters + agent->critic_offset,
        valuation->observations + first * agent->observations, rows, work);
    for (size_t i = 0; i < rows; i++) {
      float value = values[i] * valuation->scale;
      size_t group = (first + i) / valuation->nodes;
      if (valuation->weights == NULL)
        valuation->values[first + i] = value;
      else if (i % valuation->nodes == 0)
        valuation->sums[group] = valuation->weights[first + i] * value;
      else
        valuation->sums[group] += valuation->weights[first + i] * value;
    }
  }
}

/* The critic's values of every sample, and what is expected to follow each, and the ends.
 */
static void value_samples(struct agent_batch *batch,
                          const struct hrlp_actor_critic *agent, float scale,
                          size_t households, struct hrlp_pool *pool) {
  const struct hrlp_trajectories *trajectories = batch->trajectories;
  struct valuation valuation = {.agent = agent,
                                .observations = trajectories->observations,
                                .count = batch->count,
                                .scale = scale,
                                .work = batch->work,
                                .values = batch->values,
                                .nodes = 1};
  hrlp_pool_run(pool, value_shard, &valuation, VALUE_SHARDS);
  if (trajectories->truncated != NULL) {
    struct valuation ends = valuation;
    ends.observations = trajectories->last_observations;
    ends.count = households;
    ends.values = batch->last_values;
    hrlp_pool_run(pool, value_shard, &ends, VALUE_SHARDS);
  }
  if (trajectories->nodes == 0) return;
  valuation.observations = trajectories->node_observations;
  valuation.count = batch->count * trajectories->nodes;
  valuation.weights = trajectories->node_weights;
  valuation.nodes = trajectories->nodes;
  valuation.sums = batch->next_values;
  hrlp_pool_run(pool, value_shard, &valuation, VALUE_SHARDS);
}

/* In a family, the size of advantages differs between households, in the lifecycle model
 * by orders of magnitude. Standardise them per household, so that each has the same
 * weight in an update. Scale the critic's values by the geometric mean of the returns,
 * and bound them: otherwise the squared errors of a few households with extreme returns
 * would dominate. */
static void rescale_by_household(struct agent_batch *batch, size_t episodes,
                                 struct hrlp_return_scale *scale, double decay) {
  double sum = 0.0;
  for (size_t i = 0; i < episodes; i += ROLLOUT_SHARD) {
    size_t next = i + ROLLOUT_SHARD;
    size_t begin = batch->starts[i];
    size_t end = next < episodes ? batch->starts[next] : batch->count;
    double square = 1e-12;
    for (size_t j = begin; j < end; j++)
      square +=
          (double)batch->returns[j] * (double)batch->returns[j] / (double)(end - begin);
    sum += (double)(end - begin) * log(square);
    hrlp_rescale(batch->advantages + begin, end - begin);
  }
  hrlp_return_scale_add(scale, exp(sum / (double)batch->count), batch->count, decay);
  const float most = (float)(MOST_RETURN * hrlp_return_scale_get(scale));
  for (size_t i = 0; i < batch->count; i++)
    batch->returns[i] = fminf(fmaxf(batch->returns[i], -most), most);
}

/* Advantages and the critic's targets from rewards and values. */
static void estimate_advantages(struct agent_batch *batch, size_t households,
                                double gamma, double lambda,
                                struct hrlp_return_scale *scale, double decay,
                                bool rescale) {
  for (size_t i = 0; i < households; i++) {
    size_t at = batch->starts[i];
    /* a household's episode ends by insolvency or at its horizon, both terminal states; a
    task may be truncated */
    bool cut = batch->last_values != NULL && batch->trajectories->truncated[i];
    if (batch->next_values == NULL)
      hrlp_gae(batch->trajectories->rewards + at, batch->values + at,
               batch->trajectories->lengths[i], cut ? batch->last_values[i] : 0.0f,
               (float)gamma, (float)lambda, batch->advantages + at, batch->returns + at);
    else
      hrlp_gae_expected(batch->trajectories->rewards + at, batch->values + at,
                        batch->next_values + at, batch->trajectories->lengths[i],
                        (float)gamma, (float)lambda, batch->advantages + at,
                        batch->returns + at);
  }
  if (rescale)
    rescale_by_household(batch, households, scale, decay);
  else
    hrlp_return_scale_update(scale, batch->returns, batch->count, decay);
  float factor = (float)(1.0 / hrlp_return_scale_get(scale));
  for (size_t i = 0; i < batch->count; i++) batch->returns[i] *= factor;
  hrlp_standardize(batch->advantages, batch->count);
}

struct agent_schedule {
  double gamma, lambda, rate, std;
  size_t epochs, minibatch;
};

static hrl_status update_agent(struct agent_batch *batch, struct hrlp_actor_critic *agent,
                               struct hrlp_return_scale *scale,
                               const struct hrlp_agents *agents,
                               const struct agent_schedule *schedule, double progress,
                               size_t households, struct hrlp_pool *pool,
                               struct hrlp_ppo_report *report, hrl_error *error) {
  const struct hrlp_agents_config *config = &agents->config;
  close_gaps(batch, agent, households);
  value_samples(batch, agent, (float)hrlp_return_scale_get(scale), households, pool);
  bool rescale = agents->family != NULL && !agents->task->environment->has_reward_unit;
  estimate_advantages(batch, households, schedule->gamma, schedule->lambda, scale,
                      config->scale_decay, rescale);
  double std_share = 1.0 + (config->std_end - 1.0) * progress;
  struct hrlp_ppo_config ppo = {
      .epochs = schedule->epochs,
      .minibatch = schedule->minibatch,
      .clip = (float)config->clip,
      .value_weight = (float)config->value_weight,
      .entropy_weight = (float)config->entropy_weight,
      .gradient_norm = (float)config->gradient_norm,
      .learning_rate =
          (float)(schedule->rate * (1.0 + (config->rate_end - 1.0) * progress)),
      .log_std_minimum = (float)log(schedule->std * config->std_end * 0.5),
      .log_std_maximum = (float)log(schedule->std * std_share)};
  struct hrlp_samples samples = {
      .count = batch->count,
      .observations = batch->trajectories->observations,
      .offsets = batch->trajectories->offsets,
      .actions = batch->trajectories->actions,
      .log_probabilities = batch->trajectories->log_probabilities,
      .advantages = batch->advantages,
      .returns = batch->returns};
  return hrlp_ppo_update(batch->ppo, agent, &ppo, &samples, agents->seed, agents->updates,
                         pool, report, error);
}

hrl_status hrlp_learner_update(struct hrlp_learner *learner, struct hrlp_agents *agents,
                               uint64_t episodes_before, struct hrlp_pool *pool,
                               struct hrlp_update_report *report, hrl_error *error) {
  const struct hrlp_agents_config *config = &agents->config;
  double before = (double)episodes_before;
  double progress = before / (before + config->schedule);
  struct agent_schedule low = {config->gamma_low,  config->lambda_low,
                               config->rate_low,   config->std_low,
                               config->epochs_low, config->minibatch_low};
  struct agent_schedule high = {config->gamma_high,  config->lambda_high,
                                config->rate_high,   config->std_high,
                                config->epochs_high, config->minibatch_high};
  *report = (struct hrlp_update_report){0};
  hrl_status status =
      update_agent(&learner->executor, &agents->executor, &agents->executor_scale, agents,
                   &low, progress, learner->households, pool, &report->executor, error);
  if (status == HRL_OK && config->mode == HRLP_HIERARCHY)
    status = update_agent(&learner->strategist, &agents->strategist,
                          &agents->strategist_scale, agents, &high, progress,
                          learner->households, pool, &report->strategist, error);
  agents->updates++;
  return status;
}
