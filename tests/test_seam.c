/* The seam of environments: a second environment, which shares nothing with the
 * household, is learned by the same agents.
 *
 * A point on a line is to be held at 0 for a dozen months by two forces:
 *     x' = x + u + v / 2 + noise,    reward = -(x^2 + u^2 / 2 + v^2)
 * The best forces are linear in x, by Riccati's recursion. The strategist asks for a
 * place to go to, which nobody is paid for. */
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/learner.h"
#include "base/random.h"
#include "evaluate/evaluate.h"

#define MONTHS 12
#define NOISE 0.2
#define BATCH 128

/* How far the agents' mean cost may lie above the best one. */
static const double optimum_tolerance = 0.02;

struct point_batch {
  struct hrlp_batch batch;
  uint64_t seed;
  double *x;      /* [N] */
  double *target; /* [N] the goal */
  double *reward; /* [N] so far */
  uint64_t *episode;
  int64_t *month;
};

static size_t batch_size(const struct hrlp_task *task, size_t count) {
  (void)task;
  return sizeof(struct point_batch) + 5 * count * sizeof(double);
}

static struct hrlp_batch *batch_lay(const struct hrlp_task *task, void *memory,
                                    size_t count,
                                    const struct hrlp_batch_options *options) {
  struct point_batch *batch = memory;
  double *next = (void *)(batch + 1);
  *batch = (struct point_batch){{task, count},    options->seed, next, next + count,
                                next + 2 * count, NULL,          NULL};
  batch->episode = (void *)(next + 3 * count);
  batch->month = (void *)(next + 4 * count);
  return &batch->batch;
}

static double normal(uint64_t seed, uint64_t episode, int64_t month) {
  double drawn[4];
  hrlp_random_normals(seed, HRLP_RANDOM_EXPENSES, episode, (uint32_t)month, drawn);
  return drawn[0];
}

static double start_of(uint64_t seed, uint64_t episode) {
  return 0.5 * normal(seed, episode, 1000);
}

static void reset(struct hrlp_batch *base, uint64_t first_episode) {
  struct point_batch *batch = (struct point_batch *)base;
  for (size_t i = 0; i < base->count; i++) {
    batch->episode[i] = first_episode + i;
    batch->month[i] = 0;
    batch->reward[i] = 0.0;
    batch->x[i] = start_of(batch->seed, first_episode + i);
  }
}

static void strategist_observe(struct hrlp_batch *base, const size_t *rows, size_t count,
                               float *observations, float *offsets) {
  const struct point_batch *batch = (const struct point_batch *)base;
  for (size_t row = 0; row < count; row++) {
    observations[2 * row] = (float)batch->x[rows[row]];
    observations[2 * row + 1] = (float)batch->month[rows[row]] / MONTHS;
    offsets[row] = 0.0f;
  }
}

static void goals_set(struct hrlp_batch *base, const size_t *rows, size_t count,
                      const float *actions) {
  struct point_batch *batch = (struct point_batch *)base;
  for (size_t row = 0; row < count; row++)
    batch->target[rows[row]] = (double)actions[row];
}

static void executor_observe(struct hrlp_batch *base, const size_t *rows, size_t count,
                             int64_t months_to_next_goal, float *observations,
                             float *offsets) {
  const struct point_batch *batch = (const struct point_batch *)base;
  for (size_t row = 0; row < count; row++) {
    size_t i = rows[row];
    double left = (double)(MONTHS - batch->month[i]);
    float *observed = observations + 5 * row;
    observed[0] = (float)batch->x[i];
    observed[1] = (float)(batch->x[i] * exp(1.0 - left));
    observed[2] = (float)(left / MONTHS);
    observed[3] = (float)batch->target[i];
    observed[4] = (float)months_to_next_goal;
    offsets[2 * row] = offsets[2 * row + 1] = 0.0f;
  }
}

/* One month of one point; gives its reward. */
static double move(double *x, double u, double v, double noise) {
  double reward = -(*x * *x + 0.5 * u * u + v * v);
  *x += u + 0.5 * v + NOISE * noise;
  return reward;
}

static void step(struct hrlp_batch *base, const size_t *rows, size_t count,
                 const float *actions, const struct hrlp_rewards *rewards,
                 uint8_t *finished) {
  struct point_batch *batch = (struct point_batch *)base;
  for (size_t row = 0; row < count; row++) {
    size_t i = rows[row];
    double reward =
        move(&batch->x[i], (double)actions[2 * row], (double)actions[2 * row + 1],
             normal(batch->seed, batch->episode[i], batch->month[i]));
    finished[row] = ++batch->month[i] == MONTHS;
    /* what lies at the end is paid for, too */
    if (finished[row]) reward -= batch->x[i] * batch->x[i];
    batch->reward[i] += reward;
    if (rewards == NULL) continue;
    rewards->strategist[row] = reward;
    rewards->executor[row] = reward;
  }
}

static void episode(const struct hrlp_batch *base, size_t i,
                    struct hrlp_episode *result) {
  const struct point_batch *batch = (const struct point_batch *)base;
  *result = (struct hrlp_episode){
      .reward = batch->reward[i], .strategic_return = batch->reward[i], .months = MONTHS};
}

static void destroy(struct hrlp_task *task) { (void)task; }

static const struct hrlp_environment point = {
    .model = "point",
    .strategist_observations = 2,
    .strategist_actions = 1,
    .executor_observations = 5,
    .executor_actions = 2,
    .destroy = destroy,
    .batch_size = batch_size,
    .batch_lay = batch_lay,
    .reset = reset,
    .strategist_observe = strategist_observe,
    .goals_set = goals_set,
    .executor_observe = executor_observe,
    .step = step,
    .episode = episode,
};

static const struct hrlp_agents_config config = {.mode = HRLP_HIERARCHY,
                                                 .period = 4,
                                                 .households = BATCH,
                                                 .hidden_low = 16,
                                                 .hidden_high = 8,
                                                 .gamma_low = 1.0,
                                                 .gamma_high = 1.0,
                                                 .lambda_low = 0.5,
                                                 .lambda_high = 0.95,
                                                 .epochs_low = 6,
                                                 .epochs_high = 2,
                                                 .minibatch_low = 768,
                                                 .minibatch_high = 48,
                                                 .rate_low = 5e-3,
                                                 .rate_high = 1e-3,
                                                 .rate_end = 0.05,
                                                 .clip = 0.2,
                                                 .value_weight = 1,
                                                 .gradient_norm = 0.5,
                                                 .std_low = 0.3,
                                                 .std_high = 0.2,
                                                 .std_end = 0.1,
                                                 .schedule = 3000,
                                                 .scale_decay = 0.9};

/* The mean reward of the best policy over the same episodes: Riccati's recursion for
 * P x^2, the cost to come, with forces -k[0] x and -k[1] x. */
static double best_reward(uint64_t episodes, uint64_t seed) {
  double k[MONTHS][2];
  double p = 1.0;
  double sum = 0.0;
  for (int t = MONTHS; t-- > 0;) {
    /* minimise u^2 / 2 + v^2 + p (x + u + v / 2)^2: with y = what is left of x,
     * u = -2 p y, v = -p y / 2, y = x / (1 + 2 p + p / 4) */
    double left = 1.0 / (1.0 + 2.25 * p);
    k[t][0] = 2.0 * p * left;
    k[t][1] = 0.5 * p * left;
    p = 1.0 + 0.5 * k[t][0] * k[t][0] + k[t][1] * k[t][1] + p * left * left;
  }
  for (uint64_t i = 0; i < episodes; i++) {
    double x = start_of(seed, i);
    for (int t = 0; t < MONTHS; t++)
      sum += move(&x, -k[t][0] * x, -k[t][1] * x, normal(seed, i, t));
    sum -= x * x;
  }
  return sum / (double)episodes;
}

START_TEST(another_environment_is_learned_by_the_same_agents) {
  enum { UPDATES = 800, EPISODES = 2000, SEED = 77 };
  struct hrlp_task task = {.environment = &point, .months = MONTHS};
  struct hrlp_agents agents;
  struct hrlp_learner *learner = NULL;
  struct hrlp_episode episodes[BATCH];
  hrl_evaluation before = {.size = sizeof before};
  hrl_evaluation after = {.size = sizeof after};
  ck_assert(hrlp_agents_create(&agents, &config, &task, (uint64_t)_i, NULL) == HRL_OK);
  ck_assert(hrlp_learner_create(&agents, &learner, NULL) == HRL_OK);
  ck_assert(hrlp_evaluate_agents(&agents, EPISODES, SEED, NULL, &before, NULL, NULL) == HRL_OK);
  for (uint64_t i = 0; i < UPDATES; i++) {
    struct hrlp_update_report report;
    hrlp_learner_collect(learner, &agents, BATCH * i, BATCH, episodes, NULL, NULL);
    ck_assert(hrlp_learner_update(learner, &agents, BATCH * i, NULL, &report, NULL) ==
              HRL_OK);
  }
  ck_assert(hrlp_evaluate_agents(&agents, EPISODES, SEED, NULL, &after, NULL, NULL) == HRL_OK);
  double best = best_reward(EPISODES, SEED);
  printf("before %.4f, after %.4f, best %.4f\n", before.strategic_return,
         after.strategic_return, best);
  ck_assert_double_lt(before.strategic_return, 3.0 * best); /* there was much to learn */
  ck_assert_double_le(after.strategic_return, best);
  ck_assert_double_ge(after.strategic_return, (1.0 + optimum_tolerance) * best);
  hrlp_learner_destroy(learner);
  hrlp_agents_destroy(&agents);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("seam");
  TCase *cases = tcase_create("point");
  tcase_set_timeout(cases, 300);
  tcase_add_loop_test(cases, another_environment_is_learned_by_the_same_agents, 1, 4);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
