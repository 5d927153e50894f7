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
  double target_invest_ratio; /**< share of income to invest, 0..1 */
  double safety_buffer;       /**< euro of cash to keep */
  double aggressiveness;      /**< 0..1: how far the executor may depart from the target */
} hrl_goal;

/** What the executor advises for one month: shares of income that add up to 1. */
typedef struct hrl_allocation {
  double invest;  /**< to the portfolio */
  double save;    /**< stays in cash */
  double consume; /**< for the expenses to be expected */
} hrl_allocation;

/** Loads a pair.
 *  @param model a name (NAME_high_agent.pt and NAME_low_agent.pt in ./models), a prefix
 *         DIR/NAME of such files, or a checkpoint folder.
 *  @param policy receives it, NULL on failure. Freed with hrl_policy_destroy.
 *  Errors: HRL_ERROR_NOT_FOUND, HRL_ERROR_FORMAT, HRL_ERROR_CORRUPT, HRL_ERROR_VERSION,
 *  HRL_ERROR_MISMATCH, HRL_ERROR_IO, HRL_ERROR_MEMORY. Since 0.1. */
HRL_API hrl_status hrl_policy_load(const char *model, hrl_policy **policy, hrl_error *error);

/** Frees. NULL is ignored. */
HRL_API void hrl_policy_destroy(hrl_policy *policy);

/** The scenario it was trained on; valid as long as the policy. */
HRL_API const hrl_scenario *hrl_policy_scenario(const hrl_policy *policy);

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
