/* hrl/percentiles.h - how a policy's episodes spread, month by month: the fan behind the means
 * of hrl/evaluate.h.
 *
 * Percentiles are exact: the sorted values of the episodes, with straight lines between
 * neighbours (of N values the one that is p per cent up stands at place p / 100 (N - 1),
 * counted from 0). They are the same for any number of threads. Memory is bounded by some 300
 * MiB, however many episodes and months there are: where they do not fit, the episodes are
 * played again for some months at a time. Since 0.2.
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
                                ended stays as it ended, as do the next two */
  const double *portfolio; /**< [count] after the month, euro */
  const double *wealth;    /**< [count] both, euro */
  const double *consumption; /**< [count] euro; in the model "budget" the expenses. Of those
                                  that lived through the month; NaN where none did */
  const double *share;       /**< [count] what goal.target_invest_ratio asks for, as it was
                                  played: invested of income, 0..1; in the model "lifecycle"
                                  held in the portfolio of what is kept. Of those that had
                                  one; NaN where none had */
} hrl_percentiles;

/** Receives the months, in order. A return other than 0 ends it. */
typedef int (*hrl_percentiles_fn)(const hrl_percentiles *month, void *data);

/** What is wanted. Begin with HRL_PERCENTILES_REQUEST_INIT. */
typedef struct hrl_percentiles_request {
  size_t size;              /**< sizeof(hrl_percentiles_request) */
  const double *levels;     /**< [count] per cent, each 0..100; NULL: 5, 25, 50, 75, 95 */
  size_t count;             /**< 1..1001; not used where `levels` is NULL */
  hrl_percentiles_fn hear;  /**< called on the thread that asks, after all is played */
  void *data;               /**< passed to `hear` */
} hrl_percentiles_request;

/** Initialiser: five percentiles, for nobody. */
#define HRL_PERCENTILES_REQUEST_INIT { sizeof(hrl_percentiles_request), NULL, 0, NULL, NULL }

/** Of a trained pair.
 *  @param scenario NULL: the one it was trained on.
 *  Errors as hrl_evaluate_policy; HRL_ERROR_STATE where `hear` ended it. */
HRL_API hrl_status hrl_percentiles_policy(const hrl_policy *policy,
                                          const hrl_scenario *scenario,
                                          const hrl_evaluate_options *options,
                                          const hrl_percentiles_request *request,
                                          hrl_error *error);

/** Of a simple rule. Errors as hrl_evaluate_rule; HRL_ERROR_STATE where `hear` ended it. */
HRL_API hrl_status hrl_percentiles_rule(const hrl_scenario *scenario, const hrl_rule *rule,
                                        const hrl_evaluate_options *options,
                                        const hrl_percentiles_request *request,
                                        hrl_error *error);

/** Of the best policy there is, by backward induction.
 *  Errors as hrl_evaluate_optimum; HRL_ERROR_STATE where `hear` ended it. */
HRL_API hrl_status hrl_percentiles_optimum(const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           const hrl_percentiles_request *request,
                                           hrl_error *error);

HRL_END_DECLS

#endif
