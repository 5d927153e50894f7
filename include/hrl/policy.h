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

/** The strategist's goal for the coming months. */
typedef struct hrl_goal {
  double target_invest_ratio; /**< share of income to invest, 0..1; in the model "lifecycle"
                                   the share of savings to hold in the portfolio */
  double safety_buffer;       /**< euro of cash to keep; in the model "lifecycle" of wealth,
                                   at the prices of the start */
  double aggressiveness;      /**< 0..1: how far the executor may deviate from the target */
} hrl_goal;

/** What the executor advises for one month: shares of income that add up to 1; in the model
 *  "lifecycle" shares of cash on hand. */
typedef struct hrl_allocation {
  double invest;  /**< to the portfolio */
  double save;    /**< stays in cash */
  double consume; /**< for the expected expenses */
} hrl_allocation;

/** Loads a trained pair of agents.
 *  @param model a name (NAME_high_agent.pt and NAME_low_agent.pt in ./models, in a folder of
 *         the environment variable HRL_MODEL_PATH, or among the pretrained pairs, such as
 *         "generalist"), a prefix DIR/NAME of such files, or a checkpoint folder.
 *  @param policy receives it, NULL on failure. Freed with hrl_policy_destroy.
 *  Errors: HRL_ERROR_NOT_FOUND, HRL_ERROR_FORMAT, HRL_ERROR_CORRUPT, HRL_ERROR_VERSION,
 *  HRL_ERROR_MISMATCH (the two files are not from the same moment of the same training),
 *  HRL_ERROR_IO, HRL_ERROR_MEMORY. Since 0.1. */
HRL_API hrl_status hrl_policy_load(const char *model, hrl_policy **policy, hrl_error *error);

/** Finds the files of a pair.
 *  @param model as for hrl_policy_load, but no checkpoint folder.
 *  @param prefix receives DIR/NAME, of DIR/NAME_high_agent.pt and the others; freed with
 *         hrl_free; NULL on failure.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_NOT_FOUND, HRL_ERROR_MEMORY. Nothing is loaded: the
 *  files may be damaged. Since 0.2. */
HRL_API hrl_status hrl_policy_find(const char *model, char **prefix, hrl_error *error);

/** Makes a policy with the same agents for another household, for which it then gives advice.
 *  A pair that was trained on a family knows all of its households; for other pairs,
 *  hrl_policy_differences says how far the household is from the training.
 *  @param household a household, not a family, of the pair's model; copied.
 *  @param adapted receives the new pair, NULL on failure. Freed with hrl_policy_destroy.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MISMATCH (another model), HRL_ERROR_NUMERIC,
 *  HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_policy_adapt(const hrl_policy *policy,
                                    const hrl_scenario *household, hrl_policy **adapted,
                                    hrl_error *error);

/** Frees. NULL is ignored. */
HRL_API void hrl_policy_destroy(hrl_policy *policy);

/** A note for the user, one line, for example that it is not known whether the files belong
 *  together; NULL if there is none. Valid as long as the policy. Since 0.2. */
HRL_API const char *hrl_policy_remark(const hrl_policy *policy);

/** The scenario it was trained on; valid as long as the policy. */
HRL_API const hrl_scenario *hrl_policy_scenario(const hrl_policy *policy);

/** Says in which values a household lies outside what the pair was trained on: the ranges of a
 *  family, or another household, measured in units of income. Outside, the agents may be worse
 *  than a simple rule.
 *  @param differences receives one line, "fixed_expenses is 0.71 of income, trained on 0.56;
 *         ...", empty if it lies within; freed with hrl_free, NULL on failure.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MISMATCH (a scenario of another model),
 *  HRL_ERROR_NUMERIC, HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_policy_differences(const hrl_policy *policy,
                                          const hrl_scenario *scenario,
                                          char **differences, hrl_error *error);

/** Months between goals. */
HRL_API size_t hrl_policy_period(const hrl_policy *policy);

/** Asks the strategist for goals.
 *  @param count households, N.
 *  @param observations [N] present state. Income, inflation and risk tolerance are taken from
 *  the scenario; those given here are ignored.
 *  @param previous [N] state at the last goal, for the trend of cash and spending; NULL if
 *  there was none.
 *  @param goals [N] receives them.
 *  Errors: HRL_ERROR_ARGUMENT (a number that is not finite, months out of the scenario's
 *  horizon), HRL_ERROR_MEMORY. */
HRL_API hrl_status hrl_policy_goal(const hrl_policy *policy, size_t count,
                                   const hrl_observation *observations,
                                   const hrl_observation *previous, hrl_goal *goals,
                                   hrl_error *error);

/** Asks the executor for the month's allocation.
 *  @param goals [N] to follow.
 *  @param months_to_next_goal 1..hrl_policy_period: how long the goals still hold.
 *  @param allocations [N] receives the advice for the coming month.
 *  Errors as hrl_policy_goal. */
HRL_API hrl_status hrl_policy_allocate(const hrl_policy *policy, size_t count,
                                       const hrl_observation *observations,
                                       const hrl_goal *goals, size_t months_to_next_goal,
                                       hrl_allocation *allocations, hrl_error *error);

/** Advice for a household in its present state, in euro. Since 0.2. */
typedef struct hrl_advice {
  size_t size;                /**< sizeof(hrl_advice), set by the caller */
  hrl_observation now;        /**< the household that was asked about */
  hrl_goal goal;              /**< of the strategist */
  size_t months_of_goal;      /**< how long it holds */
  hrl_allocation allocation;  /**< of the executor, shares of `amount` */
  double amount;              /**< euro to share out: the month's income; in the model
                                   "lifecycle" cash on hand */
  double invest;              /**< euro of `amount` to the portfolio; in the model "lifecycle"
                                   the portfolio after the month */
  double save;                /**< euro of `amount` to cash; the same */
  double consume;             /**< euro of `amount` to spend; in the model "budget" the rest,
                                   for the month's expenses */
} hrl_advice;

/** Asks a pair about a household at its start, or where hrl_scenario_begin_at has put it.
 *  Does not simulate: it takes microseconds. For the same scenario, hrl_percentiles_policy
 *  shows what follows from the advice, and hrl_evaluate_against_rule how good it is.
 *  @param scenario as for hrl_policy_adapt.
 *  @param advice receives it; `size` tells how much of it there is.
 *  Errors: as hrl_policy_adapt. Since 0.2. */
HRL_API hrl_status hrl_policy_advise(const hrl_policy *policy, const hrl_scenario *scenario,
                                     hrl_advice *advice, hrl_error *error);

/** Describes the contents of a model or a checkpoint as a JSON object, without loading it.
 *  @param model as for hrl_policy_load.
 *  @param json receives zero-terminated text, freed with hrl_free; NULL on failure. Members:
 *         path, kind ("model" or "checkpoint"), scenario; `run`, null for a model, with
 *         episode, total_episodes, seed, updates, start_time, elapsed_time, best_score and
 *         progress; `agents`, each with agent, file, observations, actions, hidden,
 *         parameters (policy, value, log_std together), optimizer and library_version;
 *         `files`, each with name, bytes, intact (checked against the checkpoint's
 *         checksums, or a model's own) and problem. Unknown values are null. A damaged file is
 *         not an error here; see `intact` and `problem`.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_NOT_FOUND, HRL_ERROR_MEMORY; for a checkpoint
 *  those of reading its metadata.json. Since 0.1. */
HRL_API hrl_status hrl_inspect(const char *model, char **json, hrl_error *error);

HRL_END_DECLS

#endif
