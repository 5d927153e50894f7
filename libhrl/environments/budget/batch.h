/* environments/budget/batch.h - episodes of the base household side by side, for agents
 * that learn. The functions are those of environments/environment.h. */
#ifndef HRLP_BUDGET_BATCH_H
#define HRLP_BUDGET_BATCH_H

#include "environments/environment.h"

/* Of Gauss and Hermite for the normal draw of a month's variable expenses. */
#define HRLP_BUDGET_NODES 5

size_t hrlp_budget_batch_size(const struct hrlp_task *task, size_t count);
struct hrlp_batch *hrlp_budget_batch_lay(const struct hrlp_task *task, void *memory,
                                         size_t count,
                                         const struct hrlp_batch_options *options);
void hrlp_budget_reset(struct hrlp_batch *batch, uint64_t first_episode);
void hrlp_budget_observe_strategist(struct hrlp_batch *batch, const size_t *rows,
                                    size_t count, float *observations, float *offsets);
void hrlp_budget_set_goals(struct hrlp_batch *batch, const size_t *rows, size_t count,
                           const float *actions);
void hrlp_budget_observe_executor(struct hrlp_batch *batch, const size_t *rows,
                                  size_t count, int64_t months_to_next_goal,
                                  float *observations, float *offsets);
void hrlp_budget_step(struct hrlp_batch *batch, const size_t *rows, size_t count,
                      const float *actions, const struct hrlp_rewards *rewards,
                      uint8_t *finished);
void hrlp_budget_observe_nodes(struct hrlp_batch *batch, const size_t *rows, size_t count,
                               int64_t months_to_next_goal, float *observations,
                               float *weights);
void hrlp_budget_month(const struct hrlp_batch *batch, size_t i,
                       hrl_trajectory_month *month);
void hrlp_budget_episode(const struct hrlp_batch *batch, size_t i,
                         struct hrlp_episode *episode);

#endif
