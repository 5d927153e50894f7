/* The lifecycle household through the public interface: what a file may not say, learning
 * with its defaults, the same bits for any threads and after a resume, advice. */
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hrl/hrl.h>

static char folder[] = "/tmp/hrl-test-lifecycle-XXXXXX";

static void make_folder(void) { ck_assert_ptr_nonnull(mkdtemp(folder)); }

static void remove_folder(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  ck_assert_int_eq(system(command), 0);
}

static hrl_scenario *load(const char *name) {
  char path[512];
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  snprintf(path, sizeof path, "%s/scenarios/%s.yaml", SOURCE_ROOT, name);
  ck_assert_msg(hrl_scenario_load(path, &scenario, &error) == HRL_OK, "%s",
                error.message);
  return scenario;
}

static hrl_status parse(const char *text, hrl_scenario **scenario, hrl_error *error) {
  return hrl_scenario_parse(text, strlen(text), "tried", scenario, error);
}

#define HEAD "model: lifecycle\nenvironment:\n  income: 2000\n  max_months: 24\n"

START_TEST(bad_files_are_refused_with_their_reason) {
  static const struct {
    const char *text, *reason;
  } bad[] = {
      {HEAD "  job_loss_probability: 1.5\n", "from 0 to 1"},
      {HEAD "utility:\n  risk_aversion: 0\n", "greater than 0"},
      {HEAD "utility:\n  risk_aversion: 50\n", "at most 20"},
      {HEAD "reward:\n  alpha: 1\n", "belongs to the model 'budget'"},
      {HEAD "  alpha: 1\n", "environment: unknown key 'alpha'"},
      {"environment:\n  income_growth: 0.02\n", "belongs to the model 'lifecycle'"},
      {"utility:\n  risk_aversion: 3\n", "belongs to the model 'lifecycle'"},
      {"model: cycle\n", "model: found 'cycle', expected one of budget, lifecycle"},
      {"model: [lifecycle]\n", "model: found a list"},
      {"model: lifecycle\nmodel: budget\n", "duplicate"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    hrl_scenario *scenario = NULL;
    hrl_error error = HRL_ERROR_INIT;
    ck_assert_msg(parse(bad[i].text, &scenario, &error) != HRL_OK, "%s", bad[i].text);
    ck_assert_msg(strstr(error.message, bad[i].reason) != NULL, "%s", error.message);
  }
}
END_TEST

START_TEST(households_that_make_no_sense_are_refused) {
  static const struct {
    const char *text, *reason;
  } bad[] = {
      {HEAD "  retirement_month: 25\n", "environment.retirement_month: found 25"},
      {HEAD "  consumption_floor: 2001\n", "environment.consumption_floor: found 2001"},
      {"model: lifecycle\nenvironment:\n  income: 0\n  max_months: 24\n",
       "at least one of them above 0"},
      {"model: lifecycle\nenvironment:\n  income: 1e9\n  max_months: 12000\n"
       "  inflation: 1\n  income_growth: 1\n",
       "exceed the range of numbers"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    hrl_scenario *scenario = NULL;
    hrl_trainer *trainer = NULL;
    hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
    hrl_error error = HRL_ERROR_INIT;
    hrl_status status = parse(bad[i].text, &scenario, &error);
    if (status != HRL_OK) ck_assert_int_eq(status, HRL_ERROR_RANGE);
    if (status == HRL_OK)
      status = hrl_trainer_create(scenario, &options, &trainer, &error);
    if (status == HRL_OK) status = hrl_trainer_start(trainer, &error);
    if (status == HRL_OK) status = hrl_trainer_wait(trainer, &error);
    ck_assert(status != HRL_OK);
    ck_assert_msg(strstr(error.message, bad[i].reason) != NULL, "%s", error.message);
    hrl_trainer_destroy(trainer);
    hrl_scenario_destroy(scenario);
  }
}
END_TEST

/* What was read well may be changed to what makes none. */
START_TEST(changes_that_make_no_sense_are_refused) {
  static const struct {
    const char *key;
    double value;
    const char *reason;
  } bad[] = {
      {"environment.retirement_month", 25, "environment.retirement_month: found 25"},
      {"environment.consumption_floor", 2001, "expected at most the income"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    hrl_scenario *scenario = NULL;
    hrl_trainer *trainer = NULL;
    hrl_error error = HRL_ERROR_INIT;
    ck_assert_int_eq(parse(HEAD, &scenario, &error), HRL_OK);
    ck_assert_int_eq(hrl_scenario_set(scenario, bad[i].key, bad[i].value, &error),
                     HRL_OK);
    ck_assert_int_eq(hrl_trainer_create(scenario, NULL, &trainer, &error),
                     HRL_ERROR_RANGE);
    ck_assert_msg(strstr(error.message, bad[i].reason) != NULL, "%s", error.message);
    hrl_scenario_destroy(scenario);
  }
}
END_TEST

/* Extremes that are allowed end in finite figures. */
START_TEST(extreme_households_stay_finite) {
  static const char *const texts[] = {
      HEAD
      "  job_loss_probability: 1\n  job_finding_probability: 0\nutility:\n"
      "  risk_aversion: 20\n",
      HEAD "  shock_probability: 1\n  shock_mean: 1e6\n  shock_std: 2\n",
      HEAD
      "  investment_return_type: stochastic\n  investment_return_mean: -0.5\n"
      "  investment_return_std: 1\n  capital_tax: 1\n",
      HEAD "utility:\n  risk_aversion: 0.01\n  discount_factor: 1.2\n",
      "model: lifecycle\nenvironment:\n  income: 2000\n  max_months: 1\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    hrl_scenario *scenario = NULL;
    hrl_trainer *trainer = NULL;
    hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
    hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
    hrl_evaluation result = {.size = sizeof result};
    hrl_error error = HRL_ERROR_INIT;
    options.episodes = 32;
    evaluation.episodes = 64;
    ck_assert_msg(parse(texts[i], &scenario, &error) == HRL_OK, "%s", error.message);
    ck_assert(hrl_trainer_create(scenario, &options, &trainer, &error) == HRL_OK);
    ck_assert(hrl_trainer_start(trainer, &error) == HRL_OK);
    ck_assert_msg(hrl_trainer_wait(trainer, &error) == HRL_OK, "%s: %s", texts[i],
                  error.message);
    hrl_trainer_destroy(trainer);
    ck_assert_msg(
        hrl_evaluate_optimum(scenario, &evaluation, NULL, &result, &error) == HRL_OK,
        "%s: %s", texts[i], error.message);
    ck_assert(isfinite(result.certainty_equivalent));
    hrl_scenario_destroy(scenario);
  }
}
END_TEST

/* In a single sure month: half of what expenses leave, and a twelfth of what exceeds two
 * months of income. */
START_TEST(a_rule_by_hand) {
  static const char text[] =
      "model: lifecycle\nenvironment: {income: 1000, fixed_expenses: 400, max_months: "
      "1,\n"
      "  initial_cash: 10000}";
  const hrl_rule rule = {sizeof rule, 0.5, 0.0, 0.0, 2.0};
  hrl_evaluation result = {.size = sizeof result};
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(parse(text, &scenario, &error) == HRL_OK, "%s", error.message);
  ck_assert(hrl_evaluate_rule(scenario, &rule, NULL, &result, &error) == HRL_OK);
  ck_assert_double_eq_tol(result.certainty_equivalent, 300.0 + 8000.0 / 12.0, 1e-6);
  ck_assert_double_eq_tol(result.wealth, 10600.0 - 300.0 - 8000.0 / 12.0, 1e-6);
  hrl_scenario_destroy(scenario);
}
END_TEST

static void train(const hrl_scenario *scenario, uint64_t episodes, uint32_t threads,
                  const char *where) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_trainer *trainer = NULL;
  hrl_error error = HRL_ERROR_INIT;
  options.episodes = episodes;
  options.seed = 1;
  options.threads = threads;
  options.save_interval = 64;
  options.eval_episodes = 16;
  options.output = where;
  ck_assert(hrl_trainer_create(scenario, &options, &trainer, &error) == HRL_OK);
  ck_assert(hrl_trainer_start(trainer, &error) == HRL_OK);
  ck_assert_msg(hrl_trainer_wait(trainer, &error) == HRL_OK, "%s", error.message);
  hrl_trainer_destroy(trainer);
}

static double certainty_equivalent(const char *where, const hrl_scenario *scenario,
                                   uint64_t episodes) {
  hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation result = {.size = sizeof result};
  hrl_policy *policy = NULL;
  hrl_error error = HRL_ERROR_INIT;
  char path[512];
  evaluation.episodes = episodes;
  snprintf(path, sizeof path, "%s/%s", where, hrl_scenario_name(scenario));
  ck_assert_msg(hrl_policy_load(path, &policy, &error) == HRL_OK, "%s", error.message);
  ck_assert(hrl_evaluate_policy(policy, NULL, &evaluation, &result, &error) == HRL_OK);
  hrl_policy_destroy(policy);
  return result.certainty_equivalent;
}

START_TEST(the_same_bits_for_any_threads_and_after_a_resume) {
  hrl_scenario *scenario = load("emergency_fund");
  char one[512];
  char two[512];
  char half[512];
  char checkpoint[600];
  hrl_error error = HRL_ERROR_INIT;
  snprintf(one, sizeof one, "%s/one", folder);
  snprintf(two, sizeof two, "%s/two", folder);
  snprintf(half, sizeof half, "%s/half", folder);
  train(scenario, 128, 1, one);
  train(scenario, 128, 2, two);
  double expected = certainty_equivalent(one, scenario, 100);
  ck_assert(certainty_equivalent(two, scenario, 100) == expected);
  train(scenario, 64, 2, half);
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_trainer *trainer = NULL;
  options.episodes = 128;
  options.seed = 1;
  options.save_interval = 64;
  options.eval_episodes = 16;
  options.output = half;
  snprintf(checkpoint, sizeof checkpoint,
           "%s/checkpoints/emergency_fund/checkpoint_episode_64", half);
  ck_assert(hrl_trainer_create(scenario, &options, &trainer, &error) == HRL_OK);
  ck_assert_msg(hrl_trainer_load(trainer, checkpoint, &error) == HRL_OK, "%s",
                error.message);
  ck_assert(hrl_trainer_start(trainer, &error) == HRL_OK);
  ck_assert_msg(hrl_trainer_wait(trainer, &error) == HRL_OK, "%s", error.message);
  hrl_trainer_destroy(trainer);
  ck_assert(certainty_equivalent(half, scenario, 100) == expected);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* With the defaults, far from the edge of what is measured (docs/lifecycle.md). */
START_TEST(agents_beat_the_best_simple_rule) {
  static const char *const names[] = {"irregular_income", "career_risk", "merton"};
  hrl_scenario *scenario = load(names[_i]);
  hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation rule = {.size = sizeof rule};
  hrl_evaluation optimum = {.size = sizeof optimum};
  hrl_rule found = {.size = sizeof found};
  evaluation.episodes = 1000;
  train(scenario, 1000, 0, folder);
  ck_assert(hrl_evaluate_best_rule(scenario, &evaluation, &found, &rule, NULL) == HRL_OK);
  ck_assert(hrl_evaluate_optimum(scenario, &evaluation, NULL, &optimum, NULL) == HRL_OK);
  double skill = hrl_skill(certainty_equivalent(folder, scenario, 1000),
                           rule.certainty_equivalent, optimum.certainty_equivalent);
  ck_assert_msg(skill > 0.3 && skill < 1.1, "skill %g", skill);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* A target is in euro a month: the first evaluation is above 100 of them, while its
 * strategic return is near 0. */
START_TEST(a_target_is_a_certainty_equivalent) {
  hrl_scenario *scenario = load("irregular_income");
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_trainer_status status = {.size = sizeof status};
  hrl_trainer *trainer = NULL;
  hrl_error error = HRL_ERROR_INIT;
  options.episodes = 64;
  options.save_interval = 16;
  options.has_target = 1;
  options.target = 100.0;
  ck_assert(hrl_trainer_create(scenario, &options, &trainer, &error) == HRL_OK);
  ck_assert(hrl_trainer_start(trainer, &error) == HRL_OK);
  ck_assert_msg(hrl_trainer_wait(trainer, &error) == HRL_OK, "%s", error.message);
  hrl_trainer_get_status(trainer, &status);
  ck_assert_uint_eq(status.episode, 16);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Advice on a household of a trajectory is what was played there. */
struct heard {
  hrl_trajectory_month months[16];
  size_t count;
};

static int hear_month(const hrl_trajectory_month *month, void *data) {
  struct heard *heard = data;
  if (heard->count < 16) heard->months[heard->count++] = *month;
  return 0;
}

START_TEST(advice_is_what_is_played) {
  hrl_scenario *scenario = load("irregular_income");
  hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_policy *policy = NULL;
  hrl_error error = HRL_ERROR_INIT;
  struct heard heard = {.count = 0};
  char path[512];
  train(scenario, 64, 1, folder);
  snprintf(path, sizeof path, "%s/irregular_income", folder);
  ck_assert(hrl_policy_load(path, &policy, &error) == HRL_OK);
  evaluation.episodes = 1;
  ck_assert(hrl_evaluate_trajectory(policy, NULL, &evaluation, hear_month, &heard,
                                    &error) == HRL_OK);
  size_t period = hrl_policy_period(policy);
  for (size_t i = 0; i < period; i++) {
    const hrl_trajectory_month *month = &heard.months[i];
    double cash = month->cash + month->portfolio + month->consumption;
    hrl_observation now = {.income = month->income,
                           .fixed_expenses = month->fixed,
                           .variable_expense = month->variable,
                           .cash = cash,
                           .months_remaining = 120.0 - (double)i};
    hrl_goal goal = month->goal;
    hrl_allocation advice;
    if (i == 0) {
      ck_assert(hrl_policy_goal(policy, 1, &now, NULL, &goal, &error) == HRL_OK);
      ck_assert_double_eq_tol(goal.safety_buffer, month->goal.safety_buffer, 0.5);
    }
    ck_assert(hrl_policy_allocate(policy, 1, &now, &goal, period - i, &advice, &error) ==
              HRL_OK);
    ck_assert_double_eq_tol(advice.consume, month->allocation.consume, 1e-4);
    if (i == 0) ck_assert_double_eq_tol(month->invested, month->portfolio, 1e-8);
    ck_assert_double_eq_tol(advice.invest + advice.save + advice.consume, 1.0, 1e-12);
  }
  hrl_policy_destroy(policy);
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("lifecycle_run");
  TCase *test = tcase_create("run");
  tcase_set_timeout(test, 300);
  tcase_add_unchecked_fixture(test, make_folder, remove_folder);
  tcase_add_test(test, bad_files_are_refused_with_their_reason);
  tcase_add_test(test, households_that_make_no_sense_are_refused);
  tcase_add_test(test, changes_that_make_no_sense_are_refused);
  tcase_add_test(test, extreme_households_stay_finite);
  tcase_add_test(test, a_rule_by_hand);
  tcase_add_test(test, the_same_bits_for_any_threads_and_after_a_resume);
  tcase_add_loop_test(test, agents_beat_the_best_simple_rule, 0, 3);
  tcase_add_test(test, a_target_is_a_certainty_equivalent);
  tcase_add_test(test, advice_is_what_is_played);
  suite_add_tcase(suite, test);
  return run_suite(suite);
}
