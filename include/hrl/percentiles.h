/* hrl/percentiles.h - the distribution of a policy's episodes, month by month.
 *
 * Percentiles are exact, with linear interpolation between neighbours (percentile p of N
 * sorted values is at position p / 100 (N - 1), counted from 0). They do not depend on the
 * number of threads. Memory is bounded by about 300 MiB: if the values do not fit, the
 * episodes are played again for some months at a time. Since 0.2.
 */
#ifndef HRL_PERCENTILES_H
#define HRL_PERCENTILES_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/evaluate.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>

HRL_BEGIN_DECLS

/** Percentiles of one month. Valid only during the call. */
typedef struct hrl_percentiles {
  size_t size;           /**< sizeof(hrl_percentiles) of the library */
  uint64_t month;        /**< 1 for the first */
  uint64_t episodes;     /**< that lived through the month: insolvent households end earlier */
  size_t count;          /**< percentiles of each figure */
  const double *levels;  /**< [count] per cent, as asked for */
  const double *cash;      /**< [count] after the month, euro. Of all episodes: one that has
                                ended keeps its last value, as for the next two */
  const double *portfolio; /**< [count] after the month, euro */
  const double *wealth;    /**< [count] both, euro */
  const double *consumption; /**< [count] euro; in the model "budget" the expenses. Of living
                                  episodes; NaN if there are none */
  const double *share;       /**< [count] executed counterpart of goal.target_invest_ratio:
                                  share of income invested, 0..1; in the model "lifecycle"
                                  share of savings in the portfolio. Of episodes that have one;
                                  NaN if there are none */
} hrl_percentiles;

/** Receives the months, in order. A return value other than 0 ends the call. */
typedef int (*hrl_percentiles_fn)(const hrl_percentiles *month, void *data);

/** What to compute. Begin with HRL_PERCENTILES_REQUEST_INIT. */
typedef struct hrl_percentiles_request {
  size_t size;              /**< sizeof(hrl_percentiles_request) */
  const double *levels;     /**< [count] per cent, each 0..100; NULL: 5, 25, 50, 75, 95 */
  size_t count;             /**< 1..1001; not used where `levels` is NULL */
  hrl_percentiles_fn hear;  /**< called on the calling thread after all episodes were played */
  void *data;               /**< passed to `hear` */
} hrl_percentiles_request;

/** Initialiser: five percentiles, no callback. */
#define HRL_PERCENTILES_REQUEST_INIT { sizeof(hrl_percentiles_request), NULL, 0, NULL, NULL }

/** Percentiles of a trained pair.
 *  @param scenario NULL: the one it was trained on.
 *  Errors as hrl_evaluate_policy; HRL_ERROR_STATE where `hear` ended it. */
HRL_API hrl_status hrl_percentiles_policy(const hrl_policy *policy,
                                          const hrl_scenario *scenario,
                                          const hrl_evaluate_options *options,
                                          const hrl_percentiles_request *request,
                                          hrl_error *error);

/** Percentiles of a simple rule. Errors as hrl_evaluate_rule; HRL_ERROR_STATE where `hear`
 *  ended it. */
HRL_API hrl_status hrl_percentiles_rule(const hrl_scenario *scenario, const hrl_rule *rule,
                                        const hrl_evaluate_options *options,
                                        const hrl_percentiles_request *request,
                                        hrl_error *error);

/** Percentiles of the optimal policy, by backward induction.
 *  Errors as hrl_evaluate_optimum; HRL_ERROR_STATE where `hear` ended it. */
HRL_API hrl_status hrl_percentiles_optimum(const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           const hrl_percentiles_request *request,
                                           hrl_error *error);

HRL_END_DECLS

#endif
