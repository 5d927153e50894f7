#include "rl/ppo_gradient.h"

#include <string.h>

#include "base/memory.h"
#include "math/vector.h"
#include "nn/gaussian.h"

size_t hrlp_ppo_workspace_lay(struct hrlp_ppo_workspace *workspace,
                              const struct hrlp_actor_critic *agent,
                              enum hrlp_network which, float *memory) {
  const struct hrlp_mlp *mlp = which == HRLP_ACTOR ? &agent->actor : &agent->critic;
  const size_t sizes[] = {HRLP_PPO_SHARD_ROWS * agent->observations,
                          hrlp_mlp_workspace_size(mlp, HRLP_PPO_SHARD_ROWS),
                          agent->actions, agent->actions,
                          HRLP_PPO_SHARD_ROWS * mlp->widths[mlp->layers]};
  float **const arrays[] = {&workspace->observations, &workspace->layers,
                            &workspace->precision, &workspace->d_log_std,
                            &workspace->d_outputs};
  size_t used = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (memory != NULL) *arrays[i] = memory + used;
    used += hrlp_aligned_floats(sizes[i]);
  }
  return used;
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

static void actor_gradient(const struct hrlp_ppo_rows *rows,
                           struct hrlp_ppo_workspace *workspace) {
  const struct hrlp_actor_critic *agent = rows->agent;
  const struct hrlp_samples *samples = rows->samples;
  const uint32_t *order = rows->order;
  size_t actions = agent->actions;
  /* the workspace is this thread's own, so the means may be written to */
  float *mean = (float *)(uintptr_t)hrlp_mlp_forward(&agent->actor, agent->parameters,
                                                     workspace->observations, rows->count,
                                                     workspace->layers);
  float *d_log_std = workspace->d_log_std;
  memset(d_log_std, 0, actions * sizeof(float));
  hrlp_gaussian_precision(agent->parameters + agent->log_std_offset, actions,
                          workspace->precision);
  float log_ratio[HRLP_PPO_SHARD_ROWS];
  float ratio[HRLP_PPO_SHARD_ROWS];
  policy_ratios(agent, samples, order, rows->count, workspace->precision, mean, log_ratio,
                ratio);
  struct hrlp_ppo_sums sums = {0};
  for (size_t i = 0; i < rows->count; i++) {
    float factor = policy_loss(rows->config, samples->advantages[order[i]], rows->share,
                               log_ratio[i], ratio[i], &sums);
    hrlp_gaussian_backward_at(samples->actions + order[i] * actions, mean + i * actions,
                              workspace->precision, factor, actions,
                              workspace->d_outputs + i * actions, d_log_std);
  }
  *rows->sums = sums;
  for (size_t j = 0; j < actions; j++)
    rows->gradients[agent->log_std_offset + j] =
        d_log_std[j] - rows->config->entropy_weight * rows->share * (float)rows->count;
  hrlp_mlp_backward(&agent->actor, agent->parameters, workspace->observations,
                    workspace->d_outputs, rows->count, workspace->layers,
                    rows->gradients);
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

/* to[i] = from[order[i]], of rows that are `width` wide: a handful of numbers, less than
 * a call costs. */
static void gather(const float *restrict from, size_t width, const uint32_t *order,
                   size_t rows, float *restrict to) {
  for (size_t i = 0; i < rows; i++, to += width) {
    const float *row = from + order[i] * width;
    size_t j = 0;
    for (; j + 4 <= width; j += 4) memcpy(to + j, row + j, 4 * sizeof *to);
    for (; j < width; j++) to[j] = row[j];
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
