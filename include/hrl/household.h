/* hrl/household.h - the simulated household as an environment of its own, for policies and
 * reinforcement-learning frameworks that are not libhrl's.
 *
 * N households live side by side in the same scenario. Arrays belong to the caller and
 * have N entries, or N rows where a shape [N, k] is given. Money is in euro, a step is a
 * month, rates are fractions. docs/model.md has the formulas.
 *
 *     hrl_household_create(scenario, n, seed, &households, &error);
 *     hrl_household_reset_all(households, 0);
 *     for (;;) {
 *       hrl_household_observe(households, observations);
 *       ... choose invest[i], shares of income ...
 *       hrl_household_step(households, invest, &result, &error);
 *       ... hrl_household_reset(households, i, next_episode++) where done ...
 *     }
 *
 * THE TWO MODELS differ in what is decided and when:
 *   "budget"     one action, the share of the coming month's income to invest; expenses
 *                and returns of that month are drawn after it. Cash below 0 ends an episode.
 *   "lifecycle"  three actions, the shares of the month's cash on hand to invest, to save
 *                and to consume, in the order of hrl_allocation; they add up to 1. Returns,
 *                job, income and expenses of the month have been drawn before and are seen.
 *                A month's shares place all of the portfolio anew (selling is free).
 *                Consumption is at least the floor; every episode lasts max_months.
 * hrl_household_actions tells them apart. What hrl_policy_allocate advises about
 * hrl_household_observe's households is, in the model "lifecycle", the [N, 3] action.
 *
 * Noise is a function of (seed, episode number) alone: two policies that play the same
 * episodes meet the same expenses and returns.
 *
 * THREADS. One thread at a time for a handle; handles share nothing.
 */
#ifndef HRL_HOUSEHOLD_H
#define HRL_HOUSEHOLD_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/scenario.h>

HRL_BEGIN_DECLS

/** N households of one scenario. Opaque. */
typedef struct hrl_household hrl_household;

/** Observation of a household between two decisions. N of them are an array [N, 8] of
 *  double. */
typedef struct hrl_observation {
  double income;           /**< euro a month; "lifecycle": of the month to decide */
  double fixed_expenses;   /**< euro, of the month behind; "lifecycle": of the month to
                                decide */
  double variable_expense; /**< the same; "lifecycle": with shocks */
  double cash;             /**< euro; "lifecycle": what cash on hand is without the
                                portfolio, which is below 0 where expenses take of that */
  double inflation;        /**< a year */
  double risk_tolerance;   /**< 0..1 */
  double months_remaining; /**< to the horizon, 0 at the end */
  double portfolio;        /**< euro invested, with returns */
} hrl_observation;

/** A household of the model "lifecycle" before the decision of a month, with everything that
 *  it knows; after its end, its state after the last decision. N of them are an array [N, 11]
 *  of
 *  double. Since 0.2. */
typedef struct hrl_lifecycle_observation {
  double cash_on_hand;     /**< euro to share out: cash + portfolio + income - expenses,
                                and the transfer */
  double income;           /**< euro, of the month */
  double expenses;         /**< euro, committed, of the month */
  double cash;             /**< euro kept in cash, with returns, before income and expenses */
  double portfolio;        /**< euro invested, with returns */
  double job;              /**< 1: employed, or retired; 0: unemployed */
  double level;            /**< permanent level of income, 1 at the start */
  double price;            /**< price level, 1 at the start */
  double taxes;            /**< euro on the month's returns; below 0 where losses are offset */
  double transfer;         /**< euro that lifted cash on hand to the floor */
  double months_remaining; /**< decisions to come, this one included; 0 at the end */
} hrl_lifecycle_observation;

/** Results of a month; each pointer is an array of N, or NULL. */
typedef struct hrl_step_result {
  size_t size;            /**< sizeof(hrl_step_result) */
  double *reward;         /**< "budget": the executor's reward r of the month. "lifecycle":
                               utility of the month's real consumption (scaled so that
                               risk-free consumption gives 0 and one per cent more 0.01), plus,
                               in the last month, beta times the value of the wealth left: the
                               sum of beta^(t-1) r over an episode, with
                               beta of hrl_household_discount, is the argument of
                               hrl_household_certainty_equivalent */
  double *wealth_change;  /**< change of cash + portfolio, euro: the strategist's reward of
                               a period is the sum of r + lambda / 1000 of this + mu for
                               each month that ended with cash > 0. "lifecycle": from one
                               decision to the next */
  uint8_t *terminated;    /**< 1: cash fell below 0, the household is insolvent; never in
                               the model "lifecycle" */
  uint8_t *truncated;     /**< 1: the horizon is reached. The months remaining are part of
                               the observation, so this is a true terminal state: do not
                               bootstrap a value past it */
  double *consumption;    /**< euro; in the model "budget" the expenses. Since 0.2 */
} hrl_step_result;

/** Makes N households.
 *  @param scenario copied.
 *  @param count N, 1..1,000,000.
 *  @param seed chooses all noise.
 *  @param households receives the handle, NULL on failure; every household is at the start
 *         of the episode of its own number 0..N-1. Freed with hrl_household_destroy.
 *  Errors: HRL_ERROR_ARGUMENT (of a family, too), HRL_ERROR_MEMORY; in the model "lifecycle"
 *  also
 *  HRL_ERROR_RANGE (values that do not go together), HRL_ERROR_NUMERIC. Since 0.1; the
 *  model "lifecycle" since 0.2. */
HRL_API hrl_status hrl_household_create(const hrl_scenario *scenario, size_t count,
                                        uint64_t seed, hrl_household **households,
                                        hrl_error *error);

/** Frees. NULL is ignored. */
HRL_API void hrl_household_destroy(hrl_household *households);

/** N. */
HRL_API size_t hrl_household_count(const hrl_household *households);

/** Actions of a household: 1 in the model "budget", 3 in the model "lifecycle". Since 0.2. */
HRL_API size_t hrl_household_actions(const hrl_household *households);

/** Begins episode `episode` (below 2^56) in household `index`.
 *  Errors: HRL_ERROR_ARGUMENT. */
HRL_API hrl_status hrl_household_reset(hrl_household *households, size_t index,
                                       uint64_t episode, hrl_error *error);

/** Begins episodes first_episode ... first_episode + N - 1. Errors: HRL_ERROR_ARGUMENT. */
HRL_API hrl_status hrl_household_reset_all(hrl_household *households,
                                           uint64_t first_episode, hrl_error *error);

/** Begins episodes[i] in each household i whose where[i] is not 0, such as those that ended.
 *  @param where [N]
 *  @param episodes [N]; entries of the others are ignored.
 *  Errors: HRL_ERROR_ARGUMENT; no episode was started then. Since 0.2. */
HRL_API hrl_status hrl_household_reset_where(hrl_household *households,
                                             const uint8_t *where,
                                             const uint64_t *episodes, hrl_error *error);

/** Fills observations[0..N). */
HRL_API void hrl_household_observe(const hrl_household *households,
                                   hrl_observation *observations);

/** Fills observations[0..N) with everything that households of the model "lifecycle" know.
 *  Errors: HRL_ERROR_ARGUMENT (another model). Since 0.2. */
HRL_API hrl_status hrl_household_observe_lifecycle(const hrl_household *households,
                                                   hrl_lifecycle_observation *observations,
                                                   hrl_error *error);

/** One month for every household. Allocates nothing.
 *  @param actions "budget": [N] shares of income to invest, each 0..1. "lifecycle": [N, 3]
 *         shares of cash on hand (invest, save, consume), each 0..1, which add up to 1
 *         within 1e-6.
 *  @param result arrays to fill; NULL: none.
 *  Errors: HRL_ERROR_ARGUMENT (a share that is not within 0..1; shares that do not add up
 *  to 1; a household that is past its end and was not reset); nothing has changed then. */
HRL_API hrl_status hrl_household_step(hrl_household *households, const double *actions,
                                      const hrl_step_result *result, hrl_error *error);

/** Discount factor of a month: utility.discount_factor^(1/12). NaN
 *  in the model "budget", whose two agents discount as the scenario's training says. Since
 *  0.2. */
HRL_API double hrl_household_discount(const hrl_household *households);

/** Certainty equivalent, in constant real euro a month, of a discounted sum of rewards
 *  (see hrl_step_result), or as its mean over episodes; comparable with that of
 *  hrl_evaluation. NaN in the model "budget". Since 0.2. */
HRL_API double hrl_household_certainty_equivalent(const hrl_household *households,
                                                  double discounted_reward);

HRL_END_DECLS

#endif
