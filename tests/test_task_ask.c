/* A program's own task: pairs that are asked, and files that say whose they are. */
#include "task_trial.h"

#include "near.h"

/* ---- asking ---- */

/* What a trajectory showed of one step. */
struct shown {
  double goals[2], actions[2];
  struct walk state;
  int end;
};
struct course {
  struct shown steps[WALK_STEPS];
  size_t count;
  uint64_t episode;
};

static int watch(const hrl_trajectory_month *month, void *data) {
  struct course *course = data;
  if (month->episode != course->episode) return 0;
  struct shown *shown = &course->steps[course->count++];
  memcpy(shown->goals, month->goals, sizeof shown->goals);
  memcpy(shown->actions, month->actions, sizeof shown->actions);
  shown->state = *(const struct walk *)month->state;
  shown->end = month->end;
  ck_assert_uint_eq(month->month, course->count);
  return 0;
}

/* A policy that is asked step by step says what it does when it plays. */
START_TEST(a_policy_is_asked_as_it_plays) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  struct course course = {.episode = 2};
  train_into(&walk_task, "out", 80, 1);
  hrl_policy *policy = load(&walk_task, "out/trial");
  options.episodes = 3;
  ck_assert_uint_eq(hrl_policy_period(policy), 4);
  OK(hrl_evaluate_trajectory(policy, NULL, &options, watch, &course, &error));
  ck_assert_uint_gt(course.count, 4);
  struct walk now;
  hrl_task_batch batch = {
      .count = 1, .states = &now, .episodes = &course.episode, .seed = options.seed};
  ck_assert_int_eq(walk_reset(NULL, &batch), 0);
  for (size_t step = 0; step < course.count; step++) {
    const struct shown *shown = &course.steps[step];
    double goals[2];
    double actions[2];
    if (step % 4 == 0) {
      OK(hrl_task_choose_goals(policy, 1, &now, step, goals, &error));
      NEAR(goals[0], shown->goals[0], 1e-5);
      NEAR(goals[1], shown->goals[1], 1e-5);
    }
    OK(hrl_task_choose_actions(policy, 1, &now, step, shown->goals, 4 - step % 4, actions,
                               &error));
    NEAR(actions[0], shown->actions[0], 1e-5);
    NEAR(actions[1], shown->actions[1], 1e-5);
    ck_assert_int_eq(shown->end != HRL_TASK_GOES_ON, step + 1 == course.count);
    now = shown->state;
  }
  hrl_policy_destroy(policy);
}
END_TEST

/* Many states at once are each asked about for itself. */
START_TEST(many_states_are_asked_about_at_once) {
  enum { COUNT = 150 };
  struct walk states[COUNT];
  double goals[2 * COUNT];
  double actions[2 * COUNT];
  train_into(&walk_task, "out", 40, 1);
  hrl_policy *policy = load(&walk_task, "out/checkpoints/trial/checkpoint_episode_40");
  for (size_t i = 0; i < COUNT; i++) states[i] = (struct walk){0.02 * (double)i - 1.5, i};
  OK(hrl_task_choose_goals(policy, COUNT, states, 3, goals, &error));
  OK(hrl_task_choose_actions(policy, COUNT, states, 3, goals, 2, actions, &error));
  for (size_t i = 0; i < COUNT; i++) {
    double one[2];
    OK(hrl_task_choose_goals(policy, 1, &states[i], 3, one, &error));
    NEAR(one[0], goals[2 * i], 1e-5);
    CHECK(one[1] >= 0.0 && one[1] <= 5.0, "%g", one[1]);
    OK(hrl_task_choose_actions(policy, 1, &states[i], 3, goals + 2 * i, 2, one, &error));
    NEAR(one[1], actions[2 * i + 1], 1e-5);
  }
  ck_assert_double_ne(goals[0], goals[2 * COUNT - 2]);
  OK(hrl_task_choose_goals(policy, 0, NULL, 0, NULL, &error));
  hrl_policy_destroy(policy);
}
END_TEST

START_TEST(questions_that_make_no_sense_are_refused) {
  struct walk state = {0};
  double goals[2] = {0.0, 1.0};
  double actions[2];
  hrl_observation household = {.cash = 1.0};
  hrl_goal goal;
  hrl_advice advice = {.size = sizeof advice};
  hrl_rule rule = {.size = sizeof rule};
  double lead;
  train_into(&walk_task, "out", 8, 1);
  hrl_policy *policy = load(&walk_task, "out/trial");
  FAILS(hrl_task_choose_goals(NULL, 1, &state, 0, goals, &error), HRL_ERROR_ARGUMENT,
        "hrl_task_choose_goals: expected a policy");
  FAILS(hrl_task_choose_goals(policy, 1, NULL, 0, goals, &error), HRL_ERROR_ARGUMENT,
        "states");
  FAILS(hrl_task_choose_goals(policy, 1, &state, 20, goals, &error), HRL_ERROR_ARGUMENT,
        "step: found 20, expected 0 to 19");
  FAILS(hrl_task_choose_actions(policy, 1, &state, 0, NULL, 1, actions, &error),
        HRL_ERROR_ARGUMENT, "expected goals");
  FAILS(hrl_task_choose_actions(policy, 1, &state, 0, goals, 5, actions, &error),
        HRL_ERROR_ARGUMENT, "steps_to_next_goal: found 5, expected 1 to 4");
  goals[1] = 5.5;
  FAILS(hrl_task_choose_actions(policy, 1, &state, 0, goals, 1, actions, &error),
        HRL_ERROR_ARGUMENT, "goal 0: mood: found 5.5, expected 0 to 5");
  goals[1] = NAN;
  FAILS(hrl_task_choose_actions(policy, 1, &state, 0, goals, 1, actions, &error),
        HRL_ERROR_ARGUMENT, "goal 0: mood");
  FAILS(hrl_policy_goal(policy, 1, &household, NULL, &goal, &error), HRL_ERROR_MISMATCH,
        "the task 'trial', not on a household; use hrl_task_choose_goals");
  FAILS(hrl_policy_advise(policy, hrl_policy_scenario(policy), &advice, &error),
        HRL_ERROR_MISMATCH, "hrl_policy_advise applies to households");
  FAILS(hrl_evaluate_against_rule(policy, NULL, &rule, NULL, NULL, NULL, NULL, &lead,
                                  &lead, &error),
        HRL_ERROR_MISMATCH, "hrl_evaluate_against_rule applies to households");
  state.x = NAN;
  FAILS(hrl_task_choose_goals(policy, 1, &state, 0, actions, &error), HRL_ERROR_TASK,
        "observe gave nan as observation 0");
  hrl_policy_destroy(policy);
}
END_TEST

/* ---- whose files they are ---- */

START_TEST(files_say_whose_they_are) {
  static const char checkpoint[] = "out/checkpoints/trial/checkpoint_episode_20";
  hrl_policy *policy = NULL;
  hrl_policy *other = NULL;
  hrl_evaluation result = {.size = sizeof result};
  hrl_trainer_options options = short_run(40, NULL);
  hrl_task later = room_task;
  hrl_scenario *household = make_scenario();
  later.version = 4;
  later.rule = NULL;
  later.rules = 0;
  train_into(&room_task, "out", 20, 1);
  run_into("house", 20);
  FAILS(hrl_policy_load("out/trial", &policy, &error), HRL_ERROR_MISMATCH,
        "out/trial_high_agent.pt: model: found a program's own task");
  FAILS(hrl_task_load_policy(&later, "out/trial", &policy, &error), HRL_ERROR_MISMATCH,
        "out/trial_high_agent.pt: task.version: found '3', expected 4");
  FAILS(hrl_task_load_policy(&walk_task, "out/trial", &policy, &error),
        HRL_ERROR_MISMATCH, "task.version");
  FAILS(hrl_task_load_policy(&room_task, "house/trial", &policy, &error), HRL_ERROR_KEY,
        "unknown section 'environment'");
  ck_assert_ptr_null(policy);
  hrl_trainer *trainer = make_task_trainer(&later, &options);
  FAILS(hrl_trainer_load(trainer, checkpoint, &error), HRL_ERROR_MISMATCH,
        "checkpoint_episode_20/high_agent.pt: task.version: found '3', expected 4");
  hrl_trainer_destroy(trainer);
  trainer = make_trainer(&options);
  FAILS(hrl_trainer_load(trainer, checkpoint, &error), HRL_ERROR_MISMATCH,
        "a program's own task");
  hrl_trainer_destroy(trainer);
  policy = load(&room_task, "out/trial");
  FAILS(hrl_evaluate_policy(policy, household, NULL, &result, &error), HRL_ERROR_MISMATCH,
        "trained on the task 'trial', version 3, the scenario 'trial' is of the model "
        "'budget'");
  hrl_scenario *newer = make(&later);
  FAILS(hrl_policy_adapt(policy, newer, &other, &error), HRL_ERROR_MISMATCH,
        "is of the task 'trial', version 4");
  options.pretrained = policy;
  FAILS(hrl_trainer_create(newer, &options, &trainer, &error), HRL_ERROR_MISMATCH,
        "pretrained: the model was trained on the task 'trial', version 3");
  FAILS(hrl_task_evaluate_rule(household, 0, NULL, &result, &error), HRL_ERROR_MISMATCH,
        "'trial' is a household");
  size_t number = 0;
  FAILS(hrl_task_evaluate_best_rule(newer, NULL, &number, &result, &error),
        HRL_ERROR_ARGUMENT, "the task 'trial' has 0");
  hrl_scenario_destroy(newer);
  hrl_scenario_destroy(household);
  hrl_policy_destroy(policy);
}
END_TEST

START_TEST(a_pair_begins_from_another) {
  hrl_trainer_options options = short_run(16, "out");
  train_into(&room_task, "first", 200, 1);
  hrl_policy *policy = load(&room_task, "first/trial");
  hrl_policy *same = NULL;
  hrl_scenario *scenario = make(&room_task);
  hrl_trainer *trainer = NULL;
  options.pretrained = policy;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  OK(hrl_policy_adapt(policy, scenario, &same, &error));
  struct room state = {40.0};
  double a = 0.0;
  double b = 1.0;
  OK(hrl_task_choose_goals(policy, 1, &state, 2, &a, &error));
  OK(hrl_task_choose_goals(same, 1, &state, 2, &b, &error));
  ck_assert_double_eq(a, b);
  hrl_policy_destroy(same);
  hrl_policy_destroy(policy);
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("task_ask");
  TCase *cases = tcase_create("task_ask");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_test(cases, a_policy_is_asked_as_it_plays);
  tcase_add_test(cases, many_states_are_asked_about_at_once);
  tcase_add_test(cases, questions_that_make_no_sense_are_refused);
  tcase_add_test(cases, files_say_whose_they_are);
  tcase_add_test(cases, a_pair_begins_from_another);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
