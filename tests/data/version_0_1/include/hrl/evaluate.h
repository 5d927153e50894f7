/* hrl/evaluate.h - how good a policy is, beside simple rules and the optimum.
 *
 * Every policy of a report plays the same episodes, which no training has seen: their luck
 * comes from a seed of their own. Actions are the policy's means, without exploration.
 */
#ifndef HRL_EVALUATE_H
#define HRL_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>
#include <hrl/trainer.h>

HRL_BEGIN_DECLS

/** How to evaluate. Begin with HRL_EVALUATE_OPTIONS_INIT. */
typedef struct hrl_evaluate_options {
  size_t size;       /**< sizeof(hrl_evaluate_options) */
  uint64_t episodes; /**< for each policy, 1..1,000,000 */
  uint64_t seed;     /**< of the episodes' luck */
  uint32_t threads;  /**< 1..256; 0: as many as there are processors. Does not change results */
} hrl_evaluate_options;

/** Initialiser with the defaults. */
#define HRL_EVALUATE_OPTIONS_INIT { sizeof(hrl_evaluate_options), 4000, 20240229, 0 }

/** Plays a trained pair.
 *  @param scenario NULL: the one it was trained on.
 *  @param result receives the figures (its size is set).
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY, HRL_ERROR_THREAD, HRL_ERROR_NUMERIC. */
HRL_API hrl_status hrl_evaluate_policy(const hrl_policy *policy, const hrl_scenario *scenario,
                                       const hrl_evaluate_options *options,
                                       hrl_evaluation *result, hrl_error *error);

/** Plays "invest `share` of income every month". */
HRL_API hrl_status hrl_evaluate_share(const hrl_scenario *scenario, double share,
                                      const hrl_evaluate_options *options,
                                      hrl_evaluation *result, hrl_error *error);

/** Plays every constant share 0, 0.01 ... 1 and gives the best by strategic return: what
 *  hindsight could pick. */
HRL_API hrl_status hrl_evaluate_best_share(const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           double *share, hrl_evaluation *result,
                                           hrl_error *error);

/** Solves the household by backward induction and plays the best policy there is.
 *  @param strategic_return receives its expected J; may be NULL. Exact up to the grid where
 *         the portfolio earns nothing, otherwise an upper bound.
 *  Errors: HRL_ERROR_LIMIT where max_months is above 2,400. */
HRL_API hrl_status hrl_evaluate_optimum(const hrl_scenario *scenario,
                                        const hrl_evaluate_options *options,
                                        double *strategic_return, hrl_evaluation *result,
                                        hrl_error *error);

/** One month of one household, as a policy played it. */
typedef struct hrl_trajectory_month {
  size_t size;          /**< sizeof(hrl_trajectory_month) of the library */
  uint64_t episode;     /**< 0 for the first */
  uint64_t month;       /**< 1 for the first */
  hrl_goal goal;        /**< in force */
  hrl_allocation allocation; /**< of the month */
  double fixed;         /**< fixed expenses, euro */
  double variable;      /**< variable expenses, euro */
  double cash;          /**< after the month, euro */
  double portfolio;     /**< after the month, euro */
  double reward;        /**< r */
  int insolvent;        /**< not 0 where cash fell below 0 */
} hrl_trajectory_month;

/** Receives each month, episode after episode. A return other than 0 ends the playing. */
typedef int (*hrl_trajectory_fn)(const hrl_trajectory_month *month, void *data);

/** Plays a trained pair month by month for `watch`.
 *  Errors as hrl_evaluate_policy; HRL_ERROR_STATE where `watch` ended it. */
HRL_API hrl_status hrl_evaluate_trajectory(const hrl_policy *policy,
                                           const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           hrl_trajectory_fn watch, void *data,
                                           hrl_error *error);

/** (J - J_constant) / (J_optimum - J_constant): 0 is the best constant share, 1 the
 *  optimum; NaN where the two are closer than 1e-9 of each other's size. */
HRL_API double hrl_skill(double strategic_return, double constant_return,
                         double optimum_return);

HRL_END_DECLS

#endif
