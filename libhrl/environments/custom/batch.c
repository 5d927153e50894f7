#include "environments/custom/batch.h"

#include <string.h>

#include "base/memory.h"
#include "environments/custom/call.h"

/* The parts of a batch's memory, one after the other, each on a boundary of 64 bytes.
 * Gives the bytes of all; with `batch`, lays them out from `memory`. */
static size_t lay_out(const hrl_task *task, size_t count, uint8_t *memory,
                      struct hrlp_custom_batch *batch) {
  size_t at = hrlp_padded_bytes(sizeof *batch);
  const size_t bytes[] = {count * sizeof(size_t),
                          count * sizeof(uint64_t),
                          count * task->state_size,
                          count * task->observations * sizeof(float),
                          count * task->goals * sizeof(double),
                          count * task->actions * sizeof(double),
                          count * sizeof(double),
                          count * sizeof(double),
                          count * sizeof(double),
                          count * sizeof(double),
                          count,
                          count * sizeof(struct hrlp_custom_tally)};
  enum { PARTS = sizeof bytes / sizeof bytes[0] };
  void *parts[PARTS];
  for (size_t i = 0; i < PARTS; i++) {
    parts[i] = memory == NULL ? NULL : memory + at;
    at += hrlp_padded_bytes(bytes[i]);
  }
  if (batch == NULL) return at;
  batch->slots = parts[0];
  batch->episodes = parts[1];
  batch->states = parts[2];
  batch->observations = parts[3];
  batch->goals = parts[4];
  batch->actions = parts[5];
  batch->potentials = parts[6];
  batch->next = parts[7];
  batch->result = (hrl_task_result){parts[8], parts[9], parts[10]};
  batch->tallies = parts[11];
  return at;
}

size_t hrlp_custom_batch_size(const struct hrlp_task *task, size_t count) {
  return lay_out(hrlp_custom_definition(task), count, NULL, NULL);
}

struct hrlp_batch *hrlp_custom_batch_lay(const struct hrlp_task *task, void *memory,
                                         size_t count,
                                         const struct hrlp_batch_options *options) {
  struct hrlp_custom_batch *batch = memory;
  *batch = (struct hrlp_custom_batch){.batch = {task, count}, .options = *options};
  lay_out(hrlp_custom_definition(task), count, memory, batch);
  batch->view = (hrl_task_batch){
      .states = batch->states, .episodes = batch->episodes, .seed = options->seed};
  return &batch->batch;
}

static struct hrlp_custom_batch *own(struct hrlp_batch *batch) {
  return (struct hrlp_custom_batch *)batch;
}

static const hrl_task *task_of(const struct hrlp_custom_batch *batch) {
  return hrlp_custom_definition(batch->batch.task);
}

static bool failed(const struct hrlp_custom_batch *batch) {
  return batch->error.status != HRL_OK;
}

void hrlp_custom_reset(struct hrlp_batch *base, uint64_t first_episode) {
  struct hrlp_custom_batch *batch = own(base);
  const hrl_task *task = task_of(batch);
  batch->view.count = base->count;
  batch->view.step = 0;
  batch->observed = batch->weighed = false;
  for (size_t i = 0; i < base->count; i++) {
    batch->slots[i] = i;
    batch->episodes[i] = first_episode + i;
    batch->tallies[i] = (struct hrlp_custom_tally){0};
  }
  memset(batch->states, 0, base->count * task->state_size);
  hrlp_call_reset(task, &batch->view, &batch->error);
}

/* Moves entry `from` of an array of entries of `bytes` to place `to`. */
static void move(void *array, size_t to, size_t from, size_t bytes) {
  memcpy((uint8_t *)array + to * bytes, (uint8_t *)array + from * bytes, bytes);
}

void hrlp_custom_gather(struct hrlp_custom_batch *batch, const size_t *rows,
                        size_t count) {
  const hrl_task *task = task_of(batch);
  if (count == batch->view.count) return;
  for (size_t slot = 0; slot < count; slot++) {
    size_t from = batch->slots[rows[slot]];
    batch->slots[rows[slot]] = slot;
    if (from == slot) continue;
    move(batch->states, slot, from, task->state_size);
    move(batch->episodes, slot, from, sizeof *batch->episodes);
    move(batch->observations, slot, from, task->observations * sizeof(float));
    move(batch->goals, slot, from, task->goals * sizeof(double));
    move(batch->potentials, slot, from, sizeof(double));
  }
  batch->view.count = count;
}

/* Sees to batch->observations. */
static void look(struct hrlp_custom_batch *batch) {
  if (batch->observed || failed(batch)) return;
  hrlp_call_observe(task_of(batch), &batch->view, batch->observations, &batch->error);
  batch->observed = true;
}

/* Where real values [count, width] lie between their bounds. */
static void place_values(const hrl_task_quantity *quantities, size_t width, size_t count,
                         const double *values, float *places) {
  for (size_t k = 0; k < count * width; k++)
    places[k] = (float)hrlp_quantity_place(&quantities[k % width], values[k]);
}

static void value_places(const hrl_task_quantity *quantities, size_t width, size_t count,
                         const float *places, double *values) {
  for (size_t k = 0; k < count * width; k++)
    values[k] = hrlp_quantity_value(&quantities[k % width], (double)places[k]);
}

void hrlp_custom_observe_strategist(struct hrlp_batch *base, const size_t *rows,
                                    size_t count, float *observations, float *offsets) {
  struct hrlp_custom_batch *batch = own(base);
  const hrl_task *task = task_of(batch);
  hrlp_custom_gather(batch, rows, count);
  look(batch);
  if (!failed(batch))
    hrlp_call_choose_goals(task, &batch->view, batch->goals, &batch->error);
  if (failed(batch)) {
    memset(observations, 0, count * task->observations * sizeof(float));
    memset(offsets, 0, count * task->goals * sizeof(float));
    return;
  }
  memcpy(observations, batch->observations, count * task->observations * sizeof(float));
  place_values(task->goal, task->goals, count, batch->goals, offsets);
}

void hrlp_custom_set_goals(struct hrlp_batch *base, const size_t *rows, size_t count,
                           const float *actions) {
  struct hrlp_custom_batch *batch = own(base);
  const hrl_task *task = task_of(batch);
  hrlp_custom_gather(batch, rows, count);
  value_places(task->goal, task->goals, count, actions, batch->goals);
}

void hrlp_custom_write_executor(const hrl_task *task, const float *seen,
                                const double *goals, int64_t steps_to_next_goal,
                                int64_t period, float *observation) {
  memcpy(observation, seen, task->observations * sizeof(float));
  float *rest = observation + task->observations;
  for (size_t j = 0; j < task->goals; j++)
    rest[j] = (float)(2.0 * hrlp_quantity_place(&task->goal[j], goals[j]) - 1.0);
  rest[task->goals] = (float)((double)steps_to_next_goal / (double)period);
}

void hrlp_custom_observe_executor(struct hrlp_batch *base, const size_t *rows,
                                  size_t count, int64_t steps_to_next_goal,
                                  float *observations, float *offsets) {
  struct hrlp_custom_batch *batch = own(base);
  const hrl_task *task = task_of(batch);
  size_t width = base->task->environment->executor_observations;
  hrlp_custom_gather(batch, rows, count);
  look(batch);
  if (!failed(batch))
    hrlp_call_choose_actions(task, &batch->view, batch->goals, batch->actions,
                             &batch->error);
  if (failed(batch)) {
    memset(observations, 0, count * width * sizeof(float));
    memset(offsets, 0, count * task->actions * sizeof(float));
    return;
  }
  for (size_t slot = 0; slot < count; slot++)
    hrlp_custom_write_executor(task, batch->observations + slot * task->observations,
                               batch->goals + slot * task->goals, steps_to_next_goal,
                               batch->options.period, observations + slot * width);
  place_values(task->action, task->actions, count, batch->actions, offsets);
}

bool hrlp_custom_advance(struct hrlp_custom_batch *batch, const size_t *rows,
                         uint8_t *finished) {
  const hrl_task *task = task_of(batch);
  size_t count = batch->view.count;
  if (!failed(batch))
    hrlp_call_step(task, &batch->view, batch->goals, batch->actions, &batch->result,
                   &batch->error);
  batch->view.step++;
  batch->observed = false;
  memset(finished, 1, count);
  if (failed(batch)) return false;
  bool is_last = batch->view.step >= task->steps;
  for (size_t slot = 0; slot < count; slot++) {
    struct hrlp_custom_tally *tally = &batch->tallies[rows[slot]];
    uint8_t *end = &batch->result.ends[slot];
    if (*end == HRL_TASK_GOES_ON && is_last) *end = HRL_TASK_TRUNCATED;
    tally->reward += batch->result.rewards[slot];
    tally->departure += batch->result.departures[slot];
    tally->steps++;
    tally->end = *end;
    finished[slot] = *end != HRL_TASK_GOES_ON;
  }
  return true;
}

/* What the change of the potential adds to both agents' rewards. In the sum of what each
 * discounts nothing is left of it but the first. */
static void add_potentials(struct hrlp_custom_batch *batch, size_t count,
                           const uint8_t *finished, const struct hrlp_rewards *rewards) {
  const struct hrlp_batch_options *options = &batch->options;
  bool is_border = batch->view.step % (size_t)options->period == 0;
  hrlp_call_potential(task_of(batch), &batch->view, batch->result.ends, batch->next,
                      &batch->error);
  for (size_t slot = 0; slot < count && !failed(batch); slot++) {
    double now = batch->potentials[slot];
    double next = batch->next[slot];
    rewards->executor[slot] += options->gamma_low * next - now;
    rewards->strategist[slot] +=
        (is_border || finished[slot] ? options->gamma_high : 1.0) * next - now;
    batch->potentials[slot] = next;
  }
}

void hrlp_custom_step(struct hrlp_batch *base, const size_t *rows, size_t count,
                      const float *actions, const struct hrlp_rewards *rewards,
                      uint8_t *finished) {
  struct hrlp_custom_batch *batch = own(base);
  const hrl_task *task = task_of(batch);
  hrlp_custom_gather(batch, rows, count);
  value_places(task->action, task->actions, count, actions, batch->actions);
  bool shapes = rewards != NULL && task->potential != NULL;
  if (shapes && !batch->weighed && !failed(batch))
    hrlp_call_potential(task, &batch->view, NULL, batch->potentials, &batch->error);
  batch->weighed = shapes;
  bool played = hrlp_custom_advance(batch, rows, finished);
  for (size_t slot = 0; slot < count && rewards != NULL; slot++) {
    double reward = played ? batch->result.rewards[slot] : 0.0;
    double departure = played ? batch->result.departures[slot] : 0.0;
    rewards->strategist[slot] = reward;
    rewards->executor[slot] = reward - batch->options.goal_weight * departure;
  }
  if (played && shapes) add_potentials(batch, count, finished, rewards);
  if (failed(batch)) memset(finished, 1, count);
}

bool hrlp_custom_truncated(struct hrlp_batch *base, size_t i, float *strategist,
                           float *executor) {
  struct hrlp_custom_batch *batch = own(base);
  const hrl_task *task = task_of(batch);
  if (failed(batch) || batch->tallies[i].end != HRL_TASK_TRUNCATED) return false;
  size_t slot = batch->slots[i];
  hrl_task_batch one = batch->view;
  one.count = 1;
  one.states = batch->states + slot * task->state_size;
  one.episodes = batch->episodes + slot;
  if (hrlp_call_observe(task, &one, strategist, &batch->error) != HRL_OK) return false;
  int64_t period = batch->options.period;
  hrlp_custom_write_executor(task, strategist, batch->goals + slot * task->goals,
                             period - (int64_t)batch->view.step % period, period,
                             executor);
  return true;
}

void hrlp_custom_month(const struct hrlp_batch *base, size_t i,
                       hrl_trajectory_month *month) {
  const struct hrlp_custom_batch *batch = (const struct hrlp_custom_batch *)base;
  const hrl_task *task = task_of(batch);
  size_t slot = batch->slots[i];
  month->month = batch->view.step;
  month->reward = failed(batch) ? 0.0 : batch->result.rewards[slot];
  month->departure = failed(batch) ? 0.0 : batch->result.departures[slot];
  month->goals = batch->goals + slot * task->goals;
  month->actions = batch->actions + slot * task->actions;
  month->state = batch->states + slot * task->state_size;
  month->end = batch->tallies[i].end;
}

void hrlp_custom_episode(const struct hrlp_batch *base, size_t i,
                         struct hrlp_episode *episode) {
  const struct hrlp_custom_batch *batch = (const struct hrlp_custom_batch *)base;
  const struct hrlp_custom_tally *tally = &batch->tallies[i];
  size_t most = task_of(batch)->steps;
  double steps = tally->steps > 0 ? (double)tally->steps : 1.0;
  *episode = (struct hrlp_episode){
      .reward = tally->reward,
      .strategic_return = tally->reward,
      .months = tally->steps,
      .stability = 1.0,
      .goal_adherence = tally->departure / steps,
      .insolvent = tally->end == HRL_TASK_TERMINATED && (size_t)tally->steps < most};
}

const hrl_error *hrlp_custom_problem(const struct hrlp_batch *base) {
  const struct hrlp_custom_batch *batch = (const struct hrlp_custom_batch *)base;
  return failed(batch) ? &batch->error : NULL;
}
