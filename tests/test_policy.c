/* Policies: advice, which is the one that the pair itself plays by. */
#include "policy_sample.h"

#include <math.h>
#include <pthread.h>

static hrl_policy *policy;
static hrl_observation now[COUNT], previous[COUNT];

static void set_up(void) {
  enter_room();
  run_into("models", 24);
  policy = load("trial");
  make_households(now, previous);
}

static void tear_down(void) {
  hrl_policy_destroy(policy);
  leave_room();
}

START_TEST(many_at_once_are_as_one_at_a_time) {
  hrl_goal goals[COUNT];
  hrl_allocation advice[COUNT];
  OK(hrl_policy_goal(policy, COUNT, now, previous, goals, &error));
  OK(hrl_policy_allocate(policy, COUNT, now, goals, 3, advice, &error));
  for (size_t i = 0; i < COUNT; i++) {
    hrl_goal goal;
    hrl_allocation alone;
    OK(hrl_policy_goal(policy, 1, &now[i], &previous[i], &goal, &error));
    OK(hrl_policy_allocate(policy, 1, &now[i], &goals[i], 3, &alone, &error));
    /* products of another shape may add up in another order */
    ck_assert_double_eq_tol(goal.target_invest_ratio, goals[i].target_invest_ratio, 1e-5);
    ck_assert_double_eq_tol(goal.safety_buffer, goals[i].safety_buffer, 1e-2);
    ck_assert_double_eq_tol(goal.aggressiveness, goals[i].aggressiveness, 1e-5);
    ck_assert_double_eq_tol(alone.invest, advice[i].invest, 1e-5);
    ck_assert_double_eq_tol(alone.save, advice[i].save, 1e-5);
  }
}
END_TEST

START_TEST(advice_is_within_its_bounds) {
  hrl_goal goals[COUNT];
  hrl_allocation advice[COUNT];
  for (size_t i = 0; i < COUNT; i++) now[i].cash *= pow(10.0, (double)(i % 15));
  OK(hrl_policy_goal(policy, COUNT, now, NULL, goals, &error));
  OK(hrl_policy_allocate(policy, COUNT, now, goals, 1, advice, &error));
  for (size_t i = 0; i < COUNT; i++) {
    ck_assert(goals[i].target_invest_ratio >= 0.0 && goals[i].target_invest_ratio <= 1.0);
    ck_assert(goals[i].safety_buffer >= 0.0 && isfinite(goals[i].safety_buffer));
    ck_assert(goals[i].aggressiveness >= 0.0 && goals[i].aggressiveness <= 1.0);
    const hrl_allocation *a = &advice[i];
    ck_assert(a->invest >= 0.0 && a->save >= 0.0 && a->consume >= 0.0);
    ck_assert_double_eq_tol(a->invest + a->save + a->consume, 1.0, 1e-12);
  }
}
END_TEST

START_TEST(bad_questions_are_refused) {
  hrl_goal goals[2] = {{0.5, 100.0, 0.5}, {0.5, 100.0, 0.5}};
  hrl_allocation advice[2];
  static const double months[] = {0.0, -1.0, 13.0, 1.5, NAN, INFINITY};
  for (size_t i = 0; i < 6; i++) {
    hrl_observation two[2] = {now[0], now[1]};
    two[1].months_remaining = months[i];
    FAILS(hrl_policy_goal(policy, 2, two, NULL, goals, &error), HRL_ERROR_ARGUMENT,
          "household 1: months_remaining");
    FAILS(hrl_policy_allocate(policy, 2, two, goals, 1, advice, &error),
          HRL_ERROR_ARGUMENT, "household 1: months_remaining");
  }
  for (size_t i = 0; i < 4; i++) {
    hrl_observation one = now[0];
    double *const sums[] = {&one.cash, &one.portfolio, &one.fixed_expenses,
                            &one.variable_expense};
    *sums[i] = i % 2 == 0 ? NAN : -INFINITY;
    FAILS(hrl_policy_goal(policy, 1, &one, NULL, goals, &error), HRL_ERROR_ARGUMENT,
          "household 0: cash, expenses and portfolio must be finite");
    FAILS(hrl_policy_goal(policy, 1, now, &one, goals, &error), HRL_ERROR_ARGUMENT,
          "household 0: cash");
  }
  const hrl_goal wrong[] = {{-0.1, 0, 0}, {1.1, 0, 0},      {NAN, 0, 0},
                            {0, -1, 0},   {0, INFINITY, 0}, {0, 0, 2}};
  for (size_t i = 0; i < 6; i++)
    FAILS(hrl_policy_allocate(policy, 1, now, &wrong[i], 1, advice, &error),
          HRL_ERROR_ARGUMENT, "goal 0: expected a target");
  FAILS(hrl_policy_allocate(policy, 1, now, goals, 0, advice, &error), HRL_ERROR_ARGUMENT,
        "months_to_next_goal: found 0, expected 1 to 4");
  FAILS(hrl_policy_allocate(policy, 1, now, goals, 5, advice, &error), HRL_ERROR_ARGUMENT,
        "months_to_next_goal: found 5, expected 1 to 4");
  FAILS(hrl_policy_goal(NULL, 1, now, NULL, goals, &error), HRL_ERROR_ARGUMENT, "policy");
  FAILS(hrl_policy_goal(policy, 1, NULL, NULL, goals, &error), HRL_ERROR_ARGUMENT, "obs");
  FAILS(hrl_policy_allocate(policy, 1, now, goals, 1, NULL, &error), HRL_ERROR_ARGUMENT,
        "");
  OK(hrl_policy_goal(policy, 0, NULL, NULL, NULL, &error));
  OK(hrl_policy_allocate(policy, 0, NULL, NULL, 1, NULL, &error));
}
END_TEST

/* Sums near the end of the numbers give advice or are refused, never a NaN. */
START_TEST(huge_sums_give_no_nan) {
  for (int power = 10; power <= 308; power++) {
    hrl_observation one = now[1];
    hrl_observation past = previous[1];
    one.cash = pow(10.0, power);
    past.cash = -one.cash;
    one.portfolio = one.cash;
    one.variable_expense = -one.cash;
    hrl_goal goal;
    hrl_allocation advice;
    if (hrl_policy_goal(policy, 1, &one, &past, &goal, NULL) == HRL_OK)
      ck_assert(isfinite(goal.target_invest_ratio) && isfinite(goal.safety_buffer) &&
                isfinite(goal.aggressiveness));
    goal = (hrl_goal){0.5, one.cash, 0.5};
    if (hrl_policy_allocate(policy, 1, &one, &goal, 1, &advice, NULL) == HRL_OK)
      ck_assert(isfinite(advice.invest + advice.save + advice.consume));
  }
}
END_TEST

/* ---- as the pair plays ---- */

struct played {
  hrl_trajectory_month months[64];
  size_t count;
};

static int remember_month(const hrl_trajectory_month *month, void *data) {
  struct played *played = data;
  ck_assert_uint_lt(played->count, 64);
  played->months[played->count++] = *month;
  return 0;
}

START_TEST(advice_is_what_the_pair_plays) {
  struct played played = {.count = 0};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 4;
  OK(hrl_evaluate_trajectory(policy, NULL, &options, remember_month, &played, &error));
  ck_assert_uint_ge(played.count, 4);
  for (size_t i = 0; i < played.count; i++) {
    const hrl_trajectory_month *month = &played.months[i];
    const hrl_trajectory_month *last = i > 0 ? &played.months[i - 1] : NULL;
    /* at the start: what the scenario begins with */
    hrl_observation seen = {.fixed_expenses = 1000.0,
                            .variable_expense = 500.0,
                            .cash = 3000.0,
                            .months_remaining = 13.0 - (double)month->month};
    if (month->month == 1) {
      hrl_household *household = NULL;
      OK(hrl_household_create(hrl_policy_scenario(policy), 1, options.seed, &household,
                              &error));
      OK(hrl_household_reset(household, 0, month->episode, &error));
      hrl_household_observe(household, &seen);
      hrl_household_destroy(household);
      hrl_goal goal;
      OK(hrl_policy_goal(policy, 1, &seen, NULL, &goal, &error));
      ck_assert_double_eq_tol(goal.target_invest_ratio, month->goal.target_invest_ratio,
                              1e-6);
      ck_assert_double_eq_tol(goal.safety_buffer, month->goal.safety_buffer, 1e-3);
      ck_assert_double_eq_tol(goal.aggressiveness, month->goal.aggressiveness, 1e-6);
    } else {
      seen.fixed_expenses = last->fixed;
      seen.variable_expense = last->variable;
      seen.cash = last->cash;
      seen.portfolio = last->portfolio;
    }
    hrl_allocation advice;
    size_t to_next = 4 - (size_t)(month->month - 1) % 4;
    OK(hrl_policy_allocate(policy, 1, &seen, &month->goal, to_next, &advice, &error));
    ck_assert_double_eq_tol(advice.invest, month->allocation.invest, 1e-6);
    ck_assert_double_eq_tol(advice.save, month->allocation.save, 1e-6);
    ck_assert_double_eq_tol(advice.consume, month->allocation.consume, 1e-6);
  }
}
END_TEST

/* ---- at once ---- */

static pthread_barrier_t together;

static void *ask_often(void *data) {
  hrl_allocation *answer = data;
  hrl_goal goals[COUNT];
  pthread_barrier_wait(&together);
  for (int i = 0; i < 100; i++) {
    OK(hrl_policy_goal(policy, COUNT, now, previous, goals, &error));
    OK(hrl_policy_allocate(policy, COUNT, now, goals, 2, answer, &error));
  }
  return NULL;
}

START_TEST(threads_may_ask_at_once) {
  static hrl_allocation answers[4][COUNT];
  hrl_goal goals[COUNT];
  hrl_allocation expected[COUNT];
  OK(hrl_policy_goal(policy, COUNT, now, previous, goals, &error));
  OK(hrl_policy_allocate(policy, COUNT, now, goals, 2, expected, &error));
  pthread_t threads[4];
  pthread_barrier_init(&together, NULL, 4);
  for (size_t i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, answers[i]), 0);
  for (size_t i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    ck_assert_mem_eq(answers[i], expected, sizeof expected);
  }
  pthread_barrier_destroy(&together);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("policy");
  TCase *asking = tcase_create("asking");
  tcase_set_timeout(asking, 120);
  tcase_add_checked_fixture(asking, set_up, tear_down);
  tcase_add_test(asking, many_at_once_are_as_one_at_a_time);
  tcase_add_test(asking, advice_is_within_its_bounds);
  tcase_add_test(asking, bad_questions_are_refused);
  tcase_add_test(asking, huge_sums_give_no_nan);
  tcase_add_test(asking, advice_is_what_the_pair_plays);
  tcase_add_test(asking, threads_may_ask_at_once);
  suite_add_tcase(suite, asking);
  return run_suite(suite);
}
