/* environments/lifecycle/batch.h - N households for the agents: the environment
 * interface's functions over batches. environments/environment.h says what each must do.
 */
#ifndef HRLP_LIFECYCLE_BATCH_H
#define HRLP_LIFECYCLE_BATCH_H

#include "environments/environment.h"

size_t hrlp_lifecycle_batch_size(const struct hrlp_task *task, size_t count);
struct hrlp_batch *hrlp_lifecycle_batch_lay(const struct hrlp_task *task, void *memory,
                                            size_t count,
                                            const struct hrlp_batch_options *options);
void hrlp_lifecycle_reset(struct hrlp_batch *batch, uint64_t first_episode);
void hrlp_lifecycle_observe_strategist(struct hrlp_batch *batch, const size_t *rows,
                                       size_t count, float *observations, float *offsets);
void hrlp_lifecycle_set_goals(struct hrlp_batch *batch, const size_t *rows, size_t count,
                              const float *actions);
void hrlp_lifecycle_observe_executor(struct hrlp_batch *batch, const size_t *rows,
                                     size_t count, int64_t months_to_next_goal,
                                     float *observations, float *offsets);
void hrlp_lifecycle_step(struct hrlp_batch *batch, const size_t *rows, size_t count,
                         const float *actions, const struct hrlp_rewards *rewards,
                         uint8_t *finished);
void hrlp_lifecycle_observe_nodes(struct hrlp_batch *batch, const size_t *rows,
                                  size_t count, int64_t months_to_next_goal,
                                  float *observations, float *weights);
void hrlp_lifecycle_month(const struct hrlp_batch *batch, size_t i,
                          hrl_trajectory_month *month);
void hrlp_lifecycle_episode(const struct hrlp_batch *batch, size_t i,
                            struct hrlp_episode *episode);

/* How many states the coming month's noise leads to. */
size_t hrlp_lifecycle_node_count(const struct hrlp_task *task);

#endif
