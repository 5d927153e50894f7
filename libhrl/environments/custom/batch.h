/* custom/batch.h - episodes of a program's own task, side by side. Its functions see
 * those that go on without gaps; the batch moves their states together when others end.
 */
#ifndef HRLP_CUSTOM_BATCH_H
#define HRLP_CUSTOM_BATCH_H

#include "environments/custom/task.h"

/* What is measured of an episode. */
struct hrlp_custom_tally {
  double reward, departure; /* sums */
  int64_t steps;
  uint8_t end; /* hrl_task_end of the last step */
};

/* Arrays hold the episodes that go on, in the order of the batch; `slot` is the place of
 * one among them. */
struct hrlp_custom_batch {
  struct hrlp_batch batch;
  struct hrlp_batch_options options;
  hrl_task_batch view; /* what the task sees */
  size_t *slots;       /* [N] of each episode of the batch that goes on */
  uint64_t *episodes;
  uint8_t *states;     /* [slots, state_size] */
  float *observations; /* [slots, observations], where `observed` */
  double *goals;       /* [slots, goals] */
  double *actions;     /* [slots, actions] */
  double *potentials;  /* [slots] of the present states, where `weighed` */
  double *next;        /* [slots] those after a step */
  hrl_task_result result;
  struct hrlp_custom_tally *tallies; /* [N] */
  bool observed, weighed;
  hrl_error error; /* the first that the task failed with */
};

/* The functions of environment.h. */
size_t hrlp_custom_batch_size(const struct hrlp_task *task, size_t count);
struct hrlp_batch *hrlp_custom_batch_lay(const struct hrlp_task *task, void *memory,
                                         size_t count,
                                         const struct hrlp_batch_options *options);
void hrlp_custom_reset(struct hrlp_batch *batch, uint64_t first_episode);
void hrlp_custom_observe_strategist(struct hrlp_batch *batch, const size_t *rows,
                                    size_t count, float *observations, float *offsets);
void hrlp_custom_set_goals(struct hrlp_batch *batch, const size_t *rows, size_t count,
                           const float *actions);
void hrlp_custom_observe_executor(struct hrlp_batch *batch, const size_t *rows,
                                  size_t count, int64_t steps_to_next_goal,
                                  float *observations, float *offsets);
void hrlp_custom_step(struct hrlp_batch *batch, const size_t *rows, size_t count,
                      const float *actions, const struct hrlp_rewards *rewards,
                      uint8_t *finished);
bool hrlp_custom_truncated(struct hrlp_batch *batch, size_t i, float *strategist,
                           float *executor);
void hrlp_custom_month(const struct hrlp_batch *batch, size_t i,
                       hrl_trajectory_month *month);
void hrlp_custom_episode(const struct hrlp_batch *batch, size_t i,
                         struct hrlp_episode *episode);
const hrl_error *hrlp_custom_problem(const struct hrlp_batch *batch);

/* Moves the states of rows[0..count), ascending, together; the others have ended. */
void hrlp_custom_gather(struct hrlp_custom_batch *batch, const size_t *rows,
                        size_t count);

/* One step by batch->actions, which are within bounds; `finished` as for `step`. False
 * where the task failed: then all have finished. */
bool hrlp_custom_advance(struct hrlp_custom_batch *batch, const size_t *rows,
                         uint8_t *finished);

/* An executor's observation of a state that both agents see as `seen`. */
void hrlp_custom_write_executor(const hrl_task *task, const float *seen,
                                const double *goals, int64_t steps_to_next_goal,
                                int64_t period, float *observation);

#endif
