/* task_sample.h - tasks of a program's own for tests: a store room, whose optimum is
 * known, and a walk whose episodes end at different steps in different ways. */
#ifndef TEST_TASK_SAMPLE_H
#define TEST_TASK_SAMPLE_H

#include <hrl/task.h>
#include <math.h>

/* ---- a store room: demand by season and chance, a piece left costs 1, one short 9 ----
 */

#define ROOM_STEPS 24
#define ROOM_DEVIATION 15.0
#define ROOM_QUANTILE 1.2815515655446004 /* 9 / (1 + 9) of a normal number */

struct room {
  double stock;
};

static inline double room_expected(size_t month) {
  return 100.0 + 30.0 * sin(2.0 * acos(-1.0) * (double)month / 12.0);
}

static inline int room_reset(void *data, const hrl_task_batch *batch) {
  (void)data;
  struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++) rooms[i].stock = 50.0;
  return 0;
}

static inline int room_observe(void *data, const hrl_task_batch *batch,
                               float *observations) {
  (void)data;
  const struct room *rooms = batch->states;
  double angle = 2.0 * acos(-1.0) * (double)batch->step / 12.0;
  for (size_t i = 0; i < batch->count; i++, observations += 3) {
    observations[0] = (float)(rooms[i].stock / 100.0);
    observations[1] = (float)sin(angle);
    observations[2] = (float)cos(angle);
  }
  return 0;
}

static inline int room_step(void *data, const hrl_task_batch *batch, const double *goals,
                            const double *actions, hrl_task_result *result) {
  (void)data;
  struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++) {
    double normals[4];
    hrl_task_draw_normals(batch, i, 0, normals);
    double demand = room_expected(batch->step) + ROOM_DEVIATION * normals[0];
    double filled = rooms[i].stock + actions[i];
    rooms[i].stock = filled - fmax(0.0, demand);
    result->rewards[i] = -fmax(rooms[i].stock, -9.0 * rooms[i].stock);
    result->departures[i] = 0.1 * fabs(filled - room_expected(batch->step) - goals[i]);
  }
  return 0;
}

static inline void room_fill(const hrl_task_batch *batch, double level, double *actions) {
  const struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++) actions[i] = level - rooms[i].stock;
}

static inline int room_order(void *data, const hrl_task_batch *batch, const double *goals,
                             double *actions) {
  (void)data;
  room_fill(batch, 100.0, actions);
  for (size_t i = 0; i < batch->count; i++) actions[i] += goals[i];
  return 0;
}

static inline int room_rule(void *data, size_t number, const hrl_task_batch *batch,
                            double *actions) {
  (void)data;
  room_fill(batch, 5.0 * (double)number, actions);
  return 0;
}

static inline int room_optimum(void *data, const hrl_task_batch *batch, double *actions) {
  (void)data;
  room_fill(batch, room_expected(batch->step) + ROOM_QUANTILE * ROOM_DEVIATION, actions);
  return 0;
}

/* The newsvendor's cost, (h + p) sigma phi(z) a month. */
static inline double room_return(void *data) {
  (void)data;
  return -ROOM_STEPS * 10.0 * ROOM_DEVIATION * exp(-0.5 * ROOM_QUANTILE * ROOM_QUANTILE) /
         sqrt(2.0 * acos(-1.0));
}

static const hrl_task_quantity room_goal[] = {{"plan", 0.0, 50.0}};
static const hrl_task_quantity room_action[] = {{"order", 0.0, 250.0}};
static const hrl_task room_task = {.size = sizeof room_task,
                                   .name = "trial",
                                   .version = 3,
                                   .steps = ROOM_STEPS,
                                   .observations = 3,
                                   .goals = 1,
                                   .goal = room_goal,
                                   .actions = 1,
                                   .action = room_action,
                                   .state_size = sizeof(struct room),
                                   .reset = room_reset,
                                   .observe = room_observe,
                                   .step = room_step,
                                   .choose_actions = room_order,
                                   .rules = 40,
                                   .rule = room_rule,
                                   .optimum = room_optimum,
                                   .optimum_return = room_return};

/* ---- a walk on a line: over at -2, cut off at 2, or after 20 steps ---- */

#define WALK_STEPS 20

struct walk {
  double x;
  uint64_t episode; /* its own: whoever sees another's is told */
};

static inline int walk_reset(void *data, const hrl_task_batch *batch) {
  (void)data;
  struct walk *walks = batch->states;
  for (size_t i = 0; i < batch->count; i++) {
    double drawn[4];
    hrl_task_draw_uniforms(batch, i, 1, drawn);
    walks[i] = (struct walk){drawn[0] - 0.5, batch->episodes[i]};
  }
  return 0;
}

static inline int walk_observe(void *data, const hrl_task_batch *batch,
                               float *observations) {
  (void)data;
  const struct walk *walks = batch->states;
  for (size_t i = 0; i < batch->count; i++) observations[i] = (float)walks[i].x;
  return 0;
}

/* `data`, where it is given, is what a step returns from its fourth on. */
static inline int walk_step(void *data, const hrl_task_batch *batch, const double *goals,
                            const double *actions, hrl_task_result *result) {
  struct walk *walks = batch->states;
  for (size_t i = 0; i < batch->count; i++) {
    double drawn[4];
    hrl_task_draw_normals(batch, i, 0, drawn);
    if (walks[i].episode != batch->episodes[i]) return 99;
    walks[i].x += actions[2 * i] + 0.5 * actions[2 * i + 1] + 0.4 * drawn[0];
    result->rewards[i] = 1.0 - walks[i].x * walks[i].x;
    result->departures[i] = fabs(walks[i].x - goals[2 * i]);
    if (walks[i].x < -2.0) result->ends[i] = HRL_TASK_TERMINATED;
    if (walks[i].x > 2.0) result->ends[i] = HRL_TASK_TRUNCATED;
  }
  return data != NULL && batch->step >= 3 ? *(const int *)data : 0;
}

static inline int walk_potential(void *data, const hrl_task_batch *batch,
                                 double *potentials) {
  (void)data;
  const struct walk *walks = batch->states;
  for (size_t i = 0; i < batch->count; i++) potentials[i] = 3.0 - fabs(walks[i].x);
  return 0;
}

static const hrl_task_quantity walk_goal[] = {{"place", -1.0, 1.0}, {"mood", 0.0, 5.0}};
static const hrl_task_quantity walk_action[] = {{"push", -1.0, 1.0}, {"pull", -0.5, 0.5}};
static const hrl_task walk_task = {.size = sizeof walk_task,
                                   .name = "trial",
                                   .version = 1,
                                   .steps = WALK_STEPS,
                                   .observations = 1,
                                   .goals = 2,
                                   .goal = walk_goal,
                                   .actions = 2,
                                   .action = walk_action,
                                   .state_size = sizeof(struct walk),
                                   .reset = walk_reset,
                                   .observe = walk_observe,
                                   .step = walk_step,
                                   .potential = walk_potential};

#endif
