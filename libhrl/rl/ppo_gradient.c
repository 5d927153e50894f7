#include "rl/ppo_gradient.h"

#include <string.h>

#include "base/memory.h"
#include "math/vector.h"
#include "nn/gaussian.h"
#include "rl/ppo_loss.h"

size_t hrlp_ppo_workspace_lay(struct hrlp_ppo_workspace *workspace,
                              const struct hrlp_actor_critic *agent,
                              enum hrlp_network which, float *memory) {
  const struct hrlp_mlp *mlp = which == HRLP_ACTOR ? &agent->actor : &agent->critic;
  size_t actions =
      which == HRLP_ACTOR ? agent->actions : 0; /* the critic has no policy */
  const size_t sizes[] = {HRLP_PPO_SHARD_ROWS * agent->observations,
                          hrlp_mlp_workspace_size(mlp, HRLP_PPO_SHARD_ROWS), actions,
                          HRLP_PPO_SHARD_ROWS * actions,
                          HRLP_PPO_SHARD_ROWS * mlp->widths[mlp->layers]};
  float **const arrays[] = {&workspace->observations, &workspace->layers,
                            &workspace->precision, &workspace->deviations,
                            &workspace->d_outputs};
  size_t used = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (memory != NULL) *arrays[i] = memory + used;
    used += hrlp_padded_count(sizes[i]);
  }
  return used;
}

/* How far the actions are from the policy's means, offset + actor, in deviations: row i's
 * in action j is z[j * count + i], so that what follows is done for many rows at once. */
static void find_deviations(const struct hrlp_ppo_rows *rows, const float *mean,
                            const float *precision, float *z) {
  size_t actions = rows->agent->actions;
  for (size_t i = 0; i < rows->count; i++) {
    const float *action = rows->samples->actions + rows->order[i] * actions;
    const float *offset = rows->samples->offsets + rows->order[i] * actions;
    for (size_t j = 0; j < actions; j++)
      z[j * rows->count + i] =
          (action[j] - (mean[i * actions + j] + offset[j])) * precision[j];
  }
}

/* ratio[i] = exp(log_ratio[i]): how much likelier row i's action is now than when it was
 * drawn. */
static void find_ratios(const struct hrlp_ppo_rows *rows, const float *z,
                        float *restrict log_ratio, float *restrict ratio) {
  const float *log_std = rows->agent->parameters + rows->agent->log_std_offset;
  for (size_t i = 0; i < rows->count; i++) log_ratio[i] = 0.0f;
  for (size_t j = 0; j < rows->agent->actions; j++, z += rows->count)
    for (size_t i = 0; i < rows->count; i++)
      log_ratio[i] -= hrlp_gaussian_surprise(z[i], log_std[j]);
  for (size_t i = 0; i < rows->count; i++) {
    log_ratio[i] -= rows->samples->log_probabilities[rows->order[i]];
    /* exp(20) is far beyond any clip; more would only overflow */
    ratio[i] = log_ratio[i] > 20.0f ? 20.0f : log_ratio[i];
  }
  hrlp_exp(ratio, rows->count);
}

static void actor_gradient(const struct hrlp_ppo_rows *rows,
                           struct hrlp_ppo_workspace *workspace) {
  const struct hrlp_actor_critic *agent = rows->agent;
  size_t actions = agent->actions;
  size_t count = rows->count;
  const float *mean = hrlp_mlp_forward(&agent->actor, agent->parameters,
                                       workspace->observations, count, workspace->layers);
  const float *precision = workspace->precision;
  float log_ratio[HRLP_PPO_SHARD_ROWS];
  float ratio[HRLP_PPO_SHARD_ROWS];
  float advantage[HRLP_PPO_SHARD_ROWS];
  float factor[HRLP_PPO_SHARD_ROWS];
  hrlp_gaussian_precision(agent->parameters + agent->log_std_offset, actions,
                          workspace->precision);
  find_deviations(rows, mean, precision, workspace->deviations);
  find_ratios(rows, workspace->deviations, log_ratio, ratio);
  for (size_t i = 0; i < count; i++)
    advantage[i] = rows->samples->advantages[rows->order[i]];
  hrlp_ppo_policy_loss(rows->config, count, rows->share, advantage, log_ratio, ratio,
                       factor, rows->sums);
  float entropy_gradient = rows->config->entropy_weight * rows->share * (float)count;
  for (size_t j = 0; j < actions; j++)
    rows->gradients[agent->log_std_offset + j] =
        hrlp_ppo_policy_gradient(count, factor, workspace->deviations + j * count,
                                 precision[j], workspace->d_outputs + j, actions) -
        entropy_gradient;
  hrlp_mlp_backward(&agent->actor, agent->parameters, workspace->observations,
                    workspace->d_outputs, count, workspace->layers, rows->gradients);
}

static void critic_gradient(const struct hrlp_ppo_rows *rows,
                            struct hrlp_ppo_workspace *workspace) {
  const struct hrlp_actor_critic *agent = rows->agent;
  const float *critic = agent->parameters + agent->critic_offset;
  const float *values = hrlp_mlp_forward(&agent->critic, critic, workspace->observations,
                                         rows->count, workspace->layers);
  struct hrlp_ppo_sums sums = {0};
  for (size_t i = 0; i < rows->count; i++) {
    float difference = values[i] - rows->samples->returns[rows->order[i]];
    workspace->d_outputs[i] = rows->config->value_weight * difference * rows->share;
    sums.value_loss += (double)(0.5f * difference * difference * rows->share);
  }
  *rows->sums = sums;
  hrlp_mlp_backward(&agent->critic, critic, workspace->observations, workspace->d_outputs,
                    rows->count, workspace->layers,
                    rows->gradients + agent->critic_offset);
}

/* to[i] = from[order[i]], of rows that are `width` wide. Four numbers at a time, the last
 * four again where they overlap: the compiler would make a call of a plain loop, which
 * takes longer than the copy. */
static void gather(const float *from, size_t width, const uint32_t *order, size_t rows,
                   float *to) {
  if (width < 4) {
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < width; j++) to[i * width + j] = from[order[i] * width + j];
    return;
  }
  for (size_t i = 0; i < rows; i++, to += width) {
    const float *row = from + order[i] * width;
    for (size_t j = 0; j + 4 < width; j += 4) memcpy(to + j, row + j, 4 * sizeof *to);
    memcpy(to + width - 4, row + width - 4, 4 * sizeof *to);
  }
}

void hrlp_ppo_rows_gradient(const struct hrlp_ppo_rows *rows, enum hrlp_network which,
                            struct hrlp_ppo_workspace *workspace) {
  gather(rows->samples->observations, rows->agent->observations, rows->order, rows->count,
         workspace->observations);
  if (which == HRLP_ACTOR)
    actor_gradient(rows, workspace);
  else
    critic_gradient(rows, workspace);
}
