/* The agents: how episodes are played, and learning. */
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agents/learner.h"
#include "agents/rollout.h"
#include "bologna.h"
#include "environments/budget/features.h"

/* Sums over a hundred months of rewards of up to a thousand, in double precision. */
static const double sum_tolerance = 1e-8;
/* Rewards are kept in single precision. */
static const double single_tolerance = 1e-4;

static struct hrlp_agents_config small_config(void) {
  return (struct hrlp_agents_config){.mode = HRLP_HIERARCHY,
                                     .period = 6,
                                     .households = 6,
                                     .hidden_low = 8,
                                     .hidden_high = 8,
                                     .gamma_low = 0.98,
                                     .gamma_high = 0.99,
                                     .lambda_low = 0.95,
                                     .lambda_high = 0.95,
                                     .epochs_low = 2,
                                     .epochs_high = 2,
                                     .minibatch_low = 300,
                                     .minibatch_high = 40,
                                     .rate_low = 1e-3,
                                     .rate_high = 1e-3,
                                     .rate_end = 0.05,
                                     .clip = 0.2,
                                     .value_weight = 1,
                                     .gradient_norm = 0.5,
                                     .std_low = 0.1,
                                     .std_high = 0.2,
                                     .std_end = 0.2,
                                     .schedule = 150,
                                     .scale_decay = 0.9};
}

/* Plays six episodes into `episodes`. */
static void play_six(const struct hrlp_agents *agents, size_t shard, size_t threads,
                     bool explore, struct hrlp_episode episodes[6]) {
  struct hrlp_rollout *rollout = NULL;
  struct hrlp_pool *pool = NULL;
  ck_assert(hrlp_rollout_create(agents, 6, shard, &rollout, NULL) == HRL_OK);
  ck_assert(hrlp_pool_create(threads, &pool, NULL) == HRL_OK);
  hrlp_rollout_run(rollout,
                   &(struct hrlp_rollout_request){.agents = agents,
                                                  .seed = 3,
                                                  .first_episode = 40,
                                                  .count = 6,
                                                  .explore = explore,
                                                  .episodes = episodes},
                   pool, NULL);
  hrlp_rollout_destroy(rollout);
  hrlp_pool_destroy(pool);
}

START_TEST(untrained_agents_give_textbook_advice) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_episode episodes[6];
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 1, NULL) == HRL_OK);
  play_six(&agents, 6, 1, false, episodes);
  for (int i = 0; i < 6; i++) {
    /* invests what is left of the income: the cash it began with stays, about */
    ck_assert_int_eq(episodes[i].months, 120);
    ck_assert_double_gt(episodes[i].final_cash, 3000.0);
    ck_assert_double_lt(episodes[i].goal_adherence, 0.03);
  }
  hrlp_agents_destroy(&agents);
}
END_TEST

START_TEST(episodes_do_not_depend_on_threads) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_episode one[6], three[6];
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 1, NULL) == HRL_OK);
  memset(one, 0, sizeof one);
  memset(three, 0, sizeof three);
  play_six(&agents, 2, 1, true, one);
  play_six(&agents, 2, 3, true, three);
  for (int i = 0; i < 6; i++) {
    ck_assert(one[i].strategic_return == three[i].strategic_return);
    ck_assert(one[i].goal_adherence == three[i].goal_adherence);
  }
  ck_assert(one[0].strategic_return != one[1].strategic_return);
  hrlp_agents_destroy(&agents);
}
END_TEST

static void add_month(void *context, const hrl_trajectory_month *month) {
  double *sums = context; /* reward, months, last cash */
  sums[0] += month->reward;
  sums[1] += 1.0;
  sums[2] = month->cash;
  ck_assert_double_eq_tol(
      month->allocation.invest + month->allocation.save + month->allocation.consume, 1.0,
      1e-12);
}

START_TEST(what_is_observed_is_what_is_counted) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_rollout *rollout = NULL;
  struct hrlp_episode episode;
  double sums[3] = {0};
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 1, NULL) == HRL_OK);
  ck_assert(hrlp_rollout_create(&agents, 1, 1, &rollout, NULL) == HRL_OK);
  hrlp_rollout_run(rollout,
                   &(struct hrlp_rollout_request){.agents = &agents,
                                                  .seed = 3,
                                                  .first_episode = 7,
                                                  .count = 1,
                                                  .explore = true,
                                                  .episodes = &episode,
                                                  .observer = {add_month, sums}},
                   NULL, NULL);
  ck_assert_double_eq_tol(sums[0], episode.reward, sum_tolerance);
  ck_assert(sums[1] == (double)episode.months);
  ck_assert(sums[2] == episode.final_cash);
  hrlp_rollout_destroy(rollout);
  hrlp_agents_destroy(&agents);
}
END_TEST

/* All that one episode showed, month by month and to the agents. */
struct seen {
  hrl_trajectory_month months[120];
  size_t count;
};

static void remember_month(void *context, const hrl_trajectory_month *month) {
  struct seen *seen = context;
  seen->months[seen->count++] = *month;
}

static double soft(double x, double limit) {
  return x / sqrt(1.0 + x * x / (limit * limit));
}

/* What the strategist remembers of the period behind, and how long a goal still holds,
 * from the months as they were lived. Exploration has the deviation that the policy says.
 */
START_TEST(agents_see_the_months_behind) {
  enum {
    MONTHS = 120,
    PERIODS = 20,
    LOW = HRLP_BUDGET_EXECUTOR_OBSERVATIONS,
    HIGH = HRLP_BUDGET_STRATEGIST_OBSERVATIONS
  };
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_rollout *rollout = NULL;
  struct hrlp_episode episode;
  static struct seen seen;
  static float x[MONTHS * LOW], y[PERIODS * HIGH];
  static float offsets[2][MONTHS * 3], actions[2][MONTHS * 3];
  static float log_p[2][MONTHS], rewards[2][MONTHS];
  size_t lengths[2][1] = {{0}};
  struct hrlp_rollout_buffer buffer = {
      .strategist = {PERIODS, lengths[0], y, offsets[0], actions[0], log_p[0],
                     rewards[0]},
      .executor = {MONTHS, lengths[1], x, offsets[1], actions[1], log_p[1], rewards[1]}};
  double square = 0.0;
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 1, NULL) == HRL_OK);
  ck_assert(hrlp_rollout_create(&agents, 1, 1, &rollout, NULL) == HRL_OK);
  hrlp_rollout_run(rollout,
                   &(struct hrlp_rollout_request){.agents = &agents,
                                                  .seed = 4,
                                                  .first_episode = 2,
                                                  .count = 1,
                                                  .explore = true,
                                                  .buffer = &buffer,
                                                  .episodes = &episode,
                                                  .observer = {remember_month, &seen}},
                   NULL, NULL);
  ck_assert_uint_gt(seen.count, 100);
  for (size_t t = 0; t < seen.count; t++) {
    float *observed = x + t * LOW;
    ck_assert_double_eq_tol((double)observed[17], (6.0 - (double)(t % 6)) / 6.0, 1e-6);
    /* the output of a new network is near 0: an action is its offset and the noise */
    double noise = (double)actions[1][t] - (double)offsets[1][t];
    square += noise * noise / (double)seen.count;
    if (t % 6 != 0 || t == 0) continue;
    double cash = 0.0, spent = 0.0, expected = 0.0;
    double before = t == 6 ? scenario.environment.initial_cash : seen.months[t - 7].cash;
    for (size_t s = t - 6; s < t; s++) {
      cash += seen.months[s].cash / 6.0;
      spent += seen.months[s].variable;
      expected += 800.0 * pow(1.02, (double)(s + 1) / 12.0);
    }
    double now = seen.months[t - 1].cash;
    observed = y + t / 6 * HIGH;
    ck_assert_double_eq_tol((double)observed[12], soft((now - cash) / 3200.0, 1.0), 1e-5);
    ck_assert_double_eq_tol((double)observed[13],
                            soft(4.0 * (now - before) / 6.0 / 3200.0, 1.5), 1e-5);
    ck_assert_double_eq_tol((double)observed[14],
                            soft(3.0 * (spent / expected - 1.0), 1.5), 1e-5);
  }
  /* 120 draws: within a few standard errors of 0.1 squared */
  ck_assert_double_eq_tol(sqrt(square), config.std_low, 0.02);
  hrlp_rollout_destroy(rollout);
  hrlp_agents_destroy(&agents);
}
END_TEST

/* Weights of both agents after three rounds of learning. */
static void learn_three(enum hrlp_mode mode, size_t threads, float *strategist,
                        float *executor, double *goal_price) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  struct hrlp_learner *learner = NULL;
  struct hrlp_pool *pool = NULL;
  struct hrlp_episode episodes[6];
  config.mode = mode;
  if (goal_price != NULL) config.goal_weight = *goal_price;
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 9, NULL) == HRL_OK);
  ck_assert(hrlp_learner_create(&agents, &learner, NULL) == HRL_OK);
  ck_assert(hrlp_pool_create(threads, &pool, NULL) == HRL_OK);
  for (uint64_t round = 0; round < 3; round++) {
    struct hrlp_update_report report;
    hrlp_learner_collect(learner, &agents, 6 * round + 1, 6, episodes, pool, NULL);
    ck_assert(hrlp_learner_update(learner, &agents, 6 * round, pool, &report, NULL) ==
              HRL_OK);
    ck_assert(isfinite(report.executor.loss) && isfinite(report.strategist.loss));
  }
  memcpy(strategist, agents.strategist.parameters,
         agents.strategist.count * sizeof(float));
  memcpy(executor, agents.executor.parameters, agents.executor.count * sizeof(float));
  ck_assert_uint_eq(agents.updates, 3);
  hrlp_pool_destroy(pool);
  hrlp_learner_destroy(learner);
  hrlp_agents_destroy(&agents);
}

#define ROOM 4096
START_TEST(learning_does_not_depend_on_threads) {
  static float s1[ROOM], s3[ROOM], e1[ROOM], e3[ROOM];
  learn_three(HRLP_HIERARCHY, 1, s1, e1, NULL);
  learn_three(HRLP_HIERARCHY, 3, s3, e3, NULL);
  ck_assert_mem_eq(s1, s3, sizeof s1);
  ck_assert_mem_eq(e1, e3, sizeof e1);
}
END_TEST

START_TEST(without_a_strategist_only_the_executor_learns) {
  static float with[ROOM], without[ROOM], e1[ROOM], e2[ROOM], initial[ROOM];
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 9, NULL) == HRL_OK);
  memcpy(initial, agents.strategist.parameters, agents.strategist.count * sizeof(float));
  hrlp_agents_destroy(&agents);
  learn_three(HRLP_HIERARCHY, 1, with, e1, NULL);
  learn_three(HRLP_EXECUTOR_ONLY, 1, without, e2, NULL);
  ck_assert_mem_eq(without, initial, sizeof initial);
  ck_assert_mem_ne(with, initial, sizeof initial);
  ck_assert_mem_ne(e1, e2, sizeof e1);
}
END_TEST

START_TEST(departing_from_a_goal_has_its_price) {
  static float s1[ROOM], s2[ROOM], e1[ROOM], e2[ROOM];
  double price = 5.0;
  learn_three(HRLP_HIERARCHY, 1, s1, e1, NULL);
  learn_three(HRLP_HIERARCHY, 1, s2, e2, &price);
  ck_assert_mem_ne(e1, e2, sizeof e1);
}
END_TEST

/* The strategist's reward is the sum of its months' rewards (the goal being free), and
 * steps count decisions and months. */
START_TEST(a_period_has_the_sum_of_its_months_rewards) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrl_scenario scenario = bologna_scenario();
  /* the executor's rewards are expectations: with expenses that are sure, what was lived
   */
  scenario.environment.variable_expense_std = 0.0;
  struct hrlp_rollout *rollout = NULL;
  struct hrlp_episode episodes[2];
  enum { N = 2, MONTHS = 120, PERIODS = 20, LOW = HRLP_BUDGET_EXECUTOR_OBSERVATIONS };
  static float node_x[N * MONTHS * 5 * LOW], node_weights[N * MONTHS * 5];
  static float x[N * MONTHS * HRLP_BUDGET_EXECUTOR_OBSERVATIONS],
      offsets[2][N * MONTHS * 3];
  static float y[N * PERIODS * HRLP_BUDGET_STRATEGIST_OBSERVATIONS],
      actions[2][N * MONTHS * 3];
  static float log_p[2][N * MONTHS], rewards[2][N * MONTHS];
  size_t lengths[2][N] = {{0}};
  struct hrlp_rollout_buffer buffer = {.strategist = {PERIODS, lengths[0], y, offsets[0],
                                                      actions[0], log_p[0], rewards[0]},
                                       .executor = {.steps = MONTHS,
                                                    .lengths = lengths[1],
                                                    .observations = x,
                                                    .offsets = offsets[1],
                                                    .actions = actions[1],
                                                    .log_probabilities = log_p[1],
                                                    .rewards = rewards[1],
                                                    .nodes = 5,
                                                    .node_observations = node_x,
                                                    .node_weights = node_weights}};
  ck_assert(hrlp_agents_create_for(&agents, &config, &scenario, 1, NULL) == HRL_OK);
  ck_assert(hrlp_rollout_create(&agents, N, N, &rollout, NULL) == HRL_OK);
  hrlp_rollout_run(rollout,
                   &(struct hrlp_rollout_request){.agents = &agents,
                                                  .seed = 4,
                                                  .first_episode = 1,
                                                  .count = N,
                                                  .explore = true,
                                                  .buffer = &buffer,
                                                  .episodes = episodes},
                   NULL, NULL);
  for (size_t i = 0; i < N; i++) {
    ck_assert_uint_eq(lengths[1][i], (size_t)episodes[i].months);
    ck_assert_uint_eq(lengths[0][i], (lengths[1][i] + 5) / 6);
    /* what a month could have led to is what it led to, under the goal that then holds */
    for (size_t t = 0; t < lengths[1][i]; t++) {
      for (size_t k = 0; k < 5; k++) {
        size_t node = (i * MONTHS + t) * 5 + k;
        bool last = t + 1 == lengths[1][i];
        ck_assert(last == (node_weights[node] == 0.0f));
        for (size_t j = 0; j < LOW && !last; j++)
          ck_assert_float_eq_tol(node_x[node * LOW + j],
                                 x[(i * MONTHS + t + 1) * LOW + j], 1e-5f);
      }
    }
    for (size_t d = 0; d < lengths[0][i]; d++) {
      double sum = 0.0;
      for (size_t t = 6 * d; t < 6 * d + 6 && t < lengths[1][i]; t++)
        sum += (double)rewards[1][i * MONTHS + t];
      ck_assert_double_eq_tol((double)rewards[0][i * PERIODS + d], sum,
                              single_tolerance * (1.0 + fabs(sum)));
    }
  }
  hrlp_rollout_destroy(rollout);
  hrlp_agents_destroy(&agents);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("agents");
  TCase *rollout = tcase_create("rollout");
  tcase_add_test(rollout, untrained_agents_give_textbook_advice);
  tcase_add_test(rollout, episodes_do_not_depend_on_threads);
  tcase_add_test(rollout, what_is_observed_is_what_is_counted);
  tcase_add_test(rollout, agents_see_the_months_behind);
  tcase_add_test(rollout, a_period_has_the_sum_of_its_months_rewards);
  suite_add_tcase(suite, rollout);
  TCase *learner = tcase_create("learner");
  tcase_set_timeout(learner, 120);
  tcase_add_test(learner, learning_does_not_depend_on_threads);
  tcase_add_test(learner, without_a_strategist_only_the_executor_learns);
  tcase_add_test(learner, departing_from_a_goal_has_its_price);
  suite_add_tcase(suite, learner);
  return run_suite(suite);
}
