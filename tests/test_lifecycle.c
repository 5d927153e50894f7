/* The lifecycle household's month: by hand where nothing is random, the mean and the
 * deviation of every noise by closed form, and the nodes that stand for it. */
#include "suite.h"

#include <math.h>
#include <string.h>

#include "environments/lifecycle/figures.h"
#include "environments/lifecycle/nodes.h"

#define HOUSEHOLDS 20000

static const struct hrlp_utility utility = {2.0, 0.96, 0};

static struct hrlp_lifecycle_forecast prepare(struct hrlp_lifecycle_config config) {
  struct hrlp_lifecycle_forecast forecast;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(
      hrlp_lifecycle_forecast_create(&forecast, &config, &utility, &error) == HRL_OK,
      "%s", error.message);
  return forecast;
}

static void assert_near(double found, double expected, double tolerance) {
  ck_assert_msg(fabs(found - expected) <= tolerance, "found %.10g, expected %.10g", found,
                expected);
}

START_TEST(a_month_by_hand) {
  struct hrlp_lifecycle_forecast forecast =
      prepare((struct hrlp_lifecycle_config){.income = 2000,
                                             .fixed_expenses = 800,
                                             .variable_expense_mean = 200,
                                             .inflation = 0.02,
                                             .max_months = 12,
                                             .initial_cash = 1000,
                                             .income_growth = 0.03,
                                             .job_finding_probability = 1,
                                             .cash_return = 0.12,
                                             .investment_return_type = HRLP_RETURN_FIXED,
                                             .investment_return_mean = 0.01,
                                             .capital_tax = 0.26});
  struct hrlp_life life;
  struct hrlp_life *const lives[] = {&life};
  double safe = 1.0 + (pow(1.12, 1.0 / 12.0) - 1.0) * 0.74;
  double price = pow(1.02, 1.0 / 12.0);
  hrlp_life_begin(&forecast, 1, 7, &life);
  double cash = 1000.0 * safe + 2000.0 * pow(1.03, 1.0 / 12.0) - 1000.0 * price;
  assert_near(life.cash_on_hand, cash, 1e-9);
  assert_near(life.tax, 1000.0 * (safe - 1.0) / 0.74 * 0.26, 1e-9);
  hrlp_life_decide(&forecast, &life, 1200.0, 0.25);
  assert_near(life.portfolio, 0.25 * (cash - 1200.0), 1e-9);
  assert_near(life.cash, 0.75 * (cash - 1200.0), 1e-9);
  double worth = hrlp_life_worth(&forecast, 1, 1200.0);
  double real = 1200.0 / price / forecast.reference;
  assert_near(worth, 1.0 - 1.0 / real, 1e-12); /* aversion 2 */
  hrlp_life_advance(&forecast, 1, lives, 1);
  double after = 0.75 * (cash - 1200.0) * safe +
                 0.25 * (cash - 1200.0) * (1 + 0.01 * 0.74) +
                 2000.0 * pow(1.03, 2.0 / 12.0) - 1000.0 * price * price;
  assert_near(life.cash_on_hand, after, 1e-9);
  ck_assert_int_eq(life.month, 2);
  hrlp_lifecycle_forecast_destroy(&forecast);
}
END_TEST

START_TEST(losses_are_offset_by_the_tax) {
  struct hrlp_lifecycle_forecast forecast =
      prepare((struct hrlp_lifecycle_config){.income = 1000,
                                             .max_months = 3,
                                             .initial_cash = 1000,
                                             .job_finding_probability = 1,
                                             .investment_return_type = HRLP_RETURN_FIXED,
                                             .investment_return_mean = -0.1,
                                             .capital_tax = 0.5});
  struct hrlp_life life;
  struct hrlp_life *const lives[] = {&life};
  hrlp_life_begin(&forecast, 1, 0, &life);
  hrlp_life_decide(&forecast, &life, 1000.0, 1.0);
  hrlp_life_advance(&forecast, 1, lives, 1);
  assert_near(life.portfolio, 950.0, 1e-9);
  assert_near(life.tax, -50.0, 1e-9);
  hrlp_lifecycle_forecast_destroy(&forecast);
}
END_TEST

START_TEST(the_floor_is_filled_up_and_retirement_is_sure) {
  struct hrlp_lifecycle_forecast forecast =
      prepare((struct hrlp_lifecycle_config){.income = 1000,
                                             .fixed_expenses = 950,
                                             .max_months = 6,
                                             .job_finding_probability = 0.5,
                                             .job_loss_probability = 1,
                                             .unemployment_replacement = 0.5,
                                             .retirement_month = 2,
                                             .pension_replacement = 0.7,
                                             .income_transitory_std = 0.5,
                                             .consumption_floor = 300});
  struct hrlp_life life;
  struct hrlp_life *const lives[] = {&life};
  hrlp_life_begin(&forecast, 1, 0, &life); /* the job is lost for sure */
  ck_assert_int_eq(life.job, 0);
  assert_near(life.income, 500.0, 1e-9);
  assert_near(life.cash_on_hand, 300.0, 1e-9);
  assert_near(life.transfer, 750.0, 1e-9);
  ck_assert_int_eq(life.rescued, 1);
  hrlp_life_decide(&forecast, &life, 10.0, 0.0); /* less than the floor is not allowed */
  assert_near(life.consumption, 300.0, 1e-9);
  hrlp_life_advance(&forecast, 1, lives, 1);
  hrlp_life_decide(&forecast, &life, 1e9, 0.0);
  assert_near(life.cash + life.portfolio, 0.0, 1e-9);
  hrlp_life_advance(&forecast, 1, lives, 1);
  ck_assert_int_eq(life.job, 1); /* retired: paid, whatever came before */
  assert_near(life.income, 700.0, 1e-9);
  hrlp_lifecycle_forecast_destroy(&forecast);
}
END_TEST

/* What `pick` is over many households after their second month. */
static void measure(const struct hrlp_lifecycle_forecast *forecast,
                    double (*pick)(const struct hrlp_life *), double *mean,
                    double *deviation) {
  double sum = 0.0;
  double square = 0.0;
  for (uint64_t i = 0; i < HOUSEHOLDS; i++) {
    struct hrlp_life life;
    struct hrlp_life *const lives[] = {&life};
    hrlp_life_begin(forecast, 11, i, &life);
    hrlp_life_decide(forecast, &life, 0.0, 1.0);
    hrlp_life_advance(forecast, 11, lives, 1);
    double value = pick(&life);
    sum += value;
    square += value * value;
  }
  *mean = sum / HOUSEHOLDS;
  *deviation = sqrt(square / HOUSEHOLDS - *mean * *mean);
}

static double pick_income(const struct hrlp_life *life) { return life->income; }
static double pick_level(const struct hrlp_life *life) { return life->level; }
static double pick_job(const struct hrlp_life *life) { return life->job; }
static double pick_expenses(const struct hrlp_life *life) { return life->expenses; }
static double pick_portfolio(const struct hrlp_life *life) { return life->portfolio; }

/* `mean` and `deviation` of a noise, within four standard errors. */
static void assert_noise(const struct hrlp_lifecycle_config *config,
                         double (*pick)(const struct hrlp_life *), double mean,
                         double deviation) {
  struct hrlp_lifecycle_forecast forecast = prepare(*config);
  double found_mean;
  double found_deviation;
  measure(&forecast, pick, &found_mean, &found_deviation);
  assert_near(found_mean, mean, 4.0 * deviation / sqrt(HOUSEHOLDS) + 1e-9);
  assert_near(found_deviation, deviation, 0.05 * deviation + 1e-4);
  hrlp_lifecycle_forecast_destroy(&forecast);
}

START_TEST(every_noise_has_its_mean_and_deviation) {
  struct hrlp_lifecycle_config config = {
      .income = 1000, .max_months = 4, .job_finding_probability = 1};
  struct hrlp_lifecycle_config tried = config;
  tried.income_transitory_std = 0.3;
  assert_noise(&tried, pick_income, 1000.0, 1000.0 * sqrt(expm1(0.09)));
  tried = config;
  tried.income_permanent_std = 0.1; /* two steps */
  assert_noise(&tried, pick_level, 1.0, sqrt(expm1(2.0 * 0.01)));
  tried = config;
  tried.job_loss_probability = 0.2;
  tried.job_finding_probability = 0.6;
  double employed = 0.8 * 0.8 + 0.2 * 0.6;
  assert_noise(&tried, pick_job, employed, sqrt(employed * (1.0 - employed)));
  tried = config;
  tried.variable_expense_mean = 300;
  tried.variable_expense_std = 50;
  assert_noise(&tried, pick_expenses, 300.0, 50.0);
  tried = config;
  tried.shock_probability = 0.25;
  tried.shock_mean = 400;
  tried.shock_std = 0.5;
  double square = 0.25 * 400.0 * 400.0 * exp(0.25);
  assert_noise(&tried, pick_expenses, 100.0, sqrt(square - 100.0 * 100.0));
  tried = config;
  tried.investment_return_type = HRLP_RETURN_STOCHASTIC;
  tried.investment_return_mean = 0.01;
  tried.investment_return_std = 0.2;
  assert_noise(&tried, pick_portfolio, 1010.0, 200.0);
}
END_TEST

/* The nodes after a decision have the weights, the mean and nearly the deviation of what
 * may come. */
START_TEST(nodes_stand_for_the_coming_month) {
  struct hrlp_lifecycle_config config = {.income = 1500,
                                         .fixed_expenses = 500,
                                         .variable_expense_mean = 200,
                                         .variable_expense_std = 40,
                                         .max_months = 24,
                                         .initial_cash = 5000,
                                         .income_transitory_std = 0.3,
                                         .income_permanent_std = 0.05,
                                         .job_loss_probability = 0.1,
                                         .job_finding_probability = 0.4,
                                         .unemployment_replacement = 0.5,
                                         .shock_probability = 0.1,
                                         .shock_mean = 300,
                                         .shock_std = 0.6,
                                         .cash_return = 0.02,
                                         .investment_return_type = HRLP_RETURN_STOCHASTIC,
                                         .investment_return_mean = 0.005,
                                         .investment_return_std = 0.05,
                                         .capital_tax = 0.26};
  struct hrlp_lifecycle_forecast forecast = prepare(config);
  struct hrlp_lifecycle_node nodes[HRLP_LIFECYCLE_NODES_MAX];
  struct hrlp_life start;
  hrlp_life_begin(&forecast, 3, 0, &start);
  start.job = 1;
  start.level = 1.0;
  start.cash_on_hand = 6000.0;
  hrlp_life_decide(&forecast, &start, 500.0, 0.5);
  size_t count = hrlp_lifecycle_nodes(&forecast, &start, nodes);
  ck_assert_uint_eq(count, hrlp_lifecycle_most_nodes(&forecast));
  double weight = 0.0;
  double mean = 0.0;
  double square = 0.0;
  for (size_t i = 0; i < count; i++) {
    weight += nodes[i].weight;
    mean += nodes[i].weight * nodes[i].state.cash;
    square += nodes[i].weight * nodes[i].state.cash * nodes[i].state.cash;
  }
  assert_near(weight, 1.0, 1e-12);
  double sum = 0.0;
  double squares = 0.0;
  for (uint64_t i = 0; i < HOUSEHOLDS; i++) {
    struct hrlp_life life = start;
    struct hrlp_life *const lives[] = {&life};
    life.episode = i;
    hrlp_life_advance(&forecast, 5, lives, 1);
    sum += life.cash_on_hand;
    squares += life.cash_on_hand * life.cash_on_hand;
  }
  double deviation = sqrt(squares / HOUSEHOLDS - sum / HOUSEHOLDS * (sum / HOUSEHOLDS));
  assert_near(mean, sum / HOUSEHOLDS, 4.0 * deviation / sqrt(HOUSEHOLDS));
  /* a part of the distribution has no deviation of its own */
  assert_near(sqrt(square - mean * mean), deviation, 0.1 * deviation);
  hrlp_lifecycle_forecast_destroy(&forecast);
}
END_TEST

/* Samuelson's share is of all wealth, of which sure income is the part that is not risky.
 */
START_TEST(the_first_share_counts_income_as_wealth) {
  struct hrlp_lifecycle_forecast forecast = prepare(
      (struct hrlp_lifecycle_config){.income = 100,
                                     .max_months = 13,
                                     .job_finding_probability = 1,
                                     .investment_return_type = HRLP_RETURN_STOCHASTIC,
                                     .investment_return_mean = 0.002,
                                     .investment_return_std = 0.1});
  struct hrlp_lifecycle_state state = {1, 10000.0, 100.0, 1.0, 1};
  struct hrlp_lifecycle_measures measures = hrlp_lifecycle_measure(&forecast, &state);
  float observation[HRLP_LIFECYCLE_STRATEGIST_OBSERVATIONS];
  float offset[HRLP_LIFECYCLE_STRATEGIST_ACTIONS];
  hrlp_lifecycle_strategist_observe(&forecast, &state, &measures, 0.0, 6, observation,
                                    offset);
  double human = 0.0;
  for (int k = 1; k <= 12; k++) human += 100.0 / pow(forecast.yield, k);
  double plan = hrlp_lifecycle_goal_plan(&forecast, &state, &measures, forecast.buffer);
  double expected = forecast.share * (1.0 + human / (10000.0 - plan));
  ck_assert(forecast.share > 0.05 && expected < 1.0 && human > 1000.0);
  assert_near((double)offset[0], expected, 1e-6);
  hrlp_lifecycle_forecast_destroy(&forecast);
}
END_TEST

/* Whoever consumes the same every month has that as the certainty equivalent. */
START_TEST(a_constant_is_its_own_certainty_equivalent) {
  struct hrlp_lifecycle_forecast forecast =
      prepare((struct hrlp_lifecycle_config){.income = 1000,
                                             .max_months = 30,
                                             .inflation = 0.03,
                                             .income_growth = 0.03,
                                             .job_finding_probability = 1});
  struct hrlp_life life;
  struct hrlp_life *const lives[] = {&life};
  struct hrlp_life_sums sums = {0};
  struct hrlp_episode episode;
  const double shares[3] = {0.0, 0.0, 1.0};
  hrlp_life_begin(&forecast, 1, 0, &life);
  for (int64_t t = 1; t <= 30; t++) {
    hrlp_life_decide(&forecast, &life, 900.0 * forecast.price[t], 0.0);
    hrlp_life_count(&forecast, &life, shares, NAN, &sums);
    if (t < 30) hrlp_life_advance(&forecast, 1, lives, 1);
  }
  hrlp_life_close(&forecast, &life, &sums, &episode);
  assert_near(hrlp_life_certainty_equivalent(&forecast, episode.strategic_return), 900.0,
              1e-6);
  assert_near(episode.consumption, 900.0, 1e-9);
  ck_assert(!episode.rescued);
  hrlp_lifecycle_forecast_destroy(&forecast);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("lifecycle");
  TCase *test = tcase_create("month");
  tcase_set_timeout(test, 120);
  tcase_add_test(test, a_month_by_hand);
  tcase_add_test(test, losses_are_offset_by_the_tax);
  tcase_add_test(test, the_floor_is_filled_up_and_retirement_is_sure);
  tcase_add_test(test, every_noise_has_its_mean_and_deviation);
  tcase_add_test(test, nodes_stand_for_the_coming_month);
  tcase_add_test(test, the_first_share_counts_income_as_wealth);
  tcase_add_test(test, a_constant_is_its_own_certainty_equivalent);
  suite_add_tcase(suite, test);
  return run_suite(suite);
}
