/* hrl_task_check: good tasks have nothing wrong with them, and each fault that is planted
 * is found and named. */
#include "task_sample.h"
#include "trial.h"

#include <pthread.h>
#include <stdint.h>

/* ---- faults of `step`, planted in the walk ---- */

#define STEP(name)                                                              \
  static int name(void *data, const hrl_task_batch *batch, const double *goals, \
                  const double *actions, hrl_task_result *result)

/* The walk as it should be. */
#define WALK_AS_USUAL                                          \
  int status = walk_step(NULL, batch, goals, actions, result); \
  (void)data
#define EACH_ROW for (size_t i = 0; i < batch->count; i++)

STEP(returns_three) {
  WALK_AS_USUAL;
  return batch->step == 2 ? 3 : status;
}
STEP(gives_nan) {
  WALK_AS_USUAL;
  EACH_ROW if (batch->step == 4) result->rewards[i] = NAN;
  return status;
}
STEP(writes_a_reward_too_many) {
  WALK_AS_USUAL;
  result->rewards[batch->count] = 0.0;
  return status;
}
STEP(writes_an_end_too_early) {
  WALK_AS_USUAL;
  result->ends[-1] = 0;
  return status;
}
STEP(writes_a_state_too_many) { /* once others have ended, into what was theirs */
  WALK_AS_USUAL;
  struct walk *walks = batch->states;
  if (batch->count > 32 && batch->count < 60) walks[batch->count].x = 1.0;
  return status;
}
STEP(changes_its_goals) {
  WALK_AS_USUAL;
  ((double *)(uintptr_t)goals)[0] = 0.5;
  return status;
}
STEP(changes_episodes) {
  WALK_AS_USUAL;
  if (batch->step == 5) ((uint64_t *)(uintptr_t)batch->episodes)[0]++;
  return status;
}
STEP(changes_the_batch) {
  WALK_AS_USUAL;
  ((hrl_task_batch *)(uintptr_t)batch)->step++;
  return status;
}
STEP(counts_for_itself) { /* what comes out hangs on how often it was called */
  WALK_AS_USUAL;
  size_t *calls = data;
  EACH_ROW result->rewards[i] += 1e-3 * (double)*calls;
  ++*calls;
  return status;
}
STEP(reads_beyond_its_rows) {
  const double beyond = actions[2 * batch->count];
  WALK_AS_USUAL;
  EACH_ROW result->rewards[i] += beyond > 0.0 ? 1.0 : 0.0;
  return status;
}
STEP(draws_by_row) {
  WALK_AS_USUAL;
  EACH_ROW result->rewards[i] += 0.1 * (double)i;
  return status;
}
STEP(minds_its_neighbour) {
  WALK_AS_USUAL;
  const struct walk *walks = batch->states;
  result->rewards[0] += walks[batch->count - 1].x;
  return status;
}
STEP(keeps_the_step_for_itself) { /* as long as one batch is played at a time */
  WALK_AS_USUAL;
  size_t *steps = data;
  EACH_ROW result->rewards[i] += 0.01 * (double)*steps;
  ++*steps;
  return status;
}
STEP(ends_as_seven) {
  WALK_AS_USUAL;
  result->ends[0] = 7;
  return status;
}
STEP(ends_at_the_limit) {
  WALK_AS_USUAL;
  EACH_ROW result->ends[i] =
      batch->step + 1 == WALK_STEPS ? HRL_TASK_TERMINATED : HRL_TASK_GOES_ON;
  return status;
}
STEP(is_at_rest_and_cut_off) {
  struct walk *walks = batch->states;
  (void)data, (void)goals;
  EACH_ROW {
    if (walks[i].x > 1.0) {
      result->ends[i] = HRL_TASK_TRUNCATED;
      continue;
    }
    walks[i].x += fabs(actions[2 * i]);
    result->rewards[i] = -walks[i].x;
    if (walks[i].x > 1.0) result->ends[i] = HRL_TASK_TRUNCATED;
  }
  return 0;
}
STEP(pays_in_cents_of_cents) {
  WALK_AS_USUAL;
  EACH_ROW result->rewards[i] *= 1e8;
  return status;
}
STEP(pays_nothing) {
  WALK_AS_USUAL;
  EACH_ROW result->rewards[i] = 0.0;
  return status;
}
STEP(fines_once) {
  WALK_AS_USUAL;
  EACH_ROW if (result->ends[i] == HRL_TASK_TERMINATED) result->rewards[i] = -5e5;
  return status;
}
STEP(departs_far) {
  WALK_AS_USUAL;
  EACH_ROW result->departures[i] *= 1e4;
  return status;
}
STEP(departs_backwards) {
  WALK_AS_USUAL;
  result->departures[0] = -1.0;
  return status;
}
STEP(does_as_it_likes) {
  double none[2 * 64] = {0};
  (void)actions;
  return walk_step(data, batch, goals, none, result);
}
STEP(pays_for_goals) {
  WALK_AS_USUAL;
  EACH_ROW result->rewards[i] += 0.1 * goals[2 * i];
  return status;
}

/* The parts that are played at once are the only batches of 16; here they wait for each
 * other, so that each has a thread of its own. */
static pthread_barrier_t together;
static pthread_t first_thread;
static int wait_together(void *data, const hrl_task_batch *batch) {
  if (batch->count == 16) pthread_barrier_wait(&together);
  return walk_reset(data, batch);
}
STEP(minds_its_thread) {
  WALK_AS_USUAL;
  EACH_ROW result->rewards[i] += pthread_equal(pthread_self(), first_thread) ? 0.0 : 1.0;
  return status;
}

/* ---- faults of the others ---- */

static int sees_time(void *data, const hrl_task_batch *batch, float *observations) {
  (void)data;
  EACH_ROW observations[i] = 1.0f - (float)batch->step / WALK_STEPS;
  return 0;
}
static int sees_infinity(void *data, const hrl_task_batch *batch, float *observations) {
  int status = walk_observe(data, batch, observations);
  if (batch->step == 3) observations[0] = -INFINITY;
  return status;
}
static int sees_nothing(void *data, const hrl_task_batch *batch, float *observations) {
  (void)data, (void)batch, (void)observations;
  return 0;
}
static int sees_too_much(void *data, const hrl_task_batch *batch, float *observations) {
  observations[batch->count] = 0.0f;
  return walk_observe(data, batch, observations);
}
static int moves_what_it_sees(void *data, const hrl_task_batch *batch,
                              float *observations) {
  struct walk *walks = batch->states;
  walks[0].x += 0.125;
  return walk_observe(data, batch, observations);
}
static int sees_in_cents(void *data, const hrl_task_batch *batch, float *observations) {
  int status = walk_observe(data, batch, observations);
  EACH_ROW observations[i] *= 1e4f;
  return status;
}
static int sees_from_afar(void *data, const hrl_task_batch *batch, float *observations) {
  int status = walk_observe(data, batch, observations);
  EACH_ROW observations[i] = 1.0f + 1e-5f * observations[i];
  return status;
}
static int begins_beyond(void *data, const hrl_task_batch *batch) {
  struct walk *walks = batch->states;
  walks[batch->count].x = 0.0;
  return walk_reset(data, batch);
}
static int begins_where_it_was(void *data, const hrl_task_batch *batch) {
  *(size_t *)data = 0;
  return walk_reset(data, batch);
}
static int fails_to_begin(void *data, const hrl_task_batch *batch) {
  (void)data, (void)batch;
  return -1;
}
static int weighs_nan(void *data, const hrl_task_batch *batch, double *potentials) {
  int status = walk_potential(data, batch, potentials);
  potentials[0] = NAN;
  return status;
}
static int weighs_too_much(void *data, const hrl_task_batch *batch, double *potentials) {
  int status = walk_potential(data, batch, potentials);
  EACH_ROW potentials[i] *= 1e6;
  return status;
}
static int aims_in_percent(void *data, const hrl_task_batch *batch, double *goals) {
  (void)data;
  EACH_ROW goals[2 * i] = goals[2 * i + 1] = 50.0;
  return 0;
}
static int aims_at_half(void *data, const hrl_task_batch *batch, double *goals) {
  (void)data;
  EACH_ROW goals[2 * i] = 0.5;
  return 0;
}
static int acts_on_nan(void *data, const hrl_task_batch *batch, const double *goals,
                       double *actions) {
  (void)data, (void)goals;
  for (size_t k = 0; k < 2 * batch->count; k++) actions[k] = NAN;
  return 0;
}
static int is_no_optimum(void *data, const hrl_task_batch *batch, double *actions) {
  return room_rule(data, 10, batch, actions);
}
static double promises_much(void *data) { return 0.5 * room_return(data); }

/* ---- what is found ---- */

static size_t counter;

static const struct {
  const char *kind, *function, *text; /* of the one line; kind NULL: nothing is wrong */
  const hrl_task *base;
  hrl_task fault; /* what it has in the place of the base's */
} faults[] = {
    {NULL, NULL, NULL, &walk_task, {0}},
    {NULL, NULL, NULL, &room_task, {0}},
    {NULL, NULL, NULL, &walk_task, {.step = ends_at_the_limit, .observe = sees_time}},
#define FOUND(kind, function, text, ...)              \
  {                                                   \
    kind, function, text, &walk_task, { __VA_ARGS__ } \
  }
    FOUND("failed", "step", "returned 3, after 2 step(s)", .step = returns_three),
    FOUND("failed", "reset", "returned -1", .reset = fails_to_begin),
    FOUND("finite", "step", "gave nan as the reward of episode", .step = gives_nan),
    FOUND("finite", "observe", "gave -inf as observation 0", .observe = sees_infinity),
    FOUND("finite", "potential", "gave nan as the potential", .potential = weighs_nan),
    FOUND("finite", "choose_actions", "gave nan as push", .choose_actions = acts_on_nan),
    FOUND("unwritten", "observe", "left observation 0 of row 0 unwritten",
          .observe = sees_nothing),
    FOUND("unwritten", "choose_goals", "left mood of row 0 unwritten",
          .choose_goals = aims_at_half),
    FOUND("guard", "step", "row(s) of rewards", .step = writes_a_reward_too_many),
    FOUND("guard", "step", "row(s) of ends", .step = writes_an_end_too_early),
    FOUND("guard", "step", "row(s) of states, of 16 bytes",
          .step = writes_a_state_too_many),
    FOUND("guard", "observe", "beyond the 64 row(s) of observations, of 4 bytes",
          .observe = sees_too_much),
    FOUND("guard", "reset", "beyond the 64 row(s) of states", .reset = begins_beyond),
    FOUND("input", "observe", "changed states", .observe = moves_what_it_sees),
    FOUND("input", "step", "changed goals", .step = changes_its_goals),
    FOUND("input", "step", "changed batch->episodes", .step = changes_episodes),
    FOUND("input", "step", "changed the batch itself", .step = changes_the_batch),
    FOUND("repeat", "the task", "the reward of episode 0, step 1, differed",
          .step = counts_for_itself, .data = &counter),
    FOUND("repeat", "the task", "the reward of episode 0", .step = reads_beyond_its_rows),
    FOUND("batch", "the task", "the reward of episode 1, step 1, depends on",
          .step = draws_by_row),
    FOUND("batch", "the task", "the reward of episode 0", .step = minds_its_neighbour),
    FOUND("batch", "the task", "the reward of episode 0, step 2",
          .step = keeps_the_step_for_itself, .reset = begins_where_it_was,
          .data = &counter),
    FOUND("thread", "the task", "step 1, differed on several threads",
          .step = minds_its_thread, .reset = wait_together),
    FOUND("end", "step", "gave 7 as an end", .step = ends_as_seven),
    FOUND("end", "step", "TERMINATED after step 20 of every episode and never before",
          .step = ends_at_the_limit),
    FOUND("end", "step", "that is an end, HRL_TASK_TERMINATED",
          .step = is_at_rest_and_cut_off),
    FOUND("scale", "observe", "divide it", .observe = sees_in_cents),
    FOUND("scale", "observe", "too small for agents to distinguish",
          .observe = sees_from_afar),
    FOUND("scale", "step", "scale them to between", .step = pays_in_cents_of_cents),
    FOUND("scale", "step", "one reward has the size 500000", .step = fines_once),
    FOUND("scale", "the task", "departures are", .step = departs_far),
    FOUND("scale", "step", "gave -1 as a departure", .step = departs_backwards),
    FOUND("scale", "potential", "it must estimate the sum of future rewards",
          .potential = weighs_too_much),
    FOUND("effect", "step", "there is nothing to learn", .step = does_as_it_likes),
    FOUND("effect", "the task", "other goals changed rewards", .step = pays_for_goals),
    FOUND("textbook", "choose_goals", "none of", .choose_goals = aims_in_percent),
    {"yardstick",
     "rule",
     "more than the optimum",
     &room_task,
     {.optimum = is_no_optimum}},
    {"yardstick",
     "optimum",
     "optimum_return is",
     &room_task,
     {.optimum_return = promises_much}},
};

static hrl_task plant(const hrl_task *base, const hrl_task *fault) {
  hrl_task task = *base;
#define PLANT(member) \
  if (fault->member != NULL) task.member = fault->member
  PLANT(data);
  PLANT(reset);
  PLANT(observe);
  PLANT(step);
  PLANT(choose_goals);
  PLANT(choose_actions);
  PLANT(potential);
  PLANT(optimum);
  PLANT(optimum_return);
  return task;
}

static char *check(const hrl_task *task) {
  char *report = NULL;
  OK(hrl_task_check(task, NULL, &report, &error));
  ck_assert_ptr_nonnull(report);
  return report;
}

/* Whether a report has a line of that beginning with that text in it. */
static bool has_line(const char *report, const char *kind, const char *function,
                     const char *text) {
  char begins[64];
  snprintf(begins, sizeof begins, "%-10s %s: ", kind, function);
  for (const char *line = report; *line != '\0';) {
    const char *end = strchr(line, '\n');
    const char *found = strstr(line, text);
    if (strncmp(line, begins, strlen(begins)) == 0 && found != NULL && found < end)
      return true;
    line = end + 1;
  }
  return false;
}

START_TEST(each_fault_is_found) {
  hrl_task task = plant(faults[_i].base, &faults[_i].fault);
  pthread_barrier_init(&together, NULL, 4);
  first_thread = pthread_self();
  counter = 0;
  char *report = check(&task);
  if (faults[_i].kind == NULL)
    ck_assert_str_eq(report, "");
  else
    ck_assert_msg(has_line(report, faults[_i].kind, faults[_i].function, faults[_i].text),
                  "no '%s %s ... %s' in: %s", faults[_i].kind, faults[_i].function,
                  faults[_i].text, report);
  hrl_free(report);
  pthread_barrier_destroy(&together);
}
END_TEST

/* Where nothing is ever paid, there are two lines, one for each thing to be mended. */
START_TEST(a_report_has_a_line_for_each_finding) {
  hrl_task task = walk_task;
  task.step = pays_nothing;
  task.observe = sees_in_cents;
  char *report = check(&task);
  ck_assert(has_line(report, "scale", "step", "every reward is 0"));
  ck_assert(has_line(report, "scale", "observe", "observation 0 lies within"));
  hrl_free(report);
}
END_TEST

START_TEST(episodes_and_seed_are_chosen) {
  hrl_task_check_options options = HRL_TASK_CHECK_OPTIONS_INIT;
  char *report = NULL;
  for (uint64_t seed = 2; seed < 12; seed++) { /* good whatever is drawn */
    options.seed = seed;
    options.episodes = 2 + 20 * (seed % 4);
    OK(hrl_task_check(&room_task, &options, &report, &error));
    ck_assert_str_eq(report, "");
    hrl_free(report);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("task_check");
  TCase *cases = tcase_create("task_check");
  tcase_set_timeout(cases, 120);
  tcase_add_loop_test(cases, each_fault_is_found, 0, sizeof faults / sizeof faults[0]);
  tcase_add_test(cases, a_report_has_a_line_for_each_finding);
  tcase_add_test(cases, episodes_and_seed_are_chosen);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
