/* Compiled, as math/vector.c, with -fno-trapping-math: comparisons are selections then,
 * not branches, which would be taken at random. */
#include "rl/ppo_loss.h"

#include "base/clones.h"
#include "nn/gaussian.h"

/* What each sample adds to the sums. */
struct parts {
  float loss[HRLP_PPO_SHARD_ROWS], divergence[HRLP_PPO_SHARD_ROWS],
      clipped[HRLP_PPO_SHARD_ROWS];
};

HRLP_CLONES static void find_parts(float low, float high, size_t count, float share,
                                   const float *restrict advantage,
                                   const float *restrict log_ratio,
                                   const float *restrict ratio, float *restrict factor,
                                   struct parts *restrict parts) {
  for (size_t i = 0; i < count; i++) {
    float clamped = ratio[i] < low ? low : ratio[i];
    clamped = clamped > high ? high : clamped;
    float plain = ratio[i] * advantage[i];
    float bounded = clamped * advantage[i];
    parts->loss[i] = (plain < bounded ? plain : bounded) * share;
    parts->divergence[i] = (ratio[i] - 1.0f - log_ratio[i]) * share;
    parts->clipped[i] = clamped == ratio[i] ? 0.0f : share;
    /* where the clipped branch is the smaller, it is constant: no gradient; asked this
     * way round, a NaN passes on and is found before the step */
    factor[i] = plain > bounded ? 0.0f : -plain * share;
  }
}

void hrlp_ppo_policy_loss(const struct hrlp_ppo_config *config, size_t count, float share,
                          const float *advantage, const float *log_ratio,
                          const float *ratio, float *factor, struct hrlp_ppo_sums *sums) {
  struct parts parts;
  find_parts(1.0f - config->clip, 1.0f + config->clip, count, share, advantage, log_ratio,
             ratio, factor, &parts);
  struct hrlp_ppo_sums all = {0};
  for (size_t i = 0; i < count; i++) {
    all.policy_loss -= (double)parts.loss[i];
    all.divergence += (double)parts.divergence[i];
    all.clipped += (double)parts.clipped[i];
  }
  *sums = all;
}

HRLP_CLONES float hrlp_ppo_policy_gradient(size_t count, const float *restrict factor,
                                           const float *restrict z, float precision,
                                           float *restrict d_mean, size_t actions) {
  /* eight sums side by side: an order of its own, the same for every register width */
  float sums[8] = {0};
  size_t whole = count - count % 8;
  for (size_t i = 0; i < whole; i += 8)
    for (size_t j = 0; j < 8; j++)
      sums[j] += hrlp_gaussian_d_log_std(factor[i + j], z[i + j]);
  for (size_t i = whole; i < count; i++)
    sums[i - whole] += hrlp_gaussian_d_log_std(factor[i], z[i]);
  for (size_t i = 0; i < count; i++)
    d_mean[i * actions] = hrlp_gaussian_d_mean(factor[i], z[i], precision);
  float total = 0.0f;
  for (size_t j = 0; j < 8; j++) total += sums[j];
  return total;
}
