/* A program's own task, trained: what is learned of one whose optimum is known, and the
 * same bits however it is run. */
#include "task_trial.h"

#include "near.h"
#include "ranks.h"

/* ---- what is learned ---- */

START_TEST(the_optimum_of_the_newsvendor) {
  hrl_scenario *scenario = make(&room_task);
  hrl_evaluation perfect = {.size = sizeof perfect};
  hrl_evaluation rule = perfect;
  hrl_evaluation best = perfect;
  double said = 0.0;
  size_t number = 0;
  OK(hrl_evaluate_optimum(scenario, NULL, &said, &perfect, &error));
  ck_assert_double_eq(said, room_return(NULL));
  NEAR(perfect.strategic_return, said, 4.0 * perfect.strategic_return_stderr);
  NEAR(said, -631.8, 0.05); /* 24 months of 10 * 15 * phi(1.2816) */
  NEAR(perfect.reward, perfect.strategic_return, 1e-9);
  ck_assert_double_eq(perfect.months, ROOM_STEPS);
  ck_assert_double_eq(perfect.solvent, 1.0);
  ck_assert_double_eq(perfect.final_cash, 0.0);
  OK(hrl_task_evaluate_best_rule(scenario, NULL, &number, &best, &error));
  ck_assert_uint_ge(number, 25); /* about 134 pieces */
  ck_assert_uint_le(number, 29);
  ck_assert_double_lt(best.strategic_return, 1.5 * said);
  for (size_t i = number - 1; i <= number + 1; i++) {
    OK(hrl_task_evaluate_rule(scenario, i, NULL, &rule, &error));
    ck_assert_double_le(rule.strategic_return, best.strategic_return);
  }
  FAILS(hrl_task_evaluate_rule(scenario, 40, NULL, &rule, &error), HRL_ERROR_ARGUMENT,
        "rule 40: the task 'trial' has 40, counted from 0");
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(a_task_is_learned) {
  hrl_trainer_options options = short_run(1500, "out");
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_evaluation trained = {.size = sizeof trained};
  hrl_evaluation best = trained;
  hrl_evaluation perfect = trained;
  size_t number = 0;
  options.seed = (uint64_t)_i;
  options.save_interval = 1500;
  options.threads = 0;
  OK(hrl_task_make_scenario(&room_task, "training: {high_period: 12}", &scenario,
                            &error));
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_policy *policy = load(&room_task, "out/trial");
  OK(hrl_evaluate_policy(policy, NULL, NULL, &trained, &error));
  OK(hrl_task_evaluate_best_rule(scenario, NULL, &number, &best, &error));
  OK(hrl_evaluate_optimum(scenario, NULL, NULL, &perfect, &error));
  double skill = hrl_skill(trained.strategic_return, best.strategic_return,
                           perfect.strategic_return);
  printf("seed %d: skill %.3f\n", _i, skill);
  ck_assert_double_ge(skill, 0.75);
  ck_assert_double_lt(skill, 1.001);
  hrl_policy_destroy(policy);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* ---- bounds ---- */

static bool lies_within(const hrl_task_quantity *quantity, double value) {
  return value >= quantity->minimum && value <= quantity->maximum;
}

static int insists_on_bounds(void *data, const hrl_task_batch *batch, const double *goals,
                             const double *actions, hrl_task_result *result) {
  for (size_t i = 0; i < batch->count; i++)
    if (!lies_within(room_goal, goals[i]) || !lies_within(room_action, actions[i]))
      return 77;
  return room_step(data, batch, goals, actions, result);
}

static int aims_anywhere(void *data, const hrl_task_batch *batch, double *goals) {
  (void)data;
  for (size_t i = 0; i < batch->count; i++) goals[i] = i % 2 == 0 ? -1e6 : 1e6;
  return 0;
}

static int orders_anything(void *data, const hrl_task_batch *batch, const double *goals,
                           double *actions) {
  (void)goals;
  return aims_anywhere(data, batch, actions);
}

static int rules_anyhow(void *data, size_t number, const hrl_task_batch *batch,
                        double *actions) {
  (void)number;
  return aims_anywhere(data, batch, actions);
}

START_TEST(what_lies_beyond_bounds_is_moved_there) {
  hrl_task task = room_task;
  hrl_evaluation result = {.size = sizeof result};
  task.step = insists_on_bounds;
  task.choose_goals = aims_anywhere;
  task.choose_actions = orders_anything;
  task.rule = rules_anyhow;
  task.optimum = aims_anywhere;
  train_into(&task, "out", 16, 1);
  hrl_scenario *scenario = make(&task);
  OK(hrl_task_evaluate_rule(scenario, 0, NULL, &result, &error));
  OK(hrl_evaluate_optimum(scenario, NULL, NULL, &result, &error));
  hrl_scenario_destroy(scenario);
}
END_TEST

/* ---- the same bits ---- */

static const hrl_task *const both[] = {&room_task, &walk_task};

START_TEST(a_resumed_run_is_the_run_itself) {
  const hrl_task *task = both[_i];
  train_into(task, "whole", 40, 1);
  for (uint64_t from = 10; from <= 30; from += 10) { /* within a batch, too */
    char folder[64];
    char output[16];
    hrl_trainer_options options = short_run(40, output);
    snprintf(folder, sizeof folder, "whole/checkpoints/trial/checkpoint_episode_%d",
             (int)from);
    snprintf(output, sizeof output, "rest%d", (int)from);
    hrl_trainer *trainer = make_task_trainer(task, &options);
    OK(hrl_trainer_load(trainer, folder, &error));
    step_to_end(trainer);
    hrl_trainer_destroy(trainer);
    assert_same_output("whole", output, 40);
  }
}
END_TEST

START_TEST(any_number_of_threads_has_the_same_bits) {
  const hrl_task *task = both[_i];
  train_into(task, "one", 40, 1);
  train_into(task, "three", 40, 3);
  assert_same_output("one", "three", 40);
}
END_TEST

struct rank {
  const hrl_task *task;
  struct meeting *meeting;
  uint32_t number;
};

static void *run_rank(void *data) {
  const struct rank *rank = data;
  hrl_communicator communicator = meeting_communicator(rank->meeting, rank->number);
  hrl_trainer_options options = short_run(40, "shared");
  options.communicator = &communicator;
  hrl_trainer *trainer = make_task_trainer(rank->task, &options);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  return NULL;
}

START_TEST(any_number_of_ranks_has_the_same_bits) {
  struct meeting meeting;
  struct rank ranks[2];
  pthread_t threads[2];
  train_into(both[_i], "one", 40, 1);
  meeting_begin(&meeting, 2);
  for (uint32_t i = 0; i < 2; i++) {
    ranks[i] = (struct rank){both[_i], &meeting, i};
    ck_assert_int_eq(pthread_create(&threads[i], NULL, run_rank, &ranks[i]), 0);
  }
  for (uint32_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  meeting_end(&meeting);
  assert_same_output("one", "shared", 40);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("task_run");
  TCase *cases = tcase_create("task_run");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, enter_room, leave_room);
  tcase_add_test(cases, the_optimum_of_the_newsvendor);
  tcase_add_loop_test(cases, a_task_is_learned, 1, 4);
  tcase_add_test(cases, what_lies_beyond_bounds_is_moved_there);
  tcase_add_loop_test(cases, a_resumed_run_is_the_run_itself, 0, 2);
  tcase_add_loop_test(cases, any_number_of_threads_has_the_same_bits, 0, 2);
  tcase_add_loop_test(cases, any_number_of_ranks_has_the_same_bits, 0, 2);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
