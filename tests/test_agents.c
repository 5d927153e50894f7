/* The agents: what they know in advance, what they see, what their actions mean, what they
 * are paid, and how episodes are played. */
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agents/learner.h"
#include "agents/play.h"

/* Sums over a hundred months of rewards of up to a thousand, in double precision. */
static const double sum_tolerance = 1e-8;
/* Rewards are recorded in single precision. */
static const double single_tolerance = 1e-4;

static const struct hrlp_environment bologna = {.income = 3200,
                                                .fixed_expenses = 1800,
                                                .variable_expense_mean = 800,
                                                .variable_expense_std = 150,
                                                .inflation = 0.02,
                                                .safety_threshold = 3500,
                                                .max_months = 120,
                                                .initial_cash = 10000,
                                                .risk_tolerance = 0.55};
static const struct hrlp_reward weights = {10, 0.1, 5, 20, 1, 0.5};

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

/* Plays `months` of one household with a constant share and gives the sum of what the agents
 * would be paid, the strategic return, and the potential at the start. */
struct played {
  double shaped, strategic, potential;
};

static struct played play_share(const struct hrlp_environment *environment, double share,
                                uint64_t episode) {
  struct hrlp_outlook outlook;
  struct hrlp_household batch;
  void *memory = calloc(1, hrlp_household_memory(1));
  double reward, change;
  uint8_t insolvent, finished = 0;
  struct hrlp_month month = {&reward, &change, &insolvent, &finished};
  struct played played = {0};
  ck_assert(hrlp_outlook_create(&outlook, environment, &weights, NULL) == HRL_OK);
  hrlp_household_attach(&batch, memory, 1, environment, &weights, 5);
  hrlp_household_reset(&batch, 0, episode);
  played.potential = hrlp_outlook_potential(&outlook, 0, batch.cash[0], 0.0);
  for (int64_t t = 0; !finished; t++) {
    struct hrlp_transition transition = {.month = t,
                                         .cash_before = batch.cash[0],
                                         .portfolio_before = batch.portfolio[0]};
    hrlp_household_step(&batch, 0, 1, NULL, &share, &month);
    transition.reward = reward;
    transition.wealth_change = change;
    transition.cash_after = batch.cash[0];
    transition.portfolio_after = batch.portfolio[0];
    transition.fixed = batch.fixed[0];
    transition.variable = batch.variable[0];
    transition.invested = share * environment->income;
    transition.finished = finished != 0;
    played.shaped += hrlp_outlook_shape(&outlook, &transition);
    played.strategic += reward + weights.lambda * change / 1000.0 +
                        (batch.cash[0] > 0.0 ? weights.mu : 0.0);
  }
  hrlp_outlook_destroy(&outlook);
  free(memory);
  return played;
}

START_TEST(without_luck_pay_adds_up_to_the_return_less_the_potential) {
  struct hrlp_environment sure = bologna;
  sure.variable_expense_std = 0.0;
  const double shares[] = {0.0, 0.05, 0.13, 0.3, 1.0}; /* the last ones end in ruin */
  for (size_t i = 0; i < 5; i++) {
    struct played played = play_share(&sure, shares[i], 1);
    ck_assert_double_eq_tol(played.shaped, played.strategic - played.potential,
                            sum_tolerance);
  }
  sure.investment_return_type = HRLP_RETURN_FIXED;
  sure.investment_return_mean = 0.004;
  struct played played = play_share(&sure, 0.1, 1);
  ck_assert_double_eq_tol(played.shaped, played.strategic - played.potential, sum_tolerance);
}
END_TEST

START_TEST(what_luck_removal_takes_out_has_mean_zero) {
  struct hrlp_environment returns = bologna;
  returns.investment_return_type = HRLP_RETURN_STOCHASTIC;
  returns.investment_return_mean = 0.005;
  returns.investment_return_std = 0.02;
  enum { EPISODES = 4000 };
  /* a share that never ruins the household, and one that does */
  const double shares[] = {0.1, 0.16};
  for (int k = 0; k < 2; k++) {
    double mean = 0.0, square = 0.0;
    for (uint64_t i = 0; i < EPISODES; i++) {
      struct played played = play_share(&returns, shares[k], i);
      double taken = played.strategic - played.potential - played.shaped;
      mean += taken / EPISODES;
      square += taken * taken / EPISODES;
    }
    ck_assert_double_gt(square, 100.0);
    ck_assert_double_lt(fabs(mean), 4.0 * sqrt(square / EPISODES));
  }
}
END_TEST

START_TEST(an_outlook_counts_the_months_that_pay) {
  struct hrlp_outlook outlook;
  struct hrlp_environment poor = bologna;
  poor.variable_expense_std = 0.0;
  poor.inflation = 0.0;
  ck_assert(hrlp_outlook_create(&outlook, &poor, &weights, NULL) == HRL_OK);
  /* 600 euro of surplus in each of 120 months, worth (10 + 1) 0.6 + 0.5 each */
  ck_assert(outlook.months_ahead[0] == 120.0);
  ck_assert_double_eq_tol(outlook.money[0], 120 * 600.0, sum_tolerance);
  ck_assert_double_eq_tol(outlook.future[0], 120 * 7.1, sum_tolerance);
  ck_assert_double_eq_tol(outlook.future[119], 7.1, sum_tolerance);
  ck_assert(outlook.future[120] == 0.0);
  hrlp_outlook_destroy(&outlook);
  /* a deficit of 100 euro a month: -(11 + 5) 0.1 + 0.5 a month never pays */
  poor.fixed_expenses = 2500;
  ck_assert(hrlp_outlook_create(&outlook, &poor, &weights, NULL) == HRL_OK);
  ck_assert(outlook.months_ahead[0] == 0.0);
  ck_assert(outlook.future[0] == 0.0);
  hrlp_outlook_destroy(&outlook);
}
END_TEST

START_TEST(an_outlook_refuses_what_overflows) {
  struct hrlp_outlook outlook;
  struct hrlp_environment wild = bologna;
  hrl_error error = HRL_ERROR_INIT;
  wild.investment_return_type = HRLP_RETURN_FIXED;
  wild.investment_return_mean = 1.0;
  wild.max_months = 12000;
  ck_assert(hrlp_outlook_create(&outlook, &wild, &weights, &error) == HRL_ERROR_NUMERIC);
  ck_assert_ptr_nonnull(strstr(error.message, "investment_return_mean"));
}
END_TEST

START_TEST(a_goal_is_followed_as_far_as_its_buffer_allows) {
  struct hrlp_outlook outlook;
  ck_assert(hrlp_outlook_create(&outlook, &bologna, &weights, NULL) == HRL_OK);
  struct hrlp_state state = {.month = 0, .cash = 4000, .fixed = 1800};
  double surplus = hrlp_outlook_surplus(&outlook, 0, 1800.0);
  ck_assert_double_eq_tol(surplus, 3200 - 2600 * pow(1.02, 1.0 / 12.0), sum_tolerance);
  struct hrlp_goal goal = {.target_invest_ratio = 0.2, .safety_buffer = 3000};
  ck_assert_double_eq_tol(hrlp_goal_share(&outlook, &state, &goal), 0.2, sum_tolerance);
  goal.safety_buffer = 4400; /* leaves what is above 4400 of cash and surplus */
  ck_assert_double_eq_tol(hrlp_goal_share(&outlook, &state, &goal),
                          (4000 + surplus - 4400) / 3200, sum_tolerance);
  goal.safety_buffer = 9000;
  ck_assert(hrlp_goal_share(&outlook, &state, &goal) == 0.0);
  hrlp_outlook_destroy(&outlook);
}
END_TEST

START_TEST(actions_are_bounded_goals) {
  struct hrlp_outlook outlook;
  ck_assert(hrlp_outlook_create(&outlook, &bologna, &weights, NULL) == HRL_OK);
  const float high[] = {7.0f, 1.0f, 7.0f};
  const float low[] = {-7.0f, -1.0f, -7.0f};
  struct hrlp_goal goal = hrlp_goal_from_action(&outlook, high);
  ck_assert(goal.target_invest_ratio == 1.0);
  ck_assert_double_eq_tol(goal.safety_buffer, 2 * 3200.0, sum_tolerance);
  ck_assert(goal.aggressiveness == 1.0);
  goal = hrlp_goal_from_action(&outlook, low);
  ck_assert(goal.target_invest_ratio == 0.0);
  ck_assert(goal.safety_buffer == 0.0);
  ck_assert(goal.aggressiveness == 0.0);
  hrlp_outlook_destroy(&outlook);
}
END_TEST

START_TEST(a_household_ten_times_as_rich_looks_the_same) {
  struct hrlp_outlook small, large;
  struct hrlp_environment rich = bologna;
  rich.income *= 10, rich.fixed_expenses *= 10, rich.variable_expense_mean *= 10;
  rich.variable_expense_std *= 10, rich.safety_threshold *= 10;
  /* a month is worth mu whatever the income: leave it out of the comparison */
  struct hrlp_reward money = weights;
  money.mu = 0.0;
  ck_assert(hrlp_outlook_create(&small, &bologna, &money, NULL) == HRL_OK);
  ck_assert(hrlp_outlook_create(&large, &rich, &money, NULL) == HRL_OK);
  struct hrlp_state state = {.month = 30, .cash = 4321, .portfolio = 999, .fixed = 1850,
                             .variable = 820, .average_cash = 4000, .average_change = -50,
                             .spending_trend = 0.1};
  struct hrlp_state tenfold = state;
  tenfold.cash *= 10, tenfold.portfolio *= 10, tenfold.fixed *= 10, tenfold.variable *= 10;
  tenfold.average_cash *= 10, tenfold.average_change *= 10;
  struct hrlp_goal goal = {0.2, 3000, 0.5}, tenfold_goal = {0.2, 30000, 0.5};
  float x[HRLP_EXECUTOR_OBSERVATIONS], y[HRLP_EXECUTOR_OBSERVATIONS];
  float a[HRLP_STRATEGIST_ACTIONS], b[HRLP_STRATEGIST_ACTIONS];
  hrlp_executor_observe(&small, &state, &goal, 3, 6, x, a);
  hrlp_executor_observe(&large, &tenfold, &tenfold_goal, 3, 6, y, b);
  for (size_t i = 0; i < HRLP_EXECUTOR_OBSERVATIONS; i++)
    ck_assert_float_eq_tol(x[i], y[i], 1e-5f);
  hrlp_strategist_observe(&small, &state, 6, x, a);
  hrlp_strategist_observe(&large, &tenfold, 6, y, b);
  for (size_t i = 0; i < HRLP_STRATEGIST_OBSERVATIONS; i++)
    ck_assert_float_eq_tol(x[i], y[i], 1e-5f);
  for (size_t i = 0; i < HRLP_STRATEGIST_ACTIONS; i++)
    ck_assert_float_eq_tol(a[i], b[i], 1e-5f);
  hrlp_outlook_destroy(&small);
  hrlp_outlook_destroy(&large);
}
END_TEST

START_TEST(an_allocation_adds_up_and_covers_expenses_first) {
  struct hrlp_outlook outlook;
  ck_assert(hrlp_outlook_create(&outlook, &bologna, &weights, NULL) == HRL_OK);
  struct hrlp_state state = {.month = 0, .cash = 4000, .fixed = 1800};
  double needed = 1.0 - hrlp_outlook_surplus(&outlook, 0, 1800.0) / 3200.0;
  for (int i = 0; i <= 20; i++) {
    double invest = i / 20.0;
    double shares[3];
    hrlp_allocation(&outlook, &state, invest, shares);
    ck_assert_double_eq_tol(shares[0] + shares[1] + shares[2], 1.0, 1e-12);
    ck_assert(shares[0] == invest && shares[1] >= 0.0 && shares[2] >= 0.0);
    ck_assert_double_eq_tol(shares[2], fmin(needed, 1.0 - invest), 1e-12);
  }
  hrlp_outlook_destroy(&outlook);
}
END_TEST

/* Plays six episodes into `episodes` and, where it is not NULL, a record. */
static void play_six(const struct hrlp_agents *agents, size_t shard, size_t threads,
                     bool explore, struct hrlp_episode episodes[6]) {
  struct hrlp_player *player = NULL;
  struct hrlp_pool *pool = NULL;
  ck_assert(hrlp_player_create(agents, 6, shard, &player, NULL) == HRL_OK);
  ck_assert(hrlp_pool_create(threads, &pool, NULL) == HRL_OK);
  hrlp_play(player,
            &(struct hrlp_play){.agents = agents,
                                .seed = 3,
                                .first_episode = 40,
                                .count = 6,
                                .explore = explore,
                                .episodes = episodes},
            pool);
  hrlp_player_destroy(player);
  hrlp_pool_destroy(pool);
}

START_TEST(untrained_agents_give_textbook_advice) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrlp_episode episodes[6];
  ck_assert(hrlp_agents_create(&agents, &config, &bologna, &weights, 1, NULL) == HRL_OK);
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
  struct hrlp_episode one[6], three[6];
  ck_assert(hrlp_agents_create(&agents, &config, &bologna, &weights, 1, NULL) == HRL_OK);
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

static void add_month(void *context, const struct hrlp_watched_month *month) {
  double *sums = context; /* reward, months, last cash */
  sums[0] += month->reward;
  sums[1] += 1.0;
  sums[2] = month->cash;
  ck_assert_double_eq_tol(month->shares[0] + month->shares[1] + month->shares[2], 1.0, 1e-12);
}

START_TEST(what_is_watched_is_what_is_counted) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrlp_player *player = NULL;
  struct hrlp_episode episode;
  double sums[3] = {0};
  ck_assert(hrlp_agents_create(&agents, &config, &bologna, &weights, 1, NULL) == HRL_OK);
  ck_assert(hrlp_player_create(&agents, 1, 1, &player, NULL) == HRL_OK);
  hrlp_play(player,
            &(struct hrlp_play){.agents = &agents, .seed = 3, .first_episode = 7, .count = 1,
                                .explore = true, .episodes = &episode, .watch = add_month,
                                .watch_context = sums},
            NULL);
  ck_assert_double_eq_tol(sums[0], episode.reward, sum_tolerance);
  ck_assert(sums[1] == (double)episode.months);
  ck_assert(sums[2] == episode.final_cash);
  hrlp_player_destroy(player);
  hrlp_agents_destroy(&agents);
}
END_TEST

/* Weights of both agents after three rounds of learning. */
static void learn_three(enum hrlp_mode mode, size_t threads, float *strategist,
                        float *executor, double *goal_price) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrlp_learner *learner = NULL;
  struct hrlp_pool *pool = NULL;
  struct hrlp_episode episodes[6];
  config.mode = mode;
  if (goal_price != NULL) config.goal_weight = *goal_price;
  ck_assert(hrlp_agents_create(&agents, &config, &bologna, &weights, 9, NULL) == HRL_OK);
  ck_assert(hrlp_learner_create(&agents, &learner, NULL) == HRL_OK);
  ck_assert(hrlp_pool_create(threads, &pool, NULL) == HRL_OK);
  for (uint64_t round = 0; round < 3; round++) {
    struct hrlp_round_report report;
    hrlp_learner_play(learner, &agents, 6 * round + 1, 6, episodes, pool);
    ck_assert(hrlp_learner_update(learner, &agents, 6 * round, pool, &report, NULL) == HRL_OK);
    ck_assert(isfinite(report.executor.loss) && isfinite(report.strategist.loss));
  }
  memcpy(strategist, agents.strategist.parameters, agents.strategist.count * sizeof(float));
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
  ck_assert(hrlp_agents_create(&agents, &config, &bologna, &weights, 9, NULL) == HRL_OK);
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

/* The record of a batch: the strategist's pay is the sum of its months' pay (the goal being
 * free), and steps count decisions and months. */
START_TEST(a_period_is_paid_the_sum_of_its_months) {
  struct hrlp_agents agents;
  struct hrlp_agents_config config = small_config();
  struct hrlp_player *player = NULL;
  struct hrlp_episode episodes[2];
  enum { N = 2, MONTHS = 120, PERIODS = 20 };
  static float x[N * MONTHS * HRLP_EXECUTOR_OBSERVATIONS], offsets[2][N * MONTHS * 3];
  static float y[N * PERIODS * HRLP_STRATEGIST_OBSERVATIONS], actions[2][N * MONTHS * 3];
  static float log_p[2][N * MONTHS], rewards[2][N * MONTHS];
  size_t lengths[2][N] = {{0}};
  struct hrlp_record record = {
      .strategist = {PERIODS, lengths[0], y, offsets[0], actions[0], log_p[0], rewards[0]},
      .executor = {MONTHS, lengths[1], x, offsets[1], actions[1], log_p[1], rewards[1]}};
  ck_assert(hrlp_agents_create(&agents, &config, &bologna, &weights, 1, NULL) == HRL_OK);
  ck_assert(hrlp_player_create(&agents, N, N, &player, NULL) == HRL_OK);
  hrlp_play(player,
            &(struct hrlp_play){.agents = &agents, .seed = 4, .first_episode = 1, .count = N,
                                .explore = true, .record = &record, .episodes = episodes},
            NULL);
  for (size_t i = 0; i < N; i++) {
    ck_assert_uint_eq(lengths[1][i], (size_t)episodes[i].months);
    ck_assert_uint_eq(lengths[0][i], (lengths[1][i] + 5) / 6);
    for (size_t d = 0; d < lengths[0][i]; d++) {
      double sum = 0.0;
      for (size_t t = 6 * d; t < 6 * d + 6 && t < lengths[1][i]; t++)
        sum += (double)rewards[1][i * MONTHS + t];
      ck_assert_double_eq_tol((double)rewards[0][i * PERIODS + d], sum,
                              single_tolerance * (1.0 + fabs(sum)));
    }
  }
  hrlp_player_destroy(player);
  hrlp_agents_destroy(&agents);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("agents");
  TCase *outlook = tcase_create("outlook");
  tcase_add_test(outlook, without_luck_pay_adds_up_to_the_return_less_the_potential);
  tcase_add_test(outlook, what_luck_removal_takes_out_has_mean_zero);
  tcase_add_test(outlook, an_outlook_counts_the_months_that_pay);
  tcase_add_test(outlook, an_outlook_refuses_what_overflows);
  suite_add_tcase(suite, outlook);
  TCase *view = tcase_create("view");
  tcase_add_test(view, a_goal_is_followed_as_far_as_its_buffer_allows);
  tcase_add_test(view, actions_are_bounded_goals);
  tcase_add_test(view, a_household_ten_times_as_rich_looks_the_same);
  tcase_add_test(view, an_allocation_adds_up_and_covers_expenses_first);
  suite_add_tcase(suite, view);
  TCase *play = tcase_create("play");
  tcase_add_test(play, untrained_agents_give_textbook_advice);
  tcase_add_test(play, episodes_do_not_depend_on_threads);
  tcase_add_test(play, what_is_watched_is_what_is_counted);
  tcase_add_test(play, a_period_is_paid_the_sum_of_its_months);
  suite_add_tcase(suite, play);
  TCase *learner = tcase_create("learner");
  tcase_set_timeout(learner, 120);
  tcase_add_test(learner, learning_does_not_depend_on_threads);
  tcase_add_test(learner, without_a_strategist_only_the_executor_learns);
  tcase_add_test(learner, departing_from_a_goal_has_its_price);
  suite_add_tcase(suite, learner);
  return run_suite(suite);
}
