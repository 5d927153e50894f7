/* What joins a trainer to learning: its batches and evaluations beside direct calls of
 * what it is made of, bit for bit. */
#include "trial.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate/evaluate.h"
#include "trainer/state.h"

#define SEED 7
#define HOUSEHOLDS 8
#define BATCHES 4
/* The seed of evaluations during a run, which golden runs and checkpoints hold fast. */
static const uint64_t evaluation_seed = 0x68726c5f6576616cULL;

/* Agents that learn from the same episodes without a trainer. */
struct direct {
  struct hrlp_agents agents;
  struct hrlp_learner *learner;
  struct hrlp_episode episodes[HOUSEHOLDS];
};

static void begin_direct(struct direct *direct) {
  hrl_scenario *scenario = make_scenario();
  struct hrlp_agents_config config = hrlp_agents_configure(&scenario->training);
  ck_assert_int_eq(config.households, HOUSEHOLDS);
  OK(hrlp_agents_create_for(&direct->agents, &config, scenario, SEED, &error));
  OK(hrlp_learner_create(&direct->agents, &direct->learner, &error));
  hrl_scenario_destroy(scenario);
}

static void end_direct(struct direct *direct) {
  hrlp_learner_destroy(direct->learner);
  hrlp_agents_destroy(&direct->agents);
}

static void learn_batch(struct direct *direct, uint64_t batch,
                        struct hrlp_update_report *report) {
  hrlp_learner_collect(direct->learner, &direct->agents, 1 + batch * HOUSEHOLDS,
                       HOUSEHOLDS, direct->episodes, NULL, NULL);
  OK(hrlp_learner_update(direct->learner, &direct->agents, batch * HOUSEHOLDS, NULL,
                         report, &error));
}

static void assert_same_agent(const struct hrlp_actor_critic *a,
                              const struct hrlp_actor_critic *b) {
  ck_assert_uint_eq(a->count, b->count);
  ck_assert_mem_eq(a->parameters, b->parameters, a->count * sizeof(float));
  ck_assert_mem_eq(a->moment1, b->moment1, a->count * sizeof(float));
  ck_assert_mem_eq(a->moment2, b->moment2, a->count * sizeof(float));
  ck_assert_uint_eq(a->steps, b->steps);
}

static void assert_same_agents(const struct hrlp_agents *a, const struct hrlp_agents *b) {
  assert_same_agent(&a->executor, &b->executor);
  assert_same_agent(&a->strategist, &b->strategist);
  ck_assert_uint_eq(a->updates, b->updates);
  ck_assert_mem_eq(&a->executor_scale, &b->executor_scale, sizeof a->executor_scale);
  ck_assert_mem_eq(&a->strategist_scale, &b->strategist_scale,
                   sizeof a->strategist_scale);
}

/* What listeners were told. */
struct told {
  double rewards[BATCHES * HOUSEHOLDS + 1];
  size_t episodes;
  hrl_evaluation evaluations[8];
  bool best[8];
  size_t evaluated;
};

static void remember(const hrl_event *event, void *data) {
  struct told *told = data;
  if (event->type == HRL_EVENT_PROGRESS)
    told->rewards[told->episodes++] = event->progress->avg_reward;
  if (event->type == HRL_EVENT_EVALUATED) {
    told->best[told->evaluated] = event->is_best != 0;
    told->evaluations[told->evaluated++] = *event->evaluation;
  }
}

/* A unit of work of a trainer is a batch of the episodes that come next and one update;
 * save points inside a batch change nothing, and a second part of a run goes on. */
START_TEST(batches_are_direct_updates) {
  static const uint64_t intervals[] = {8, 3, 1000};
  static struct told told;
  memset(&told, 0, sizeof told);
  hrl_trainer_options options = short_run((uint64_t)BATCHES * HOUSEHOLDS, NULL);
  options.save_interval = intervals[_i];
  hrl_trainer *trainer = make_trainer(&options);
  struct direct direct;
  struct hrlp_update_report report;
  begin_direct(&direct);
  OK(hrl_trainer_add_listener(trainer, remember, &told, &error));
  assert_same_agents(&trainer->agents, &direct.agents);
  for (uint64_t batch = 0; batch < BATCHES; batch++) {
    int more = 0;
    double sum = 0.0;
    told.evaluated = 0;
    OK(hrl_trainer_step(trainer, &more, &error));
    ck_assert_int_eq(more, 1);
    learn_batch(&direct, batch, &report);
    assert_same_agents(&trainer->agents, &direct.agents);
    for (size_t i = 0; i < HOUSEHOLDS; i++) sum += direct.episodes[i].reward;
    ck_assert_uint_eq(told.episodes, (batch + 1) * HOUSEHOLDS);
    if (batch == 0) /* a mean over the last ten: all of the first eight */
      ck_assert_double_eq_tol(told.rewards[HOUSEHOLDS - 1], sum / HOUSEHOLDS, 1e-9);
  }
  end_direct(&direct);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* A batch of 8 with a save point after each of its episodes, played again from the one
 * inside it. */
START_TEST(a_resumed_batch_is_a_direct_update) {
  enter_room();
  hrl_trainer_options options = short_run(12, "models");
  struct direct direct;
  struct hrlp_update_report report;
  hrl_trainer *trainer = make_trainer(&options);
  step_to_end(trainer);
  begin_direct(&direct);
  learn_batch(&direct, 0, &report);
  assert_same_agents(&trainer->agents,
                     &direct.agents); /* the 4 after it taught nothing */
  hrl_trainer_destroy(trainer);
  options.episodes = 24;
  trainer = make_trainer(&options);
  OK(hrl_trainer_load(trainer, "models/checkpoints/trial", &error));
  step_to_end(trainer);
  learn_batch(&direct, 1, &report);
  learn_batch(&direct, 2, &report);
  assert_same_agents(&trainer->agents, &direct.agents);
  end_direct(&direct);
  hrl_trainer_destroy(trainer);
  leave_room();
}
END_TEST

/* The same figures, but for their size. */
static void assert_same_evaluation(const hrl_evaluation *a, const hrl_evaluation *b) {
  ck_assert_uint_eq(a->episodes, b->episodes);
  ck_assert_double_eq(a->strategic_return, b->strategic_return);
  ck_assert_double_eq(a->strategic_return_stderr, b->strategic_return_stderr);
  ck_assert_double_eq(a->reward, b->reward);
  ck_assert_double_eq(a->months, b->months);
  ck_assert_double_eq(a->wealth, b->wealth);
  ck_assert_double_eq(a->goal_adherence, b->goal_adherence);
}

/* At a save point the agents of that moment are evaluated, over as many episodes as were
 * asked for; the best is the highest strategic return so far. */
START_TEST(evaluations_are_direct_ones) {
  static struct told told;
  memset(&told, 0, sizeof told);
  hrl_trainer_options options = short_run((uint64_t)BATCHES * HOUSEHOLDS, NULL);
  options.save_interval = HOUSEHOLDS;
  options.eval_episodes = 6;
  hrl_trainer *trainer = make_trainer(&options);
  struct direct direct;
  struct hrlp_update_report report;
  double best = -INFINITY;
  begin_direct(&direct);
  OK(hrl_trainer_add_listener(trainer, remember, &told, &error));
  step_to_end(trainer);
  ck_assert_uint_eq(told.evaluated, BATCHES);
  for (uint64_t batch = 0; batch < BATCHES; batch++) {
    hrl_evaluation evaluation = {.size = sizeof evaluation};
    learn_batch(&direct, batch, &report);
    OK(hrlp_evaluate_agents(&direct.agents, 6, evaluation_seed, NULL, &evaluation, NULL,
                            &error));
    assert_same_evaluation(&told.evaluations[batch], &evaluation);
    ck_assert_int_eq(told.best[batch], evaluation.strategic_return > best);
    best = fmax(best, evaluation.strategic_return);
  }
  ck_assert_double_eq(status_of(trainer).best_eval_score, best);
  /* and the history keeps the losses, in single precision */
  const struct hrlp_series *series = trainer->run.history.series;
  ck_assert(series[HRLP_SERIES_LOW_LOSSES].entries[BATCHES - 1] ==
            (float)report.executor.loss);
  ck_assert(series[HRLP_SERIES_HIGH_LOSSES].entries[BATCHES - 1] ==
            (float)report.strategist.loss);
  end_direct(&direct);
  hrl_trainer_destroy(trainer);
}
END_TEST

/* ---- the distance from the goal ---- */

struct distance {
  double sum, total;
  uint64_t months, episode, episodes;
};

static void close_episode(struct distance *distance) {
  if (distance->months > 0) distance->total += distance->sum / (double)distance->months;
  distance->episodes += distance->months > 0;
  distance->sum = 0.0;
  distance->months = 0;
}

static int add_distance(const hrl_trajectory_month *month, void *data) {
  struct distance *distance = data;
  if (month->month == 1) close_episode(distance);
  distance->sum += fabs(month->goal.target_invest_ratio - month->allocation.invest);
  distance->months++;
  return 0;
}

/* An evaluation's distance from the goal is the mean over episodes of the mean over
 * months of |target - invested|, as the trajectory shows them. */
START_TEST(distance_from_the_goal_is_that_of_the_months) {
  enter_room();
  hrl_policy *policy = NULL;
  hrl_evaluation found = {.size = sizeof found};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  struct distance distance = {0};
  run_into("models", 40);
  OK(hrl_policy_load("models/trial", &policy, &error));
  options.episodes = 30;
  OK(hrl_evaluate_policy(policy, NULL, &options, &found, &error));
  OK(hrl_evaluate_trajectory(policy, NULL, &options, add_distance, &distance, &error));
  close_episode(&distance);
  ck_assert_uint_eq(distance.episodes, 30);
  ck_assert_double_gt(found.goal_adherence, 1e-4);
  /* one household at a time is another order of sums in single precision */
  ck_assert_double_eq_tol(found.goal_adherence, distance.total / 30.0, 1e-5);
  hrl_policy_destroy(policy);
  leave_room();
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wiring of a run");
  TCase *run = tcase_create("run");
  tcase_set_timeout(run, 120);
  tcase_add_loop_test(run, batches_are_direct_updates, 0, 3);
  tcase_add_test(run, a_resumed_batch_is_a_direct_update);
  tcase_add_test(run, evaluations_are_direct_ones);
  tcase_add_test(run, distance_from_the_goal_is_that_of_the_months);
  suite_add_tcase(suite, run);
  return run_suite(suite);
}
