/* Every call in turn fails: the n-th allocation, the n-th call that touches the disk, the
 * n-th thread, for n = 1, 2, 3 ... Whatever happens, it is told, nothing is lost that was
 * whole before, and the handle can be destroyed; the sanitizers' builds look for leaks.
 * HRL_LONG=1 leaves out no n. */
#include "fail_plan.h"
#include "heard.h"

#include "task_sample.h"
#include "tensorboard/tensorboard.h"

/* Goes on where all went well so far. */
#define THEN(call) status = status == HRL_OK ? (call) : status

/* The next n: each at first, then in growing steps, unless time is no matter. */
static long after(long n) {
  return n < 150 || getenv("HRL_LONG") != NULL ? n + 1 : n + 1 + n / 25;
}

/* A household with small networks and short episodes; three batches of two. */
static const char tiny_yaml[] =
    "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500,\n"
    "  variable_expense_std: 120, inflation: 0.02, safety_threshold: 1000,\n"
    "  max_months: 4, initial_cash: 3000, risk_tolerance: 0.5}\n"
    "training: {high_period: 2, parallel_episodes: 2, hidden_low: 3, hidden_high: 3,\n"
    "  batch_size: 8, batch_size_high: 4, epochs_low: 1, epochs_high: 1}\n";

static const char other_yaml[] =
    "model: lifecycle\nenvironment: {income: 2000, max_months: 2, job_loss_probability: "
    "0.1}";

static const char family_yaml[] =
    "environment: {income: {from: 1500, to: 2500}, fixed_expenses: 900,\n"
    "  variable_expense_mean: 500, variable_expense_std: 120, inflation: 0.02,\n"
    "  safety_threshold: 1000, max_months: 4, risk_tolerance: 0.5}\n"
    "require: ['fixed_expenses <= 0.6 * income']\n"
    "training: {hidden_low: 3, hidden_high: 3}\n";

static hrl_scenario *scenario, *lifecycle, *family;

static hrl_trainer_options tiny_run(const char *output) {
  hrl_trainer_options options = short_run(6, output);
  options.save_interval = 3;
  options.eval_episodes = 5;
  options.patience = 1;
  options.min_improvement = 0.0; /* to be judged, not to end it */
  options.record = 1;
  options.tensorboard = hrlp_tensorboard_exists() ? "run/board" : NULL;
  return options;
}

static hrl_trainer *make_tiny(const char *output) {
  hrl_trainer_options options = tiny_run(output);
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  return trainer;
}

static void run_tiny(const char *output) {
  hrl_trainer *trainer = make_tiny(output);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static void set_up(void) {
  enter_room();
  OK(hrl_scenario_parse(tiny_yaml, strlen(tiny_yaml), "trial", &scenario, &error));
  OK(hrl_scenario_parse(other_yaml, strlen(other_yaml), "other", &lifecycle, &error));
  OK(hrl_scenario_parse(family_yaml, strlen(family_yaml), "family", &family, &error));
  run_tiny("good");
  hrl_trainer_options options = tiny_run("old");
  options.seed = 99;
  hrl_trainer *trainer = NULL;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
}

static void tear_down(void) {
  hrl_scenario_destroy(scenario);
  hrl_scenario_destroy(lifecycle);
  hrl_scenario_destroy(family);
  leave_room();
}

/* Success, or an error that says what. */
static void assert_told(hrl_status status, const hrl_error *error) {
  ck_assert_msg(status == error->status, "%s: %s", hrl_status_name(status),
                error->message);
  ck_assert_int_eq(status == HRL_OK, error->message[0] == '\0');
  ck_assert_msg(status == HRL_OK || status == HRL_ERROR_MEMORY ||
                    status == HRL_ERROR_IO || status == HRL_ERROR_THREAD,
                "%s: %s", hrl_status_name(status), error->message);
}

/* ---- making and loading ---- */

/* Each takes a place for an error and gives what it came to; it frees what it made. */

static hrl_status create(hrl_error *problem) {
  hrl_trainer_options options = tiny_run("new");
  hrl_trainer *trainer = NULL;
  options.threads = 3;
  hrl_status status = hrl_trainer_create(scenario, &options, &trainer, problem);
  int families = pause_plan();
  ck_assert_int_eq(status == HRL_OK, trainer != NULL);
  hrl_trainer_destroy(trainer);
  go_on(families);
  return status;
}

static hrl_status load(hrl_error *problem) {
  static hrl_trainer *trainer; /* the same each time: what fails leaves it as it is */
  if (trainer == NULL) {
    int families = pause_plan();
    trainer = make_tiny(NULL);
    go_on(families);
  }
  hrl_status status =
      hrl_trainer_load(trainer, "good/checkpoints/trial/checkpoint_episode_3", problem);
  int families = pause_plan();
  ck_assert_uint_eq(status_of(trainer).episode, status == HRL_OK ? 3 : 0);
  if (status == HRL_OK) {
    hrl_trainer_destroy(trainer);
    trainer = NULL;
  }
  go_on(families);
  return status;
}

static hrl_status load_newest(hrl_error *problem) {
  int families = pause_plan();
  hrl_trainer *trainer = make_tiny(NULL);
  go_on(families);
  hrl_status status = hrl_trainer_load(trainer, "good/checkpoints/trial", problem);
  pause_plan();
  if (status == HRL_OK && families == MEMORY) /* a want of memory is no damage */
    ck_assert_uint_eq(status_of(trainer).episode, 6);
  hrl_trainer_destroy(trainer);
  go_on(families);
  return status;
}

static hrl_status save(hrl_error *problem) {
  int families = pause_plan();
  hrl_trainer *trainer = make_tiny(NULL);
  OK(hrl_trainer_save(trainer, "saved", &error));
  OK(hrl_trainer_step(trainer, NULL, &error));
  go_on(families);
  hrl_status status = hrl_trainer_save(trainer, "saved", problem);
  pause_plan();
  hrl_trainer_destroy(trainer);
  trainer = make_tiny(NULL); /* the old one or the new one, whole */
  OK(hrl_trainer_load(trainer, "saved", &error));
  if (status == HRL_OK) ck_assert_uint_eq(status_of(trainer).episode, 2);
  hrl_trainer_destroy(trainer);
  go_on(families);
  return status;
}

static hrl_status ask_policy(hrl_error *problem) {
  hrl_policy *policy = NULL;
  hrl_observation now = {.cash = 1000, .months_remaining = 3};
  hrl_goal goal = {0};
  hrl_allocation advice;
  hrl_evaluation result = {.size = sizeof result};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 3;
  options.threads = 2;
  hrl_status status = hrl_policy_load("good/trial", &policy, problem);
  THEN(hrl_policy_goal(policy, 1, &now, NULL, &goal, problem));
  THEN(hrl_policy_allocate(policy, 1, &now, &goal, 1, &advice, problem));
  THEN(hrl_evaluate_policy(policy, scenario, &options, &result, problem));
  char *differences = NULL;
  THEN(hrl_policy_differences(policy, scenario, &differences, problem));
  hrl_free(differences);
  hrl_policy_destroy(policy);
  return status;
}

static int ignore_month(const hrl_trajectory_month *month, void *data) {
  (void)month, (void)data;
  return 0;
}

static int ignore_percentiles(const hrl_percentiles *month, void *data) {
  (void)month, (void)data;
  return 0;
}

static hrl_status evaluate(hrl_error *problem) {
  hrl_evaluation result = {.size = sizeof result};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_policy *policy = NULL;
  int families = pause_plan();
  OK(hrl_policy_load("good/trial", &policy, &error));
  go_on(families);
  options.episodes = 3;
  options.threads = 2;
  hrl_status status =
      hrl_evaluate_trajectory(policy, NULL, &options, ignore_month, NULL, problem);
  THEN(hrl_evaluate_trajectory(policy, scenario, &options, ignore_month, NULL, problem));
  THEN(hrl_evaluate_share(scenario, 0.1, &options, &result, problem));
  double share = 0.0;
  THEN(hrl_evaluate_best_share(scenario, &options, &share, &result, problem));
  THEN(hrl_evaluate_optimum(scenario, &options, NULL, &result, problem));
  THEN(hrl_evaluate_best_share(lifecycle, &options, &share, &result, problem));
  THEN(hrl_evaluate_optimum(lifecycle, &options, NULL, &result, problem));
  hrl_household *households = NULL;
  THEN(hrl_household_create(lifecycle, 3, 1, &households, problem));
  hrl_household_destroy(households);
  hrl_percentiles_request request = HRL_PERCENTILES_REQUEST_INIT;
  request.hear = ignore_percentiles;
  THEN(hrl_percentiles_policy(policy, scenario, &options, &request, problem));
  THEN(hrl_percentiles_optimum(lifecycle, &options, &request, problem));
  hrl_policy_destroy(policy);
  return status;
}

/* A household that stands amid its life, drawn from a family, is advised. */
static hrl_status advise(hrl_error *problem) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_situation now = HRL_SITUATION_INIT;
  hrl_scenario *drawn = NULL;
  hrl_policy *policy = NULL;
  hrl_advice advice = {.size = sizeof advice};
  hrl_rule rule = {.size = sizeof rule};
  hrl_family_evaluation skills = {.size = sizeof skills};
  double lead = 0.0;
  double deviation = 0.0;
  options.episodes = 3;
  options.threads = 2;
  now.month = 2;
  now.cash = 700.0;
  hrl_status status = hrl_policy_load("good/trial", &policy, problem);
  THEN(hrl_scenario_draw(family, 7, 1, &drawn, problem));
  THEN(hrl_scenario_begin_at(drawn, &now, problem));
  THEN(hrl_policy_advise(policy, drawn, &advice, problem));
  THEN(hrl_pick_rule(drawn, &options, &rule, problem));
  THEN(hrl_pick_rule(lifecycle, &options, &rule, problem));
  THEN(hrl_evaluate_against_rule(policy, drawn, &rule, &options, NULL, NULL, NULL, &lead,
                                 &deviation, problem));
  THEN(hrl_evaluate_family(policy, family, 2, &options, NULL, &skills, problem));
  hrl_scenario_destroy(drawn);
  hrl_policy_destroy(policy);
  return status;
}

/* A program's own task: made, tried, trained, loaded, asked and compared. */
static hrl_status own_task(hrl_error *problem) {
  hrl_trainer_options options = short_run(2, "task");
  hrl_task_check_options few = HRL_TASK_CHECK_OPTIONS_INIT;
  hrl_evaluate_options short_evaluation = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation result = {.size = sizeof result};
  hrl_scenario *made = NULL;
  hrl_trainer *trainer = NULL;
  hrl_policy *policy = NULL;
  struct room state = {50.0};
  char *report = NULL;
  double answer = 0.0;
  few.episodes = 2;
  short_evaluation.episodes = 3;
  short_evaluation.threads = 1;
  options.eval_episodes = 1;
  hrl_status status = hrl_task_check(&room_task, &few, &report, problem);
  int families = pause_plan();
  ck_assert_int_eq(status == HRL_OK, report != NULL);
  go_on(families);
  hrl_free(report);
  THEN(hrl_task_make_scenario(&room_task, "training: {hidden_low: 3, hidden_high: 3}",
                              &made, problem));
  THEN(hrl_trainer_create(made, &options, &trainer, problem));
  for (int more = 1; more != 0 && status == HRL_OK;)
    status = hrl_trainer_step(trainer, &more, problem);
  THEN(hrl_task_load_policy(&room_task, "task/trial", &policy, problem));
  THEN(hrl_task_choose_goals(policy, 1, &state, 0, &answer, problem));
  THEN(hrl_task_choose_actions(policy, 1, &state, 0, &answer, 1, &answer, problem));
  THEN(hrl_evaluate_policy(policy, NULL, &short_evaluation, &result, problem));
  THEN(hrl_task_evaluate_rule(made, 3, &short_evaluation, &result, problem));
  THEN(hrl_evaluate_optimum(made, &short_evaluation, NULL, &result, problem));
  families = pause_plan();
  hrl_policy_destroy(policy);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(made);
  remove_tree("task");
  go_on(families);
  return status;
}

static const struct journey {
  hrl_status (*go)(hrl_error *problem);
  int families;
} journeys[] = {{create, MEMORY},    {create, THREADS},     {load, MEMORY},
                {load, DISK},        {load_newest, MEMORY}, {load_newest, DISK},
                {save, MEMORY},      {save, DISK},          {ask_policy, MEMORY},
                {ask_policy, DISK},  {ask_policy, THREADS}, {evaluate, MEMORY},
                {evaluate, THREADS}, {advise, MEMORY},      {advise, THREADS},
                {own_task, MEMORY},  {own_task, THREADS}};
#define JOURNEYS (sizeof journeys / sizeof journeys[0])

START_TEST(a_failing_call_is_told) {
  const struct journey *journey = &journeys[_i];
  long failed = 0;
  for (int onward = 0; onward <= 1; onward++) {
    bool done = false;
    for (long n = 1; !done; n = after(n)) {
      hrl_error error = HRL_ERROR_INIT;
      arm(journey->families, n, onward != 0);
      hrl_status status = journey->go(&error);
      done = disarm();
      assert_told(status, &error);
      if (done) ck_assert_int_eq(status, HRL_OK);
      failed += status != HRL_OK ? 1 : 0;
    }
  }
  ck_assert_int_gt(failed, 0);
}
END_TEST

/* ---- running ---- */

/* All that lies under numbered names in "run" is whole: the newest of them loads. */
static void assert_checkpoints_whole(void) {
  struct hrlp_names found = {0};
  if (hrlp_folder_list("run/checkpoints/trial", &found, NULL) != HRL_OK) return;
  for (size_t i = 0; i < found.count; i++) {
    if (strncmp(found.names[i], "checkpoint_", 11) != 0) continue;
    hrl_trainer *trainer = make_tiny(NULL);
    char *path = hrlp_path_join("run/checkpoints/trial", found.names[i]);
    OK(hrl_trainer_load(trainer, path, &error));
    free(path);
    hrl_trainer_destroy(trainer);
  }
  hrlp_names_free(&found);
}

static const char *const model_files[] = {"trial_high_agent.pt", "trial_low_agent.pt",
                                          "trial_history.json"};

/* Puts another run's model where the run is to write its own. */
static void place_old_model(void) {
  OK(hrlp_folder_create("run", &error));
  for (size_t i = 0; i < 3; i++) {
    char from[64];
    char to[64];
    size_t length = 0;
    snprintf(from, sizeof from, "old/%s", model_files[i]);
    snprintf(to, sizeof to, "run/%s", model_files[i]);
    char *data = read_whole(from, &length);
    OK(hrlp_file_write(to, data, length, &error));
    free(data);
  }
}

/* Whatever failed, the model is one whole set: the old one or the new one. */
static void assert_model_whole(hrl_status status) {
  hrl_policy *policy = NULL;
  OK(hrl_policy_load("run/trial", &policy, &error));
  ck_assert_ptr_null(hrl_policy_remark(policy));
  hrl_policy_destroy(policy);
  if (status == HRL_OK)
    assert_same_file("run/trial_low_agent.pt", "good/trial_low_agent.pt");
}

/* Goes on from what is there, without failures, and must end as if nothing had been. */
static void assert_run_can_go_on(void) {
  hrl_trainer *trainer = make_tiny("run");
  hrl_error problem = HRL_ERROR_INIT;
  hrl_status status = hrl_trainer_load(trainer, "run/checkpoints/trial", &problem);
  ck_assert_msg(
      status == HRL_OK || status == HRL_ERROR_FORMAT || status == HRL_ERROR_NOT_FOUND,
      "%s", problem.message);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  assert_same_output("good", "run", 6);
}

/* hear without its asserts, which allocate. */
static void note(const hrl_event *event, void *data) {
  struct heard *heard = data;
  heard->types[heard->count] = event->type;
  heard->episodes[heard->count++] = event->episode;
}

/* A run into "run" while calls fail, in the background or step by step. */
static hrl_status run_with_failures(int families, long n, bool onward, bool background,
                                    struct heard *heard, hrl_error *problem, bool *done) {
  hrl_trainer *trainer = make_tiny("run");
  OK(hrl_trainer_add_listener(trainer, note, heard, &error));
  hrl_status status = HRL_OK;
  arm(families, n, onward);
  if (background) {
    status = hrl_trainer_start(trainer, problem);
    THEN(hrl_trainer_wait(trainer, problem));
  } else {
    for (int more = 1; more != 0 && status == HRL_OK;)
      status = hrl_trainer_step(trainer, &more, problem);
  }
  *done = disarm();
  hrl_trainer_state state = status_of(trainer).state;
  ck_assert_int_eq(state == HRL_TRAINER_COMPLETED, status == HRL_OK);
  /* nobody was called, and the trainer is as before; or the whole story was told */
  ck_assert_int_eq(state == HRL_TRAINER_IDLE, heard->count == 0);
  if (heard->count > 0)
    assert_whole_story(heard, status == HRL_OK ? HRL_EVENT_COMPLETED : HRL_EVENT_ERROR);
  hrl_trainer_destroy(trainer);
  return status;
}

static const struct {
  int families;
  bool onward, background;
} runs[] = {{MEMORY, false, false}, {MEMORY, true, false},       {DISK, false, false},
            {DISK, true, false},    {DISK, true, true},          {MEMORY, true, true},
            {THREADS, false, true}, {MEMORY | DISK, true, false}};
#define RUNS (sizeof runs / sizeof runs[0])

START_TEST(a_run_survives_or_says_why_not) {
  bool done = false;
  long failed = 0;
  for (long n = 1; !done; n = after(n)) {
    hrl_error error = HRL_ERROR_INIT;
    struct heard heard = {0};
    place_old_model();
    hrl_status status = run_with_failures(runs[_i].families, n, runs[_i].onward,
                                          runs[_i].background, &heard, &error, &done);
    assert_told(status, &error);
    if (done) ck_assert_int_eq(status, HRL_OK);
    failed += status != HRL_OK ? 1 : 0;
    assert_checkpoints_whole();
    assert_model_whole(status);
    if ((runs[_i].families & DISK) != 0 || n % 8 == 0) assert_run_can_go_on();
    remove_tree("run");
  }
  ck_assert_int_gt(failed, 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("fail_calls");
  TCase *cases = tcase_create("fail_calls");
  tcase_set_timeout(cases, 600);
  tcase_add_checked_fixture(cases, set_up, tear_down);
  tcase_add_loop_test(cases, a_failing_call_is_told, 0, JOURNEYS);
  tcase_add_loop_test(cases, a_run_survives_or_says_why_not, 0, RUNS);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
