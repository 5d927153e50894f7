/* Evaluations: rules and pairs against plain loops over the public household, and against
 * each other. */
#include "trial.h"

#include <math.h>
#include <stdlib.h>

static hrl_scenario *scenario;

static void set_up(void) {
  enter_room();
  scenario = make_scenario();
}

static void tear_down(void) {
  hrl_scenario_destroy(scenario);
  leave_room();
}

static hrl_evaluate_options some(uint64_t episodes) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = episodes;
  options.seed = 5;
  options.threads = 1;
  return options;
}

static hrl_evaluation evaluate_share(double share, uint64_t episodes) {
  hrl_evaluate_options options = some(episodes);
  hrl_evaluation result = {.size = sizeof result};
  OK(hrl_evaluate_share(scenario, share, &options, &result, &error));
  return result;
}

/* ---- a plain loop ---- */

/* Plays one episode by a constant share and adds it to the sums of `result`; gives its
 * strategic return. */
static double play_plainly(hrl_household *household, uint64_t episode, double share,
                           hrl_evaluation *result) {
  double reward = 0.0;
  double wealth_change = 0.0;
  uint8_t terminated = 0;
  uint8_t truncated = 0;
  hrl_step_result step = {sizeof step, &reward,    &wealth_change,
                          &terminated, &truncated, NULL};
  hrl_observation seen;
  double sum = 0.0;
  double strategic = 0.0;
  double safe = 0.0;
  double months = 0.0;
  OK(hrl_household_reset(household, 0, episode, &error));
  while (!terminated && !truncated) {
    OK(hrl_household_step(household, &share, &step, &error));
    hrl_household_observe(household, &seen);
    sum += reward;
    strategic += reward + wealth_change / 1000.0 + (seen.cash > 0.0 ? 0.5 : 0.0);
    safe += seen.cash > 0.0 ? 1.0 : 0.0;
    months += 1.0;
  }
  result->reward += sum;
  result->months += months;
  result->solvent += terminated ? 0.0 : 1.0;
  result->stability += safe / months;
  result->final_cash += seen.cash;
  result->invested += months * share * 2000.0;
  result->wealth += seen.cash + seen.portfolio;
  return strategic;
}

static void assert_near(double found, double expected) {
  ck_assert_double_eq_tol(found, expected, 1e-9 * (1.0 + fabs(expected)));
}

/* More episodes than are played at once inside. */
START_TEST(shares_are_as_a_plain_loop_says) {
  static const double shares[] = {0.0, 0.2, 0.37, 0.6, 1.0};
  const uint64_t episodes = 1100;
  hrl_evaluation expected = {0};
  hrl_household *household = NULL;
  double mean = 0.0;
  double squares = 0.0;
  OK(hrl_household_create(scenario, 1, 5, &household, &error));
  for (uint64_t i = 0; i < episodes; i++) {
    double strategic = play_plainly(household, i, shares[_i], &expected);
    mean += strategic;
    squares += strategic * strategic;
  }
  hrl_household_destroy(household);
  double n = (double)episodes;
  mean /= n;
  hrl_evaluation found = evaluate_share(shares[_i], episodes);
  ck_assert_uint_eq(found.episodes, episodes);
  assert_near(found.strategic_return, mean);
  ck_assert_double_eq_tol(found.strategic_return_stderr,
                          sqrt((squares / n - mean * mean) / (n - 1.0)), 1e-6);
  assert_near(found.reward, expected.reward / n);
  assert_near(found.months, expected.months / n);
  assert_near(found.solvent, expected.solvent / n);
  assert_near(found.stability, expected.stability / n);
  assert_near(found.final_cash, expected.final_cash / n);
  assert_near(found.invested, expected.invested / n);
  assert_near(found.wealth, expected.wealth / n);
  ck_assert(isnan(found.goal_adherence));
}
END_TEST

START_TEST(the_best_share_is_the_best_of_all) {
  hrl_evaluate_options options = some(200);
  hrl_evaluation best = {.size = sizeof best};
  double share = -1.0;
  OK(hrl_evaluate_best_share(scenario, &options, &share, &best, &error));
  double most = -INFINITY;
  double at = -1.0;
  for (int i = 0; i <= 100; i++) {
    hrl_evaluation one = evaluate_share(i / 100.0, 200);
    if (one.strategic_return <= most) continue;
    most = one.strategic_return;
    at = i / 100.0;
  }
  ck_assert_double_eq(best.strategic_return, most);
  ck_assert_double_eq(share, at);
  hrl_evaluation again = evaluate_share(share, 200);
  ck_assert_double_eq(again.wealth, best.wealth);
  ck_assert_double_eq(again.months, best.months);
}
END_TEST

/* Without returns the optimum is exact up to its grid: nothing does better beyond chance,
 * and what it promises is what it gets. */
/* ---- a rule without hindsight ---- */

struct tried {
  int share; /* per cent */
  double strategic_return;
};

static int better(const void *a, const void *b) {
  const struct tried *x = a;
  const struct tried *y = b;
  if (x->strategic_return != y->strategic_return)
    return x->strategic_return < y->strategic_return ? 1 : -1;
  return x->share - y->share;
}

/* The share that the rounds leave, played one by one. */
static double pick_plainly(const hrl_evaluate_options *options) {
  struct tried tried[101];
  for (int share = 0; share <= 100; share++) tried[share].share = share;
  hrl_evaluate_options round = *options;
  round.seed = (options->seed ^ 0x9e3779b97f4a7c15u) >> 1;
  size_t left = 101;
  for (round.episodes = options->episodes / 16; round.episodes <= options->episodes;
       round.episodes *= 2) {
    for (size_t i = 0; i < left; i++) {
      hrl_evaluation result = {.size = sizeof result};
      OK(hrl_evaluate_share(scenario, tried[i].share / 100.0, &round, &result, &error));
      tried[i].strategic_return = result.strategic_return;
    }
    qsort(tried, left, sizeof *tried, better);
    if (left >= 16) left /= 4;
  }
  return tried[0].share / 100.0;
}

/* With few episodes it is noise that decides. */
START_TEST(a_rule_is_picked_as_rounds_on_other_noise_say) {
  hrl_evaluate_options options = some(16);
  for (options.seed = 0; options.seed < 12; options.seed++) {
    hrl_rule rule = {.size = sizeof rule};
    OK(hrl_pick_rule(scenario, &options, &rule, &error));
    ck_assert_double_eq_tol(rule.save, pick_plainly(&options), 1e-12);
  }
}
END_TEST

START_TEST(a_rule_is_picked_by_any_number_of_threads_and_episodes) {
  hrl_rule best = {.size = sizeof best};
  hrl_evaluation of_best = {.size = sizeof of_best};
  hrl_evaluate_options options = some(2000);
  OK(hrl_evaluate_best_rule(scenario, &options, &best, &of_best, &error));
  for (uint64_t episodes = 1; episodes <= 81; episodes += 10) {
    hrl_rule rules[2] = {{.size = sizeof *rules}, {.size = sizeof *rules}};
    for (uint32_t i = 0; i < 2; i++) {
      hrl_evaluate_options few = some(episodes);
      few.threads = 1 + 3 * i;
      OK(hrl_pick_rule(scenario, &few, &rules[i], &error));
    }
    ck_assert(rules[0].save == rules[1].save);
    if (episodes > 40) ck_assert_double_eq_tol(rules[0].save, best.save, 0.04);
  }
  FAILS(hrl_pick_rule(NULL, NULL, &best, &error), HRL_ERROR_ARGUMENT, "scenario");
  FAILS(hrl_pick_rule(scenario, NULL, NULL, &error), HRL_ERROR_ARGUMENT, "rule");
  options.episodes = 0;
  FAILS(hrl_pick_rule(scenario, &options, &best, &error), HRL_ERROR_ARGUMENT, "episodes");
}
END_TEST

START_TEST(the_optimum_is_the_best) {
  hrl_evaluate_options options = some(4000);
  hrl_evaluation best = {.size = sizeof best};
  hrl_evaluation optimum = {.size = sizeof optimum};
  double share = -1.0;
  double promised = NAN;
  OK(hrl_evaluate_best_share(scenario, &options, &share, &best, &error));
  OK(hrl_evaluate_optimum(scenario, &options, &promised, &optimum, &error));
  double chance = 4.0 * (optimum.strategic_return_stderr + best.strategic_return_stderr);
  ck_assert_double_ge(optimum.strategic_return, best.strategic_return - chance);
  ck_assert_double_eq_tol(promised, optimum.strategic_return,
                          4.0 * optimum.strategic_return_stderr + 0.001 * fabs(promised));
  OK(hrl_evaluate_optimum(scenario, &options, NULL, &optimum, &error));
}
END_TEST

START_TEST(skill_is_its_formula) {
  ck_assert_double_eq(hrl_skill(5.0, 5.0, 9.0), 0.0);
  ck_assert_double_eq(hrl_skill(9.0, 5.0, 9.0), 1.0);
  ck_assert_double_eq(hrl_skill(7.0, 5.0, 9.0), 0.5);
  ck_assert_double_eq(hrl_skill(1.0, 5.0, 9.0), -1.0);
  ck_assert_double_eq(hrl_skill(-6.0, -8.0, -4.0), 0.5);
  ck_assert(isnan(hrl_skill(1.0, 5.0, 5.0)));
  ck_assert(isnan(hrl_skill(1.0, 5.0, 4.0))); /* not 4: that is no merit */
  ck_assert(isnan(hrl_skill(-9.0, -5.0, -6.0)));
  ck_assert(isnan(hrl_skill(1.0, 0.0, 0.0)));
  ck_assert(isnan(hrl_skill(1.0, 1e9, 1e9 + 1.0)));
  ck_assert(!isnan(hrl_skill(1.0, 1e9, 1e9 + 3.0)));
}
END_TEST

/* ---- options ---- */

START_TEST(options_have_bounds) {
  hrl_evaluation result = {.size = sizeof result};
  hrl_evaluate_options options = some(0);
  FAILS(hrl_evaluate_share(scenario, 0.5, &options, &result, &error), HRL_ERROR_ARGUMENT,
        "episodes of an evaluation: found 0, expected 1 to 1000000");
  options = some(1000001);
  FAILS(hrl_evaluate_share(scenario, 0.5, &options, &result, &error), HRL_ERROR_ARGUMENT,
        "episodes of an evaluation: found 1000001, expected 1 to 1000000");
  options = some(10);
  options.threads = 257;
  FAILS(hrl_evaluate_share(scenario, 0.5, &options, &result, &error), HRL_ERROR_ARGUMENT,
        "threads: found 257, expected 1 to 256");
  static const double shares[] = {-0.01, 1.01, NAN, INFINITY};
  options = some(10);
  for (size_t i = 0; i < 4; i++)
    FAILS(hrl_evaluate_share(scenario, shares[i], &options, &result, &error),
          HRL_ERROR_ARGUMENT, "a share within 0..1");
  FAILS(hrl_evaluate_share(NULL, 0.5, &options, &result, &error), HRL_ERROR_ARGUMENT, "");
  FAILS(hrl_evaluate_share(scenario, 0.5, &options, NULL, &error), HRL_ERROR_ARGUMENT,
        "");
  FAILS(hrl_evaluate_best_share(scenario, &options, NULL, &result, &error),
        HRL_ERROR_ARGUMENT, "");
  FAILS(hrl_evaluate_optimum(NULL, &options, NULL, &result, &error), HRL_ERROR_ARGUMENT,
        "");
  FAILS(hrl_evaluate_policy(NULL, NULL, &options, &result, &error), HRL_ERROR_ARGUMENT,
        "");
  FAILS(hrl_evaluate_trajectory(NULL, NULL, &options, NULL, NULL, &error),
        HRL_ERROR_ARGUMENT, "");
  OK(hrl_scenario_set(scenario, "environment.max_months", 2401, &error));
  FAILS(hrl_evaluate_optimum(scenario, &options, NULL, &result, &error), HRL_ERROR_LIMIT,
        "2400");
}
END_TEST

START_TEST(a_shorter_result_gets_no_more_than_it_has_room_for) {
  hrl_evaluate_options options = some(10);
  hrl_evaluation result;
  memset(&result, 0x5a, sizeof result);
  result.size = offsetof(hrl_evaluation, months);
  OK(hrl_evaluate_share(scenario, 0.2, &options, &result, &error));
  ck_assert_uint_eq(result.size, offsetof(hrl_evaluation, months));
  hrl_evaluation whole = evaluate_share(0.2, 10);
  ck_assert_double_eq(result.reward, whole.reward);
  unsigned char untouched[sizeof(double)];
  memset(untouched, 0x5a, sizeof untouched);
  ck_assert_mem_eq(&result.months, untouched, sizeof untouched);
}
END_TEST

/* ---- pairs ---- */

static hrl_policy *make_policy(void) {
  hrl_policy *policy = NULL;
  run_into("models", 16);
  OK(hrl_policy_load("trial", &policy, &error));
  return policy;
}

START_TEST(threads_do_not_change_results) {
  hrl_policy *policy = make_policy();
  hrl_evaluate_options options = some(1500);
  hrl_evaluation one[3] = {
      {.size = sizeof *one}, {.size = sizeof *one}, {.size = sizeof *one}};
  OK(hrl_evaluate_policy(policy, NULL, &options, &one[0], &error));
  OK(hrl_evaluate_share(scenario, 0.25, &options, &one[1], &error));
  OK(hrl_evaluate_optimum(scenario, &options, NULL, &one[2], &error));
  for (options.threads = 0; options.threads <= 3; options.threads++) {
    hrl_evaluation more[3] = {
        {.size = sizeof *more}, {.size = sizeof *more}, {.size = sizeof *more}};
    OK(hrl_evaluate_policy(policy, NULL, &options, &more[0], &error));
    OK(hrl_evaluate_share(scenario, 0.25, &options, &more[1], &error));
    OK(hrl_evaluate_optimum(scenario, &options, NULL, &more[2], &error));
    for (size_t i = 0; i < 3; i++)
      ck_assert_mem_eq(&more[i], &one[i], offsetof(hrl_evaluation, goal_adherence));
  }
  hrl_policy_destroy(policy);
}
END_TEST

/* What has been seen of the trajectories so far. */
struct walk {
  uint64_t episode, month;
  double cash, portfolio, reward, months, wealth;
  uint64_t stop_after, rows;
};

/* Each month follows from the one before. */
static int check_month(const hrl_trajectory_month *row, void *data) {
  struct walk *walk = data;
  ck_assert_uint_eq(row->size, sizeof *row);
  if (row->month == 1) {
    ck_assert_uint_eq(row->episode, walk->rows == 0 ? 0 : walk->episode + 1);
    walk->wealth += walk->rows == 0 ? 0.0 : walk->cash + walk->portfolio;
    walk->cash = 3000.0;
    walk->portfolio = 0.0;
  } else {
    ck_assert_uint_eq(row->episode, walk->episode);
    ck_assert_uint_eq(row->month, walk->month + 1);
  }
  double invested = row->allocation.invest * 2000.0;
  double cash = walk->cash + 2000.0 - invested - row->fixed - row->variable;
  ck_assert_double_eq_tol(row->cash, cash, 1e-8);
  ck_assert_double_eq_tol(row->portfolio, walk->portfolio + invested, 1e-8);
  ck_assert_double_eq_tol(row->invested, row->portfolio, 1e-8); /* it earns nothing */
  ck_assert_double_eq_tol(row->fixed, 1000.0 * pow(1.02, (double)row->month / 12.0),
                          1e-8);
  ck_assert_double_eq_tol(
      row->allocation.invest + row->allocation.save + row->allocation.consume, 1.0,
      1e-12);
  ck_assert_int_eq(row->insolvent != 0, row->cash < 0.0);
  ck_assert_uint_le(row->month, 12);
  walk->episode = row->episode;
  walk->month = row->month;
  walk->cash = row->cash;
  walk->portfolio = row->portfolio;
  walk->reward += row->reward;
  walk->rows++;
  return walk->rows == walk->stop_after;
}

START_TEST(trajectories_are_the_episodes_that_are_evaluated) {
  hrl_policy *policy = make_policy();
  hrl_evaluate_options options = some(50);
  hrl_evaluation whole = {.size = sizeof whole};
  struct walk walk = {0};
  OK(hrl_evaluate_policy(policy, NULL, &options, &whole, &error));
  OK(hrl_evaluate_trajectory(policy, NULL, &options, check_month, &walk, &error));
  walk.wealth += walk.cash + walk.portfolio;
  ck_assert_uint_eq(walk.episode, 49);
  ck_assert_double_eq_tol((double)walk.rows / 50.0, whole.months, 1e-9);
  /* one household at a time adds up in another order than many */
  ck_assert_double_eq_tol(walk.reward / 50.0, whole.reward, 1e-3);
  ck_assert_double_eq_tol(walk.wealth / 50.0, whole.wealth, 1e-1);
  walk = (struct walk){.stop_after = 5};
  FAILS(hrl_evaluate_trajectory(policy, NULL, &options, check_month, &walk, &error),
        HRL_ERROR_STATE, "the callback ended");
  ck_assert_uint_eq(walk.rows, 5);
  hrl_policy_destroy(policy);
}
END_TEST

/* A pair in another household than its own, one with a longer life. */
START_TEST(a_pair_may_be_played_elsewhere) {
  hrl_policy *policy = make_policy();
  hrl_evaluate_options options = some(50);
  hrl_evaluation here = {.size = sizeof here};
  hrl_evaluation there = {.size = sizeof there};
  OK(hrl_evaluate_policy(policy, scenario, &options, &here, &error));
  OK(hrl_evaluate_policy(policy, NULL, &options, &there, &error));
  ck_assert_double_eq(here.strategic_return, there.strategic_return);
  OK(hrl_scenario_set(scenario, "environment.max_months", 30, &error));
  OK(hrl_scenario_set(scenario, "environment.initial_cash", 1e6, &error));
  OK(hrl_evaluate_policy(policy, scenario, &options, &there, &error));
  ck_assert_double_eq(there.months, 30.0);
  OK(hrl_evaluate_policy(policy, NULL, &options, &there, &error));
  ck_assert_double_eq(here.strategic_return,
                      there.strategic_return); /* it is as before */
  hrl_policy_destroy(policy);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("evaluate");
  TCase *cases = tcase_create("evaluate");
  tcase_set_timeout(cases, 120);
  tcase_add_checked_fixture(cases, set_up, tear_down);
  tcase_add_loop_test(cases, shares_are_as_a_plain_loop_says, 0, 5);
  tcase_add_test(cases, the_best_share_is_the_best_of_all);
  tcase_add_test(cases, a_rule_is_picked_as_rounds_on_other_noise_say);
  tcase_add_test(cases, a_rule_is_picked_by_any_number_of_threads_and_episodes);
  tcase_add_test(cases, the_optimum_is_the_best);
  tcase_add_test(cases, skill_is_its_formula);
  tcase_add_test(cases, options_have_bounds);
  tcase_add_test(cases, a_shorter_result_gets_no_more_than_it_has_room_for);
  tcase_add_test(cases, threads_do_not_change_results);
  tcase_add_test(cases, trajectories_are_the_episodes_that_are_evaluated);
  tcase_add_test(cases, a_pair_may_be_played_elsewhere);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
