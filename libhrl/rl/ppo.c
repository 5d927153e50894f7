#include "rl/ppo.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/group.h"
#include "base/memory.h"
#include "base/random.h"
#include "math/vector.h"
#include "nn/gaussian.h"
#include "rl/ppo_gradient.h"

/* Adam's constants: PyTorch's, but for epsilon, which PPO implementations set larger. */
static const double adam_beta1 = 0.9;
static const double adam_beta2 = 0.999;
static const float adam_epsilon = 1e-5f;

/* What comes out of a shard of a minibatch. Actor and critic write to parts of their own.
 */
struct shard {
  float *gradients; /* [count]; nothing is ever written between actor and critic: zero */
  struct hrlp_ppo_sums sums[HRLP_NETWORKS];
};

/* One network's side of an update. Actor and critic have nothing in common but samples:
 * each goes through an epoch by itself, at the same time where there are threads. */
struct network {
  struct hrlp_ppo_workspace *workspaces; /* [shard_count] */
  struct hrlp_ppo_report report;         /* its part */
  bool failed;                           /* a gradient is not finite */
};

struct hrlp_ppo {
  size_t shard_count;
  struct shard *shards; /* [shard_count] */
  struct network networks[HRLP_NETWORKS];
  float *memory;   /* one block behind shards and workspaces */
  float *before;   /* [3, count] parameters and moments before the update in hand */
  uint32_t *order; /* [order_room] of samples in this epoch */
  size_t order_room;
};

hrl_status hrlp_ppo_create(const struct hrlp_actor_critic *agent, size_t minibatch,
                           struct hrlp_ppo **result, hrl_error *error) {
  *result = NULL;
  struct hrlp_ppo *ppo = hrlp_alloc(1, sizeof *ppo);
  if (ppo == NULL) return hrlp_fail_memory(error, "the learner");
  ppo->shard_count = (minibatch + HRLP_PPO_SHARD_ROWS - 1) / HRLP_PPO_SHARD_ROWS;
  ppo->shards = hrlp_alloc(ppo->shard_count, sizeof *ppo->shards);
  struct hrlp_ppo_workspace workspace;
  size_t gradients = hrlp_padded_count(agent->count);
  size_t room = gradients;
  bool whole = ppo->shards != NULL;
  for (enum hrlp_network which = HRLP_ACTOR; which < HRLP_NETWORKS; which++) {
    struct network *network = &ppo->networks[which];
    network->workspaces = hrlp_alloc(ppo->shard_count, sizeof *network->workspaces);
    whole = whole && network->workspaces != NULL;
    room += hrlp_ppo_workspace_lay(&workspace, agent, which, NULL);
  }
  ppo->memory = hrlp_alloc(ppo->shard_count * room, sizeof(float));
  ppo->before = hrlp_alloc(3 * agent->count, sizeof(float));
  if (!whole || ppo->memory == NULL || ppo->before == NULL) {
    hrlp_ppo_destroy(ppo);
    return hrlp_fail_memory(error, "the learner");
  }
  float *memory = ppo->memory;
  for (size_t i = 0; i < ppo->shard_count; i++, memory += gradients)
    ppo->shards[i].gradients = memory;
  for (enum hrlp_network which = HRLP_ACTOR; which < HRLP_NETWORKS; which++)
    for (size_t i = 0; i < ppo->shard_count; i++)
      memory += hrlp_ppo_workspace_lay(&ppo->networks[which].workspaces[i], agent, which,
                                       memory);
  *result = ppo;
  return HRL_OK;
}

void hrlp_ppo_destroy(struct hrlp_ppo *ppo) {
  if (ppo == NULL) return;
  for (enum hrlp_network which = HRLP_ACTOR; which < HRLP_NETWORKS; which++)
    hrlp_free(ppo->networks[which].workspaces);
  hrlp_free(ppo->shards);
  hrlp_free(ppo->memory);
  hrlp_free(ppo->before);
  hrlp_free(ppo->order);
  hrlp_free(ppo);
}

const float *hrlp_ppo_shard_gradients(const struct hrlp_ppo *ppo, size_t shard) {
  return ppo->shards[shard].gradients;
}

struct hrlp_ppo_sums hrlp_ppo_shard_sums(const struct hrlp_ppo *ppo,
                                         enum hrlp_network which, size_t shard) {
  return ppo->shards[shard].sums[which];
}

/* A free one; the first, so that one thread always has the same. */
static struct hrlp_ppo_workspace *take_workspace(struct network *network, size_t count) {
  struct hrlp_ppo_workspace *workspace = network->workspaces;
  while (atomic_exchange_explicit(&workspace->taken, true, memory_order_acquire))
    if (++workspace == network->workspaces + count) workspace = network->workspaces;
  return workspace;
}

static void release_workspace(struct hrlp_ppo_workspace *workspace) {
  atomic_store_explicit(&workspace->taken, false, memory_order_release);
}

void hrlp_ppo_gradient(struct hrlp_ppo *ppo, enum hrlp_network which, size_t index,
                       const struct hrlp_actor_critic *agent,
                       const struct hrlp_ppo_config *config,
                       const struct hrlp_samples *samples, const uint32_t *order,
                       size_t rows, size_t total) {
  struct shard *shard = &ppo->shards[index];
  struct network *network = &ppo->networks[which];
  struct hrlp_ppo_workspace *workspace = take_workspace(network, ppo->shard_count);
  struct hrlp_ppo_rows part = {.agent = agent,
                               .config = config,
                               .samples = samples,
                               .order = order,
                               .count = rows,
                               .share = 1.0f / (float)total,
                               .gradients = shard->gradients,
                               .sums = &shard->sums[which]};
  hrlp_ppo_rows_gradient(&part, which, workspace);
  release_workspace(workspace);
}

/* An update, as threads see it. */
struct update {
  struct hrlp_ppo *ppo;
  struct hrlp_actor_critic *agent;
  const struct hrlp_ppo_config *config;
  const struct hrlp_samples *samples;
  struct hrlp_pool *pool;
  size_t minibatches; /* of an epoch */
  size_t epoch;
};

/* One minibatch of one network. */
struct minibatch {
  const struct update *update;
  enum hrlp_network which;
  const uint32_t *order;
  size_t rows;
  size_t shards;
  bool summed; /* the first shard has the sum of all gradients */
};

static void shard_gradient(void *context, size_t shard) {
  const struct minibatch *batch = context;
  const struct update *update = batch->update;
  size_t first = batch->rows * shard / batch->shards;
  size_t end = batch->rows * (shard + 1) / batch->shards;
  hrlp_ppo_gradient(update->ppo, batch->which, shard, update->agent, update->config,
                    update->samples, batch->order + first, end - first, batch->rows);
}

/* Adds the minibatch's part to its network's report. */
static void report_minibatch(const struct minibatch *batch) {
  const struct update *update = batch->update;
  struct hrlp_ppo_report *report = &update->ppo->networks[batch->which].report;
  double weight = (double)batch->rows / (double)update->samples->count;
  const struct hrlp_actor_critic *agent = update->agent;
  if (batch->which == HRLP_ACTOR)
    report->entropy +=
        weight * (double)hrlp_gaussian_entropy(agent->parameters + agent->log_std_offset,
                                               agent->actions);
  for (size_t s = 0; s < batch->shards; s++) {
    const struct hrlp_ppo_sums *part = &update->ppo->shards[s].sums[batch->which];
    report->policy_loss += weight * part->policy_loss;
    report->value_loss += weight * part->value_loss;
    report->divergence += weight * part->divergence;
    report->clip_fraction += weight * part->clipped;
  }
}

/* A step of Adam for parameters `begin` to `end`, whose gradient is the sum of the
 * shards' and is clipped by its own norm: a wild value error must not silence the policy.
 * False where the norm is not finite. */
static bool adam_step(const struct minibatch *batch, uint64_t number, size_t begin,
                      size_t end) {
  struct hrlp_actor_critic *agent = batch->update->agent;
  const struct hrlp_ppo_config *config = batch->update->config;
  const struct shard *shards = batch->update->ppo->shards;
  float *gradients = shards[0].gradients + begin;
  for (size_t s = 1; s < batch->shards && !batch->summed; s++)
    hrlp_accumulate(gradients, shards[s].gradients + begin, end - begin);
  double norm = sqrt(hrlp_sum_squares(gradients, end - begin));
  if (!isfinite(norm)) return false;
  double limit = (double)config->gradient_norm;
  double count = (double)number;
  struct hrlp_adam_step adam = {
      .scale = norm > limit ? (float)(limit / norm) : 1.0f,
      .beta1 = (float)adam_beta1,
      .beta2 = (float)adam_beta2,
      .rate = (float)((double)config->learning_rate / (1.0 - pow(adam_beta1, count))),
      .root_correction = (float)(1.0 / sqrt(1.0 - pow(adam_beta2, count))),
      .epsilon = adam_epsilon};
  hrlp_adam_update(&adam, agent->parameters + begin, agent->moment1 + begin,
                   agent->moment2 + begin, gradients, end - begin);
  return true;
}

static bool step_network(const struct minibatch *batch, uint64_t number) {
  struct hrlp_actor_critic *agent = batch->update->agent;
  const struct hrlp_ppo_config *config = batch->update->config;
  if (batch->which == HRLP_CRITIC)
    return adam_step(batch, number, agent->critic_offset, agent->log_std_offset);
  if (!adam_step(batch, number, 0, agent->critic_offset) ||
      !adam_step(batch, number, agent->log_std_offset, agent->count))
    return false;
  float *log_std = agent->parameters + agent->log_std_offset;
  for (size_t j = 0; j < agent->actions; j++) {
    if (log_std[j] < config->log_std_minimum) log_std[j] = config->log_std_minimum;
    if (log_std[j] > config->log_std_maximum) log_std[j] = config->log_std_maximum;
  }
  return true;
}

static struct minibatch take_minibatch(const struct update *update,
                                       enum hrlp_network which, size_t number) {
  size_t count = update->samples->count;
  size_t first = count * number / update->minibatches;
  size_t rows = count * (number + 1) / update->minibatches - first;
  return (struct minibatch){update,
                            which,
                            update->ppo->order + first,
                            rows,
                            (rows + HRLP_PPO_SHARD_ROWS - 1) / HRLP_PPO_SHARD_ROWS,
                            false};
}

/* Step `number` of the minibatch's network, from the gradients of all its shards. */
static bool finish_minibatch(const struct minibatch *batch, uint64_t number) {
  const struct update *update = batch->update;
  if (update->epoch + 1 == update->config->epochs) report_minibatch(batch);
  if (step_network(batch, number)) return true;
  update->ppo->networks[batch->which].failed = true;
  return false;
}

/* Takes network `which` through an epoch. */
static void learn_epoch(void *context, size_t which) {
  const struct update *update = context;
  uint64_t steps = update->agent->steps;
  for (size_t i = 0; i < update->minibatches; i++) {
    struct minibatch batch = take_minibatch(update, (enum hrlp_network)which, i);
    hrlp_pool_run(update->pool, shard_gradient, &batch, batch.shards);
    if (!finish_minibatch(&batch, ++steps)) return;
  }
}

/* A rank's shards of a minibatch, of both networks in turn. */
struct rank_shards {
  struct minibatch *networks; /* [HRLP_NETWORKS] */
  size_t first;
};

static void rank_shard_gradient(void *context, size_t number) {
  const struct rank_shards *mine = context;
  shard_gradient(&mine->networks[number % HRLP_NETWORKS],
                 mine->first + number / HRLP_NETWORKS);
}

/* Adds up the gradients of all shards, in their order, into those of the first shard:
 * each rank adds its own to the sum of those before it, and hands it on. That is far less
 * to send than the gradients of each shard, and the sum's bits are those of one rank. */
static hrl_status sum_gradients(struct hrlp_ppo *ppo, size_t gradients, size_t shards,
                                struct hrlp_share share, struct hrlp_group *group,
                                hrl_error *error) {
  float *sum = ppo->shards[0].gradients;
  size_t bytes = gradients * sizeof *sum;
  hrl_status status = HRL_OK;
  for (size_t rank = 0; rank < hrlp_group_sharers(group, shards) && status == HRL_OK;
       rank++) {
    if (rank == hrlp_group_rank(group))
      for (size_t s = share.first > 0 ? share.first : 1; s < share.end; s++)
        hrlp_accumulate(sum, ppo->shards[s].gradients, gradients);
    status = hrlp_group_broadcast(group, "gradients", rank, sum, bytes, error);
  }
  return status;
}

/* Every rank gets the sums of all shards, for the report. */
static hrl_status gather_sums(struct hrlp_ppo *ppo, size_t shards,
                              struct hrlp_share share, struct hrlp_group *group,
                              hrl_error *error) {
  size_t bytes = sizeof ppo->shards->sums;
  char *memory = hrlp_group_reserve(group, share.block * bytes);
  if (memory == NULL) return hrlp_fail_memory(error, "the losses of all ranks");
  /* blocks follow each other without gaps: shard s is at s * bytes */
  for (size_t s = share.first; s < share.end; s++)
    memcpy(memory + s * bytes, ppo->shards[s].sums, bytes);
  hrl_status status =
      hrlp_group_gather(group, "losses", memory, share.block * bytes, error);
  for (size_t s = 0; s < shards && status == HRL_OK; s++)
    memcpy(ppo->shards[s].sums, memory + s * bytes, bytes);
  return status;
}

/* Before a step from minibatches whose shards the ranks share: what all need of all. */
static hrl_status exchange_shards(const struct update *update, size_t shards,
                                  struct hrlp_share share, struct hrlp_group *group,
                                  hrl_error *error) {
  hrl_status status =
      sum_gradients(update->ppo, update->agent->count, shards, share, group, error);
  if (status == HRL_OK && update->epoch + 1 == update->config->epochs)
    status = gather_sums(update->ppo, shards, share, group, error);
  return status;
}

/* An epoch of both networks on the ranks of a group. They go side by side, so that what
 * is exchanged for a minibatch goes in one piece. */
static hrl_status learn_epoch_on_ranks(const struct update *update,
                                       struct hrlp_group *group, hrl_error *error) {
  uint64_t steps = update->agent->steps;
  for (size_t i = 0; i < update->minibatches; i++) {
    struct minibatch batches[] = {take_minibatch(update, HRLP_ACTOR, i),
                                  take_minibatch(update, HRLP_CRITIC, i)};
    size_t shards = batches[HRLP_ACTOR].shards;
    struct hrlp_share share = hrlp_group_share(group, shards);
    struct rank_shards mine = {batches, share.first};
    hrlp_pool_run(update->pool, rank_shard_gradient, &mine,
                  HRLP_NETWORKS * (share.end - share.first));
    if (share.exchanged) {
      hrl_status status = exchange_shards(update, shards, share, group, error);
      if (status != HRL_OK) return status;
      batches[HRLP_ACTOR].summed = batches[HRLP_CRITIC].summed = true;
    }
    steps++;
    bool finite = finish_minibatch(&batches[HRLP_ACTOR], steps);
    if (!finish_minibatch(&batches[HRLP_CRITIC], steps) || !finite) return HRL_OK;
  }
  return HRL_OK;
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

/* Keeps what an update changes. */
static void keep(struct hrlp_ppo *ppo, const struct hrlp_actor_critic *agent) {
  size_t size = agent->count * sizeof(float);
  memcpy(ppo->before, agent->parameters, size);
  memcpy(ppo->before + agent->count, agent->moment1, size);
  memcpy(ppo->before + 2 * agent->count, agent->moment2, size);
}

static void restore(const struct hrlp_ppo *ppo, struct hrlp_actor_critic *agent) {
  size_t size = agent->count * sizeof(float);
  memcpy(agent->parameters, ppo->before, size);
  memcpy(agent->moment1, ppo->before + agent->count, size);
  memcpy(agent->moment2, ppo->before + 2 * agent->count, size);
}

hrl_status hrlp_ppo_update(struct hrlp_ppo *ppo, struct hrlp_actor_critic *agent,
                           const struct hrlp_ppo_config *config,
                           const struct hrlp_samples *samples, uint64_t seed,
                           uint64_t number, struct hrlp_pool *pool,
                           struct hrlp_ppo_report *report, hrl_error *error) {
  *report = (struct hrlp_ppo_report){0};
  if (samples->count == 0) return HRL_OK;
  hrl_status status = reserve_order(ppo, samples->count, error);
  if (status != HRL_OK) return status;
  struct network *actor = &ppo->networks[HRLP_ACTOR];
  struct network *critic = &ppo->networks[HRLP_CRITIC];
  actor->report = critic->report = *report;
  actor->failed = critic->failed = false;
  /* minibatches of nearly equal size: none is left with a handful of samples */
  struct update update = {
      .ppo = ppo,
      .agent = agent,
      .config = config,
      .samples = samples,
      .pool = pool,
      .minibatches = (samples->count + config->minibatch - 1) / config->minibatch};
  struct hrlp_group *group = hrlp_pool_group(pool);
  uint64_t steps = agent->steps;
  keep(ppo, agent);
  for (; update.epoch < config->epochs; update.epoch++) {
    hrlp_random_permutation(seed, number << 8 | update.epoch, ppo->order,
                            (uint32_t)samples->count);
    if (group == NULL)
      hrlp_pool_run(pool, learn_epoch, &update, HRLP_NETWORKS);
    else
      status = learn_epoch_on_ranks(&update, group, error);
    if (status != HRL_OK || actor->failed || critic->failed) {
      restore(ppo, agent);
      agent->steps = steps;
      if (status != HRL_OK) return status;
      return hrlp_fail(error, HRL_ERROR_NUMERIC,
                       "the gradient is not finite; lower the learning rates or check "
                       "the scenario's rewards");
    }
    agent->steps += update.minibatches;
  }
  *report = actor->report;
  report->value_loss = critic->report.value_loss;
  report->loss = report->policy_loss + (double)config->value_weight * report->value_loss -
                 (double)config->entropy_weight * report->entropy;
  return HRL_OK;
}
