/* hrl/policy.h - a trained pair of agents, for advice.
 *
 * A policy is read-only once loaded: any number of threads may ask one at once.
 */
#ifndef HRL_POLICY_H
#define HRL_POLICY_H

#include <stddef.h>

#include <hrl/error.h>
#include <hrl/household.h>
#include <hrl/scenario.h>

HRL_BEGIN_DECLS

/** A trained pair and the scenario it was trained on. Opaque. */
typedef struct hrl_policy hrl_policy;

/** What the strategist asks for over the coming months. */
typedef struct hrl_goal {
  double target_invest_ratio; /**< share of income to invest, 0..1; in the model "lifecycle"
                                   of what is kept, that in the portfolio */
  double safety_buffer;       /**< euro of cash to keep; in the model "lifecycle" of wealth,
                                   at the prices of the start */
  double aggressiveness;      /**< 0..1: how far the executor may depart from the target */
} hrl_goal;

/** What the executor advises for one month: shares of income that add up to 1; in the model
 *  "lifecycle" shares of cash on hand. */
typedef struct hrl_allocation {
  double invest;  /**< to the portfolio */
  double save;    /**< stays in cash */
  double consume; /**< for the expenses to be expected */
} hrl_allocation;

/** Loads a pair.
 *  @param model a name (NAME_high_agent.pt and NAME_low_agent.pt in ./models, in a folder of
 *         the environment variable HRL_MODEL_PATH, or among the pairs that ship, such as
 *         "generalist"), a prefix DIR/NAME of such files, or a checkpoint folder.
 *  @param policy receives it, NULL on failure. Freed with hrl_policy_destroy.
 *  Errors: HRL_ERROR_NOT_FOUND, HRL_ERROR_FORMAT, HRL_ERROR_CORRUPT, HRL_ERROR_VERSION,
 *  HRL_ERROR_MISMATCH (the two files are not of one moment of one training),
 *  HRL_ERROR_IO, HRL_ERROR_MEMORY. Since 0.1. */
HRL_API hrl_status hrl_policy_load(const char *model, hrl_policy **policy, hrl_error *error);

/** Where the files of a pair are.
 *  @param model as for hrl_policy_load, but no checkpoint folder.
 *  @param prefix receives DIR/NAME, of DIR/NAME_high_agent.pt and the others; freed with
 *         hrl_free; NULL on failure.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_NOT_FOUND, HRL_ERROR_MEMORY. Nothing is loaded: the
 *  files may be damaged. Since 0.2. */
HRL_API hrl_status hrl_policy_find(const char *model, char **prefix, hrl_error *error);

/** The same pair for another household, whose scenario it has from then on: its advice is for
 *  that one. A pair that was trained on a family knows all of its households; for one that
 *  was not, hrl_policy_differences tells how far it has to go.
 *  @param household of the pair's model, and no family; copied.
 *  @param adapted receives the new pair, NULL on failure. Freed with hrl_policy_destroy.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MISMATCH (another model), HRL_ERROR_NUMERIC,
 *  HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_policy_adapt(const hrl_policy *policy,
                                    const hrl_scenario *household, hrl_policy **adapted,
                                    hrl_error *error);

/** Frees. NULL is ignored. */
HRL_API void hrl_policy_destroy(hrl_policy *policy);

/** What its user should know, one line, such as that its files do not tell whether they
 *  belong together; NULL: nothing. Valid as long as the policy. Since 0.2. */
HRL_API const char *hrl_policy_remark(const hrl_policy *policy);

/** The scenario it was trained on; valid as long as the policy. */
HRL_API const hrl_scenario *hrl_policy_scenario(const hrl_policy *policy);

/** By what a household lies outside what the pair was trained on, outside the ranges of a
 *  family, or measured in the household's own income: agents that were trained on another household may be worse than a simple rule.
 *  @param differences receives one line, "fixed_expenses is 0.71 of income, trained on 0.56;
 *         ...", empty where it lies within; freed with hrl_free, NULL on failure.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MISMATCH (a scenario of another model),
 *  HRL_ERROR_NUMERIC, HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_policy_differences(const hrl_policy *policy,
                                          const hrl_scenario *scenario,
                                          char **differences, hrl_error *error);

/** Months between two goals. */
HRL_API size_t hrl_policy_period(const hrl_policy *policy);

/** Asks the strategist.
 *  @param count households, N.
 *  @param observations [N] as they are now. Income, inflation and risk tolerance are the
 *         scenario's; what is given here is not used.
 *  @param previous [N] as they were at the last goal, from which the trend of cash and
 *         spending is taken; NULL: there was none.
 *  @param goals [N] receives them.
 *  Errors: HRL_ERROR_ARGUMENT (a number that is not finite, months out of the scenario's
 *  horizon), HRL_ERROR_MEMORY. */
HRL_API hrl_status hrl_policy_goal(const hrl_policy *policy, size_t count,
                                   const hrl_observation *observations,
                                   const hrl_observation *previous, hrl_goal *goals,
                                   hrl_error *error);

/** Asks the executor.
 *  @param goals [N] what it is to follow.
 *  @param months_to_next_goal 1..hrl_policy_period: how long the goals still hold.
 *  @param allocations [N] receives the advice for the coming month.
 *  Errors as hrl_policy_goal. */
HRL_API hrl_status hrl_policy_allocate(const hrl_policy *policy, size_t count,
                                       const hrl_observation *observations,
                                       const hrl_goal *goals, size_t months_to_next_goal,
                                       hrl_allocation *allocations, hrl_error *error);

/** Advice for a household as it stands, in euro. Since 0.2. */
typedef struct hrl_advice {
  size_t size;                /**< sizeof(hrl_advice), set by the caller */
  hrl_observation now;        /**< the household that was asked about */
  hrl_goal goal;              /**< of the strategist */
  size_t months_of_goal;      /**< how long it holds */
  hrl_allocation allocation;  /**< of the executor, shares of `amount` */
  double amount;              /**< euro to share out: the month's income; in the model
                                   "lifecycle" cash on hand */
  double invest;              /**< euro of `amount` to the portfolio; in the model
                                   "lifecycle" what the portfolio is to be */
  double save;                /**< euro of `amount` to cash; the same */
  double consume;             /**< euro of `amount` to spend; in the model "budget" what is
                                   left for the month's expenses */
} hrl_advice;

/** Asks a pair about a household at its start, or where hrl_scenario_begin_at has put it.
 *  No simulation: it takes microseconds. What follows from the advice is told by
 *  hrl_percentiles_policy, and how good it is by hrl_evaluate_against_rule, of the same
 *  scenario.
 *  @param scenario as for hrl_policy_adapt.
 *  @param advice receives it; `size` tells how much of it there is.
 *  Errors: as hrl_policy_adapt. Since 0.2. */
HRL_API hrl_status hrl_policy_advise(const hrl_policy *policy, const hrl_scenario *scenario,
                                     hrl_advice *advice, hrl_error *error);

/** What a model or a checkpoint holds, as a JSON object; nothing is set up from it.
 *  @param model as for hrl_policy_load.
 *  @param json receives zero-terminated text, freed with hrl_free; NULL on failure. Members:
 *         path, kind ("model" or "checkpoint"), scenario; `run`, null for a model, with
 *         episode, total_episodes, seed, updates, start_time, elapsed_time, best_score and
 *         progress; `agents`, each with agent, file, observations, actions, hidden,
 *         parameters (policy, value, log_std together), optimizer and library_version;
 *         `files`, each with name, bytes, intact (checked against the checkpoint's
 *         checksums, or a model's own) and problem. What a file does not say is null.
 *  A damaged file is no error here: `intact` and `problem` tell of it.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_NOT_FOUND, HRL_ERROR_MEMORY; for a checkpoint
 *  those of reading its metadata.json. Since 0.1. */
HRL_API hrl_status hrl_inspect(const char *model, char **json, hrl_error *error);

HRL_END_DECLS

#endif
