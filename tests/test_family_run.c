/* Training on families: the same bits for any number of threads and after a resume, and
 * what a pair that knows many households keeps in its files. */
#include "trial.h"

#include <math.h>

#include "policy/policy.h"

static const char family_yaml[] =
    "environment:\n"
    "  income: {from: 1500, to: 6000, scale: log}\n"
    "  fixed_expenses: {from: 0.3, to: 0.6, of: income}\n"
    "  variable_expense_mean: {from: 0.1, to: 0.3, of: income}\n"
    "  variable_expense_std: 100\n"
    "  inflation: 0.02\n"
    "  safety_threshold: 1500\n"
    "  max_months: {from: 6, to: 18}\n"
    "  initial_cash: 4000\n"
    "  risk_tolerance: 0.5\n"
    "training:\n  hidden_low: 8\n  hidden_high: 8\n  parallel_episodes: 10\n";

static const char lifecycle_yaml[] =
    "model: lifecycle\n"
    "environment:\n"
    "  income: {from: 1500, to: 6000, scale: log}\n"
    "  job_loss_probability: {from: 0, to: 0.1}\n"
    "  job_finding_probability: 0.3\n"
    "  income_transitory_std: {from: 0, to: 0.3}\n"
    "  initial_cash: {from: 0.5, to: 4, of: income}\n"
    "  max_months: {from: 6, to: 18}\n"
    "  consumption_floor: 100\n"
    "training:\n  hidden_low: 8\n  hidden_high: 8\n  parallel_episodes: 10\n";

static const char *const families[] = {family_yaml, lifecycle_yaml};

static hrl_scenario *make_family(int which) {
  hrl_scenario *family = NULL;
  OK(hrl_scenario_parse(families[which], strlen(families[which]), "family", &family,
                        &error));
  return family;
}

static void run_family(int which, const char *output, uint64_t episodes, unsigned threads,
                       const char *resume) {
  hrl_scenario *family = make_family(which);
  hrl_trainer_options options = short_run(episodes, output);
  options.threads = threads;
  options.eval_episodes = 9;
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(family, &options, &trainer, &error));
  hrl_scenario_destroy(family); /* the trainer has its own */
  if (resume != NULL) OK(hrl_trainer_load(trainer, resume, &error));
  step_to_end(trainer);
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_COMPLETED);
  hrl_trainer_destroy(trainer);
}

START_TEST(threads_and_resumes_change_nothing) {
  run_family(_i, "one", 60, 1, NULL);
  run_family(_i, "three", 60, 3, NULL);
  assert_same_file("one/family_low_agent.pt", "three/family_low_agent.pt");
  assert_same_file("one/family_high_agent.pt", "three/family_high_agent.pt");
  run_family(_i, "first", 30, 2, NULL);
  run_family(_i, "first", 60, 2, "first/checkpoints/family/checkpoint_episode_30");
  assert_same_file("one/family_low_agent.pt", "first/family_low_agent.pt");
}
END_TEST

/* The pair's own file says what it was trained on, and it acts in each household. */
START_TEST(a_pair_knows_its_family) {
  run_family(_i, "out", 20, 1, NULL);
  hrl_policy *policy = NULL;
  OK(hrl_policy_load("out/family", &policy, &error));
  const hrl_scenario *family = hrl_policy_scenario(policy);
  ck_assert_int_ne(hrl_scenario_is_family(family), 0);
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 20;
  double before = NAN;
  for (uint64_t i = 0; i < 3; i++) {
    hrl_scenario *household = NULL;
    hrl_evaluation evaluation = {.size = sizeof evaluation};
    OK(hrl_scenario_draw(family, 1, i, &household, &error));
    OK(hrl_evaluate_policy(policy, household, &options, &evaluation, &error));
    ck_assert(evaluation.strategic_return != before);
    before = evaluation.strategic_return;
    hrl_scenario_destroy(household);
  }
  /* over the family: the threads are none of it */
  hrl_evaluation all[2];
  for (unsigned t = 0; t < 2; t++) {
    all[t] = (hrl_evaluation){.size = sizeof all[t]};
    options.threads = 1 + 2 * t;
    options.episodes = 50;
    OK(hrl_evaluate_policy(policy, NULL, &options, &all[t], &error));
  }
  ck_assert(all[0].strategic_return == all[1].strategic_return);
  ck_assert(isnan(all[0].certainty_equivalent)); /* of whose consumption? */
  hrl_policy_destroy(policy);
}
END_TEST

START_TEST(another_family_is_refused) {
  run_family(0, "out", 10, 1, NULL);
  char text[sizeof family_yaml];
  memcpy(text, family_yaml, sizeof text);
  *strstr(text, "6000") = '7';
  hrl_scenario *other = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = short_run(30, "out");
  OK(hrl_scenario_parse(text, strlen(text), "family", &other, &error));
  /* the middle of a logarithmic range moves, too: one whose middle does not */
  OK(hrl_trainer_create(other, &options, &trainer, &error));
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/family/checkpoint_episode_10", &error),
        HRL_ERROR_MISMATCH, "was trained with");
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(other);
  memcpy(text, family_yaml, sizeof text);
  memcpy(strstr(text, "0.3, to: 0.6"), "0.2, to: 0.7", 12);
  OK(hrl_scenario_parse(text, strlen(text), "family", &other, &error));
  OK(hrl_trainer_create(other, &options, &trainer, &error));
  FAILS(hrl_trainer_load(trainer, "out/checkpoints/family/checkpoint_episode_10", &error),
        HRL_ERROR_MISMATCH, "other ranges");
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(other);
}
END_TEST

static hrl_scenario *parse(const char *text) {
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_parse(text, strlen(text), "one", &scenario, &error));
  return scenario;
}

static const char one_yaml[] =
    "environment:\n"
    "  income: 2000\n  fixed_expenses: 900\n  variable_expense_mean: 400\n"
    "  variable_expense_std: 100\n  inflation: 0.02\n  safety_threshold: 1500\n"
    "  max_months: 12\n  initial_cash: 4000\n  risk_tolerance: 0.5\n";

static double score(const hrl_policy *policy, const hrl_scenario *scenario) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  options.episodes = 50;
  OK(hrl_evaluate_policy(policy, scenario, &options, &evaluation, &error));
  return evaluation.strategic_return;
}

/* A warm start is the pair itself until it learns, and is resumed to the bit. */
START_TEST(a_run_begins_from_a_pair) {
  run_family(0, "out", 40, 1, NULL);
  hrl_policy *pair = NULL;
  hrl_policy *begun = NULL;
  hrl_policy *adapted = NULL;
  OK(hrl_policy_load("out/family", &pair, &error));
  hrl_scenario *one = parse(one_yaml);
  hrl_trainer_options options = short_run(40, "warm");
  hrl_trainer *trainer = NULL;
  options.pretrained = pair;
  OK(hrl_trainer_create(one, &options, &trainer, &error));
  OK(hrl_trainer_save(trainer, "begun", &error));
  OK(hrl_policy_load("begun", &begun, &error));
  OK(hrl_policy_adapt(pair, one, &adapted, &error));
  ck_assert_str_eq(hrl_scenario_name(hrl_policy_scenario(adapted)), "one");
  ck_assert(score(begun, NULL) == score(pair, one));
  ck_assert(score(adapted, NULL) == score(pair, one));
  /* steps and exploration of somebody who knows, where the scenario does not say */
  double rate = 0.0;
  double usual = 0.0;
  OK(hrl_scenario_get(hrl_policy_scenario(begun), "training.learning_rate_low", &rate,
                      &error));
  OK(hrl_scenario_get(one, "training.learning_rate_low", &usual, &error));
  ck_assert_double_eq_tol(rate, 0.2 * usual, 1e-12);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_policy_destroy(begun);
  OK(hrl_policy_load("warm/one", &begun, &error));
  ck_assert(score(begun, NULL) != score(pair, one)); /* it has learned */
  options.output = "half";
  options.episodes = 20;
  OK(hrl_trainer_create(one, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  options.episodes = 40;
  OK(hrl_trainer_create(one, &options, &trainer, &error));
  OK(hrl_trainer_load(trainer, "half/checkpoints/one/checkpoint_episode_20", &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  assert_same_file("warm/one_low_agent.pt", "half/one_low_agent.pt");
  assert_same_file("warm/one_high_agent.pt", "half/one_high_agent.pt");
  hrl_policy_destroy(adapted);
  hrl_policy_destroy(begun);
  hrl_policy_destroy(pair);
  hrl_scenario_destroy(one);
}
END_TEST

/* Of networks as only PyTorch makes them no checkpoint could be read. */
START_TEST(a_pair_may_be_too_wide) {
  hrl_policy *pair = NULL;
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = short_run(10, NULL);
  run_family(0, "out", 10, 1, NULL);
  OK(hrl_policy_load("out/family", &pair, &error));
  struct hrlp_agents_config config = pair->agents.config;
  hrlp_agents_destroy(&pair->agents);
  config.hidden_high = 513;
  OK(hrlp_agents_create_for(&pair->agents, &config, pair->scenario, 0, &error));
  options.pretrained = pair;
  hrl_scenario *one = parse(one_yaml);
  FAILS(hrl_trainer_create(one, &options, &trainer, &error), HRL_ERROR_MISMATCH,
        "a width of 513, training.hidden_high is at most 512");
  hrl_scenario_destroy(one);
  hrl_policy_destroy(pair);
}
END_TEST

START_TEST(a_whole_number_is_within_as_it_is_drawn) {
  char yaml[1024];
  hrl_scenario *family = NULL;
  hrl_trainer *trainer = NULL;
  hrl_policy *pair = NULL;
  char *text = NULL;
  snprintf(yaml, sizeof yaml, "%.*s%s",
           (int)(strstr(lifecycle_yaml, "training:") - lifecycle_yaml), lifecycle_yaml,
           "  retirement_month: {from: 0.5, to: 0.9, of: max_months}\n"
           "training:\n  hidden_low: 8\n  hidden_high: 8\n  parallel_episodes: 10\n");
  OK(hrl_scenario_parse(yaml, strlen(yaml), "family", &family, &error));
  hrl_trainer_options options = short_run(10, "out");
  OK(hrl_trainer_create(family, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  OK(hrl_policy_load("out/family", &pair, &error));
  for (uint64_t i = 0; i < 200; i++) {
    hrl_scenario *household = NULL;
    OK(hrl_scenario_draw(family, 0, i, &household, &error));
    OK(hrl_policy_differences(pair, household, &text, &error));
    ck_assert_str_eq(text, "");
    hrl_free(text);
    if (i == 0) {
      OK(hrl_scenario_set(household, "environment.max_months", 17, &error));
      OK(hrl_scenario_set(household, "environment.retirement_month", 7, &error));
      OK(hrl_policy_differences(pair, household, &text, &error));
      ck_assert_str_eq(text, "retirement_month is 7, below 8");
      hrl_free(text);
    }
    hrl_scenario_destroy(household);
  }
  hrl_policy_destroy(pair);
  hrl_scenario_destroy(family);
}
END_TEST

START_TEST(what_lies_outside_is_told) {
  run_family(0, "out", 10, 1, NULL);
  hrl_policy *pair = NULL;
  hrl_policy *other = NULL;
  hrl_trainer *trainer = NULL;
  char *text = NULL;
  OK(hrl_policy_load("out/family", &pair, &error));
  hrl_scenario *one = parse(one_yaml);
  OK(hrl_policy_differences(pair, one, &text, &error));
  ck_assert_str_eq(text, "");
  hrl_free(text);
  OK(hrl_scenario_set(one, "environment.income", 1400, &error));
  OK(hrl_scenario_set(one, "environment.max_months", 24, &error));
  OK(hrl_scenario_set(one, "environment.safety_threshold", 1600, &error));
  OK(hrl_policy_differences(pair, one, &text, &error));
  ck_assert_str_eq(text,
                   "income is 1400, below 1500; fixed_expenses is 900, above 840; "
                   "safety_threshold is 1600, above 1500; max_months is 24, above 18");
  hrl_free(text);
  hrl_scenario *life = make_family(1);
  hrl_trainer_options options = short_run(10, NULL);
  options.pretrained = pair;
  FAILS(hrl_trainer_create(life, &options, &trainer, &error), HRL_ERROR_MISMATCH,
        "'budget'");
  ck_assert_ptr_null(trainer);
  FAILS(hrl_policy_adapt(pair, life, &other, &error), HRL_ERROR_ARGUMENT,
        "one household");
  hrl_scenario *household = NULL;
  OK(hrl_scenario_draw(life, 1, 1, &household, &error));
  FAILS(hrl_policy_adapt(pair, household, &other, &error), HRL_ERROR_MISMATCH,
        "'budget'");
  ck_assert_ptr_null(other);
  FAILS(hrl_evaluate_optimum(life, NULL, NULL, &(hrl_evaluation){0}, &error),
        HRL_ERROR_ARGUMENT, "is a family");
  hrl_scenario_destroy(household);
  hrl_scenario_destroy(life);
  hrl_scenario_destroy(one);
  hrl_policy_destroy(pair);
}
END_TEST

/* The quartiles of what hrl_evaluate_policy and its yardsticks say one by one. */
START_TEST(skills_over_a_family) {
  run_family(0, "out", 40, 1, NULL);
  hrl_policy *pair = NULL;
  double skills[5];
  hrl_family_evaluation spread = {.size = sizeof spread};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 30;
  OK(hrl_policy_load("out/family", &pair, &error));
  OK(hrl_evaluate_family(pair, NULL, 5, &options, skills, &spread, &error));
  ck_assert_uint_eq(spread.households, 5);
  int below[3] = {0};
  for (size_t i = 0; i < 5; i++) {
    hrl_scenario *household = NULL;
    double share = 0.0;
    hrl_evaluation best = {.size = sizeof best};
    hrl_evaluation optimum = {.size = sizeof optimum};
    OK(hrl_scenario_draw(hrl_policy_scenario(pair), options.seed, i, &household, &error));
    OK(hrl_evaluate_best_share(household, &options, &share, &best, &error));
    OK(hrl_evaluate_optimum(household, &options, NULL, &optimum, &error));
    hrl_evaluation own = {.size = sizeof own};
    OK(hrl_evaluate_policy(pair, household, &options, &own, &error));
    ck_assert(skills[i] == hrl_skill(own.strategic_return, best.strategic_return,
                                     optimum.strategic_return));
    below[0] += skills[i] <= spread.lower_quartile;
    below[1] += skills[i] <= spread.median;
    below[2] += skills[i] <= spread.upper_quartile;
    ck_assert(skills[i] >= spread.worst && skills[i] <= spread.best);
    hrl_scenario_destroy(household);
  }
  ck_assert_int_eq(below[0], 2);
  ck_assert_int_eq(below[1], 3);
  ck_assert_int_eq(below[2], 4);
  ck_assert(skills[spread.worst_household] == spread.worst);
  FAILS(hrl_evaluate_family(pair, NULL, 0, &options, skills, &spread, &error),
        HRL_ERROR_ARGUMENT, "1 to");
  hrl_policy_destroy(pair);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("family run");
  TCase *tests = tcase_create("family run");
  tcase_add_checked_fixture(tests, enter_room, leave_room);
  tcase_add_loop_test(tests, threads_and_resumes_change_nothing, 0, 2);
  tcase_add_loop_test(tests, a_pair_knows_its_family, 0, 2);
  tcase_add_test(tests, another_family_is_refused);
  tcase_add_test(tests, a_run_begins_from_a_pair);
  tcase_add_test(tests, a_pair_may_be_too_wide);
  tcase_add_test(tests, a_whole_number_is_within_as_it_is_drawn);
  tcase_add_test(tests, what_lies_outside_is_told);
  tcase_add_test(tests, skills_over_a_family);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
