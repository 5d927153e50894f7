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
 * Luck is a function of (seed, episode number) alone: two policies that play the same
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

/** What can be seen of a household between two months. */
typedef struct hrl_observation {
  double income;           /**< euro a month */
  double fixed_expenses;   /**< euro, of the month behind */
  double variable_expense; /**< euro, of the month behind */
  double cash;             /**< euro */
  double inflation;        /**< a year */
  double risk_tolerance;   /**< 0..1 */
  double months_remaining; /**< to the horizon */
  double portfolio;        /**< euro invested, with returns */
} hrl_observation;

/** What a month did; each pointer names an array of N, or is NULL where it is not wanted. */
typedef struct hrl_step_result {
  size_t size;            /**< sizeof(hrl_step_result) */
  double *reward;         /**< the executor's reward r of the month */
  double *wealth_change;  /**< change of cash + portfolio, euro: the strategist's reward of
                               a period is the sum of r + lambda / 1000 of this + mu for
                               each month that ended with cash > 0 */
  uint8_t *terminated;    /**< 1: cash fell below 0, the household is insolvent */
  uint8_t *truncated;     /**< 1: the horizon is reached. The months remaining are part of
                               the observation, so this is a true end all the same: do not
                               bootstrap a value past it */
} hrl_step_result;

/** Makes N households.
 *  @param scenario copied.
 *  @param count N, 1..1,000,000.
 *  @param seed chooses all luck.
 *  @param households receives the handle, NULL on failure; every household is at the start
 *         of the episode of its own number 0..N-1. Freed with hrl_household_destroy.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY. Since 0.1. */
HRL_API hrl_status hrl_household_create(const hrl_scenario *scenario, size_t count,
                                        uint64_t seed, hrl_household **households,
                                        hrl_error *error);

/** Frees. NULL is ignored. */
HRL_API void hrl_household_destroy(hrl_household *households);

/** N. */
HRL_API size_t hrl_household_count(const hrl_household *households);

/** Begins episode `episode` (below 2^56) in household `index`.
 *  Errors: HRL_ERROR_ARGUMENT. */
HRL_API hrl_status hrl_household_reset(hrl_household *households, size_t index,
                                       uint64_t episode, hrl_error *error);

/** Begins episodes first_episode ... first_episode + N - 1. Errors: HRL_ERROR_ARGUMENT. */
HRL_API hrl_status hrl_household_reset_all(hrl_household *households,
                                           uint64_t first_episode, hrl_error *error);

/** Fills observations[0..N). */
HRL_API void hrl_household_observe(const hrl_household *households,
                                   hrl_observation *observations);

/** One month for every household.
 *  @param invest [N] shares of income to invest, each 0..1.
 *  @param result arrays to fill; NULL: none.
 *  Errors: HRL_ERROR_ARGUMENT (a share that is not within 0..1; a household that is past
 *  its end and was not reset); nothing has moved then. */
HRL_API hrl_status hrl_household_step(hrl_household *households, const double *invest,
                                      const hrl_step_result *result, hrl_error *error);

HRL_END_DECLS

#endif
