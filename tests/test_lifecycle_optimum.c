/* The lifecycle household's optimum against closed forms (eating a cake, Samuelson 1969),
 * published values (the buffer stock of Econ-ARK/HARK's own test), and the optima of the
 * shipped scenarios from a second source. A month stands for a year in the first three:
 * yearly rates are such that a twelfth of their power is the rate of the problem. */
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "environments/lifecycle/figures.h"
#include "environments/lifecycle/optimum.h"
#include "scenario/scenario.h"

static double annual(double rate) { return pow(1.0 + rate, 12.0) - 1.0; }

struct problem {
  struct hrlp_lifecycle_forecast forecast;
  struct hrlp_lifecycle_optimum optimum;
};

static void solve(struct problem *problem, const struct hrlp_lifecycle_config *config,
                  const struct hrlp_utility *utility) {
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(hrlp_lifecycle_forecast_create(&problem->forecast, config, utility,
                                               &error) == HRL_OK,
                "%s", error.message);
  ck_assert_msg(hrlp_lifecycle_optimum_create(&problem->optimum, &problem->forecast,
                                              &error) == HRL_OK,
                "%s", error.message);
}

static void end(struct problem *problem) {
  hrlp_lifecycle_optimum_destroy(&problem->optimum);
  hrlp_lifecycle_forecast_destroy(&problem->forecast);
}

static void assert_within(double found, double expected, double tolerance) {
  ck_assert_msg(fabs(found / expected - 1.0) <= tolerance, "found %g, expected %g", found,
                expected);
}

/* In cents or in millions: powers of either are far from 1 for the cautious. */
START_TEST(eating_a_cake) {
  static const double aversions[] = {2, 1, 0.5, 4, 6, 8, 12, 20};
  static const double cakes[] = {100, 0.1, 1e5, 1e7};
  double aversion = aversions[_i / 4];
  double cake = cakes[_i % 4];
  struct problem problem;
  double consumption;
  double share;
  solve(&problem,
        &(struct hrlp_lifecycle_config){.income = 1e-8 * cake,
                                        .max_months = 30,
                                        .initial_cash = cake,
                                        .job_finding_probability = 1,
                                        .cash_return = annual(0.03)},
        &(struct hrlp_utility){aversion, pow(0.96, 12.0), 0});
  double k = pow(0.96 * 1.03, 1.0 / aversion) / 1.03;
  hrlp_lifecycle_optimum_decide(&problem.optimum, 1, 1.03 * cake, 1, 1.0, &consumption,
                                &share);
  assert_within(consumption, (1.0 - k) / (1.0 - pow(k, 30.0)) * 1.03 * cake, 0.01);
  if (aversion == 2.0 && cake == 100.0) assert_within(consumption, 5.4621, 0.01);
  end(&problem);
}
END_TEST

START_TEST(samuelson) {
  struct problem problem;
  double consumption;
  double share;
  solve(&problem,
        &(struct hrlp_lifecycle_config){.income = 1e-6,
                                        .max_months = 20,
                                        .initial_cash = 100,
                                        .job_finding_probability = 1,
                                        .cash_return = annual(0.02),
                                        .investment_return_type = HRLP_RETURN_STOCHASTIC,
                                        .investment_return_mean = 0.06,
                                        .investment_return_std = 0.18},
        &(struct hrlp_utility){5.0, pow(0.96, 12.0), 0});
  hrlp_lifecycle_optimum_decide(&problem.optimum, 1, 102.0, 1, 1.0, &consumption, &share);
  assert_within(share, 0.2694, 0.01);
  assert_within(consumption, 6.5761, 0.01);
  /* what the agents begin from */
  assert_within(problem.forecast.share, 0.2694, 0.02);
  end(&problem);
}
END_TEST

START_TEST(buffer_stock) {
  static const struct {
    int64_t month;
    double grid, consumption;
  } published[] = {{100, 500, 2.9227437}, {96, 500, 1.7350607}, {91, 500, 1.4991391},
                   {91, 600, 1.6101476},  {91, 700, 1.7196531}, {1, 500, 1.4008091}};
  struct problem problem;
  solve(&problem,
        &(struct hrlp_lifecycle_config){.income = 1.0 / 0.995,
                                        .max_months = 101,
                                        .initial_cash = 1,
                                        .income_growth = annual(0.03),
                                        .income_permanent_std = 0.1,
                                        .income_transitory_std = 0.1,
                                        .job_loss_probability = 0.005,
                                        .job_finding_probability = 0.995,
                                        .cash_return = annual(0.04)},
        &(struct hrlp_utility){2.0, pow(0.96, 12.0), 0});
  for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
    double growth = pow(1.03, (double)published[i].month);
    double cash = published[i].grid * 9.5 / 999.0 * growth;
    double consumption;
    double share;
    hrlp_lifecycle_optimum_decide(&problem.optimum, published[i].month, cash, 1, 1.0,
                                  &consumption, &share);
    assert_within(consumption / growth, published[i].consumption, 0.01);
  }
  end(&problem);
}
END_TEST

/* Certainty equivalents of 20,000 simulated episodes by a separate program in numpy. */
START_TEST(shipped_scenarios) {
  static const struct {
    const char *name;
    double certainty_equivalent;
  } shipped[] = {{"emergency_fund", 438.7},  {"irregular_income", 523.4},
                 {"merton", 528.9},          {"career_risk", 2166.0},
                 {"first_portfolio", 735.6}, {"retirement", 1555.0}};
  char path[512];
  hrl_scenario *scenario = NULL;
  snprintf(path, sizeof path, "%s/scenarios/%s.yaml", SOURCE_ROOT, shipped[_i].name);
  ck_assert(hrl_scenario_load(path, &scenario, NULL) == HRL_OK);
  struct problem problem;
  solve(&problem, &scenario->lifecycle, &scenario->utility);
  assert_within(hrlp_life_certainty_equivalent(&problem.forecast, problem.optimum.value),
                shipped[_i].certainty_equivalent, 0.005);
  end(&problem);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(what_is_not_computed_is_said) {
  struct hrlp_lifecycle_config config = {.income = 2000,
                                         .max_months = 12,
                                         .job_finding_probability = 1,
                                         .income_permanent_std = 0.05,
                                         .consumption_floor = 100};
  const struct hrlp_utility utility = {3.0, 0.96, 0};
  hrl_error error = HRL_ERROR_INIT;
  struct problem problem;
  ck_assert(hrlp_lifecycle_forecast_create(&problem.forecast, &config, &utility, NULL) ==
            HRL_OK);
  ck_assert(hrlp_lifecycle_optimum_create(&problem.optimum, &problem.forecast, &error) ==
            HRL_ERROR_LIMIT);
  ck_assert_ptr_nonnull(strstr(error.message, "permanent shocks"));
  hrlp_lifecycle_forecast_destroy(&problem.forecast);
  config.income_permanent_std = 0.0;
  config.max_months = 2401;
  ck_assert(hrlp_lifecycle_forecast_create(&problem.forecast, &config, &utility, NULL) ==
            HRL_OK);
  ck_assert(hrlp_lifecycle_optimum_create(&problem.optimum, &problem.forecast, &error) ==
            HRL_ERROR_LIMIT);
  hrlp_lifecycle_forecast_destroy(&problem.forecast);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("lifecycle_optimum");
  TCase *test = tcase_create("optimum");
  tcase_set_timeout(test, 300);
  tcase_add_loop_test(test, eating_a_cake, 0, 8 * 4);
  tcase_add_test(test, samuelson);
  tcase_add_test(test, buffer_stock);
  tcase_add_loop_test(test, shipped_scenarios, 0, 6);
  tcase_add_test(test, what_is_not_computed_is_said);
  suite_add_tcase(suite, test);
  return run_suite(suite);
}
