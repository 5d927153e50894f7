/* What is measured of an episode, by hand, and the strategic return as the sum of the
 * strategist's rewards however the episode is cut into periods. */
#include "suite.h"

#include <math.h>

#include "environments/budget/figures.h"
#include "near.h"
#include "noise.h"

/* Double arithmetic on a few numbers near 1 to 100. */
#define METRIC_TOLERANCE 1e-12
/* Sums over some 100 months of amounts up to 1e6, divided by 1000. */
#define SUM_TOLERANCE 1e-9

START_TEST(an_episode_by_hand) {
  struct hrlp_episode_sums sums = {0};
  const double first[3] = {0.1, 0.5, 0.4};
  const double second[3] = {0.3, 0.5, 0.2};
  const double third[3] = {0.2, 0.5, 0.3};
  hrlp_episode_add(&sums, 1.5, 250, 100, first, 0.2);
  hrlp_episode_add(&sums, -0.5, -50, 0, second, 0.2);
  hrlp_episode_add(&sums, 2, 100, 200, third, 0.2);
  struct hrlp_episode episode = hrlp_episode_close(&sums, 2, 0.5, 200, 777, 1000);
  ck_assert_int_eq(episode.months, 3);
  NEAR(episode.reward, 3, METRIC_TOLERANCE);
  /* 3 + 2 * 300 / 1000 + 0.5 * 2: the second month ended with nothing */
  NEAR(episode.strategic_return, 4.6, METRIC_TOLERANCE);
  NEAR(episode.stability, 2.0 / 3.0, METRIC_TOLERANCE);
  NEAR(episode.goal_adherence, 0.2 / 3.0, METRIC_TOLERANCE); /* 0.1, 0.1, 0 */
  /* cash 100, 0, 200: mean 100, variance 20000 / 3 */
  NEAR(episode.sharpe, 100 / sqrt(20000.0 / 3.0), METRIC_TOLERANCE);
  /* variances 0.02 / 3, 0, 0.02 / 3 */
  NEAR(episode.policy_stability, 0.04 / 9.0, METRIC_TOLERANCE);
  NEAR(episode.final_cash, 200, 0);
  NEAR(episode.total_invested, 777, 0);
  NEAR(episode.portfolio, 1000, 0);
  NEAR(episode.wealth, 1200, 0);
  ck_assert(!episode.insolvent);
}
END_TEST

START_TEST(an_insolvent_month_counts_as_unstable) {
  struct hrlp_episode_sums sums = {0};
  const double shares[3] = {1, 0, 0};
  hrlp_episode_add(&sums, 0, 0, 500, shares, 0.25);
  hrlp_episode_add(&sums, 0, 0, -100, shares, 0.25);
  struct hrlp_episode episode = hrlp_episode_close(&sums, 1, 1, -100, 0, 0);
  NEAR(episode.stability, 0.5, 0); /* counted at month ends: the last one is -100 */
  NEAR(episode.strategic_return, 1, 0);
  NEAR(episode.goal_adherence, 0.75, 0);
  NEAR(episode.policy_stability, 0, 0);
  NEAR(episode.wealth, -100, 0);
  ck_assert(episode.insolvent);
  ck_assert(!hrlp_episode_close(&sums, 1, 1, 0, 0, 0).insolvent); /* 0 is not below 0 */
}
END_TEST

START_TEST(what_has_no_spread_has_no_sharpe) {
  struct hrlp_episode_sums sums = {0};
  const double shares[3] = {0.3, 0.3, 0.4};
  for (int t = 0; t < 12; t++) hrlp_episode_add(&sums, 0, 0, 1234.56, shares, NAN);
  struct hrlp_episode episode = hrlp_episode_close(&sums, 1, 1, 0, 0, 0);
  NEAR(episode.sharpe, 0, 0);
  ck_assert(isnan(episode.goal_adherence)); /* there was no goal */
  struct hrlp_episode_sums none = {0};
  episode = hrlp_episode_close(&none, 1, 1, 50, 0, 0);
  ck_assert_int_eq(episode.months, 0);
  NEAR(episode.stability, 0, 0);
  NEAR(episode.sharpe, 0, 0);
}
END_TEST

START_TEST(spread_survives_a_large_mean) {
  /* a million euro, give or take one: naive sums of squares lose this */
  struct hrlp_episode_sums sums = {0};
  const double shares[3] = {0, 0, 1};
  for (int t = 0; t < 1000; t++) hrlp_episode_add(&sums, 0, 0, 1e9 + t % 2, shares, 0);
  struct hrlp_episode episode = hrlp_episode_close(&sums, 1, 1, 0, 0, 0);
  NEAR(episode.sharpe, (1e9 + 0.5) / 0.5, 1e3); /* of 2e9 */
}
END_TEST

START_TEST(strategic_return_is_the_sum_over_periods) {
  uint64_t state = 30;
  for (int period = 1; period <= 13; period += 3) {
    struct hrlp_episode_sums sums = {0};
    const double shares[3] = {0.2, 0.3, 0.5};
    const double lambda = 1.25;
    const double mu = 0.5;
    double wealth = 5000;
    double total = 0;   /* of the strategist's rewards R */
    double reward = 0;  /* of the period */
    double solvent = 0; /* months of the period that ended with cash > 0 */
    double start = wealth;
    for (int t = 1; t <= 100; t++) {
      double r = 10 * noise(&state);
      double change = 1000 * noise(&state);
      double cash = 2000 * noise(&state);
      hrlp_episode_add(&sums, r, change, cash, shares, 0.2);
      wealth += change;
      reward += r;
      solvent += cash > 0;
      if (t % period != 0 && t != 100) continue;
      total += reward + lambda * (wealth - start) / 1000 + mu * solvent;
      reward = solvent = 0;
      start = wealth;
    }
    NEAR(hrlp_episode_close(&sums, lambda, mu, 0, 0, 0).strategic_return, total,
         SUM_TOLERANCE);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("metrics");
  TCase *episode = tcase_create("episode");
  tcase_add_test(episode, an_episode_by_hand);
  tcase_add_test(episode, an_insolvent_month_counts_as_unstable);
  tcase_add_test(episode, what_has_no_spread_has_no_sharpe);
  tcase_add_test(episode, spread_survives_a_large_mean);
  tcase_add_test(episode, strategic_return_is_the_sum_over_periods);
  suite_add_tcase(suite, episode);
  return run_suite(suite);
}
