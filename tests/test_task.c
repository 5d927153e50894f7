/* A program's own task (hrl/task.h): what makes one, its scenario, and the functions
 * behind the seam. Training with one is in test_task_run.c, the checker in
 * test_task_check.c. */
#include "task_sample.h"
#include "trial.h"

#include "scenario/scenario.h"

static hrl_scenario *make(const hrl_task *task, const char *text) {
  hrl_scenario *scenario = NULL;
  OK(hrl_task_make_scenario(task, text, &scenario, &error));
  return scenario;
}

/* ---- shapes ---- */

static const hrl_task_quantity unnamed[] = {{NULL, 0.0, 1.0}};
static const hrl_task_quantity upside_down[] = {{"plan", 1.0, 0.0}};
static const hrl_task_quantity endless[] = {{"plan", 0.0, INFINITY}};
static const hrl_task_quantity twice[] = {{"plan", 0.0, 1.0}, {"plan", 0.0, 1.0}};
static const hrl_task_quantity wider[] = {{"order", 0.0, 251.0}};
static const hrl_task_quantity spaced[] = {{"a plan", 0.0, 1.0}};

/* What each case makes of a good task, and the text that tells of it. */
static const struct {
  size_t offset, bytes;
  union {
    const void *pointer;
    size_t size;
  } value;
  hrl_status status;
  const char *text;
} shapes[] = {
#define BECOMES(member, kind, value, status, text)                                   \
  {                                                                                  \
    offsetof(hrl_task, member), sizeof(((hrl_task *)NULL)->member), {.kind = value}, \
        status, text                                                                 \
  }
    BECOMES(size, size, 8, HRL_ERROR_ARGUMENT, "size set to sizeof(hrl_task)"),
    BECOMES(name, pointer, NULL, HRL_ERROR_ARGUMENT, "a task's name"),
    BECOMES(name, pointer, "a/b", HRL_ERROR_ARGUMENT, "not 'a/b'"),
    BECOMES(name, pointer, "", HRL_ERROR_ARGUMENT, "a task's name"),
    BECOMES(steps, size, 0, HRL_ERROR_ARGUMENT, "steps is 0, expected 1 to 12000"),
    BECOMES(steps, size, 12001, HRL_ERROR_LIMIT, "steps is 12001"),
    BECOMES(observations, size, 0, HRL_ERROR_ARGUMENT, "observations is 0"),
    BECOMES(observations, size, 257, HRL_ERROR_LIMIT, "observations is 257"),
    BECOMES(goals, size, 0, HRL_ERROR_ARGUMENT, "goals is 0, expected 1 to 4"),
    BECOMES(goals, size, 5, HRL_ERROR_LIMIT, "goals is 5"),
    BECOMES(actions, size, 5, HRL_ERROR_LIMIT, "actions is 5"),
    BECOMES(state_size, size, 0, HRL_ERROR_ARGUMENT, "state_size is 0"),
    BECOMES(state_size, size, 65537, HRL_ERROR_LIMIT, "state_size is 65537"),
    BECOMES(goal, pointer, NULL, HRL_ERROR_ARGUMENT, "goal is NULL"),
    BECOMES(goal, pointer, unnamed, HRL_ERROR_ARGUMENT, "goal[0].name"),
    BECOMES(goal, pointer, spaced, HRL_ERROR_ARGUMENT, "goal[0].name"),
    BECOMES(goal, pointer, upside_down, HRL_ERROR_ARGUMENT, "goal 'plan' lies within 1"),
    BECOMES(action, pointer, endless, HRL_ERROR_ARGUMENT, "expected finite bounds"),
    BECOMES(reset, pointer, NULL, HRL_ERROR_ARGUMENT, "reset is NULL"),
    BECOMES(observe, pointer, NULL, HRL_ERROR_ARGUMENT, "observe is NULL"),
    BECOMES(step, pointer, NULL, HRL_ERROR_ARGUMENT, "step is NULL"),
    BECOMES(rule, pointer, NULL, HRL_ERROR_ARGUMENT, "rules is 40 and rule is NULL"),
    BECOMES(rules, size, 0, HRL_ERROR_ARGUMENT, "rules is 0 and rule is a function"),
    BECOMES(rules, size, 1000001, HRL_ERROR_LIMIT, "rules is 1000001"),
    BECOMES(optimum, pointer, NULL, HRL_ERROR_ARGUMENT, "optimum_return without"),
};

START_TEST(a_shape_that_cannot_be_is_told) {
  hrl_task task = room_task;
  hrl_scenario *scenario = (hrl_scenario *)&task;
  char *report = NULL;
  memcpy((char *)&task + shapes[_i].offset, &shapes[_i].value, shapes[_i].bytes);
  FAILS(hrl_task_make_scenario(&task, NULL, &scenario, &error), shapes[_i].status,
        shapes[_i].text);
  ck_assert_ptr_null(scenario);
  OK(hrl_task_check(&task, NULL, &report, &error));
  ck_assert_msg(
      strncmp(report, "shape ", 6) == 0 && strstr(report, shapes[_i].text) != NULL, "%s",
      report);
  hrl_free(report);
}
END_TEST

START_TEST(two_numbers_have_two_names) {
  hrl_task task = walk_task;
  hrl_scenario *scenario = NULL;
  task.goal = twice;
  FAILS(hrl_task_make_scenario(&task, NULL, &scenario, &error), HRL_ERROR_ARGUMENT,
        "goal[0] and goal[1] are both called 'plan'");
}
END_TEST

START_TEST(calls_without_what_they_need_are_refused) {
  hrl_scenario *scenario = NULL;
  hrl_policy *policy = NULL;
  hrl_task_check_options options = HRL_TASK_CHECK_OPTIONS_INIT;
  char *report = NULL;
  FAILS(hrl_task_make_scenario(NULL, NULL, &scenario, &error), HRL_ERROR_ARGUMENT,
        "a task");
  FAILS(hrl_task_make_scenario(&room_task, NULL, NULL, &error), HRL_ERROR_ARGUMENT,
        "room");
  FAILS(hrl_task_load_policy(NULL, "x", &policy, &error), HRL_ERROR_ARGUMENT, "a task");
  FAILS(hrl_task_load_policy(&room_task, NULL, &policy, &error), HRL_ERROR_ARGUMENT,
        "model");
  FAILS(hrl_task_load_policy(&room_task, "none", &policy, &error), HRL_ERROR_NOT_FOUND,
        "no model 'none'");
  FAILS(hrl_task_check(NULL, NULL, &report, &error), HRL_ERROR_ARGUMENT, "a task");
  FAILS(hrl_task_check(&room_task, NULL, NULL, &error), HRL_ERROR_ARGUMENT, "room");
  options.episodes = 1;
  FAILS(hrl_task_check(&room_task, &options, &report, &error), HRL_ERROR_ARGUMENT,
        "episodes: found 1, expected 2 to 4096");
}
END_TEST

/* A program whose header ends before what is optional. */
START_TEST(a_smaller_struct_is_read_as_far_as_it_goes) {
  hrl_task task = room_task;
  hrl_scenario *scenario = NULL;
  hrl_evaluation result = {.size = sizeof result};
  task.size = offsetof(hrl_task, choose_goals);
  scenario = make(&task, NULL);
  FAILS(hrl_evaluate_optimum(scenario, NULL, NULL, &result, &error), HRL_ERROR_ARGUMENT,
        "has no optimum");
  hrl_scenario_destroy(scenario);
}
END_TEST

/* ---- scenarios ---- */

START_TEST(a_scenario_is_what_its_text_says) {
  hrl_scenario *scenario =
      make(&walk_task, "description: a walk\ntraining: {high_period: 5}");
  double value = 0.0;
  char *text = NULL;
  char *again = NULL;
  ck_assert_str_eq(hrl_scenario_name(scenario), "trial");
  ck_assert_str_eq(hrl_scenario_model(scenario), "task");
  ck_assert_str_eq(hrl_scenario_description(scenario), "a walk");
  OK(hrl_scenario_get(scenario, "training.high_period", &value, &error));
  ck_assert_double_eq(value, 5.0);
  OK(hrl_scenario_set(scenario, "training.gamma_low", 0.5, &error));
  OK(hrl_scenario_format(scenario, &text, &error));
  ck_assert_ptr_nonnull(strstr(text,
                               "model: task\ndescription: \"a walk\"\ntask:\n"
                               "  name: \"trial\"\n  version: 1\n  steps: 20\n"
                               "  observations: 1\n  goals:\n"
                               "    \"place\": {from: -1, to: 1}\n"
                               "    \"mood\": {from: 0, to: 5}\n  actions:\n"
                               "    \"push\": {from: -1, to: 1}\n"
                               "    \"pull\": {from: -0.5, to: 0.5}\ntraining:\n"));
  hrl_scenario *other = make(&walk_task, text);
  OK(hrl_scenario_format(other, &again, &error));
  ck_assert_str_eq(text, again);
  hrl_free(text);
  hrl_free(again);
  hrl_scenario_destroy(scenario);
  hrl_scenario_destroy(other);
}
END_TEST

/* Texts, what reading them for the walk comes to, and what is said. */
static const struct {
  const char *text;
  hrl_status status;
  const char *message;
} texts[] = {
    {"model: budget\ntraining: {}", HRL_ERROR_MISMATCH,
     "found 'budget', expected the task"},
    {"model: task\ntask: {name: other}", HRL_ERROR_MISMATCH,
     "task.name: found 'other', expected 'trial'; it belongs to another task"},
    {"task: {name: trial, version: 2}", HRL_ERROR_MISMATCH,
     "trial:1:30: task.version: found '2', expected 1; it belongs"},
    {"task: {name: trial, version: 1, steps: 21}", HRL_ERROR_MISMATCH, "task.steps"},
    {"task: {name: trial, version: 1, steps: 20, observations: 1, goals: {where: {}}}",
     HRL_ERROR_MISMATCH, "task.goals: found 'where', expected 'place'"},
    {"task: {name: trial, version: 1, steps: 20, observations: 1, goals: {place: "
     "{from: -1, to: 2}}}",
     HRL_ERROR_MISMATCH, "task.goals: found '2', expected 1"},
    {"task: {name: trial, version: 1, steps: 20, observations: 1, goals: {place: "
     "{from: -1, to: 1}}}",
     HRL_ERROR_TYPE, "task.goals: found no value, expected a value"},
    {"task: 7", HRL_ERROR_TYPE, "task: found '7'"},
    {"task: {}", HRL_ERROR_TYPE, "task: found no value"},
    {"require: []\ntraining: {}", HRL_ERROR_KEY, "require: a program's own task"},
    {"environment: {income: 1}", HRL_ERROR_KEY, "unknown section 'environment'"},
    {"training: {context: on}", HRL_ERROR_KEY, "unknown key 'context'"},
    {"training: {high_period: 0}", HRL_ERROR_RANGE, "training.high_period: found '0'"},
    {"training: {gamma_low: {from: 0.1, to: 0.2}}", HRL_ERROR_TYPE, "a mapping of keys"},
    {"", HRL_ERROR_SYNTAX, "the file is empty"},
};

START_TEST(a_text_of_something_else_is_refused) {
  hrl_scenario *scenario = NULL;
  FAILS(hrl_task_make_scenario(&walk_task, texts[_i].text, &scenario, &error),
        texts[_i].status, texts[_i].message);
  ck_assert_ptr_null(scenario);
}
END_TEST

START_TEST(who_does_not_have_the_task_is_told) {
  hrl_scenario *scenario = make(&walk_task, NULL);
  hrl_scenario *other = NULL;
  char *text = NULL;
  OK(hrl_scenario_format(scenario, &text, &error));
  FAILS(hrl_scenario_parse(text, strlen(text), "trial", &other, &error),
        HRL_ERROR_MISMATCH, "a program's own task, which only that program can play");
  const char *task = strstr(text, "task:\n");
  FAILS(hrl_scenario_parse(task, strlen(task), "trial", &other, &error), HRL_ERROR_KEY,
        "unknown section 'task'");
  ck_assert_uint_eq(hrl_model_count(), 2); /* it is none that a file may choose */
  ck_assert_ptr_null(hrl_model_name(2));
  ck_assert_uint_gt(hrl_model_key_count("task"), 20);
  hrl_free(text);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(remarks_know_the_steps_of_a_task) {
  hrl_scenario *scenario =
      make(&walk_task, "training: {high_period: 20, gamma_high: 0.9}");
  ck_assert_str_eq(hrl_scenario_remarks(scenario),
                   "line 1: training.gamma_high: 0.9 has no effect while "
                   "training.high_period is not less than the steps of the task; shorten "
                   "the period, or remove the line\n");
  hrl_scenario_destroy(scenario);
}
END_TEST

/* What a task was made from may go: all but the functions and what they point to is
 * copied. */
START_TEST(a_task_is_copied) {
  char name[] = "trial";
  char plan[] = "plan";
  hrl_task_quantity quantity = {plan, 0.0, 50.0};
  hrl_task task = room_task;
  task.name = name;
  task.goal = &quantity;
  hrl_scenario *scenario = make(&task, NULL);
  name[0] = plan[0] = 'x';
  quantity.maximum = -7.0;
  memset(&task, 0, sizeof task);
  hrl_scenario *same = make(&room_task, NULL);
  ck_assert(hrlp_scenario_is_like(scenario, same));
  task = room_task;
  task.action = wider;
  hrl_scenario *other = make(&task, NULL);
  ck_assert(
      !hrlp_scenario_is_like(scenario, other)); /* the same order is another there */
  hrl_scenario_destroy(other);
  ck_assert_str_eq(hrl_scenario_name(scenario), "trial");
  hrl_scenario_destroy(scenario);
  hrl_scenario_destroy(same);
}
END_TEST

START_TEST(what_is_about_households_refuses_a_task) {
  hrl_scenario *scenario = make(&room_task, NULL);
  hrl_evaluation result = {.size = sizeof result};
  hrl_rule rule = {sizeof rule, 0.1, 0.0, 0.0, 0.0};
  hrl_percentiles_request request = HRL_PERCENTILES_REQUEST_INIT;
  hrl_situation situation = HRL_SITUATION_INIT;
  hrl_household *households = NULL;
  double share = 0.0;
  FAILS(hrl_evaluate_share(scenario, 0.1, NULL, &result, &error), HRL_ERROR_MISMATCH,
        "hrl_evaluate_share applies to households; 'trial' is a program's own task");
  FAILS(hrl_evaluate_best_share(scenario, NULL, &share, &result, &error),
        HRL_ERROR_MISMATCH, "hrl_evaluate_best_share");
  FAILS(hrl_evaluate_rule(scenario, &rule, NULL, &result, &error), HRL_ERROR_MISMATCH,
        "hrl_evaluate_rule");
  FAILS(hrl_evaluate_best_rule(scenario, NULL, &rule, &result, &error),
        HRL_ERROR_MISMATCH, "hrl_evaluate_best_rule");
  FAILS(hrl_percentiles_rule(scenario, &rule, NULL, &request, &error), HRL_ERROR_MISMATCH,
        "hrl_percentiles_rule");
  FAILS(hrl_percentiles_optimum(scenario, NULL, &request, &error), HRL_ERROR_MISMATCH,
        "hrl_percentiles_optimum");
  FAILS(hrl_household_create(scenario, 3, 1, &households, &error), HRL_ERROR_MISMATCH,
        "hrl_household_create");
  FAILS(hrl_scenario_begin_at(scenario, &situation, &error), HRL_ERROR_MISMATCH,
        "hrl_scenario_begin_at");
  hrl_scenario_destroy(scenario);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("task");
  TCase *cases = tcase_create("task");
  tcase_set_timeout(cases, 120);
  tcase_add_loop_test(cases, a_shape_that_cannot_be_is_told, 0,
                      sizeof shapes / sizeof shapes[0]);
  tcase_add_test(cases, two_numbers_have_two_names);
  tcase_add_test(cases, calls_without_what_they_need_are_refused);
  tcase_add_test(cases, a_smaller_struct_is_read_as_far_as_it_goes);
  tcase_add_test(cases, a_scenario_is_what_its_text_says);
  tcase_add_loop_test(cases, a_text_of_something_else_is_refused, 0,
                      sizeof texts / sizeof texts[0]);
  tcase_add_test(cases, who_does_not_have_the_task_is_told);
  tcase_add_test(cases, remarks_know_the_steps_of_a_task);
  tcase_add_test(cases, a_task_is_copied);
  tcase_add_test(cases, what_is_about_households_refuses_a_task);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
