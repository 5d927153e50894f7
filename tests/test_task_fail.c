/* A program's own task that fails: whoever plays it is told why. */
#include "task_trial.h"

static int nan_reward(void *data, const hrl_task_batch *batch, const double *goals,
                      const double *actions, hrl_task_result *result) {
  int status = walk_step(NULL, batch, goals, actions, result);
  (void)data;
  for (size_t i = 0; i < batch->count; i++)
    if (batch->episodes[i] == 14 && batch->step == 2) result->rewards[i] = NAN;
  return status;
}

static int odd_end(void *data, const hrl_task_batch *batch, const double *goals,
                   const double *actions, hrl_task_result *result) {
  int status = walk_step(data, batch, goals, actions, result);
  result->ends[0] = 7;
  return status;
}

static int below_zero(void *data, const hrl_task_batch *batch, const double *goals,
                      const double *actions, hrl_task_result *result) {
  int status = walk_step(data, batch, goals, actions, result);
  result->departures[0] = -0.5;
  return status;
}

static int infinite_potential(void *data, const hrl_task_batch *batch,
                              double *potentials) {
  (void)data;
  for (size_t i = 0; i < batch->count; i++)
    potentials[i] = batch->step == 5 ? INFINITY : 0.0;
  return 0;
}

static int nan_goals(void *data, const hrl_task_batch *batch, double *goals) {
  (void)data;
  for (size_t i = 0; i < batch->count; i++)
    goals[2 * i + 1] = batch->step >= 8 ? NAN : 1.0;
  return 0;
}

static const struct {
  int (*step)(void *data, const hrl_task_batch *batch, const double *goals,
              const double *actions, hrl_task_result *result);
  int (*potential)(void *data, const hrl_task_batch *batch, double *potentials);
  int (*choose_goals)(void *data, const hrl_task_batch *batch, double *goals);
  int returned;
  const char *text;
} failures[] = {
    {walk_step, NULL, NULL, 5,
     "task 'trial': step returned 5 for episodes 1 to 4 after 3"},
    {nan_reward, NULL, NULL, 0,
     "task 'trial': step gave nan as reward of episode 14 after 2 step(s); "
     "run hrl_task_check"},
    {odd_end, NULL, NULL, 0, "step gave 7 as end of episode 1 after 0 step(s)"},
    {below_zero, NULL, NULL, 0, "step gave -0.5 as departure of episode 1"},
    {walk_step, infinite_potential, NULL, 0,
     "potential gave inf as potential of episode"},
    {walk_step, NULL, nan_goals, 0, "choose_goals gave nan as mood of episode"},
};

/* A run whose task fails ends with what is wrong, on one thread as on three. */
START_TEST(a_task_that_fails_ends_its_run) {
  hrl_task task = walk_task;
  int returned = failures[_i / 2].returned;
  hrl_trainer_options options = short_run(40, "out");
  options.threads = _i % 2 == 0 ? 1 : 3;
  task.step = failures[_i / 2].step;
  task.potential = failures[_i / 2].potential;
  task.choose_goals = failures[_i / 2].choose_goals;
  task.data = returned == 0 ? NULL : &returned;
  hrl_trainer *trainer = make_task_trainer(&task, &options);
  hrl_error error = HRL_ERROR_INIT;
  int more = 1;
  hrl_status status = HRL_OK;
  while (more != 0 && status == HRL_OK) status = hrl_trainer_step(trainer, &more, &error);
  ck_assert_int_eq(status, HRL_ERROR_TASK);
  ck_assert_msg(strstr(error.message, failures[_i / 2].text) != NULL, "%s",
                error.message);
  ck_assert_int_eq(status_of(trainer).state, HRL_TRAINER_FAILED);
  ck_assert_str_eq(status_of(trainer).error.message, error.message);
  hrl_trainer_destroy(trainer);
}
END_TEST

static int failing_rule(void *data, size_t number, const hrl_task_batch *batch,
                        double *actions) {
  room_rule(data, number, batch, actions);
  return number == 3 && batch->episodes[0] >= 128 ? 8 : 0;
}

static int failing_optimum(void *data, const hrl_task_batch *batch, double *actions) {
  room_optimum(data, batch, actions);
  actions[0] = batch->step == 7 ? NAN : actions[0];
  return 0;
}

static int failing_reset(void *data, const hrl_task_batch *batch) {
  return batch->episodes[0] == 0 ? 4 : room_reset(data, batch);
}

START_TEST(what_fails_elsewhere_is_told_as_well) {
  hrl_task task = room_task;
  hrl_evaluation result = {.size = sizeof result};
  hrl_trainer *trainer = NULL;
  task.rule = failing_rule;
  task.optimum = failing_optimum;
  hrl_scenario *scenario = make(&task);
  OK(hrl_task_evaluate_rule(scenario, 2, NULL, &result, &error));
  FAILS(hrl_task_evaluate_rule(scenario, 3, NULL, &result, &error), HRL_ERROR_TASK,
        "rule returned 8 for episodes 128 to 255 after 0 step(s)");
  FAILS(hrl_evaluate_optimum(scenario, NULL, NULL, &result, &error), HRL_ERROR_TASK,
        "optimum gave nan as order of episode 0 after 7 step(s)");
  hrl_scenario_destroy(scenario);
  task.reset = failing_reset;
  scenario = make(&task);
  FAILS(hrl_trainer_create(scenario, NULL, &trainer, &error), HRL_ERROR_TASK,
        "reset returned 4");
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Whoever holds an error keeps it. */
START_TEST(the_first_error_stays) {
  hrl_task task = walk_task;
  int returned = 0;
  hrl_trainer_options options = short_run(8, "out");
  hrl_policy *policy = NULL;
  hrl_evaluation result = {.size = sizeof result};
  hrl_error held = {.status = HRL_ERROR_IO, .message = "the first"};
  task.data = &returned;
  hrl_trainer *trainer = make_task_trainer(&task, &options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  OK(hrl_task_load_policy(&task, "out/trial", &policy, &error));
  returned = 6;
  FAILS(hrl_evaluate_policy(policy, NULL, NULL, &result, &error), HRL_ERROR_TASK,
        "step returned 6");
  ck_assert_int_eq(hrl_evaluate_policy(policy, NULL, NULL, &result, &held),
                   HRL_ERROR_TASK);
  ck_assert_int_eq(held.status, HRL_ERROR_IO);
  ck_assert_str_eq(held.message, "the first");
  hrl_policy_destroy(policy);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("task_fail");
  TCase *cases = tcase_create("task_fail");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_loop_test(cases, a_task_that_fails_ends_its_run, 0,
                      2 * (int)(sizeof failures / sizeof failures[0]));
  tcase_add_test(cases, what_fails_elsewhere_is_told_as_well);
  tcase_add_test(cases, the_first_error_stays);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
