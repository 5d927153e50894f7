/* Percentiles of every month against plain loops: over the public household, over
 * trajectories, and over means of evaluations. */
#include "trial.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate/percentiles.h"

#define MONTHS 12
#define FIGURES 5
#define MOST 101
#define LIFE_MONTHS 24

static hrl_scenario *scenario;

static void set_up(void) {
  enter_room();
  scenario = make_scenario();
}

static void tear_down(void) {
  hrl_scenario_destroy(scenario);
  leave_room();
}

static hrl_evaluate_options some(uint64_t episodes) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = episodes;
  options.seed = 5;
  options.threads = 2;
  return options;
}

/* ---- what was heard ---- */

struct heard {
  uint64_t months;
  uint64_t stop_after;
  uint64_t episodes[64];
  size_t count;
  double values[64][FIGURES][MOST];
};

static int hear(const hrl_percentiles *month, void *data) {
  struct heard *heard = data;
  const double *figures[FIGURES] = {month->cash, month->portfolio, month->wealth,
                                    month->consumption, month->share};
  ck_assert_uint_eq(month->size, sizeof *month);
  ck_assert_uint_eq(month->month, heard->months + 1);
  ck_assert_uint_le(month->month, 64);
  heard->count = month->count;
  heard->episodes[heard->months] = month->episodes;
  for (size_t f = 0; f < FIGURES; f++)
    for (size_t k = 0; k < month->count; k++)
      heard->values[heard->months][f][k] = figures[f][k];
  heard->months++;
  return heard->months == heard->stop_after;
}

static hrl_percentiles_request into(struct heard *heard) {
  hrl_percentiles_request request = HRL_PERCENTILES_REQUEST_INIT;
  request.hear = hear;
  request.data = heard;
  return request;
}

/* ---- plainly ---- */

struct sample {
  size_t count;
  double values[2048];
};

static struct sample expected[MONTHS][FIGURES];
static uint64_t lived[MONTHS];

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

static void add(struct sample *sample, double value) {
  ck_assert_uint_lt(sample->count, 2048);
  sample->values[sample->count++] = value;
}

static void add_month(uint64_t month, double cash, double portfolio) {
  add(&expected[month][0], cash);
  add(&expected[month][1], portfolio);
  add(&expected[month][2], cash + portfolio);
}

/* The definition of the header, by itself. */
static double percentile(struct sample *sample, double level) {
  qsort(sample->values, sample->count, sizeof(double), ascending);
  double place = level / 100.0 * ((double)sample->count - 1.0);
  size_t low = (size_t)floor(place);
  size_t high = (size_t)ceil(place);
  return sample->values[low] +
         (place - floor(place)) * (sample->values[high] - sample->values[low]);
}

static void assert_as_expected(const struct heard *heard) {
  static const double levels[] = {5, 25, 50, 75, 95};
  ck_assert_uint_eq(heard->months, MONTHS);
  ck_assert_uint_eq(heard->count, 5);
  for (size_t month = 0; month < MONTHS; month++) {
    ck_assert_uint_eq(heard->episodes[month], lived[month]);
    for (size_t f = 0; f < FIGURES; f++)
      for (size_t k = 0; k < 5; k++) {
        double found = heard->values[month][f][k];
        if (expected[month][f].count == 0)
          ck_assert(isnan(found));
        else
          ck_assert_double_eq_tol(found, percentile(&expected[month][f], levels[k]),
                                  1e-9 * (1.0 + fabs(found)));
      }
  }
}

static void forget(void) {
  memset(expected, 0, sizeof expected);
  memset(lived, 0, sizeof lived);
}

/* An episode that ended with `month` months lived stays as it was. */
static void keep_on(uint64_t month, double cash, double portfolio) {
  for (; month < MONTHS; month++) add_month(month, cash, portfolio);
}

static void play_plainly(hrl_household *household, uint64_t episode, double share) {
  uint8_t terminated = 0;
  uint8_t truncated = 0;
  double reward;
  double change;
  hrl_step_result step = {sizeof step, &reward, &change, &terminated, &truncated, NULL};
  hrl_observation seen = {0};
  uint64_t month = 0;
  OK(hrl_household_reset(household, 0, episode, &error));
  for (; !terminated && !truncated; month++) {
    OK(hrl_household_step(household, &share, &step, &error));
    hrl_household_observe(household, &seen);
    add_month(month, seen.cash, seen.portfolio);
    add(&expected[month][3], seen.fixed_expenses + seen.variable_expense);
    add(&expected[month][4], share);
    lived[month]++;
  }
  keep_on(month, seen.cash, seen.portfolio);
}

/* More episodes than are played at once inside; some of the shares end in insolvency, the
 * last all of them, before the horizon. */
START_TEST(rules_are_as_a_plain_loop_says) {
  static const double shares[] = {0.0, 0.2, 0.37, 0.6, 1.0};
  const uint64_t episodes = 1100;
  struct heard heard = {0};
  hrl_household *household = NULL;
  forget();
  OK(hrl_household_create(scenario, 1, 5, &household, &error));
  for (uint64_t i = 0; i < episodes; i++) play_plainly(household, i, shares[_i]);
  hrl_household_destroy(household);
  hrl_evaluate_options options = some(episodes);
  hrl_rule rule = {sizeof rule, shares[_i], 0.0, 0.0, 0.0};
  hrl_percentiles_request request = into(&heard);
  OK(hrl_percentiles_rule(scenario, &rule, &options, &request, &error));
  assert_as_expected(&heard);
  if (_i == 0) ck_assert_uint_eq(lived[MONTHS - 1], episodes);
  if (_i == 4) ck_assert_uint_eq(lived[MONTHS - 1], 0);
}
END_TEST

/* ---- pairs ---- */

static hrl_policy *make_policy(void) {
  hrl_policy *policy = NULL;
  run_into("models", 16);
  OK(hrl_policy_load("trial", &policy, &error));
  return policy;
}

struct last {
  uint64_t month;
  double cash, portfolio;
};

static int collect(const hrl_trajectory_month *month, void *data) {
  struct last *last = data;
  if (month->month == 1 && last->month > 0)
    keep_on(last->month, last->cash, last->portfolio);
  uint64_t at = month->month - 1;
  add_month(at, month->cash, month->portfolio);
  add(&expected[at][3], month->consumption);
  add(&expected[at][4], month->share);
  lived[at]++;
  *last = (struct last){month->month, month->cash, month->portfolio};
  ck_assert_double_eq(month->share, month->allocation.invest);
  return 0;
}

START_TEST(pairs_are_as_their_trajectories_say) {
  hrl_policy *policy = make_policy();
  hrl_evaluate_options options = some(300);
  struct heard heard = {0};
  struct last last = {0};
  forget();
  /* little enough that some do not reach the horizon */
  OK(hrl_scenario_set(scenario, "environment.initial_cash", 500, &error));
  OK(hrl_scenario_set(scenario, "environment.variable_expense_std", 900, &error));
  OK(hrl_evaluate_trajectory(policy, scenario, &options, collect, &last, &error));
  keep_on(last.month, last.cash, last.portfolio);
  ck_assert_uint_gt(lived[MONTHS - 1], 0);
  ck_assert_uint_lt(lived[MONTHS - 1], 300);
  hrl_percentiles_request request = into(&heard);
  OK(hrl_percentiles_policy(policy, scenario, &options, &request, &error));
  assert_as_expected(&heard);
  hrl_policy_destroy(policy);
}
END_TEST

/* Neither threads nor how many months are in hand at a time make a difference. */
/* They come with a comparison, too, and leave it as it is. */
static void assert_comparison_has_them(const hrl_policy *policy,
                                       const hrl_evaluate_options *options,
                                       const struct heard *heard) {
  const hrl_rule rule = {sizeof rule, 0.2, 0.0, 0.0, 0.0};
  struct heard more = {0};
  const hrl_percentiles_request request = into(&more);
  hrl_evaluation of_policy[2] = {{.size = sizeof of_policy[0]},
                                 {.size = sizeof of_policy[0]}};
  double lead[2];
  double deviation[2];
  for (size_t i = 0; i < 2; i++)
    OK(hrl_evaluate_against_rule(policy, NULL, &rule, options, i == 0 ? NULL : &request,
                                 &of_policy[i], NULL, &lead[i], &deviation[i], &error));
  ck_assert_mem_eq(heard, &more, sizeof more);
  ck_assert_mem_eq(&of_policy[0], &of_policy[1], sizeof of_policy[0]);
  ck_assert(lead[0] == lead[1] && deviation[0] == deviation[1]);
  more = (struct heard){.stop_after = 3};
  FAILS(hrl_evaluate_against_rule(policy, NULL, &rule, options, &request, NULL, NULL,
                                  &lead[0], &deviation[0], &error),
        HRL_ERROR_STATE, "the callback ended");
}

START_TEST(results_depend_on_nothing_else) {
  hrl_policy *policy = make_policy();
  struct heard one = {0};
  hrl_evaluate_options options = some(1500);
  hrl_percentiles_request request = into(&one);
  options.threads = 1;
  OK(hrl_percentiles_policy(policy, NULL, &options, &request, &error));
  for (options.threads = 0; options.threads <= 3; options.threads++) {
    struct heard more = {0};
    request.data = &more;
    OK(hrl_percentiles_policy(policy, NULL, &options, &request, &error));
    ck_assert_mem_eq(&one, &more, sizeof one);
  }
  assert_comparison_has_them(policy, &options, &one);
  struct hrlp_evaluation evaluation;
  struct hrlp_plan plan = {.parameters = {0.6}};
  options.threads = 2;
  OK(hrlp_evaluation_begin(&evaluation, scenario, &options, &error));
  struct hrlp_player player = {.task = evaluation.task, .plan = &plan};
  static const size_t rooms[] = {HRLP_PERCENTILES_MEMORY, 1, 5 * 8 * 1505 * 5};
  for (size_t i = 0; i < 3; i++) {
    struct heard more = {0};
    request.data = i == 0 ? &one : &more;
    if (i == 0) one = (struct heard){0};
    OK(hrlp_percentiles(&player, &evaluation.options, evaluation.pool, &request, rooms[i],
                        NULL, NULL, &error));
    if (i > 0) ck_assert_mem_eq(&one, &more, sizeof one);
  }
  hrlp_evaluation_end(&evaluation);
  hrl_policy_destroy(policy);
}
END_TEST

/* ---- the lifecycle household, and the optimum ---- */

static hrl_scenario *load_life(void) {
  hrl_scenario *life = NULL;
  OK(hrl_scenario_load(SOURCE_ROOT "/scenarios/first_portfolio.yaml", &life, &error));
  OK(hrl_scenario_set(life, "environment.max_months", LIFE_MONTHS, &error));
  OK(hrl_scenario_set(life, "environment.inflation", 0.0, &error));
  return life;
}

/* With so many levels as there are episodes, percentiles are the sorted values. */
static double mean_of(const double *values) {
  double sum = 0.0;
  for (size_t i = 0; i < MOST; i++) {
    ck_assert(i == 0 || values[i] >= values[i - 1]);
    sum += values[i];
  }
  return sum / MOST;
}

static void assert_means(const struct heard *heard, const hrl_evaluation *whole,
                         size_t months) {
  ck_assert_uint_eq(heard->months, months);
  const double(*last)[MOST] = heard->values[months - 1];
  ck_assert_double_eq_tol(mean_of(last[0]), whole->final_cash, 1e-6);
  ck_assert_double_eq_tol(mean_of(last[2]), whole->wealth, 1e-6);
  ck_assert_double_eq_tol(mean_of(last[1]), whole->wealth - whole->final_cash, 1e-6);
}

START_TEST(all_levels_are_all_values) {
  hrl_scenario *life = load_life();
  double levels[MOST];
  for (size_t i = 0; i < MOST; i++) levels[i] = 100.0 * (double)i / (MOST - 1);
  const hrl_scenario *both[] = {scenario, life};
  for (size_t i = 0; i < 2; i++) {
    hrl_evaluate_options options = some(MOST);
    hrl_evaluation whole = {.size = sizeof whole};
    hrl_rule rule = {sizeof rule, 0.3, 0.6, 1.0, 4.0};
    struct heard heard = {0};
    hrl_percentiles_request request = into(&heard);
    request.levels = levels;
    request.count = MOST;
    OK(hrl_percentiles_optimum(both[i], &options, &request, &error));
    OK(hrl_evaluate_optimum(both[i], &options, NULL, &whole, &error));
    assert_means(&heard, &whole, i == 0 ? MONTHS : LIFE_MONTHS);
    heard = (struct heard){0};
    OK(hrl_percentiles_rule(both[i], &rule, &options, &request, &error));
    OK(hrl_evaluate_rule(both[i], &rule, &options, &whole, &error));
    assert_means(&heard, &whole, i == 0 ? MONTHS : LIFE_MONTHS);
    if (i == 0) continue;
    /* real consumption, all months: prices do not change here */
    double consumed = 0.0;
    for (size_t month = 0; month < LIFE_MONTHS; month++) {
      consumed += mean_of(heard.values[month][3]) / LIFE_MONTHS;
      for (size_t k = 0; k < MOST; k++) {
        double share = heard.values[month][4][k];
        ck_assert(isnan(share) || (share >= 0.0 && share <= 0.6 + 1e-12));
      }
    }
    ck_assert_double_eq_tol(consumed, whole.consumption, 1e-6);
  }
  hrl_scenario_destroy(life);
}
END_TEST

START_TEST(levels_have_any_order) {
  static const double levels[] = {95, 5, 50, 0, 100, 50, 37};
  const size_t count = sizeof levels / sizeof levels[0];
  double all[MOST];
  for (size_t i = 0; i < MOST; i++) all[i] = (double)i;
  hrl_scenario *life = load_life();
  const hrl_evaluate_options options = some(500);
  const hrl_rule rule = {sizeof rule, 0.3, 0.6, 1.0, 4.0};
  struct heard heard[2] = {{0}};
  for (size_t i = 0; i < 2; i++) {
    hrl_percentiles_request request = into(&heard[i]);
    request.levels = i == 0 ? all : levels;
    request.count = i == 0 ? MOST : count;
    OK(hrl_percentiles_rule(life, &rule, &options, &request, &error));
  }
  for (size_t month = 0; month < LIFE_MONTHS; month++)
    for (size_t f = 0; f < FIGURES; f++)
      for (size_t k = 0; k < count; k++) {
        double want = heard[0].values[month][f][(size_t)levels[k]];
        double have = heard[1].values[month][f][k];
        ck_assert(have == want || (isnan(have) && isnan(want)));
      }
  hrl_scenario_destroy(life);
}
END_TEST

/* ---- bad requests ---- */

START_TEST(requests_have_bounds) {
  static const double bad[][2] = {{-1, 5}, {5, 100.5}, {NAN, 5}};
  hrl_evaluate_options options = some(10);
  hrl_rule rule = {sizeof rule, 0.2, 0.0, 0.0, 0.0};
  struct heard heard = {0};
  hrl_percentiles_request request = into(&heard);
  FAILS(hrl_percentiles_rule(NULL, &rule, &options, &request, &error), HRL_ERROR_ARGUMENT,
        "hrl_percentiles_rule");
  FAILS(hrl_percentiles_rule(scenario, NULL, &options, &request, &error),
        HRL_ERROR_ARGUMENT, "a rule");
  FAILS(hrl_percentiles_optimum(NULL, &options, &request, &error), HRL_ERROR_ARGUMENT,
        "hrl_percentiles_optimum");
  FAILS(hrl_percentiles_policy(NULL, scenario, &options, &request, &error),
        HRL_ERROR_ARGUMENT, "hrl_percentiles_policy");
  FAILS(hrl_percentiles_rule(scenario, &rule, &options, NULL, &error), HRL_ERROR_ARGUMENT,
        "expected a callback");
  for (size_t i = 0; i < 3; i++) {
    request.levels = bad[i];
    request.count = 2;
    FAILS(hrl_percentiles_rule(scenario, &rule, &options, &request, &error),
          HRL_ERROR_ARGUMENT, "expected 0 to 100");
  }
  for (size_t i = 0; i < 2; i++) {
    request.count = i == 0 ? 0 : 1002;
    FAILS(hrl_percentiles_rule(scenario, &rule, &options, &request, &error),
          HRL_ERROR_ARGUMENT, "expected 1 to 1001");
  }
  request = into(&heard);
  rule.save = 1.5;
  FAILS(hrl_percentiles_rule(scenario, &rule, &options, &request, &error),
        HRL_ERROR_ARGUMENT, "a rule");
  rule.save = 0.2;
  options.episodes = 0;
  FAILS(hrl_percentiles_rule(scenario, &rule, &options, &request, &error),
        HRL_ERROR_ARGUMENT, "episodes");
  options.episodes = 10;
  ck_assert_uint_eq(heard.months, 0);
  heard.stop_after = 5;
  FAILS(hrl_percentiles_rule(scenario, &rule, &options, &request, &error),
        HRL_ERROR_STATE, "the callback ended");
  ck_assert_uint_eq(heard.months, 5);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("percentiles");
  TCase *cases = tcase_create("percentiles");
  tcase_set_timeout(cases, 120);
  tcase_add_checked_fixture(cases, set_up, tear_down);
  tcase_add_loop_test(cases, rules_are_as_a_plain_loop_says, 0, 5);
  tcase_add_test(cases, pairs_are_as_their_trajectories_say);
  tcase_add_test(cases, results_depend_on_nothing_else);
  tcase_add_test(cases, all_levels_are_all_values);
  tcase_add_test(cases, levels_have_any_order);
  tcase_add_test(cases, requests_have_bounds);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
