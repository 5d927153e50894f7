/* Early stopping: when a run ends before its last episode, why, and that going on from
 * there is as if it had not. */
#include "heard.h"

#include <math.h>

#include "storage/returns.h"
#include "trainer/convergence.h"

static char last_reason[32];
static uint64_t last_episode;
static double last_return;

static void note_end(const hrl_event *event, void *data) {
  (void)data;
  ck_assert_int_eq(event->type == HRL_EVENT_COMPLETED, event->reason != NULL);
  ck_assert_int_eq(event->type == HRL_EVENT_EVALUATED, event->returns != NULL);
  if (event->type != HRL_EVENT_COMPLETED) return;
  snprintf(last_reason, sizeof last_reason, "%s", event->reason);
  last_episode = event->episode;
  last_return = event->evaluation->strategic_return;
}

/* A household that has learned what there is after some hundred episodes. */
static hrl_trainer_options patient_run(const char *output) {
  hrl_trainer_options options = short_run(3000, output);
  options.save_interval = 20;
  options.eval_episodes = 40;
  options.patience = 4;
  options.min_improvement = 2.0;
  return options;
}

static hrl_trainer *make_on(hrl_scenario *scenario, const hrl_trainer_options *options) {
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, options, &trainer, &error));
  OK(hrl_trainer_add_listener(trainer, note_end, NULL, &error));
  hrl_scenario_destroy(scenario);
  return trainer;
}

static void run_with(hrl_scenario *scenario, const hrl_trainer_options *options) {
  hrl_trainer *trainer = make_on(scenario, options);
  step_to_end(trainer);
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_COMPLETED);
  FAILS(hrl_trainer_step(trainer, NULL, &error), HRL_ERROR_STATE, "create a trainer");
  hrl_trainer_destroy(trainer);
}

START_TEST(a_run_that_gets_no_better_ends) {
  hrl_trainer_options options = patient_run("out");
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "converged");
  ck_assert_uint_lt(last_episode, 3000);
  ck_assert_uint_ge(last_episode, 100); /* patience + 1 evaluations */
  ck_assert_uint_eq(last_episode % 20, 0);
  char folder[96];
  snprintf(folder, sizeof folder, "out/checkpoints/trial/checkpoint_episode_%llu",
           (unsigned long long)last_episode);
  ck_assert(exists(folder));
  ck_assert(exists("out/trial_low_agent.pt"));
}
END_TEST

START_TEST(all_episodes_is_the_usual_reason) {
  hrl_trainer_options options = short_run(24, NULL);
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "episodes");
  ck_assert_uint_eq(last_episode, 24);
}
END_TEST

START_TEST(a_target_ends_a_run) {
  hrl_trainer_options options = patient_run(NULL);
  options.patience = 0;
  options.has_target = 1;
  options.target = -1e9;
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "target");
  ck_assert_uint_eq(last_episode, 20);
  options.min_episodes = 50;
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "target");
  ck_assert_uint_eq(last_episode, 60);
  ck_assert(last_return >= options.target);
  options.episodes = 100;
  options.target = 1e9;
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "episodes");
}
END_TEST

/* Agents that learn nothing are as flat as can be. */
START_TEST(a_flat_start_is_not_convergence) {
  hrl_trainer_options options = patient_run(NULL);
  options.episodes = 400;
  options.min_improvement = 1000.0;
  hrl_scenario *scenario = make_scenario();
  OK(hrl_scenario_set(scenario, "training.learning_rate_low", 1e-12, &error));
  OK(hrl_scenario_set(scenario, "training.learning_rate_high", 1e-12, &error));
  run_with(scenario, &options);
  ck_assert_str_eq(last_reason, "episodes");
  ck_assert_uint_eq(last_episode, 400);
}
END_TEST

/* Who learns slowly may: the end comes later, with agents that are no worse. */
START_TEST(a_slow_learner_has_its_time) {
  hrl_trainer_options options = patient_run(NULL);
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "converged");
  uint64_t fast = last_episode;
  hrl_scenario *scenario = make_scenario();
  double low = 0.0;
  double high = 0.0;
  OK(hrl_scenario_get(scenario, "training.learning_rate_low", &low, &error));
  OK(hrl_scenario_get(scenario, "training.learning_rate_high", &high, &error));
  OK(hrl_scenario_set(scenario, "training.learning_rate_low", low / 8, &error));
  OK(hrl_scenario_set(scenario, "training.learning_rate_high", high / 8, &error));
  run_with(scenario, &options);
  ck_assert_uint_gt(last_episode, fast);
}
END_TEST

START_TEST(going_on_is_as_if_it_had_not_ended) {
  hrl_trainer_options options = patient_run("early");
  run_with(make_scenario(), &options);
  ck_assert_str_eq(last_reason, "converged");
  uint64_t more = last_episode + 60;
  options = patient_run("early");
  options.patience = 0;
  options.episodes = more;
  hrl_trainer *trainer = make_on(make_scenario(), &options);
  OK(hrl_trainer_load(trainer, "early/checkpoints/trial", &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  options.output = "straight";
  run_with(make_scenario(), &options);
  assert_same_output("early", "straight", more);
}
END_TEST

/* What is stopped again and again ends where an undisturbed run does, with the same
 * files. */
START_TEST(an_interrupted_run_ends_at_the_same_place) {
  hrl_trainer_options options = patient_run("calm");
  run_with(make_scenario(), &options);
  uint64_t expected = last_episode;
  options.output = "disturbed";
  last_episode = 0;
  for (int turn = 0; turn < 1000 && last_episode == 0; turn++) {
    hrl_trainer *trainer = make_on(make_scenario(), &options);
    int found = 0;
    OK(hrl_trainer_load_latest(trainer, NULL, NULL, &found, &error));
    ck_assert_int_eq(found, turn > 0);
    for (int i = 0; i < 3 && last_episode == 0; i++)
      OK(hrl_trainer_step(trainer, NULL, &error));
    if (last_episode == 0) {
      hrl_trainer_stop(trainer);
      step_to_end(trainer);
    }
    hrl_trainer_destroy(trainer);
  }
  ck_assert_str_eq(last_reason, "converged");
  ck_assert_uint_eq(last_episode, expected);
  assert_same_output("calm", "disturbed", expected);
}
END_TEST

/* A first part that ends where no evaluation would otherwise be. */
START_TEST(the_end_of_a_part_is_no_evaluation_of_the_whole) {
  hrl_trainer_options options = patient_run("calm");
  run_with(make_scenario(), &options);
  uint64_t expected = last_episode;
  options.output = "parts";
  const uint64_t ends[] = {25, 47, 61, 3000};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    options.episodes = ends[i];
    hrl_trainer *trainer = make_on(make_scenario(), &options);
    int found = 0;
    OK(hrl_trainer_load_latest(trainer, NULL, NULL, &found, &error));
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    ck_assert_str_eq(last_reason, i < 3 ? "episodes" : "converged");
  }
  ck_assert_uint_eq(last_episode, expected);
}
END_TEST

/* A first part whose last episode is where the whole ends, and a run that was killed
 * between its last checkpoint and its end. */
START_TEST(the_end_is_found_again) {
  hrl_trainer_options options = patient_run(NULL);
  const double targets[] = {0.0, -1e9}; /* the second is met at once */
  static const char *const calm[] = {"calm", "calm_target"};
  static const char *const parts[] = {"parts", "parts_target"};
  int any = 0;
  for (size_t i = 0; i < 2; i++) {
    options.has_target = i > 0;
    options.patience = i > 0 ? 0 : 4;
    options.target = targets[i];
    options.output = calm[i];
    options.episodes = 3000;
    run_with(make_scenario(), &options);
    const uint64_t expected = last_episode;
    const double found = last_return;
    options.output = parts[i];
    options.episodes = expected;
    run_with(make_scenario(), &options);
    ck_assert_str_eq(last_reason, "episodes");
    options.episodes = 3000;
    hrl_trainer *trainer = make_on(make_scenario(), &options);
    OK(hrl_trainer_load_latest(trainer, NULL, NULL, &any, &error));
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    ck_assert_str_eq(last_reason, i > 0 ? "target" : "converged");
    ck_assert_uint_eq(last_episode, expected);
    ck_assert_double_eq(last_return, found);
    assert_same_output(calm[i], parts[i], expected);
    /* a later part may go on, and does until the end of a later evaluation */
    options.min_episodes = expected + 1;
    trainer = make_on(make_scenario(), &options);
    OK(hrl_trainer_load_latest(trainer, NULL, NULL, &any, &error));
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    ck_assert_uint_gt(last_episode, expected);
    options.min_episodes = 0;
  }
}
END_TEST

START_TEST(early_stopping_changes_nothing_before_it) {
  hrl_trainer_options options = patient_run("with");
  options.episodes = 40;
  run_with(make_scenario(), &options);
  options.patience = 0;
  options.output = "without";
  run_with(make_scenario(), &options);
  assert_same_file("with/trial_low_agent.pt", "without/trial_low_agent.pt");
  assert_same_file("with/trial_high_agent.pt", "without/trial_high_agent.pt");
  assert_same_file("with/trial_history.json", "without/trial_history.json");
}
END_TEST

START_TEST(what_counts_as_an_improvement_is_by_the_model) {
  static const char life[] =
      "model: lifecycle\nenvironment: {income: 2000, max_months: 2}";
  hrl_scenario *scenario = make_scenario();
  hrl_scenario *lifecycle = NULL;
  OK(hrl_scenario_parse(life, strlen(life), "life", &lifecycle, &error));
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrlp_convergence_settle(&options, scenario);
  ck_assert_double_eq(options.min_improvement, 0.1);
  options.min_improvement = HRL_MIN_IMPROVEMENT_DEFAULT;
  hrlp_convergence_settle(&options, lifecycle);
  ck_assert_double_eq(options.min_improvement, 0.001);
  options.min_improvement = 0.0;
  hrlp_convergence_settle(&options, lifecycle);
  ck_assert_double_eq(options.min_improvement, 0.0);
  hrl_scenario_destroy(lifecycle);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(options_are_checked) {
  hrl_scenario *scenario = make_scenario();
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = patient_run(NULL);
  options.patience = 1001;
  FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
        "patience: found 1001");
  options = patient_run(NULL);
  options.min_improvement = -0.5;
  FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
        "min_improvement");
  options = patient_run(NULL);
  options.eval_episodes = 4;
  FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
        "patience needs at least 5");
  options = patient_run(NULL);
  options.eval_episodes = 100000;
  FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
        "take a shorter patience");
  options = patient_run(NULL);
  options.has_target = 1;
  options.target = NAN;
  FAILS(hrl_trainer_create(scenario, &options, &trainer, &error), HRL_ERROR_ARGUMENT,
        "target");
  hrl_scenario_destroy(scenario);
}
END_TEST

/* One-sided 95 % quantiles of Student's distribution, from tables. */
START_TEST(the_bound_is_students) {
  static const struct {
    size_t count;
    double quantile;
  } rows[] = {{5, 2.1318}, {6, 2.0150}, {10, 1.8331}, {31, 1.6973}, {101, 1.6602}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    ck_assert_double_eq_tol(hrlp_upper_bound(3.0, 2.0, rows[i].count),
                            3.0 + 2.0 * rows[i].quantile, 0.01);
}
END_TEST

START_TEST(returns_are_a_window) {
  struct hrlp_returns returns = {0};
  hrlp_returns_add(&returns, 1, NULL); /* none are kept */
  ck_assert(hrlp_returns_resize(&returns, 2, 3));
  for (uint64_t i = 1; i <= 3; i++) {
    double values[3] = {(double)i, 0.0, -(double)i};
    hrlp_returns_add(&returns, 10 * i, values);
    hrlp_returns_add(&returns, 10 * i, values); /* the same once more */
  }
  ck_assert_uint_eq(returns.count, 2);
  ck_assert_uint_eq(returns.newest, 30);
  ck_assert(returns.values[0] == 2.0 && returns.values[3] == 3.0);
  ck_assert(hrlp_returns_resize(&returns, 1, 3)); /* the newest stays */
  ck_assert(returns.count == 1 && returns.values[0] == 3.0);
  ck_assert(hrlp_returns_resize(&returns, 4, 3));
  ck_assert(returns.count == 1 && returns.values[2] == -3.0);
  ck_assert(hrlp_returns_resize(&returns, 4, 2)); /* of other evaluations */
  ck_assert(returns.count == 0 && returns.newest == 0);
  hrlp_returns_free(&returns);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("convergence");
  TCase *cases = tcase_create("convergence");
  tcase_set_timeout(cases, 120);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_test(cases, a_run_that_gets_no_better_ends);
  tcase_add_test(cases, all_episodes_is_the_usual_reason);
  tcase_add_test(cases, a_target_ends_a_run);
  tcase_add_test(cases, a_flat_start_is_not_convergence);
  tcase_add_test(cases, a_slow_learner_has_its_time);
  tcase_add_test(cases, going_on_is_as_if_it_had_not_ended);
  tcase_add_test(cases, an_interrupted_run_ends_at_the_same_place);
  tcase_add_test(cases, the_end_of_a_part_is_no_evaluation_of_the_whole);
  tcase_add_test(cases, the_end_is_found_again);
  tcase_add_test(cases, early_stopping_changes_nothing_before_it);
  tcase_add_test(cases, what_counts_as_an_improvement_is_by_the_model);
  tcase_add_test(cases, options_are_checked);
  tcase_add_test(cases, the_bound_is_students);
  tcase_add_test(cases, returns_are_a_window);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
