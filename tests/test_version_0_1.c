/* Models and checkpoints that version 0.1 wrote: they are read, decide as they did, and
 * runs go on to what 0.1 made of them itself.
 *
 *     test_version_0_1                          compares with tests/data/version_0_1
 *     HRL_GOLDEN_RECORD=FOLDER test_version_0_1 makes its files anew; by 0.1 itself
 * alone, see docs/testing.md
 *
 * One thing is meant to differ: the executor now learns with the coming month's noise
 * integrated out (docs/algorithm.md). Where months have no noise that is what 0.1 did, so
 * a whole run of such a household is compared; of another one all that comes before the
 * executor first learns, and the strategist, who learns as it did. */
#include "golden_values.h"

#include "policy/policy.h"

#define EPISODES 24 /* behind a checkpoint: three batches */
#define SEED 20261129
/* Relative to 1 + their size. Recorded with the kernels for AVX2; others round otherwise
 * (all kernels stayed within 3e-7 when this was chosen). */
static const double tolerance = 1e-5;

static const struct household {
  const char *name;
  uint64_t episodes; /* that its run goes on to */
  bool whole;        /* all of it is what 0.1 did */
} households[] = {{"even", 96, true}, {"uneven", EPISODES + 8, false}};
#define HOUSEHOLDS (sizeof households / sizeof households[0])

static const char *folder = TEST_DATA "/version_0_1";

/* FOLDER/FRONT NAME BACK, without spaces; good until the next call. */
static const char *path_of(const char *front, const char *name, const char *back) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s%s%s", folder, front, name, back);
  return path;
}

static const char *path_of_values(void) { return path_of("", "values", ".txt"); }

static const char *path_of_checkpoint(const char *name) {
  return path_of("checkpoints/", name, "/checkpoint_episode_24");
}

static hrl_scenario *load_scenario(const char *name) {
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_load(path_of("", name, ".yaml"), &scenario, &error));
  return scenario;
}

static hrl_trainer *create_trainer(const hrl_scenario *scenario, uint64_t episodes,
                                   const char *output) {
  hrl_trainer *trainer = NULL;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = episodes;
  options.seed = SEED;
  options.threads = 2;
  options.save_interval = episodes;
  options.eval_episodes = 64;
  options.output = output;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  return trainer;
}

/* ---- a pair as it is ---- */

/* Goals and allocations of a row of states, in one call. */
static void add_decisions(struct golden_values *values, const hrl_policy *policy) {
  enum { STATES = 6 };
  hrl_observation states[STATES];
  hrl_goal goals[STATES];
  hrl_allocation allocations[STATES];
  for (int i = 0; i < STATES; i++)
    states[i] = (hrl_observation){.income = 1600.0 + 100.0 * i,
                                  .fixed_expenses = 1000.0 + 20.0 * i,
                                  .variable_expense = 380.0 + 30.0 * i,
                                  .cash = -200.0 + 700.0 * i,
                                  .inflation = 0.02,
                                  .risk_tolerance = 0.5,
                                  .months_remaining = 24.0 - 4.0 * i,
                                  .portfolio = 450.0 * i};
  OK(hrl_policy_goal(policy, STATES, states, NULL, goals, &error));
  OK(hrl_policy_allocate(policy, STATES, states, goals, 6, allocations, &error));
  for (int i = 0; i < STATES; i++) {
    char part[32];
    snprintf(part, sizeof part, "state_%d", i);
    golden_add(values, part, "invest_ratio", goals[i].target_invest_ratio);
    golden_add(values, part, "safety", goals[i].safety_buffer);
    golden_add(values, part, "invest", allocations[i].invest);
  }
}

static void add_pair(struct golden_values *values, const char *path) {
  hrl_policy *policy = NULL;
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 256;
  OK(hrl_policy_load(path, &policy, &error));
  add_decisions(values, policy);
  OK(hrl_evaluate_policy(policy, NULL, &options, &evaluation, &error));
  golden_add_evaluation(values, "evaluation", &evaluation);
  hrl_policy_destroy(policy);
}

START_TEST(a_pair_decides_as_it_did) {
  static struct golden_values values;
  values.count = 0;
  add_pair(&values, path_of("", households[_i].name, ""));
  golden_compare(path_of_values(), households[_i].name, EPISODES, &values, tolerance);
}
END_TEST

START_TEST(a_checkpoint_holds_the_same_pair) {
  static struct golden_values values;
  values.count = 0;
  add_pair(&values, path_of_checkpoint(households[_i].name));
  golden_compare(path_of_values(), households[_i].name, EPISODES, &values, tolerance);
}
END_TEST

/* ---- a run that goes on ---- */

struct watch {
  struct golden_values *values;
  bool whole;
};

static void take_event(const hrl_event *event, void *data) {
  struct watch *watch = data;
  if (event->type == HRL_EVENT_PROGRESS && event->episode % 8 == 0)
    golden_add_progress(watch->values, event);
  if (event->type == HRL_EVENT_COMPLETED && watch->whole)
    golden_add_evaluation(watch->values, "evaluation", event->evaluation);
}

/* Goes on from the checkpoint and adds what comes of it. */
static void go_on(const struct household *household, struct golden_values *values) {
  struct watch watch = {values, household->whole};
  char path[512];
  hrl_policy *policy = NULL;
  hrl_scenario *scenario = load_scenario(household->name);
  enter_room();
  hrl_trainer *trainer = create_trainer(scenario, household->episodes, "out");
  OK(hrl_trainer_load(trainer, path_of_checkpoint(household->name), &error));
  OK(hrl_trainer_add_listener(trainer, take_event, &watch, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  snprintf(path, sizeof path, "out/%s", household->name);
  OK(hrl_policy_load(path, &policy, &error));
  golden_add_agent(values, "strategist", &policy->agents.strategist);
  if (household->whole) golden_add_agent(values, "executor", &policy->agents.executor);
  hrl_policy_destroy(policy);
  leave_room();
}

START_TEST(a_run_goes_on_as_it_would_have) {
  static struct golden_values values;
  values.count = 0;
  go_on(&households[_i], &values);
  golden_compare(path_of_values(), households[_i].name, households[_i].episodes, &values,
                 tolerance);
}
END_TEST

/* ---- recording, which is 0.1's ---- */

static void record_household(const struct household *household, bool first) {
  static struct golden_values values;
  hrl_scenario *scenario = load_scenario(household->name);
  hrl_trainer *trainer = create_trainer(scenario, EPISODES, folder);
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  values.count = 0;
  add_pair(&values, path_of("", household->name, ""));
  golden_record(path_of_values(), first, household->name, EPISODES, &values);
  values.count = 0;
  go_on(household, &values);
  golden_record(path_of_values(), false, household->name, household->episodes, &values);
}

START_TEST(record_all) {
  for (size_t i = 0; i < HOUSEHOLDS; i++) record_household(&households[i], i == 0);
}
END_TEST

int main(void) {
#ifdef NEEDS_AVX2
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 77;
#endif
  Suite *suite = suite_create("version_0_1");
  TCase *cases = tcase_create("files");
  if (getenv("HRL_GOLDEN_RECORD") != NULL) {
    folder = getenv("HRL_GOLDEN_RECORD");
    tcase_add_test(cases, record_all);
  } else {
    tcase_add_loop_test(cases, a_pair_decides_as_it_did, 0, (int)HOUSEHOLDS);
    tcase_add_loop_test(cases, a_checkpoint_holds_the_same_pair, 0, (int)HOUSEHOLDS);
    tcase_add_loop_test(cases, a_run_goes_on_as_it_would_have, 0, (int)HOUSEHOLDS);
  }
  tcase_set_timeout(cases, 120);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
