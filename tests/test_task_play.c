/* A program's own task, played: potentials, departures, ends and noise. */
#include "task_sample.h"
#include "trial.h"

#include "agents/learner.h"
#include "base/memory.h"
#include "environments/models.h"
#include "near.h"

static hrl_scenario *make(const hrl_task *task, const char *text) {
  hrl_scenario *scenario = NULL;
  OK(hrl_task_make_scenario(task, text, &scenario, &error));
  return scenario;
}

/* ---- rewards ---- */

/* A batch of the walk, with weights of its own. */
struct played {
  hrl_scenario *scenario;
  struct hrlp_task *task;
  void *memory;
  struct hrlp_batch *batch;
  size_t count;
};

#define PERIOD 4
#define GOAL_WEIGHT 0.25
#define GAMMA_LOW 0.9
#define GAMMA_HIGH 0.7

static void begin(struct played *played, const hrl_task *task, size_t count) {
  played->scenario = make(task, NULL);
  played->count = count;
  OK(hrlp_task_create(played->scenario, &played->task, &error));
  const struct hrlp_environment *environment = played->task->environment;
  played->memory = hrlp_alloc(1, environment->batch_size(played->task, count));
  played->batch =
      environment->batch_lay(played->task, played->memory, count,
                             &(struct hrlp_batch_options){.seed = 5,
                                                          .period = PERIOD,
                                                          .goal_weight = GOAL_WEIGHT,
                                                          .gamma_low = GAMMA_LOW,
                                                          .gamma_high = GAMMA_HIGH});
  environment->reset(played->batch, 100);
}

static void end(struct played *played) {
  hrlp_free(played->memory);
  hrlp_task_destroy(played->task);
  hrl_scenario_destroy(played->scenario);
}

/* What an episode came to, as each agent discounts it. */
struct sums {
  double reward, departure;       /* plain */
  double low, low_plain;          /* discounted a step; without potential and departure */
  double high, high_plain;        /* discounted a decision */
  double low_factor, high_factor; /* of the next step */
  double departures;              /* discounted a step */
  double start, last;             /* potentials */
  uint8_t end;
  int64_t steps;
};

static double potential_of(double x) { return 3.0 - fabs(x); }

static void add_step(struct sums *sum, const hrl_trajectory_month *seen,
                     const struct hrlp_rewards *rewards, size_t row, size_t month) {
  const struct walk *walk = seen->state;
  if (month > 0 && month % PERIOD == 0) sum->high_factor *= GAMMA_HIGH;
  sum->reward += seen->reward;
  sum->departure += seen->departure;
  sum->low += sum->low_factor * rewards->executor[row];
  sum->low_plain += sum->low_factor * seen->reward;
  sum->departures += sum->low_factor * seen->departure;
  sum->high += sum->high_factor * rewards->strategist[row];
  sum->high_plain += sum->high_factor * seen->reward;
  sum->low_factor *= GAMMA_LOW;
  sum->last = seen->end == HRL_TASK_TERMINATED ? 0.0 : potential_of(walk->x);
  sum->end = (uint8_t)seen->end;
  sum->steps++;
}

/* Where episode i's first goal lies between its bounds. */
static double goal_place(size_t i) { return 0.3 + 0.01 * (double)i; }

/* What is seen of an episode at its end, where that is a cut: its own state. */
static void check_last(const struct played *played, size_t i,
                       const hrl_trajectory_month *seen, size_t month) {
  float strategist[1];
  float executor[4];
  bool cut = played->task->environment->truncated(played->batch, i, strategist, executor);
  ck_assert_int_eq(cut, seen->end == HRL_TASK_TRUNCATED);
  if (!cut) return;
  double x = ((const struct walk *)seen->state)->x;
  NEAR(strategist[0], x, 1e-6);
  NEAR(executor[0], x, 1e-6);
  NEAR(executor[1], 2.0 * goal_place(i) - 1.0, 1e-6);
  NEAR(executor[3], 1.0 - (double)((month + 1) % PERIOD) / PERIOD, 1e-7);
}

/* Plays a batch by actions that push to one side. */
static void play(struct played *played, struct sums *sums) {
  const struct hrlp_environment *environment = played->task->environment;
  enum { MOST = 64 };
  size_t rows[MOST];
  uint8_t finished[MOST];
  float observations[MOST * 4];
  float actions[MOST * 2];
  double strategist[MOST];
  double executor[MOST];
  struct hrlp_rewards rewards = {strategist, executor};
  size_t alive = played->count;
  for (size_t i = 0; i < alive; i++) rows[i] = i;
  for (size_t month = 0; alive > 0; month++) {
    if (month % PERIOD == 0) {
      environment->strategist_observe(played->batch, rows, alive, observations, actions);
      for (size_t row = 0; row < alive; row++) /* to each its own */
        actions[2 * row] = (float)goal_place(rows[row]);
      environment->goals_set(played->batch, rows, alive, actions);
    }
    environment->executor_observe(played->batch, rows, alive,
                                  PERIOD - (int64_t)(month % PERIOD), observations,
                                  actions);
    for (size_t row = 0; row < alive; row++) {
      if (month == 0)
        sums[row] = (struct sums){.low_factor = 1.0,
                                  .high_factor = 1.0,
                                  .start = potential_of((double)observations[row * 4])};
      NEAR(observations[row * 4 + 1], 2.0 * goal_place(rows[row]) - 1.0, 1e-6);
      NEAR(observations[row * 4 + 3], 1.0 - (double)(month % PERIOD) / PERIOD, 1e-7);
      actions[2 * row] += rows[row] % 2 == 0 ? 0.1f : -0.1f;
    }
    environment->step(played->batch, rows, alive, actions, &rewards, finished);
    size_t still = 0;
    for (size_t row = 0; row < alive; row++) {
      hrl_trajectory_month seen = {.size = sizeof seen};
      environment->month(played->batch, rows[row], &seen);
      ck_assert_uint_eq(seen.month, month + 1);
      NEAR(seen.goals[0], 2.0 * goal_place(rows[row]) - 1.0, 1e-6);
      add_step(&sums[rows[row]], &seen, &rewards, row, month);
      if (finished[row]) check_last(played, rows[row], &seen, month);
    }
    for (size_t row = 0; row < alive; row++) {
      if (!finished[row]) rows[still++] = rows[row];
    }
    alive = still;
  }
}

/* The sum of what an agent discounts has nothing left of a potential but its first value,
 * and what an episode that was cut off is still worth. */
START_TEST(potentials_and_departures_go_where_they_belong) {
  enum { COUNT = 40 };
  struct played played;
  struct sums sums[COUNT];
  size_t ends[3] = {0};
  size_t full = 0;
  begin(&played, &walk_task, COUNT);
  play(&played, sums);
  for (size_t i = 0; i < COUNT; i++) {
    const struct sums *sum = &sums[i];
    struct hrlp_episode episode;
    played.task->environment->episode(played.batch, i, &episode);
    NEAR(episode.reward, sum->reward, 1e-12);
    NEAR(episode.strategic_return, sum->reward, 1e-12);
    ck_assert_int_eq(episode.months, sum->steps);
    NEAR(episode.goal_adherence, sum->departure / (double)sum->steps, 1e-12);
    ck_assert_int_eq(episode.insolvent,
                     sum->end == HRL_TASK_TERMINATED && sum->steps < WALK_STEPS);
    /* low_factor is that of the step after the last */
    NEAR(sum->low,
         sum->low_plain - sum->start + sum->low_factor * sum->last -
             GOAL_WEIGHT * sum->departures,
         1e-6);
    NEAR(sum->high,
         sum->high_plain - sum->start + sum->high_factor * GAMMA_HIGH * sum->last, 1e-6);
    ends[sum->end]++;
    full += sum->steps == WALK_STEPS ? 1 : 0;
  }
  ck_assert_uint_eq(ends[HRL_TASK_GOES_ON], 0); /* the last step cuts off */
  ck_assert_uint_gt(ends[HRL_TASK_TERMINATED], 3);
  ck_assert_uint_gt(ends[HRL_TASK_TRUNCATED], full + 3);
  ck_assert_uint_gt(full, 3);
  ck_assert_ptr_null(played.task->environment->problem(played.batch));
  end(&played);
}
END_TEST

/* ---- cut off, or over ---- */

static int still_observe(void *data, const hrl_task_batch *batch, float *observations) {
  (void)data;
  for (size_t i = 0; i < batch->count; i++) observations[i] = 0.5f;
  return 0;
}

/* One for each step, and after the fourth the end that `data` says. */
static int still_step(void *data, const hrl_task_batch *batch, const double *goals,
                      const double *actions, hrl_task_result *result) {
  (void)goals, (void)actions;
  for (size_t i = 0; i < batch->count; i++) {
    result->rewards[i] = 1.0;
    if (batch->step == 3) result->ends[i] = *(const uint8_t *)data;
  }
  return 0;
}

/* The critic's value of the one state that there is. */
static double value_of(const struct hrlp_actor_critic *agent,
                       const struct hrlp_return_scale *scale, const float *x) {
  float *work = hrlp_alloc(hrlp_mlp_workspace_size(&agent->critic, 1), sizeof(float));
  double value = (double)*hrlp_mlp_forward(
      &agent->critic, agent->parameters + agent->critic_offset, x, 1, work);
  hrlp_free(work);
  return value * hrlp_return_scale_get(scale);
}

START_TEST(what_is_cut_off_would_have_gone_on) {
  uint8_t how = _i == 0 ? HRL_TASK_TERMINATED : HRL_TASK_TRUNCATED;
  hrl_task task = walk_task;
  struct hrlp_agents agents;
  struct hrlp_learner *learner = NULL;
  struct hrlp_episode episodes[16];
  task.observe = still_observe;
  task.step = still_step;
  task.potential = NULL;
  task.data = &how;
  hrl_scenario *scenario = make(&task, NULL);
  struct hrlp_training training = scenario->training;
  training.gamma_low = 0.8;
  training.gamma_high = 0.5;
  training.high_period = 4;
  training.parallel_episodes = 16;
  training.learning_rate_low = training.learning_rate_high = 1e-2;
  struct hrlp_agents_config config = hrlp_agents_configure(&training);
  OK(hrlp_agents_create_for(&agents, &config, scenario, 1, &error));
  OK(hrlp_learner_create(&agents, &learner, &error));
  for (uint64_t i = 0; i < 200; i++) {
    struct hrlp_update_report report;
    OK(hrlp_learner_collect(learner, &agents, 16 * i, 16, episodes, NULL, &error));
    OK(hrlp_learner_update(learner, &agents, 16 * i, NULL, &report, &error));
  }
  ck_assert_int_eq(episodes[0].months, 4);
  const float seen[4] = {0.5f, 0.0f, 0.0f, 1.0f};
  double high = value_of(&agents.strategist, &agents.strategist_scale, seen);
  double low = value_of(&agents.executor, &agents.executor_scale, seen);
  /* four steps of 1, and then nothing, or as much again and again */
  double once = 1.0 + 0.8 + 0.64 + 0.512;
  NEAR(high, how == HRL_TASK_TERMINATED ? 4.0 : 8.0, 0.4);
  NEAR(low, how == HRL_TASK_TERMINATED ? once : 5.0, 0.4);
  hrlp_learner_destroy(learner);
  hrlp_agents_destroy(&agents);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* ---- noise ---- */

START_TEST(noise_is_a_function_of_seed_episode_step_and_stream) {
  enum { COUNT = 20000 };
  uint64_t numbers[COUNT];
  hrl_task_batch batch = {.count = COUNT, .episodes = numbers, .seed = 9, .step = 4};
  double sum = 0.0;
  double square = 0.0;
  double product = 0.0;
  double uniform = 0.0;
  for (size_t i = 0; i < COUNT; i++) {
    double a[4];
    double b[4];
    double u[4];
    numbers[i] = 3 * i;
    hrl_task_draw_normals(&batch, i, 0, a);
    hrl_task_draw_normals(&batch, i, 65535, b);
    hrl_task_draw_uniforms(&batch, i, 0, u);
    sum += a[0] + a[1] + a[2] + a[3];
    square += a[0] * a[0];
    product += a[0] * b[0];
    uniform += u[3];
    CHECK(u[0] >= 0.0 && u[0] < 1.0, "%g", u[0]);
  }
  NEAR(sum / COUNT, 0.0, 4.0 * 2.0 / sqrt(COUNT));
  NEAR(square / COUNT, 1.0, 4.0 * sqrt(2.0 / COUNT));
  NEAR(product / COUNT, 0.0, 4.0 / sqrt(COUNT));
  NEAR(uniform / COUNT, 0.5, 4.0 * sqrt(1.0 / 12.0 / COUNT));
  double one[4];
  double other[4];
  hrl_task_batch alone = {.count = 1, .episodes = numbers + 7, .seed = 9, .step = 4};
  hrl_task_draw_normals(&batch, 7, 2, one);
  hrl_task_draw_normals(&alone, 0, 2, other);
  ck_assert_mem_eq(one, other, sizeof one);
  alone.step++;
  hrl_task_draw_normals(&alone, 0, 2, other);
  ck_assert_mem_ne(one, other, sizeof one);
  alone.step--;
  alone.seed++;
  hrl_task_draw_normals(&alone, 0, 2, other);
  ck_assert_mem_ne(one, other, sizeof one);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("task_play");
  TCase *cases = tcase_create("task_play");
  tcase_set_timeout(cases, 120);
  tcase_add_test(cases, potentials_and_departures_go_where_they_belong);
  tcase_add_loop_test(cases, what_is_cut_off_would_have_gone_on, 0, 2);
  tcase_add_test(cases, noise_is_a_function_of_seed_episode_step_and_stream);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
