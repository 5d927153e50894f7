/* Learning, end to end: what a training with default parameters must reach, in a short form
 * (tests/bench/quality has the long one). Deterministic: the same seeds give the same
 * policies, so the bounds are far from what is measured, not near the edge of luck. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hrl/hrl.h>

/* A skill of 0 is the best constant share that hindsight can pick, 1 the optimum. */
static const double least_skill = 0.3;
static const double least_median_skill = 0.5;
#define EPISODES 1000
#define EVALUATION 1000

static char folder[] = "/tmp/hrl-test-quality-XXXXXX";

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
  ck_assert_msg(hrl_scenario_load(path, &scenario, &error) == HRL_OK, "%s", error.message);
  return scenario;
}

static double train(const hrl_scenario *scenario, uint64_t seed) {
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation result = {.size = sizeof result};
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer *trainer = NULL;
  hrl_policy *policy = NULL;
  char model[512];
  options.episodes = EPISODES;
  options.seed = seed;
  options.save_interval = EPISODES;
  options.output = folder;
  evaluation.episodes = EVALUATION;
  ck_assert(hrl_trainer_create(scenario, &options, &trainer, &error) == HRL_OK);
  ck_assert(hrl_trainer_start(trainer, &error) == HRL_OK);
  ck_assert_msg(hrl_trainer_wait(trainer, &error) == HRL_OK, "%s", error.message);
  hrl_trainer_destroy(trainer);
  snprintf(model, sizeof model, "%s/%s", folder, hrl_scenario_name(scenario));
  ck_assert_msg(hrl_policy_load(model, &policy, &error) == HRL_OK, "%s", error.message);
  ck_assert(hrl_evaluate_policy(policy, NULL, &evaluation, &result, &error) == HRL_OK);
  hrl_policy_destroy(policy);
  return result.strategic_return;
}

/* Trains with two seeds; both must be skilled, and their mean more so. */
static void check_scenario(const char *name) {
  hrl_scenario *scenario = load(name);
  hrl_evaluate_options evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation constant = {.size = sizeof constant};
  hrl_evaluation optimum = {.size = sizeof optimum};
  double share = 0.0;
  double sum = 0.0;
  evaluation.episodes = EVALUATION;
  ck_assert(hrl_evaluate_best_share(scenario, &evaluation, &share, &constant, NULL) == HRL_OK);
  ck_assert(hrl_evaluate_optimum(scenario, &evaluation, NULL, &optimum, NULL) == HRL_OK);
  for (uint64_t seed = 0; seed < 2; seed++) {
    double skill = hrl_skill(train(scenario, seed), constant.strategic_return,
                             optimum.strategic_return);
    ck_assert_msg(skill >= least_skill, "%s, seed %d: skill %.2f, expected at least %.2f",
                  name, (int)seed, skill, least_skill);
    sum += skill;
  }
  ck_assert_msg(sum / 2.0 >= least_median_skill, "%s: skill %.2f, expected at least %.2f",
                name, sum / 2.0, least_median_skill);
  hrl_scenario_destroy(scenario);
}

START_TEST(a_household_that_lasts_is_run_well) { check_scenario("bologna_coppia"); }
END_TEST

START_TEST(a_household_that_cannot_last_is_run_well) { check_scenario("milano_junior"); }
END_TEST

int main(void) {
  Suite *suite = suite_create("quality");
  TCase *learning = tcase_create("learning");
  tcase_set_timeout(learning, 600);
  tcase_add_unchecked_fixture(learning, make_folder, remove_folder);
  tcase_add_test(learning, a_household_that_lasts_is_run_well);
  tcase_add_test(learning, a_household_that_cannot_last_is_run_well);
  suite_add_tcase(suite, learning);
  return run_suite(suite);
}
