/* hrl/evaluate.h - evaluation of policies, simple rules and the optimum.
 *
 * All policies play the same episodes, whose noise comes from a separate seed and was not used
 * in training. Actions are the policy's means, without exploration.
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
  uint64_t seed;     /**< of the episodes' noise */
  uint32_t threads;  /**< 1..256; 0: as many as there are processors. Does not change results */
  hrl_log_fn log;    /**< receives a note if the household lies outside what the pair was
                          trained on; or NULL. Since 0.2 */
  void *log_data;    /**< passed to `log` */
} hrl_evaluate_options;

/** Initialiser with the defaults. */
#define HRL_EVALUATE_OPTIONS_INIT { sizeof(hrl_evaluate_options), 4000, 20240229, 0, NULL, NULL }

/** Plays a trained pair.
 *  @param scenario NULL: the one it was trained on.
 *  @param result receives the figures (its size is set).
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY, HRL_ERROR_THREAD, HRL_ERROR_NUMERIC. */
HRL_API hrl_status hrl_evaluate_policy(const hrl_policy *policy, const hrl_scenario *scenario,
                                       const hrl_evaluate_options *options,
                                       hrl_evaluation *result, hrl_error *error);

/** Skills of a pair on households of a family that training never drew. */
typedef struct hrl_family_evaluation {
  size_t size;             /**< sizeof(hrl_family_evaluation) */
  uint64_t households;     /**< drawn */
  double median;           /**< of the skill (hrl_skill) of each, as the rest */
  double lower_quartile;   /**< a quarter of the households is at or below it */
  double upper_quartile;   /**< a quarter is at or above it */
  double worst;            /**< of all */
  double best;             /**< of all */
  uint64_t worst_household; /**< the number of the worst for hrl_scenario_draw with the
                                 seed of the options */
} hrl_family_evaluation;

/** Draws households of a family, finds the best simple rule and the optimum of each, plays
 *  the pair there, and computes the distribution of the skills, in certainty equivalents if
 *  the model has them.
 *  @param family NULL: the one that the pair was trained on.
 *  @param households 1..100000.
 *  @param options the episodes of each household and the seed of all; NULL: the defaults.
 *  @param skills [households] receives the skill of each household in order; may be NULL. NaN
 *  if a rule is at least as good as the optimum; `result` excludes such households.
 *  Errors: HRL_ERROR_ARGUMENT (no family, households out of bounds), HRL_ERROR_MISMATCH
 *  (of another model), and those of hrl_evaluate_best_rule and hrl_evaluate_optimum. Takes
 *  about 20 ms per household of the model "budget", seconds for "lifecycle". Since 0.2. */
HRL_API hrl_status hrl_evaluate_family(const hrl_policy *policy, const hrl_scenario *family,
                                       uint64_t households,
                                       const hrl_evaluate_options *options, double *skills,
                                       hrl_family_evaluation *result, hrl_error *error);

/** Plays two trained pairs on the same noise: the mean of `second` - `first` by strategic
 *  return, episode by episode, which distinguishes them with far fewer episodes than two
 *  separate evaluations.
 *  @param scenario NULL: the one that `first` was trained on.
 *  @param standard_error of that mean; NaN for one episode.
 *  Errors as hrl_evaluate_policy. Since 0.2. */
HRL_API hrl_status hrl_evaluate_difference(const hrl_policy *first, const hrl_policy *second,
                                           const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           double *difference, double *standard_error,
                                           hrl_error *error);

/** Plays "invest `share` of income every month"; in the model "lifecycle", "save `share` of
 *  what expenses leave, in cash". HRL_ERROR_MISMATCH for a task of one's own. */
HRL_API hrl_status hrl_evaluate_share(const hrl_scenario *scenario, double share,
                                      const hrl_evaluate_options *options,
                                      hrl_evaluation *result, hrl_error *error);

/** Plays every constant share 0, 0.01 ... 1 and returns the best by strategic return, chosen
 *  in hindsight. HRL_ERROR_MISMATCH for a program's own task. */
HRL_API hrl_status hrl_evaluate_best_share(const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           double *share, hrl_evaluation *result,
                                           hrl_error *error);

/** A simple rule. In the model "budget" only `save` counts: the share of income that is
 *  invested every month. In the model "lifecycle": `save` of the income left after committed
 *  expenses is saved; a twelfth of what exceeds `target` months of income (0: never) is spent
 *  in addition; `share` of what exceeds `buffer` months of income is held in the portfolio; in
 *  retirement and without income, assets are spent evenly over the months remaining. */
typedef struct hrl_rule {
  size_t size;   /**< sizeof(hrl_rule) */
  double save;   /**< 0..1 */
  double share;  /**< 0..1 */
  double buffer; /**< months of income */
  double target; /**< months of income */
} hrl_rule;

/** Plays a simple rule. Errors: HRL_ERROR_ARGUMENT (a share that is not within 0..1, months
 *  below 0), HRL_ERROR_MISMATCH (a program's own task: use hrl_task_evaluate_rule), and as
 *  hrl_evaluate_policy. Since 0.2. */
HRL_API hrl_status hrl_evaluate_rule(const hrl_scenario *scenario, const hrl_rule *rule,
                                     const hrl_evaluate_options *options,
                                     hrl_evaluation *result, hrl_error *error);

struct hrl_percentiles_request; /* hrl/percentiles.h */

/** Plays a trained pair and a simple rule on the same noise: the mean difference of the pair's
 *  strategic return from the rule's, episode by episode.
 *  @param scenario NULL: the one that the pair was trained on.
 *  @param percentiles of the pair's episodes, as hrl_percentiles_policy computes them, without
 *  playing these twice; NULL: not wanted.
 *  @param of_policy receives the figures of the pair (its size is set); NULL: not wanted.
 *  @param of_rule the same of the rule.
 *  @param standard_error of that mean; NaN for one episode.
 *  Errors as hrl_evaluate_policy and hrl_evaluate_rule; HRL_ERROR_STATE where the callback of
 *  `percentiles` ended it. Since 0.2. */
HRL_API hrl_status hrl_evaluate_against_rule(const hrl_policy *policy,
                                             const hrl_scenario *scenario,
                                             const hrl_rule *rule,
                                             const hrl_evaluate_options *options,
                                             const struct hrl_percentiles_request *percentiles,
                                             hrl_evaluation *of_policy,
                                             hrl_evaluation *of_rule, double *difference,
                                             double *standard_error, hrl_error *error);

/** Plays the simple rules (in the model "budget" those of hrl_evaluate_best_share) and
 *  returns the best by strategic return, chosen in hindsight. If there are more than 128
 *  rules, the best 24 on 256 of the episodes play all of them.
 *  @param rule receives it (its size is set).
 *  Errors: HRL_ERROR_MISMATCH (a program's own task: use hrl_task_evaluate_best_rule), and as
 *  hrl_evaluate_policy. Since 0.2. */
HRL_API hrl_status hrl_evaluate_best_rule(const hrl_scenario *scenario,
                                          const hrl_evaluate_options *options,
                                          hrl_rule *rule, hrl_evaluation *result,
                                          hrl_error *error);

/** Finds a good simple rule without hindsight: it is chosen on futures that no evaluation with
 *  the same seed plays, so that the comparison with a pair is fair. All rules play a sixteenth
 *  of `options->episodes`; the better quarter continues with twice as many each time, the last
 *  few with all. Much faster than hrl_evaluate_best_rule; 64 episodes are enough to be within
 *  some per cent of it.
 *  @param rule receives it (its size is set).
 *  Errors as hrl_evaluate_best_rule. Since 0.2. */
HRL_API hrl_status hrl_pick_rule(const hrl_scenario *scenario,
                                 const hrl_evaluate_options *options, hrl_rule *rule,
                                 hrl_error *error);

/** Computes the optimal policy by backward induction and plays it.
 *  @param strategic_return receives its expected J; may be NULL. Exact up to the grid where
 *         the portfolio earns nothing, otherwise an upper bound. For a program's own task, its
 *         optimum_return, or NaN.
 *  Errors: HRL_ERROR_LIMIT where max_months is above 2,400; HRL_ERROR_ARGUMENT if a task has
 *  no optimum. */
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
  int job;              /**< 1: employed, or retired; since 0.2, as the rest */
  double income;        /**< of the month, euro */
  double consumption;   /**< euro; in the model "budget" the expenses */
  double taxes;         /**< on the month's returns, euro; negative where losses are offset */
  double transfer;      /**< that lifted cash on hand to the floor, euro */
  double share;         /**< executed counterpart of goal.target_invest_ratio; in the model
                             "lifecycle" NaN if nothing is saved */
  double invested;      /**< euro put into the portfolio so far minus withdrawals */
  const double *goals;  /**< for a program's own task (hrl/task.h), whose months are steps: the
                             goals in force. NULL for households, as the next two; valid during
                             the call */
  const double *actions; /**< of the step, within their bounds */
  const void *state;    /**< state after the step */
  double departure;     /**< from the goal */
  int end;              /**< hrl_task_end of the step; with the last of all steps never
                             HRL_TASK_GOES_ON */
} hrl_trajectory_month;

/** Receives each month, episode after episode. A return value other than 0 ends the call. */
typedef int (*hrl_trajectory_fn)(const hrl_trajectory_month *month, void *data);

/** Plays a trained pair month by month for `watch`.
 *  Errors as hrl_evaluate_policy; HRL_ERROR_STATE if `watch` ended the call. */
HRL_API hrl_status hrl_evaluate_trajectory(const hrl_policy *policy,
                                           const hrl_scenario *scenario,
                                           const hrl_evaluate_options *options,
                                           hrl_trajectory_fn watch, void *data,
                                           hrl_error *error);

/** (J - J_constant) / (J_optimum - J_constant): 0 is the best constant share, 1 the
 *  optimum; NaN if the optimum is not better by at least 1e-9 of their size. */
HRL_API double hrl_skill(double strategic_return, double constant_return,
                         double optimum_return);

HRL_END_DECLS

#endif
