/* Households that begin amid their lives: they go on as an episode from the start would,
 * and all that plays a scenario begins there. What is advised to them. */
#include "trial.h"

#include <math.h>

#include "near.h"

#define LIFE                                                                        \
  "model: lifecycle\n"                                                              \
  "environment: {income: 2000, fixed_expenses: 500, variable_expense_mean: 300,"    \
  " variable_expense_std: 150, inflation: 0.02, max_months: 36, initial_cash: 500," \
  " income_transitory_std: 0.2, job_loss_probability: 0.05,"                        \
  " job_finding_probability: 0.2, unemployment_replacement: 0.4,"                   \
  " retirement_month: 30, pension_replacement: 0.5, shock_probability: 0.1,"        \
  " shock_mean: 600, shock_std: 0.5, cash_return: 0.01, capital_tax: 0.26,"         \
  " investment_return_type: stochastic, investment_return_mean: 0.005,"             \
  " investment_return_std: 0.04, consumption_floor: 250}\n"                         \
  "utility: {risk_aversion: 3, bequest_months: 6}\n"                                \
  "training: {high_period: 4, parallel_episodes: 8, hidden_low: 8, hidden_high: 8}\n"
#define BUDGET                                                                    \
  "environment: {income: 2000, fixed_expenses: 1000, variable_expense_mean: 500," \
  " variable_expense_std: 120, inflation: 0.04, safety_threshold: 1000,"          \
  " max_months: 24, initial_cash: 3000, risk_tolerance: 0.5,"                     \
  " investment_return_type: stochastic, investment_return_mean: 0.01,"            \
  " investment_return_std: 0.05}\n"                                               \
  "training: {high_period: 4, parallel_episodes: 8, hidden_low: 8, hidden_high: 8}\n"

static hrl_scenario *parse(const char *text) {
  hrl_scenario *scenario = NULL;
  OK(hrl_scenario_parse(text, strlen(text), "some", &scenario, &error));
  return scenario;
}

static hrl_scenario *parse_at(const char *text, uint64_t month, double cash,
                              double portfolio, int unemployed) {
  hrl_scenario *scenario = parse(text);
  hrl_situation now = HRL_SITUATION_INIT;
  now.month = month;
  now.cash = cash;
  now.portfolio = portfolio;
  now.unemployed = unemployed;
  OK(hrl_scenario_begin_at(scenario, &now, &error));
  return scenario;
}

static hrl_household *make_one(const hrl_scenario *scenario, uint64_t episode) {
  hrl_household *household = NULL;
  OK(hrl_household_create(scenario, 1, 5, &household, &error));
  OK(hrl_household_reset_all(household, episode, &error));
  return household;
}

static hrl_observation observe(const hrl_household *household) {
  hrl_observation now;
  hrl_household_observe(household, &now);
  return now;
}

static hrl_lifecycle_observation observe_life(const hrl_household *household) {
  hrl_lifecycle_observation now;
  OK(hrl_household_observe_lifecycle(household, &now, &error));
  return now;
}

/* ---- they go on as an episode does ---- */

START_TEST(a_budget_goes_on_from_any_month) {
  hrl_scenario *scenario = parse(BUDGET);
  for (uint64_t month = 1; month <= 24; month++) {
    hrl_household *whole = make_one(scenario, 3);
    const double share = 0.12;
    double reward;
    double other;
    hrl_step_result result = {.size = sizeof result, .reward = &reward};
    for (uint64_t t = 1; t < month; t++)
      OK(hrl_household_step(whole, &share, &result, &error));
    hrl_observation at = observe(whole);
    hrl_scenario *later = parse_at(BUDGET, month, at.cash, at.portfolio, 0);
    hrl_household *rest = make_one(later, 3);
    NEAR(observe(rest).fixed_expenses, at.fixed_expenses, 1e-9);
    NEAR(observe(rest).variable_expense, 500.0 * pow(1.04, (double)(month - 1) / 12.0),
         1e-9);
    ck_assert(observe(rest).months_remaining == at.months_remaining);
    uint8_t ended = 0;
    hrl_step_result also = {.size = sizeof also, .reward = &other, .truncated = &ended};
    for (uint64_t t = month; t <= 24; t++) {
      OK(hrl_household_step(whole, &share, &result, &error));
      OK(hrl_household_step(rest, &share, &also, &error));
      NEAR(other, reward, 1e-9);
      NEAR(observe(rest).cash, observe(whole).cash, 1e-8);
      NEAR(observe(rest).portfolio, observe(whole).portfolio, 1e-8);
    }
    ck_assert_int_eq(ended, 1);
    hrl_household_destroy(whole);
    hrl_household_destroy(rest);
    hrl_scenario_destroy(later);
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

/* The month to decide is as expected; those after it are an episode's. */
START_TEST(a_life_goes_on_from_any_month) {
  hrl_scenario *scenario = parse(LIFE);
  for (uint64_t month = 1; month < 36; month++) {
    hrl_household *whole = make_one(scenario, 8);
    const double shares[] = {0.3, 0.4, 0.3};
    for (uint64_t t = 1; t < month; t++)
      OK(hrl_household_step(whole, shares, NULL, &error));
    hrl_lifecycle_observation at = observe_life(whole);
    hrl_scenario *later = parse_at(LIFE, month, 20000.0, 30000.0, at.job == 0.0);
    hrl_household *rest = make_one(later, 8);
    hrl_lifecycle_observation now = observe_life(rest);
    NEAR(now.cash_on_hand, 50000.0 + now.income - now.expenses, 1e-9);
    NEAR(now.expenses, 800.0 * at.price, 1e-9);
    ck_assert(now.job == at.job && now.price == at.price);
    ck_assert(now.months_remaining == at.months_remaining);
    if (at.job == 0.0) NEAR(now.income, 800.0, 1e-9);
    double consumption;
    hrl_step_result result = {.size = sizeof result, .consumption = &consumption};
    OK(hrl_household_step(whole, shares, &result, &error));
    /* both keep as much */
    double kept = (at.cash_on_hand - consumption) / now.cash_on_hand;
    double invest = kept * 3.0 / 7.0;
    double save = kept * 4.0 / 7.0;
    const double alike[] = {invest, save, 1.0 - invest - save};
    OK(hrl_household_step(rest, alike, NULL, &error));
    for (uint64_t t = month + 1; t <= 36; t++) {
      ck_assert(observe_life(rest).job == observe_life(whole).job);
      NEAR(observe_life(rest).income, observe_life(whole).income, 1e-8);
      NEAR(observe_life(rest).cash_on_hand, observe_life(whole).cash_on_hand, 1e-7);
      OK(hrl_household_step(whole, shares, NULL, &error));
      OK(hrl_household_step(rest, shares, NULL, &error));
    }
    ck_assert(observe_life(rest).months_remaining == 0.0);
    hrl_household_destroy(whole);
    hrl_household_destroy(rest);
    hrl_scenario_destroy(later);
  }
  hrl_scenario_destroy(scenario);
}
END_TEST

/* ---- what plays scenarios begins there ---- */

/* A rule's mean return is that of a plain loop. */
START_TEST(rules_begin_there) {
  hrl_scenario *later = parse_at(BUDGET, 11, 2500.0, 7000.0, 0);
  hrl_rule rule = {.size = sizeof rule, .save = 0.1};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 20;
  options.seed = 5;
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  OK(hrl_evaluate_rule(later, &rule, &options, &evaluation, &error));
  double cash = 0.0;
  for (uint64_t episode = 0; episode < 20; episode++) {
    hrl_household *household = make_one(later, episode);
    uint8_t terminated = 0;
    hrl_step_result result = {.size = sizeof result, .terminated = &terminated};
    for (int t = 11; t <= 24 && !terminated; t++)
      OK(hrl_household_step(household, &rule.save, &result, &error));
    cash += observe(household).cash / 20.0;
    hrl_household_destroy(household);
  }
  NEAR(evaluation.final_cash, cash, 1e-6);
  NEAR(evaluation.months, 14.0, 1e-12);
  hrl_scenario_destroy(later);
}
END_TEST

/* The value that backward induction expects is what its policy is found to reach. */
START_TEST(optima_begin_there) {
  static const char *const texts[] = {BUDGET, LIFE, LIFE};
  hrl_scenario *later = parse_at(texts[_i], 9, 4000.0, _i == 0 ? 0.0 : 3000.0, _i == 2);
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  options.episodes = 20000;
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  double expected;
  OK(hrl_evaluate_optimum(later, &options, &expected, &evaluation, &error));
  NEAR(evaluation.strategic_return, expected,
       4.0 * evaluation.strategic_return_stderr + 2e-3 * fabs(expected));
  hrl_rule rule = {.size = sizeof rule};
  hrl_evaluation best = {.size = sizeof best};
  options.episodes = 2000;
  OK(hrl_evaluate_best_rule(later, &options, &rule, &best, &error));
  ck_assert(best.strategic_return < expected + 4.0 * best.strategic_return_stderr);
  hrl_scenario_destroy(later);
}
END_TEST

/* Without noise, a portfolio grows whatever is done: so much is the optimum above. */
START_TEST(a_portfolio_adds_its_growth_to_an_optimum) {
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  double with;
  double without;
  double lambda;
  options.episodes = 1;
  hrl_scenario *poor = parse_at(BUDGET, 9, 4000.0, 0.0, 0);
  hrl_scenario *rich = parse_at(BUDGET, 9, 4000.0, 5000.0, 0);
  OK(hrl_evaluate_optimum(poor, &options, &without, &evaluation, &error));
  OK(hrl_evaluate_optimum(rich, &options, &with, &evaluation, &error));
  OK(hrl_scenario_get(rich, "reward.lambda", &lambda, &error));
  ck_assert(lambda > 0.0);
  NEAR(with - without, lambda * 5.0 * (pow(1.01, 16.0) - 1.0), 1e-6);
  hrl_scenario_destroy(poor);
  hrl_scenario_destroy(rich);
}
END_TEST

static int count_month(const hrl_percentiles *month, void *data) {
  uint64_t *next = data;
  ck_assert_uint_eq(month->month, *next);
  if (*next == 20) ck_assert(month->wealth[0] > 6000.0);
  (*next)++;
  return 0;
}

START_TEST(percentiles_begin_there) {
  hrl_scenario *later = parse_at(_i == 0 ? BUDGET : LIFE, 20, 3000.0, 6000.0, 0);
  hrl_rule rule = {.size = sizeof rule, .save = 0.1};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_percentiles_request request = HRL_PERCENTILES_REQUEST_INIT;
  uint64_t next = 20;
  options.episodes = 50;
  request.hear = count_month;
  request.data = &next;
  OK(hrl_percentiles_rule(later, &rule, &options, &request, &error));
  ck_assert_uint_eq(next, _i == 0 ? 25 : 37);
  hrl_scenario_destroy(later);
}
END_TEST

/* Certainty equivalents are means over the months left: with a sure income that is all
 * spent, that income. */
START_TEST(certainty_equivalents_are_of_the_months_left) {
  static const char sure[] =
      "model: lifecycle\n"
      "environment: {income: 2000, max_months: 24, initial_cash: 0}\n"
      "utility: {risk_aversion: 3}\n";
  hrl_scenario *later = parse_at(sure, 13, 0.0, 0.0, 0);
  hrl_rule rule = {.size = sizeof rule};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation evaluation = {.size = sizeof evaluation};
  options.episodes = 2;
  OK(hrl_evaluate_rule(later, &rule, &options, &evaluation, &error));
  NEAR(evaluation.certainty_equivalent, 2000.0, 1e-6);
  hrl_scenario_destroy(later);
}
END_TEST

/* ---- advice ---- */

static hrl_policy *make_policy(const char *text) {
  hrl_scenario *scenario = parse(text);
  hrl_trainer_options options = short_run(16, "models");
  hrl_trainer *trainer = NULL;
  hrl_policy *policy = NULL;
  OK(hrl_trainer_create(scenario, &options, &trainer, &error));
  step_to_end(trainer);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  OK(hrl_policy_load("some", &policy, &error));
  return policy;
}

START_TEST(advice_is_what_the_pair_says_of_the_state) {
  const char *text = _i == 0 ? BUDGET : LIFE;
  hrl_policy *policy = make_policy(text);
  hrl_scenario *later = parse_at(text, 6, 4321.0, 1234.0, 0);
  hrl_household *household = make_one(later, 0);
  hrl_observation now = observe(household);
  hrl_goal goal;
  hrl_allocation allocation;
  OK(hrl_policy_goal(policy, 1, &now, NULL, &goal, &error));
  OK(hrl_policy_allocate(policy, 1, &now, &goal, 4, &allocation, &error));
  hrl_advice advice = {.size = sizeof advice};
  OK(hrl_policy_advise(policy, later, &advice, &error));
  NEAR(advice.now.cash, now.cash, 1e-9);
  NEAR(advice.now.portfolio, 1234.0, 0.0);
  NEAR(advice.now.fixed_expenses, now.fixed_expenses, 1e-9);
  NEAR(advice.now.variable_expense, now.variable_expense, 1e-9);
  NEAR(advice.goal.target_invest_ratio, goal.target_invest_ratio, 1e-6);
  NEAR(advice.goal.safety_buffer, goal.safety_buffer, 1e-3);
  NEAR(advice.allocation.invest, allocation.invest, 1e-6);
  NEAR(advice.allocation.consume, allocation.consume, 1e-6);
  double amount = _i == 0 ? 2000.0 : observe_life(household).cash_on_hand;
  NEAR(advice.amount, amount, 1e-6);
  NEAR(advice.invest + advice.save + advice.consume, amount, 1e-6);
  NEAR(advice.invest, allocation.invest * amount, 1e-2);
  ck_assert_uint_eq(advice.months_of_goal, 4);
  hrl_advice part = {.size = offsetof(hrl_advice, allocation), .amount = -1.0};
  OK(hrl_policy_advise(policy, later, &part, &error));
  ck_assert(part.amount == -1.0 && part.goal.safety_buffer > 0.0);
  hrl_household_destroy(household);
  hrl_scenario_destroy(later);
  hrl_policy_destroy(policy);
}
END_TEST

START_TEST(a_goal_ends_with_the_horizon) {
  hrl_policy *policy = make_policy(BUDGET);
  hrl_scenario *later = parse_at(BUDGET, 23, 4000.0, 0.0, 0);
  hrl_advice advice = {.size = sizeof advice};
  OK(hrl_policy_advise(policy, later, &advice, &error));
  ck_assert_uint_eq(advice.months_of_goal, 2);
  FAILS(hrl_policy_advise(NULL, later, &advice, &error), HRL_ERROR_ARGUMENT, "expected");
  hrl_scenario *life = parse(LIFE);
  FAILS(hrl_policy_advise(policy, life, &advice, &error), HRL_ERROR_MISMATCH,
        "lifecycle");
  hrl_scenario_destroy(life);
  hrl_scenario_destroy(later);
  hrl_policy_destroy(policy);
}
END_TEST

START_TEST(a_pair_is_compared_with_a_rule_on_the_same_noise) {
  const char *text = _i == 0 ? BUDGET : LIFE;
  hrl_policy *policy = make_policy(text);
  hrl_rule rule = {.size = sizeof rule, .save = 0.05};
  hrl_evaluate_options options = HRL_EVALUATE_OPTIONS_INIT;
  hrl_evaluation own = {.size = sizeof own};
  hrl_evaluation of_rule = {.size = sizeof of_rule};
  double difference;
  double deviation;
  options.episodes = 300;
  OK(hrl_evaluate_policy(policy, NULL, &options, &own, &error));
  hrl_scenario *scenario = parse(text);
  OK(hrl_evaluate_rule(scenario, &rule, &options, &of_rule, &error));
  hrl_scenario_destroy(scenario);
  OK(hrl_evaluate_against_rule(policy, NULL, &rule, &options, NULL, NULL, NULL,
                               &difference, &deviation, &error));
  NEAR(difference, own.strategic_return - of_rule.strategic_return, 1e-9);
  ck_assert(deviation > 0.0);
  ck_assert(deviation <
            hypot(own.strategic_return_stderr, of_rule.strategic_return_stderr));
  rule.save = NAN;
  FAILS(hrl_evaluate_against_rule(policy, NULL, &rule, &options, NULL, NULL, NULL,
                                  &difference, &deviation, &error),
        HRL_ERROR_ARGUMENT, "save");
  FAILS(hrl_evaluate_against_rule(NULL, NULL, &rule, &options, NULL, NULL, NULL,
                                  &difference, &deviation, &error),
        HRL_ERROR_ARGUMENT, "policy");
  hrl_policy_destroy(policy);
}
END_TEST

/* ---- what is refused ---- */

static void refuse(const char *text, const hrl_situation *now, const char *message) {
  hrl_scenario *scenario = parse(text);
  FAILS(hrl_scenario_begin_at(scenario, now, &error), HRL_ERROR_ARGUMENT, message);
  hrl_household *household = make_one(scenario, 0); /* is as it was */
  ck_assert(observe(household).months_remaining == (text[0] == 'm' ? 36.0 : 24.0));
  hrl_household_destroy(household);
  hrl_scenario_destroy(scenario);
}

#define NOW(...) (&(hrl_situation){.size = sizeof(hrl_situation), __VA_ARGS__})

START_TEST(what_is_wrong_is_refused) {
  refuse(BUDGET, NOW(.month = 0), "month: found 0, expected 1 to 24");
  refuse(LIFE, NOW(.month = 37), "month: found 37, expected 1 to 36");
  refuse(LIFE, NOW(.month = 1, .cash = NAN), "cash: found no finite number");
  refuse(BUDGET, NOW(.month = 1, .cash = INFINITY), "cash: found no finite number");
  refuse(BUDGET, NOW(.month = 1, .cash = -2), "cash: found -2, expected euro from 0");
  refuse(BUDGET, NOW(.month = 1, .portfolio = 2e12), "portfolio: found 2000000000000");
  refuse(BUDGET, NOW(.month = 1, .unemployed = 1), "unemployed: the model 'budget'");
  FAILS(hrl_scenario_begin_at(NULL, NULL, &error), HRL_ERROR_ARGUMENT, "scenario");
  static const char family[] =
      "environment: {income: {from: 1000, to: 2000}, fixed_expenses: 500,"
      " variable_expense_mean: 300, variable_expense_std: 50, inflation: 0.02,"
      " safety_threshold: 500, max_months: 24, initial_cash: 500, risk_tolerance: 0.5}\n";
  hrl_scenario *many = parse(family);
  FAILS(hrl_scenario_begin_at(many, NOW(.month = 2), &error), HRL_ERROR_ARGUMENT,
        "is a family of households");
  hrl_scenario_destroy(many);
}
END_TEST

START_TEST(what_does_not_go_with_a_beginning_is_refused) {
  hrl_scenario *later = parse_at(BUDGET, 20, 100.0, 0.0, 0);
  hrl_trainer *trainer = NULL;
  FAILS(hrl_trainer_create(later, NULL, &trainer, &error), HRL_ERROR_ARGUMENT,
        "expected a household at its start");
  OK(hrl_scenario_set(later, "environment.max_months", 19, &error));
  hrl_household *household = NULL;
  FAILS(hrl_household_create(later, 1, 0, &household, &error), HRL_ERROR_RANGE,
        "environment.max_months: found 19, expected at least 20");
  OK(hrl_scenario_begin_at(later, NULL, &error));
  OK(hrl_trainer_create(later, NULL, &trainer, &error));
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(later);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("beginning");
  TCase *tests = tcase_create("beginning");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, enter_room, leave_room);
  tcase_add_test(tests, a_budget_goes_on_from_any_month);
  tcase_add_test(tests, a_life_goes_on_from_any_month);
  tcase_add_test(tests, rules_begin_there);
  tcase_add_loop_test(tests, optima_begin_there, 0, 3);
  tcase_add_test(tests, a_portfolio_adds_its_growth_to_an_optimum);
  tcase_add_loop_test(tests, percentiles_begin_there, 0, 2);
  tcase_add_test(tests, certainty_equivalents_are_of_the_months_left);
  tcase_add_loop_test(tests, advice_is_what_the_pair_says_of_the_state, 0, 2);
  tcase_add_test(tests, a_goal_ends_with_the_horizon);
  tcase_add_loop_test(tests, a_pair_is_compared_with_a_rule_on_the_same_noise, 0, 2);
  tcase_add_test(tests, what_is_wrong_is_refused);
  tcase_add_test(tests, what_does_not_go_with_a_beginning_is_refused);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
