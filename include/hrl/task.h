/* hrl/task.h - environments of your own: the two agents learn a task that a C program defines.
 *
 * MAY CHANGE UNTIL 1.0, unlike the other headers. Since 0.2. docs/tasks.md builds a task step
 * by step; examples 10 and 11 are complete programs.
 *
 *     static const hrl_task task = {.size = sizeof task, .name = "inventory", .version = 1,
 *                                   .steps = 120, ..., .reset = reset, .observe = observe,
 *                                   .step = step};
 *     hrl_task_check(&task, NULL, &report, &error);             find mistakes
 *     hrl_task_make_scenario(&task, NULL, &scenario, &error);
 *     hrl_scenario_set(scenario, "training.high_period", 12, &error);
 *     hrl_trainer_create(scenario, &options, &trainer, &error);  as with any household
 *     ...
 *     hrl_task_load_policy(&task, "models/inventory", &policy, &error);
 *     hrl_task_choose_goals(policy, 1, &state, 0, goals, &error);
 *     hrl_task_choose_actions(policy, 1, &state, 0, goals, 12, actions, &error);
 *
 * AN EPISODE has at most `steps` steps. Every training.high_period steps the strategist
 * observes the state and sets a goal; at every step the executor observes the state, its goal
 * and how long the goal still holds, and acts:
 *
 *     reset
 *     every period:   observe, (the strategist), choose_goals where there is one
 *     every step:     observe, (the executor), choose_actions where there is one, step
 *
 * Both see the output of `observe`; the executor also sees its goal and the share of the
 * period that remains. Goals and actions are numbers, which the library keeps within their
 * bounds; the task defines their meaning. The executor earns the reward of each step minus the
 * penalty for its departure; the strategist earns, for each goal, the sum of the rewards until
 * the next.
 *
 * FUNCTIONS process a batch of N episodes whose states are contiguous: a function is a loop
 * over batch->count, from 1 to some hundreds. All episodes of a batch are at the same step;
 * when episodes end, the others are moved together. The result for row i may depend only on
 * the state and the episode of row i, on seed and on step. A function returns 0; any other
 * value ends the run with HRL_ERROR_TASK, as does a number that is not finite.
 *
 * MEMORY is the library's. A state is a struct of `state_size` bytes, copied and moved as
 * plain memory, so it must not contain pointers into itself. Functions may write only the
 * states (`reset` and `step` only) and their output arrays, and should not allocate memory.
 *
 * THREADS. Functions are called from several threads at once, on different batches. All share
 * `data`, which must not change while a scenario, trainer or policy of the task is in use.
 * Functions may use half a MiB of stack. They may call no function of libhrl except
 * hrl_task_draw_normals and hrl_task_draw_uniforms.
 *
 * NOISE must be a function of (seed, episode, step) only; hrl_task_draw_normals and
 * hrl_task_draw_uniforms return such numbers. Runs are then identical for any number of
 * threads and after resuming. `observe`, `choose_goals`, `choose_actions` and `potential` must
 * not draw noise, because policies are also asked about states that belong to no episode.
 *
 * OWNERSHIP. An hrl_task is copied, with all texts and bounds. The functions and `data` must
 * remain valid as long as any scenario, trainer or policy of the task.
 *
 * FILES are those of any household. They contain name, version, steps, sizes, names and bounds
 * of the task, but neither functions nor `data`. A model or checkpoint of another task is
 * rejected with HRL_ERROR_MISMATCH; if `data` changes the task, change `version` or the name.
 * Programs without the task (hrl-eval, hrl-serve, a queue) say so.
 *
 * WHAT THE OTHER HEADERS MEAN FOR A TASK: a month is a step. All of hrl/trainer.h takes tasks,
 * and
 * hrl_evaluate_policy, hrl_evaluate_difference, hrl_evaluate_optimum, hrl_evaluate_trajectory
 * and hrl_policy_adapt. strategic_return is the undiscounted sum of an episode's rewards, as
 * is `reward`; goal_adherence the mean departure; `solvent` the share of episodes that no step
 * terminated before the last. Amounts of money are 0. Functions for households only fail with
 * HRL_ERROR_MISMATCH.
 */
#ifndef HRL_TASK_H
#define HRL_TASK_H

#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>
#include <hrl/evaluate.h>
#include <hrl/policy.h>
#include <hrl/scenario.h>

HRL_BEGIN_DECLS

/** Maximum numbers of an observation. */
#define HRL_TASK_OBSERVATIONS_MAX 256
/** Maximum numbers of a goal. */
#define HRL_TASK_GOALS_MAX 4
/** Maximum numbers of an action. */
#define HRL_TASK_ACTIONS_MAX 4
/** Maximum steps of an episode. */
#define HRL_TASK_STEPS_MAX 12000
/** Maximum bytes of a state. */
#define HRL_TASK_STATE_MAX 65536

/** One number of a goal or of an action. Agents explore in shares of the range between its
 *  bounds (training.exploration_high, training.exploration_low): choose them so that the
 *  whole range is worth trying. */
typedef struct hrl_task_quantity {
  const char *name; /**< such as "order": letters, digits and '_', at most 40 */
  double minimum;   /**< finite */
  double maximum;   /**< finite, above minimum */
} hrl_task_quantity;

/** Episodes played in parallel, as passed to the functions of a task. */
typedef struct hrl_task_batch {
  size_t count;             /**< N, at least 1 */
  void *states;             /**< [N] of state_size bytes each, aligned for any type; zeros
                                 before `reset` */
  const uint64_t *episodes; /**< [N] number of each */
  uint64_t seed;            /**< of the noise */
  size_t step;              /**< steps already done by all of them, 0 for the first */
} hrl_task_batch;

/** How a step ends. */
typedef enum hrl_task_end {
  HRL_TASK_GOES_ON = 0,    /**< unless it was the last of `steps`: then it is cut off, as by
                                HRL_TASK_TRUNCATED */
  HRL_TASK_TERMINATED = 1, /**< the task is over: no further rewards follow */
  HRL_TASK_TRUNCATED = 2   /**< cut off: the episode would have continued; learning bootstraps
                                with the critics' estimate of the rest */
} hrl_task_end;

/** Results of a step, all 0 before the call. */
typedef struct hrl_task_result {
  double *rewards;    /**< [N] reward of the step; must not depend on goals */
  double *departures; /**< [N] penalty for departing from the goal, at least 0, in units of
                           reward; training.goal_weight times this is subtracted from the
                           executor's reward only. 0: goals are advice */
  uint8_t *ends;      /**< [N] hrl_task_end */
} hrl_task_result;

/** A task. Begin with HRL_TASK_INIT, or name the members one by one and set `size`. Unused
 *  members are NULL or 0. */
typedef struct hrl_task {
  size_t size;         /**< sizeof(hrl_task) */
  const char *name;    /**< of the task, its models and folders; as hrl_name_sanitize leaves it
                            */
  uint32_t version;    /**< change it when the meaning of observations, goals or actions
                            changes: models of another version are rejected */
  size_t steps;        /**< maximum steps of an episode, 1..HRL_TASK_STEPS_MAX */
  size_t observations; /**< numbers of an observation, 1..HRL_TASK_OBSERVATIONS_MAX */
  size_t goals;        /**< numbers of a goal, 1..HRL_TASK_GOALS_MAX */
  const hrl_task_quantity *goal;   /**< [goals] */
  size_t actions;                  /**< numbers of an action, 1..HRL_TASK_ACTIONS_MAX */
  const hrl_task_quantity *action; /**< [actions] */
  size_t state_size;   /**< bytes of a state, 1..HRL_TASK_STATE_MAX */
  void *data;          /**< passed to every function */

  /** Begins the episodes of a batch, whose states are zeros. */
  int (*reset)(void *data, const hrl_task_batch *batch);

  /** Observations [N, observations], of the order of 1; all must be written. Where episodes end at a fixed step by HRL_TASK_TERMINATED, the time remaining must be part of it. Not called for states that a step has terminated. */
  int (*observe)(void *data, const hrl_task_batch *batch, float *observations);

  /** One step by actions [N, actions] under goals [N, goals], all within their bounds. Use `goals` for departures only; when a rule plays, they are those of choose_goals. */
  int (*step)(void *data, const hrl_task_batch *batch, const double *goals,
              const double *actions, hrl_task_result *result);

  /* ---- the initial policy that learning improves; NULL: the middle of the bounds ---- */

  /** Goals [N, goals]; all must be written. They are clamped to their bounds. */
  int (*choose_goals)(void *data, const hrl_task_batch *batch, double *goals);

  /** Actions [N, actions] under those goals [N, goals]; the same. */
  int (*choose_actions)(void *data, const hrl_task_batch *batch, const double *goals,
                        double *actions);

  /** A rough value of the states [N]: the sum of future rewards. Its change is added to rewards during learning, which speeds it up and does not change the optimal policy (Ng, Harada and Russell, 1999). After HRL_TASK_TERMINATED it counts as 0. */
  int (*potential)(void *data, const hrl_task_batch *batch, double *potentials);

  /* ---- baselines, not used in training ---- */

  /** Number of simple rules, the best of which is chosen in hindsight, at most 1,000,000. */
  size_t rules;

  /** Actions [N, actions] by rule `number`, 0 for the first. */
  int (*rule)(void *data, size_t number, const hrl_task_batch *batch, double *actions);

  /** Actions [N, actions] of the optimal policy. */
  int (*optimum)(void *data, const hrl_task_batch *batch, double *actions);

  /** Expected sum of rewards of an episode with `optimum`, if known. */
  double (*optimum_return)(void *data);
} hrl_task;

/** Initialiser: nothing but the size, and version 1. */
#define HRL_TASK_INIT                                                                    \
  {                                                                                      \
    sizeof(hrl_task), NULL, 1, 0, 0, 0, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL,  \
        NULL, NULL, 0, NULL, NULL, NULL                                                  \
  }

/** Makes the scenario of a task, for hrl_trainer_create and the functions that evaluate. Its
 *  model is "task", its keys are those of the section `training`.
 *  @param text YAML with a section `training`, or what hrl_scenario_format gave of a scenario
 *         of this task; NULL: all defaults. hrl_scenario_set changes values, too.
 *  @param scenario receives it, NULL on failure. Freed with hrl_scenario_destroy.
 *  Errors: HRL_ERROR_ARGUMENT (an invalid task: the message says why),
 *  HRL_ERROR_LIMIT (a size above its maximum), HRL_ERROR_MISMATCH (a text of another
 *  task), those of hrl_scenario_parse. Since 0.2. */
HRL_API hrl_status hrl_task_make_scenario(const hrl_task *task, const char *text,
                                          hrl_scenario **scenario, hrl_error *error);

/** Loads a pair that was trained on a task, as hrl_policy_load does one for households. For
 *  hrl_task_choose_goals, hrl_task_choose_actions, evaluations and warm starts;
 *  hrl_policy_goal and hrl_policy_allocate refuse it with HRL_ERROR_MISMATCH.
 *  @param model as for hrl_policy_load.
 *  @param policy receives it, NULL on failure. Freed with hrl_policy_destroy.
 *  Errors: those of hrl_task_make_scenario and hrl_policy_load; HRL_ERROR_MISMATCH where
 *  the pair was trained on something else. Since 0.2. */
HRL_API hrl_status hrl_task_load_policy(const hrl_task *task, const char *model,
                                        hrl_policy **policy, hrl_error *error);

/** Asks the strategist of a task. May be called by many threads at once.
 *  @param count states, N.
 *  @param states [N] of state_size bytes each; not changed.
 *  @param step steps already done, below `steps`.
 *  @param goals [N, goals] receives them.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MISMATCH (a pair of households), HRL_ERROR_TASK,
 *  HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_task_choose_goals(const hrl_policy *policy, size_t count,
                                         const void *states, size_t step, double *goals,
                                         hrl_error *error);

/** Asks the executor of a task. May be called by many threads at once.
 *  @param goals [N, goals] to follow, within their bounds.
 *  @param steps_to_next_goal 1..hrl_policy_period: how long the goals still hold.
 *  @param actions [N, actions] receives them.
 *  The rest, and errors, as hrl_task_choose_goals. Since 0.2. */
HRL_API hrl_status hrl_task_choose_actions(const hrl_policy *policy, size_t count,
                                           const void *states, size_t step,
                                           const double *goals, size_t steps_to_next_goal,
                                           double *actions, hrl_error *error);

/** Plays rule `number` of a task: hrl_evaluate_rule for it.
 *  Errors: HRL_ERROR_ARGUMENT (no such rule), HRL_ERROR_MISMATCH (a household),
 *  HRL_ERROR_TASK, and as hrl_evaluate_policy. Since 0.2. */
HRL_API hrl_status hrl_task_evaluate_rule(const hrl_scenario *scenario, size_t number,
                                          const hrl_evaluate_options *options,
                                          hrl_evaluation *result, hrl_error *error);

/** Plays the rules of a task and gives the best: hrl_evaluate_best_rule for it.
 *  @param number receives which it is.
 *  Errors as hrl_task_evaluate_rule, HRL_ERROR_ARGUMENT where there are none. Since 0.2. */
HRL_API hrl_status hrl_task_evaluate_best_rule(const hrl_scenario *scenario,
                                               const hrl_evaluate_options *options,
                                               size_t *number, hrl_evaluation *result,
                                               hrl_error *error);

/** Four independent standard normal numbers for episode i of a batch at its step.
 *  @param i below batch->count.
 *  @param stream 0..65535: different streams are independent. */
HRL_API void hrl_task_draw_normals(const hrl_task_batch *batch, size_t i, uint32_t stream,
                                   double normals[4]);

/** Four independent numbers, uniform within 0..1, 1 excluded. Independent of
 *  hrl_task_draw_normals. */
HRL_API void hrl_task_draw_uniforms(const hrl_task_batch *batch, size_t i,
                                    uint32_t stream, double uniforms[4]);

/** How to check a task. Begin with HRL_TASK_CHECK_OPTIONS_INIT. */
typedef struct hrl_task_check_options {
  size_t size;       /**< sizeof(hrl_task_check_options) */
  uint64_t episodes; /**< to play for each check, 2..4096 */
  uint64_t seed;     /**< of their noise and of the random actions */
} hrl_task_check_options;

/** Initialiser with the defaults. */
#define HRL_TASK_CHECK_OPTIONS_INIT { sizeof(hrl_task_check_options), 64, 1 }

/** Checks a task for mistakes. Plays episodes with random goals and actions within their
 *  bounds, in guarded memory, several times in different ways.
 *  @param options NULL: the defaults.
 *  @param report receives a line, with a line feed, for each mistake, "" if none was found;
 *  freed with hrl_free, NULL on failure. A line begins with one of these words:
 *           shape      sizes, bounds and functions that cannot be
 *           failed     a function returned something other than 0
 *           finite     a number that is NaN or infinite
 *           unwritten  a number that a function was to give and did not
 *           guard      a function wrote beyond the arrays or the states it was given
 *           input      a function changed what it was only to read
 *           repeat     the same episodes came out different the second time
 *           batch      an episode depends on those that it is played beside
 *           thread     episodes came out different on several threads at once
 *           end        terminated and truncated are confused, or neither
 *           scale      observations, rewards, departures or potentials are out of scale
 *           effect     actions change no reward, or goals change some
 *           textbook   choose_goals or choose_actions are never within the bounds
 *           yardstick  a rule beats the optimum, or that is not worth what it says
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY, HRL_ERROR_THREAD. HRL_OK if the task could be
 *  checked, whatever was found. It cannot detect a function that writes far outside its memory
 *  or never returns. Since 0.2. */
HRL_API hrl_status hrl_task_check(const hrl_task *task,
                                  const hrl_task_check_options *options, char **report,
                                  hrl_error *error);

HRL_END_DECLS

#endif
