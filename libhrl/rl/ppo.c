#include "rl/ppo.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "math/vector.h"
#include "nn/gaussian.h"

/* Rows of a minibatch that one thread takes at a time. Part of what makes a run
 * reproducible: sums are cut here. */
#define SHARD_ROWS 128

/* Adam's constants: PyTorch's, but for epsilon, which PPO implementations set larger. */
static const double adam_beta1 = 0.9;
static const double adam_beta2 = 0.999;
static const float adam_epsilon = 1e-5f;

/* What one thread works in: the same one again and again, where there is one thread, so
 * that it stays in the caches. There are as many as shards, so one is always free. */
struct workspace {
  atomic_bool taken;
  float *observations; /* [SHARD_ROWS, observations] gathered */
  float *network;      /* forward and backward of the actor, then of the critic */
  float *precision;    /* [actions] of the policy */
  float *d_mean;       /* [SHARD_ROWS, actions] */
  float *d_value;      /* [SHARD_ROWS] */
};

/* What comes out of a shard of a minibatch. */
struct shard {
  float *gradients; /* [count]; nothing is ever written between actor and critic: zero */
  struct hrlp_ppo_sums sums;
};

struct hrlp_ppo {
  size_t shard_count;
  struct shard *shards;         /* [shard_count] */
  struct workspace *workspaces; /* [shard_count] */
  float *memory;                /* one block behind all of them */
  uint32_t *order;
  size_t order_room;
};

static size_t multiple_of_16(size_t count) { return (count + 15) / 16 * 16; }

/* Lays the arrays of a shard and of a workspace over `memory`, or only counts their
 * floats where it is NULL. */
static size_t lay_arrays(struct shard *shard, struct workspace *workspace,
                         const struct hrlp_actor_critic *agent, float *memory) {
  size_t actor = hrlp_mlp_workspace_size(&agent->actor, SHARD_ROWS);
  size_t critic = hrlp_mlp_workspace_size(&agent->critic, SHARD_ROWS);
  const size_t sizes[] = {SHARD_ROWS * agent->observations,
                          actor > critic ? actor : critic,
                          agent->actions,
                          SHARD_ROWS * agent->actions,
                          SHARD_ROWS,
                          agent->count};
  float **const arrays[] = {&workspace->observations, &workspace->network,
                            &workspace->precision,    &workspace->d_mean,
                            &workspace->d_value,      &shard->gradients};
  size_t used = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (memory != NULL) *arrays[i] = memory + used;
    used += multiple_of_16(sizes[i]);
  }
  return used;
}

hrl_status hrlp_ppo_create(const struct hrlp_actor_critic *agent, size_t minibatch,
                           struct hrlp_ppo **result, hrl_error *error) {
  *result = NULL;
  struct hrlp_ppo *ppo = hrlp_alloc(1, sizeof *ppo);
  if (ppo == NULL) return hrlp_fail_memory(error, "the learner");
  ppo->shard_count = (minibatch + SHARD_ROWS - 1) / SHARD_ROWS;
  ppo->shards = hrlp_alloc(ppo->shard_count, sizeof *ppo->shards);
  ppo->workspaces = hrlp_alloc(ppo->shard_count, sizeof *ppo->workspaces);
  struct shard shard;
  struct workspace workspace;
  size_t room = lay_arrays(&shard, &workspace, agent, NULL);
  ppo->memory = hrlp_alloc(ppo->shard_count * room, sizeof(float));
  if (ppo->shards == NULL || ppo->workspaces == NULL || ppo->memory == NULL) {
    hrlp_ppo_destroy(ppo);
    return hrlp_fail_memory(error, "the learner");
  }
  for (size_t i = 0; i < ppo->shard_count; i++)
    lay_arrays(&ppo->shards[i], &ppo->workspaces[i], agent, ppo->memory + i * room);
  *result = ppo;
  return HRL_OK;
}

void hrlp_ppo_destroy(struct hrlp_ppo *ppo) {
  if (ppo == NULL) return;
  hrlp_free(ppo->shards);
  hrlp_free(ppo->workspaces);
  hrlp_free(ppo->memory);
  hrlp_free(ppo->order);
  hrlp_free(ppo);
}

const float *hrlp_ppo_shard_gradients(const struct hrlp_ppo *ppo, size_t shard) {
  return ppo->shards[shard].gradients;
}

struct hrlp_ppo_sums hrlp_ppo_shard_sums(const struct hrlp_ppo *ppo, size_t shard) {
  return ppo->shards[shard].sums;
}

/* ratio[i] = exp(log_ratio[i]): how much likelier sample order[i]'s action is now than
 * when it was drawn. `mean` is the actor's output; it gets the offset added. */
static void policy_ratios(const struct hrlp_actor_critic *agent,
                          const struct hrlp_samples *samples, const uint32_t *order,
                          size_t rows, const float *precision, float *mean,
                          float *log_ratio, float *ratio) {
  size_t actions = agent->actions;
  const float *log_std = agent->parameters + agent->log_std_offset;
  for (size_t i = 0; i < rows; i++, mean += actions) {
    const float *action = samples->actions + order[i] * actions;
    const float *offset = samples->offsets + order[i] * actions;
    for (size_t j = 0; j < actions; j++) mean[j] += offset[j];
    log_ratio[i] =
        hrlp_gaussian_log_probability_at(action, mean, log_std, precision, actions) -
        samples->log_probabilities[order[i]];
    /* exp(20) is far beyond any clip; more would only overflow */
    ratio[i] = log_ratio[i] > 20.0f ? 20.0f : log_ratio[i];
  }
  hrlp_exp(ratio, rows);
}

/* The actor's loss of one sample; gives the factor of its log-probability's gradient. */
static float policy_loss(const struct hrlp_ppo_config *config, float advantage,
                         float share, float log_ratio, float ratio,
                         struct hrlp_ppo_sums *sums) {
  float low = 1.0f - config->clip;
  float high = 1.0f + config->clip;
  float clamped = ratio < low ? low : ratio > high ? high : ratio;
  float plain = ratio * advantage;
  float bounded = clamped * advantage;
  sums->policy_loss -= (double)((plain < bounded ? plain : bounded) * share);
  sums->divergence += (double)((ratio - 1.0f - log_ratio) * share);
  sums->clipped += ratio < low || ratio > high ? (double)share : 0.0;
  /* where the clipped branch is the smaller, it is constant: no gradient; asked this way
   * round, a NaN passes on and is found before the step */
  return plain > bounded ? 0.0f : -plain * share;
}

/* A free one; the first, so that one thread always has the same. */
static struct workspace *take_workspace(struct hrlp_ppo *ppo) {
  struct workspace *workspace = ppo->workspaces;
  while (atomic_exchange_explicit(&workspace->taken, true, memory_order_acquire))
    if (++workspace == ppo->workspaces + ppo->shard_count) workspace = ppo->workspaces;
  return workspace;
}

static void release_workspace(struct workspace *workspace) {
  atomic_store_explicit(&workspace->taken, false, memory_order_release);
}

void hrlp_ppo_gradient(struct hrlp_ppo *ppo, size_t index,
                       const struct hrlp_actor_critic *agent,
                       const struct hrlp_ppo_config *config,
                       const struct hrlp_samples *samples, const uint32_t *order,
                       size_t rows, size_t total) {
  struct shard *shard = &ppo->shards[index];
  struct workspace *workspace = take_workspace(ppo);
  size_t width = agent->observations;
  float share = 1.0f / (float)total;
  shard->sums = (struct hrlp_ppo_sums){0};
  for (size_t i = 0; i < rows; i++) {
    /* a handful of numbers: less than a call costs */
    const float *from = samples->observations + order[i] * width;
    float *to = workspace->observations + i * width;
    for (size_t j = 0; j < width; j++) to[j] = from[j];
  }

  /* actor; its workspace is the batch's own, so the means may be written to */
  float *mean = (float *)(uintptr_t)hrlp_mlp_forward(&agent->actor, agent->parameters,
                                                     workspace->observations, rows,
                                                     workspace->network);
  float *d_log_std = shard->gradients + agent->log_std_offset;
  memset(d_log_std, 0, agent->actions * sizeof(float));
  hrlp_gaussian_precision(agent->parameters + agent->log_std_offset, agent->actions,
                          workspace->precision);
  float log_ratio[SHARD_ROWS];
  float ratio[SHARD_ROWS];
  policy_ratios(agent, samples, order, rows, workspace->precision, mean, log_ratio,
                ratio);
  for (size_t i = 0; i < rows; i++) {
    float factor = policy_loss(config, samples->advantages[order[i]], share, log_ratio[i],
                               ratio[i], &shard->sums);
    hrlp_gaussian_backward_at(samples->actions + order[i] * agent->actions,
                              mean + i * agent->actions, workspace->precision, factor,
                              agent->actions, workspace->d_mean + i * agent->actions,
                              d_log_std);
  }
  for (size_t j = 0; j < agent->actions; j++)
    d_log_std[j] -= config->entropy_weight * share * (float)rows;
  hrlp_mlp_backward(&agent->actor, agent->parameters, workspace->observations,
                    workspace->d_mean, rows, workspace->network, shard->gradients);

  /* critic */
  const float *critic = agent->parameters + agent->critic_offset;
  const float *values = hrlp_mlp_forward(&agent->critic, critic, workspace->observations,
                                         rows, workspace->network);
  for (size_t i = 0; i < rows; i++) {
    float difference = values[i] - samples->returns[order[i]];
    workspace->d_value[i] = config->value_weight * difference * share;
    shard->sums.value_loss += (double)(0.5f * difference * difference * share);
  }
  hrlp_mlp_backward(&agent->critic, critic, workspace->observations, workspace->d_value,
                    rows, workspace->network, shard->gradients + agent->critic_offset);
  release_workspace(workspace);
}

/* One minibatch, as threads see it. */
struct minibatch {
  struct hrlp_ppo *ppo;
  const struct hrlp_actor_critic *agent;
  const struct hrlp_ppo_config *config;
  const struct hrlp_samples *samples;
  const uint32_t *order;
  size_t rows;
  size_t shards;
};

static void shard_gradient(void *context, size_t shard) {
  const struct minibatch *batch = context;
  size_t first = batch->rows * shard / batch->shards;
  size_t end = batch->rows * (shard + 1) / batch->shards;
  hrlp_ppo_gradient(batch->ppo, shard, batch->agent, batch->config, batch->samples,
                    batch->order + first, end - first, batch->rows);
}

/* The factor that brings a gradient's norm down to `limit`; NaN where it has none. */
static float clip_scale(const float *gradients, size_t count, float limit) {
  double norm = sqrt(hrlp_sum_squares(gradients, count));
  if (!isfinite(norm)) return NAN;
  return norm > (double)limit ? (float)((double)limit / norm) : 1.0f;
}

static hrl_status adam_step(struct hrlp_actor_critic *agent,
                            const struct hrlp_ppo_config *config, const float *gradients,
                            hrl_error *error) {
  /* actor (with its deviations) and critic are clipped apart: a wild value error must not
   * silence the policy */
  size_t critic_count = agent->log_std_offset - agent->critic_offset;
  float actor_scale = clip_scale(gradients, agent->critic_offset, config->gradient_norm);
  float critic_scale =
      clip_scale(gradients + agent->critic_offset, critic_count, config->gradient_norm);
  float std_scale = clip_scale(gradients + agent->log_std_offset, agent->actions,
                               config->gradient_norm);
  if (!isfinite(actor_scale) || !isfinite(critic_scale) || !isfinite(std_scale))
    return hrlp_fail(error, HRL_ERROR_NUMERIC,
                     "the gradient is not finite; lower the learning rates or check the "
                     "scenario's rewards");
  double step = (double)++agent->steps;
  struct hrlp_adam_step adam = {
      .beta1 = (float)adam_beta1,
      .beta2 = (float)adam_beta2,
      .rate = (float)((double)config->learning_rate / (1.0 - pow(adam_beta1, step))),
      .root_correction = (float)(1.0 / sqrt(1.0 - pow(adam_beta2, step))),
      .epsilon = adam_epsilon};
  const size_t begins[] = {0, agent->critic_offset, agent->log_std_offset};
  const size_t ends[] = {agent->critic_offset, agent->log_std_offset, agent->count};
  const float scales[] = {actor_scale, critic_scale, std_scale};
  for (int i = 0; i < 3; i++) {
    adam.scale = scales[i];
    hrlp_adam_update(&adam, agent->parameters + begins[i], agent->moment1 + begins[i],
                     agent->moment2 + begins[i], gradients + begins[i],
                     ends[i] - begins[i]);
  }
  float *log_std = agent->parameters + agent->log_std_offset;
  for (size_t j = 0; j < agent->actions; j++) {
    if (log_std[j] < config->log_std_minimum) log_std[j] = config->log_std_minimum;
    if (log_std[j] > config->log_std_maximum) log_std[j] = config->log_std_maximum;
  }
  return HRL_OK;
}

static void report_minibatch(const struct minibatch *batch,
                             struct hrlp_ppo_report *report) {
  double weight = (double)batch->rows / (double)batch->samples->count;
  const struct hrlp_actor_critic *agent = batch->agent;
  double entropy = (double)hrlp_gaussian_entropy(
      agent->parameters + agent->log_std_offset, agent->actions);
  struct hrlp_ppo_sums sums = {0};
  for (size_t s = 0; s < batch->shards; s++) {
    const struct hrlp_ppo_sums *part = &batch->ppo->shards[s].sums;
    sums.policy_loss += part->policy_loss;
    sums.value_loss += part->value_loss;
    sums.divergence += part->divergence;
    sums.clipped += part->clipped;
  }
  report->policy_loss += weight * sums.policy_loss;
  report->value_loss += weight * sums.value_loss;
  report->entropy += weight * entropy;
  report->divergence += weight * sums.divergence;
  report->clip_fraction += weight * sums.clipped;
  report->loss +=
      weight * (sums.policy_loss + (double)batch->config->value_weight * sums.value_loss -
                (double)batch->config->entropy_weight * entropy);
}

static hrl_status reserve_order(struct hrlp_ppo *ppo, size_t count, hrl_error *error) {
  if (count <= ppo->order_room) return HRL_OK;
  uint32_t *order = hrlp_alloc(count, sizeof *order);
  if (order == NULL) return hrlp_fail_memory(error, "the order of samples");
  hrlp_free(ppo->order);
  ppo->order = order;
  ppo->order_room = count;
  return HRL_OK;
}

hrl_status hrlp_ppo_update(struct hrlp_ppo *ppo, struct hrlp_actor_critic *agent,
                           const struct hrlp_ppo_config *config,
                           const struct hrlp_samples *samples, uint64_t seed,
                           uint64_t update, struct hrlp_pool *pool,
                           struct hrlp_ppo_report *report, hrl_error *error) {
  *report = (struct hrlp_ppo_report){0};
  size_t count = samples->count;
  if (count == 0) return HRL_OK;
  hrl_status status = reserve_order(ppo, count, error);
  /* minibatches of nearly equal size: none is left with a handful of samples */
  size_t minibatches = (count + config->minibatch - 1) / config->minibatch;
  for (size_t epoch = 0; epoch < config->epochs && status == HRL_OK; epoch++) {
    hrlp_random_permutation(seed, update << 8 | epoch, ppo->order, (uint32_t)count);
    for (size_t i = 0; i < minibatches && status == HRL_OK; i++) {
      size_t first = count * i / minibatches;
      size_t rows = count * (i + 1) / minibatches - first;
      struct minibatch batch = {ppo,
                                agent,
                                config,
                                samples,
                                ppo->order + first,
                                rows,
                                (rows + SHARD_ROWS - 1) / SHARD_ROWS};
      hrlp_pool_run(pool, shard_gradient, &batch, batch.shards);
      for (size_t s = 1; s < batch.shards; s++)
        hrlp_accumulate(ppo->shards[0].gradients, ppo->shards[s].gradients, agent->count);
      if (epoch + 1 == config->epochs) report_minibatch(&batch, report);
      status = adam_step(agent, config, ppo->shards[0].gradients, error);
    }
  }
  return status;
}
