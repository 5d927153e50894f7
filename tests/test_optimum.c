/* The yardstick: the best strategic return there is. Against exhaustive search where
 * nothing is random, against a slower induction of another kind where expenses are,
 * against the table of docs/model.md, and by playing. */
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <hrl/scenario.h>

#include "base/memory.h"
#include "environments/budget/optimum.h"
#include "scenario/scenario.h"
#include "near.h"

/* A month's decision is off by at most a grid step of some 2 euro at weights of 10 /
 * 1000; three months. */
#define SEARCH_TOLERANCE 0.06
/* The slower induction: steps of 10 euro, linear between them. */
#define INDUCTION_TOLERANCE 0.25
/* The table has one decimal and comes from another program. */
#define TABLE_TOLERANCE 0.5
/* Means over episodes, in their standard errors. */
#define STANDARD_ERRORS 4.0

#define EPISODES 2000
#define COUNT(array) (sizeof(array) / sizeof *(array))

static double optimum_of(const struct hrlp_budget_config *environment,
                         const struct hrlp_budget_weights *reward) {
  struct hrlp_budget_optimum optimum;
  hrl_error error = HRL_ERROR_INIT;
  ck_assert_msg(hrlp_budget_optimum_solve(&optimum, environment, reward, &error) == HRL_OK, "%s",
                error.message);
  hrlp_budget_optimum_destroy(&optimum);
  return optimum.strategic_return;
}

/* ---- exhaustive search ---- */

static const struct hrlp_budget_config tiny = {.income = 1000,
                                             .fixed_expenses = 400,
                                             .variable_expense_mean = 300,
                                             .safety_threshold = 300,
                                             .max_months = 3,
                                             .initial_cash = 500,
                                             .risk_tolerance = 0.5};

/* What months `month`.. give where `invested` is invested first, and the best after it.
 */
static double search(const struct hrlp_budget_config *e, const struct hrlp_budget_weights *w,
                     int64_t month, double cash);

static double try_investing(const struct hrlp_budget_config *e, const struct hrlp_budget_weights *w,
                            int64_t month, double before, double expenses,
                            double invested) {
  double after = before - invested;
  double shortfall = fmax(0.0, e->safety_threshold - after);
  double value = (w->alpha * invested - w->beta * shortfall -
                  w->gamma * fmax(0.0, expenses - e->income) -
                  w->delta * fmax(0.0, -after) + w->lambda * (e->income - expenses)) /
                 1000.0;
  if (after > 0.0) value += w->mu;
  return after >= 0.0 ? value + search(e, w, month + 1, after) : value;
}

/* The best, where all shares of 1/40 are tried, and what leaves a cent more or less than
 * nothing: a cent is enough for mu, and it can pay to end the episode by one. */
static double search(const struct hrlp_budget_config *e, const struct hrlp_budget_weights *w,
                     int64_t month, double cash) {
  if (month == e->max_months) return 0.0;
  double price = pow(1.0 + e->inflation, (double)(month + 1) / 12.0);
  double expenses = (e->fixed_expenses + e->variable_expense_mean) * price;
  double before = cash + e->income - expenses;
  double best = -INFINITY;
  for (int k = -2; k <= 40; k++) {
    double invested = k >= 0 ? e->income * k / 40.0 : before + (k == -1 ? 0.01 : -0.01);
    if (invested < 0.0 || invested > e->income) continue;
    best = fmax(best, try_investing(e, w, month, before, expenses, invested));
  }
  return best;
}

START_TEST(exhaustive_search_finds_no_better) {
  static const struct hrlp_budget_weights rewards[] = {
      {10, 0.1, 5, 20, 1, 0.5}, /* the defaults */
      {10, 15, 5, 20, 1, 0.5},  /* keep the threshold */
      {10, 0, 0, 0, 0, 0},      /* going bankrupt costs nothing but the months to come */
      {0, 0.1, 5, 20, 1, 0.5},  /* investing is worth nothing */
      {1, 0.9, 5, 1, 2, 3},     /* safety above all */
      {0, 0, 0, 0, 0, 0}};
  static const double spent[] = {400, 800, 1000}; /* fixed: surplus 300, -100, -300 */
  for (size_t i = 0; i < COUNT(rewards); i++)
    for (size_t j = 0; j < COUNT(spent); j++)
      for (int inflated = 0; inflated < 2; inflated++) {
        struct hrlp_budget_config e = tiny;
        e.fixed_expenses = spent[j];
        e.inflation = inflated ? 0.5 : 0.0;
        double found = search(&e, &rewards[i], 0, e.initial_cash);
        /* prices that grow leave the coarse search between two of its 25 euro */
        double below = SEARCH_TOLERANCE + (inflated ? 0.015 * 25 * 3 : 0.0);
        double optimum = optimum_of(&e, &rewards[i]);
        ck_assert_msg(optimum >= found - SEARCH_TOLERANCE && optimum <= found + below,
                      "rewards %zu, fixed %g, inflated %d: %.6f, search finds %.6f", i,
                      spent[j], inflated, optimum, found);
      }
}
END_TEST

/* ---- a slower induction ---- */

#define SLOW_STEP 10.0
#define SLOW_POINTS 600

static double slow_expect(const struct hrlp_budget_config *e, const struct hrlp_budget_weights *w,
                          const double *next, double price, double before,
                          double invested) {
  /* Simpson's rule over +-5 deviations */
  enum { INTERVALS = 100 };
  double sum = 0.0;
  double total = 0.0;
  for (int k = 0; k <= INTERVALS; k++) {
    double z = -5.0 + 10.0 * k / INTERVALS;
    double weight = exp(-0.5 * z * z) * (k == 0 || k == INTERVALS ? 1 : k % 2 ? 4 : 2);
    double drawn =
        fmax(0.0, e->variable_expense_mean + e->variable_expense_std * z) * price;
    double spent = e->fixed_expenses * price + drawn;
    double after = before + e->income - spent - invested;
    double value = hrlp_household_reward(e, w, invested, after, spent) +
                   w->lambda * (e->income - spent) / 1000.0;
    if (after > 0.0) value += w->mu;
    if (after >= 0.0) {
      double at = fmin(after / SLOW_STEP, SLOW_POINTS - 1.001);
      size_t i = (size_t)at;
      value += next[i] + (at - (double)i) * (next[i + 1] - next[i]);
    }
    sum += weight * value;
    total += weight;
  }
  return sum / total;
}

static double slow_optimum(const struct hrlp_budget_config *e,
                           const struct hrlp_budget_weights *w) {
  static double values[2][SLOW_POINTS];
  memset(values, 0, sizeof values);
  for (int64_t t = e->max_months; t-- > 0;) {
    double price = pow(1.0 + e->inflation, (double)(t + 1) / 12.0);
    for (size_t i = 0; i < SLOW_POINTS; i++) {
      double best = -INFINITY;
      for (double invested = 0.0; invested <= e->income; invested += 2 * SLOW_STEP)
        best = fmax(best, slow_expect(e, w, values[(t + 1) % 2], price,
                                      (double)i * SLOW_STEP, invested));
      values[t % 2][i] = best;
    }
  }
  double at = e->initial_cash / SLOW_STEP;
  return values[0][(size_t)at];
}

START_TEST(a_slower_induction_agrees) {
  static const struct hrlp_budget_weights rewards[] = {{10, 0.1, 5, 20, 1, 0.5},
                                               {10, 2, 5, 20, 1, 5}};
  static const double deviations[] = {120, 400}; /* 400: often cut off at 0 */
  const struct hrlp_budget_config e = {.income = 1000,
                                     .fixed_expenses = 600,
                                     .variable_expense_mean = 250,
                                     .variable_expense_std = deviations[_i],
                                     .inflation = 0.04,
                                     .safety_threshold = 600,
                                     .max_months = 8,
                                     .initial_cash = 700,
                                     .risk_tolerance = 0.5};
  NEAR(optimum_of(&e, &rewards[_i]), slow_optimum(&e, &rewards[_i]), INDUCTION_TOLERANCE);
}
END_TEST

/* ---- the cities ---- */

static const struct {
  const char *name;
  double optimum, share, constant; /* docs/model.md, "How good is good" */
} cities[] = {{"milano_junior", 94.0, 0.07, 91.5},
              {"milano_senior", 467.9, 0.12, 462.5},
              {"roma_famiglia", 124.2, 0.08, 120.9},
              {"bologna_coppia", 577.3, 0.13, 570.1},
              {"torino_single", 151.0, 0.07, 149.1}};

static struct hrl_scenario *load(const char *name) {
  char path[1000];
  hrl_scenario *scenario = NULL;
  hrl_error error = HRL_ERROR_INIT;
  snprintf(path, sizeof path, SOURCE_ROOT "/scenarios/%s.yaml", name);
  ck_assert_msg(hrl_scenario_load(path, &scenario, &error) == HRL_OK, "%s",
                error.message);
  return scenario;
}

/* Plays a constant share, or the optimum where there is one. Mean of J and its standard
 * error. */
static double play(const struct hrl_scenario *scenario, double share,
                   const struct hrlp_budget_optimum *optimum, double *standard_error) {
  const struct hrlp_budget_config *e = &scenario->environment;
  static double reward[EPISODES], change[EPISODES], shares[EPISODES], sums[EPISODES];
  static uint8_t insolvent[EPISODES], finished[EPISODES], active[EPISODES];
  struct hrlp_month month = {reward, change, insolvent, finished};
  struct hrlp_household batch;
  void *memory = hrlp_alloc(1, hrlp_household_memory(EPISODES));
  hrlp_household_attach(&batch, memory, EPISODES, e, &scenario->reward, 31);
  for (size_t i = 0; i < EPISODES; i++) {
    hrlp_household_reset(&batch, i, i);
    active[i] = 1;
    sums[i] = 0.0;
  }
  for (int64_t t = 0; t < e->max_months; t++) {
    for (size_t i = 0; i < EPISODES; i++)
      shares[i] =
          optimum == NULL ? share : hrlp_budget_optimum_share(optimum, e, t, batch.cash[i]);
    hrlp_household_step(&batch, 0, EPISODES, active, shares, &month);
    for (size_t i = 0; i < EPISODES; i++) {
      if (!active[i]) continue;
      CHECK(shares[i] >= 0.0 && shares[i] <= 1.0, "share %g", shares[i]);
      sums[i] += reward[i] + scenario->reward.lambda * change[i] / 1000.0 +
                 (batch.cash[i] > 0.0 ? scenario->reward.mu : 0.0);
      active[i] = !finished[i];
    }
  }
  hrlp_free(memory);
  double sum = 0.0;
  double square = 0.0;
  for (size_t i = 0; i < EPISODES; i++) sum += sums[i];
  double mean = sum / EPISODES;
  for (size_t i = 0; i < EPISODES; i++) square += (sums[i] - mean) * (sums[i] - mean);
  *standard_error = sqrt(square / (EPISODES - 1.0) / EPISODES);
  return mean;
}

START_TEST(a_city_has_its_documented_optimum) {
  struct hrl_scenario *scenario = load(cities[_i].name);
  struct hrlp_budget_optimum optimum;
  ck_assert_int_eq(
      hrlp_budget_optimum_solve(&optimum, &scenario->environment, &scenario->reward, NULL),
      HRL_OK);
  NEAR(optimum.strategic_return, cities[_i].optimum, TABLE_TOLERANCE);
  /* its policy earns what it promises */
  double error = 0.0;
  double played = play(scenario, 0.0, &optimum, &error);
  NEAR(played, optimum.strategic_return, STANDARD_ERRORS * error + 0.1);
  /* and no constant share earns more; the best is the documented one */
  double best = -INFINITY;
  double best_share = 0.0;
  for (int k = 0; k <= 100; k += k < 30 ? 1 : 10) {
    double constant = play(scenario, k / 100.0, NULL, &error);
    ck_assert_msg(constant <= optimum.strategic_return + error, "share %d %%: %g", k,
                  constant);
    if (constant > best) best = constant, best_share = k / 100.0;
  }
  play(scenario, best_share, NULL, &error);
  NEAR(best, cities[_i].constant, STANDARD_ERRORS * error + TABLE_TOLERANCE);
  NEAR(best_share, cities[_i].share, 0.011);
  hrlp_budget_optimum_destroy(&optimum);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(with_returns_it_is_a_bound) {
  struct hrl_scenario *scenario = load("bologna_coppia_with_returns");
  struct hrl_scenario *without = load("bologna_coppia");
  struct hrlp_budget_optimum optimum;
  double error = 0.0;
  ck_assert_int_eq(
      hrlp_budget_optimum_solve(&optimum, &scenario->environment, &scenario->reward, NULL),
      HRL_OK);
  ck_assert(optimum.strategic_return >
            optimum_of(&without->environment, &without->reward));
  double played = play(scenario, 0.0, &optimum, &error);
  ck_assert(played <= optimum.strategic_return + STANDARD_ERRORS * error);
  hrlp_budget_optimum_destroy(&optimum);
  hrl_scenario_destroy(scenario);
  hrl_scenario_destroy(without);
}
END_TEST

/* With cash in plenty and nothing random, all of the income is invested every month: what
 * that earns to the horizon is a geometric sum. */
START_TEST(with_fixed_returns_it_has_a_closed_form) {
  struct hrlp_budget_config rich = tiny;
  const struct hrlp_budget_weights w = {10, 0.1, 5, 20, 1, 0.5};
  double expected = 0.0;
  rich.max_months = 6;
  rich.initial_cash = 20000;
  rich.investment_return_type = HRLP_RETURN_FIXED;
  rich.investment_return_mean = 0.05;
  for (int t = 1; t <= 6; t++) /* invested in month t, a euro earns from the next one on */
    expected += (w.alpha * 1000.0 + w.lambda * (1000.0 - 700.0) +
                 w.lambda * 1000.0 * (pow(1.05, 6 - t) - 1.0)) / 1000.0 + w.mu;
  NEAR(optimum_of(&rich, &w), expected, SEARCH_TOLERANCE);
}
END_TEST

START_TEST(more_is_worth_more) {
  struct hrl_scenario *scenario = load("torino_single");
  struct hrlp_budget_config e = scenario->environment;
  struct hrlp_budget_weights w = scenario->reward;
  e.max_months = 24;
  double base = optimum_of(&e, &w);
  struct hrlp_budget_config changed = e;
  changed.initial_cash += 500;
  ck_assert(optimum_of(&changed, &w) > base);
  changed = e, changed.income += 50;
  ck_assert(optimum_of(&changed, &w) > base);
  changed = e, changed.fixed_expenses += 50;
  ck_assert(optimum_of(&changed, &w) < base);
  changed = e, changed.variable_expense_mean += 50;
  ck_assert(optimum_of(&changed, &w) < base);
  changed = e, changed.safety_threshold += 500;
  ck_assert(optimum_of(&changed, &w) < base);
  changed = e, changed.inflation += 0.03;
  ck_assert(optimum_of(&changed, &w) < base);
  struct hrlp_budget_weights other = w;
  other.alpha += 1;
  ck_assert(optimum_of(&e, &other) > base);
  other = w, other.mu += 1;
  ck_assert(optimum_of(&e, &other) > base);
  other = w, other.beta += 0.1;
  ck_assert(optimum_of(&e, &other) < base);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(in_the_last_month_what_is_not_needed_is_invested) {
  /* (before, when to invest hardly matters, so that many policies are nearly the best) */
  struct hrl_scenario *scenario = load("bologna_coppia");
  const struct hrlp_budget_config *e = &scenario->environment;
  struct hrlp_budget_optimum optimum;
  ck_assert_int_eq(hrlp_budget_optimum_solve(&optimum, e, &scenario->reward, NULL), HRL_OK);
  int64_t last = e->max_months - 1;
  double before = 0.0;
  for (double cash = 0; cash < 20000; cash += 50) {
    double share = hrlp_budget_optimum_share(&optimum, e, last, cash);
    CHECK(share >= before - optimum.step / e->income, "cash %g: %g after %g", cash, share,
          before);
    before = share;
  }
  NEAR(before, 1.0, 0.0);
  NEAR(hrlp_budget_optimum_share(&optimum, e, last, 1e9), 1.0, 0.0);
  NEAR(hrlp_budget_optimum_share(&optimum, e, last, -5.0),
       hrlp_budget_optimum_share(&optimum, e, last, 0.0), 0.0);
  hrlp_budget_optimum_destroy(&optimum);
  hrl_scenario_destroy(scenario);
}
END_TEST

START_TEST(what_is_worth_nothing_is_not_done) {
  const struct hrlp_budget_weights w = {0, 0.1, 5, 20, 1, 0.5};
  struct hrlp_budget_optimum optimum;
  ck_assert_int_eq(hrlp_budget_optimum_solve(&optimum, &tiny, &w, NULL), HRL_OK);
  /* a month leaves 300, the threshold: each euro invested would be missed */
  NEAR(hrlp_budget_optimum_share(&optimum, &tiny, 0, 0.0), 0.0, 0.0);
  hrlp_budget_optimum_destroy(&optimum);
}
END_TEST

/* One month, nothing random, and a threshold that is worth more than what is invested: with
 * 1,000 of income and as much for expenses and threshold, all the cash is invested, to the
 * euro. Between two grid points the share is the nearer one's. */
START_TEST(between_grid_points_the_nearer_one_counts) {
  const struct hrlp_budget_weights w = {10, 15, 5, 20, 1, 0.5};
  struct hrlp_budget_config e = tiny;
  struct hrlp_budget_optimum optimum;
  e.max_months = 1;
  ck_assert_int_eq(hrlp_budget_optimum_solve(&optimum, &e, &w, NULL), HRL_OK);
  for (double at = 0.0; at < 400.0; at += 0.125) {
    double cash = at * optimum.step;
    double invested = hrlp_budget_optimum_share(&optimum, &e, 0, cash) * e.income;
    NEAR(invested, cash, 0.5 * optimum.step + 1e-3);
    if (at == floor(at)) NEAR(invested, cash, 1e-3);
  }
  hrlp_budget_optimum_destroy(&optimum);
}
END_TEST

START_TEST(horizons_have_a_limit) {
  struct hrlp_budget_config e = tiny;
  const struct hrlp_budget_weights w = {10, 0.1, 5, 20, 1, 0.5};
  struct hrlp_budget_optimum optimum;
  hrl_error error = HRL_ERROR_INIT;
  e.max_months = 2401;
  ck_assert_int_eq(hrlp_budget_optimum_solve(&optimum, &e, &w, &error), HRL_ERROR_LIMIT);
  ck_assert_str_eq(
      error.message,
      "the optimum is computed for at most 2400 months, the scenario has 2401");
  hrlp_budget_optimum_destroy(&optimum);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("optimum");
  TCase *exact = tcase_create("exact");
  tcase_set_timeout(exact, 250);
  tcase_add_test(exact, exhaustive_search_finds_no_better);
  tcase_add_loop_test(exact, a_slower_induction_agrees, 0, 2);
  tcase_add_test(exact, with_fixed_returns_it_has_a_closed_form);
  tcase_add_test(exact, what_is_worth_nothing_is_not_done);
  tcase_add_test(exact, between_grid_points_the_nearer_one_counts);
  tcase_add_test(exact, horizons_have_a_limit);
  suite_add_tcase(suite, exact);
  TCase *played = tcase_create("played");
  tcase_set_timeout(played, 250);
  tcase_add_loop_test(played, a_city_has_its_documented_optimum, 0, (int)COUNT(cities));
  tcase_add_test(played, with_returns_it_is_a_bound);
  tcase_add_test(played, more_is_worth_more);
  tcase_add_test(played, in_the_last_month_what_is_not_needed_is_invested);
  suite_add_tcase(suite, played);
  return run_suite(suite);
}
