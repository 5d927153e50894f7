/* hrl/task.h - environments of one's own: a task that a C program brings along is learned by
 * the same two agents as the households.
 *
 * MAY CHANGE UNTIL 1.0, unlike the other headers. Since 0.2. docs/tasks.md goes from nothing to
 * a trained task; examples 10 and 11 are whole programs.
 *
 *     static const hrl_task task = {.size = sizeof task, .name = "inventory", .version = 1,
 *                                   .steps = 120, ..., .reset = reset, .observe = observe,
 *                                   .step = step};
 *     hrl_task_check(&task, NULL, &report, &error);             what is wrong with it?
 *     hrl_task_make_scenario(&task, NULL, &scenario, &error);
 *     hrl_scenario_set(scenario, "training.high_period", 12, &error);
 *     hrl_trainer_create(scenario, &options, &trainer, &error);  as with any household
 *     ...
 *     hrl_task_load_policy(&task, "models/inventory", &policy, &error);
 *     hrl_task_choose_goals(policy, 1, &state, 0, goals, &error);
 *     hrl_task_choose_actions(policy, 1, &state, 0, goals, 12, actions, &error);
 *
 * AN EPISODE has at most `steps` steps. Every training.high_period steps the strategist looks
 * at the state and sets a goal; at every step the executor looks at the state, at its goal
 * and at how long that still holds, and acts:
 *
 *     reset
 *     every period:   observe, (the strategist), choose_goals where there is one
 *     every step:     observe, (the executor), choose_actions where there is one, step
 *
 * Both see what `observe` tells; the executor its goal besides, and the share of the period
 * that is left. Goals and actions are numbers within bounds, which the library keeps. What they
 * mean is the task's affair. The executor earns the reward of each step less the price of its
 * departure; the strategist, for each goal, the sum of the rewards until the next.
 *
 * FUNCTIONS are for many episodes at once, N in a batch, whose states lie side by side: a
 * function is a loop over batch->count, from 1 to some hundreds. All of a batch are at the same
 * step; when episodes end, the rest moves together. What row i gets may hang on the state and
 * the episode of row i, on seed and step, on nothing else. A function returns 0; anything else
 * ends the run with HRL_ERROR_TASK, as does a number that is not finite.
 *
 * MEMORY is the library's. A state is a struct of `state_size` bytes, copied and moved like
 * plain memory: it holds no pointer into itself. Functions write the states (`reset` and
 * `step` alone) and the arrays they are given, nothing else, and should allocate nothing.
 *
 * THREADS. Functions are called from several threads at once, on different batches. `data` is
 * shared by them all: nothing may change it while a scenario, trainer or policy of the task
 * is in use. Functions may use half a MiB of stack, and call nothing of libhrl but
 * hrl_task_draw_normals and hrl_task_draw_uniforms.
 *
 * NOISE must be a function of (seed, episode, step) and of nothing else; hrl_task_draw_normals
 * and hrl_task_draw_uniforms give such numbers. Then a run is the same to the bit for any
 * number of threads and after a resume. `observe`, `choose_goals`, `choose_actions` and
 * `potential` draw none: policies are asked about states that belong to no episode.
 *
 * WHO OWNS WHAT. An hrl_task is copied, with all texts and bounds; what the functions and
 * `data` point to must last as long as any scenario, trainer or policy of the task.
 *
 * FILES are those of any household. They carry name, version, steps, sizes, names and bounds of
 * the task, but neither functions nor `data`: a model or checkpoint of another task is refused
 * with HRL_ERROR_MISMATCH, and what `data` changes is for `version`, or the name, to tell.
 * Programs that do not have the task (hrl-eval, hrl-serve, a queue) say so.
 *
 * WHAT THE OTHER HEADERS MEAN FOR A TASK: a month is a step. All of hrl/trainer.h takes tasks, and
 * hrl_evaluate_policy, hrl_evaluate_difference, hrl_evaluate_optimum, hrl_evaluate_trajectory
 * and hrl_policy_adapt. strategic_return is the undiscounted sum of an episode's rewards, as
 * is `reward`; goal_adherence the mean departure; `solvent` the share of episodes that no step
 * terminated before the last. Sums of money are 0. What is about households alone fails with
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

/** Most numbers that an observation may have. */
#define HRL_TASK_OBSERVATIONS_MAX 256
/** Most numbers that a goal may have. */
#define HRL_TASK_GOALS_MAX 4
/** Most numbers that an action may have. */
#define HRL_TASK_ACTIONS_MAX 4
/** Most steps that an episode may have. */
#define HRL_TASK_STEPS_MAX 12000
/** Most bytes that a state may have. */
#define HRL_TASK_STATE_MAX 65536

/** One number of a goal or of an action. Agents explore in shares of the range between its
 *  bounds (training.exploration_high, training.exploration_low): choose them so that the
 *  whole range is worth trying. */
typedef struct hrl_task_quantity {
  const char *name; /**< such as "order": letters, digits and '_', at most 40 */
  double minimum;   /**< finite */
  double maximum;   /**< finite, above minimum */
} hrl_task_quantity;

/** Episodes that are played side by side, as the functions of a task see them. */
typedef struct hrl_task_batch {
  size_t count;             /**< N, at least 1 */
  void *states;             /**< [N] of state_size bytes each, aligned for any type; zeros
                                 before `reset` */
  const uint64_t *episodes; /**< [N] number of each */
  uint64_t seed;            /**< of the noise */
  size_t step;              /**< steps that lie behind all of them, 0 for the first */
} hrl_task_batch;

/** How a step leaves its episode. */
typedef enum hrl_task_end {
  HRL_TASK_GOES_ON = 0,    /**< unless it was the last of `steps`: then it is cut off, as by
                                HRL_TASK_TRUNCATED */
  HRL_TASK_TERMINATED = 1, /**< the task is over: there is nothing to come that could be
                                worth anything */
  HRL_TASK_TRUNCATED = 2   /**< cut off: the state would have gone on, and the agents'
                                estimate of what would have come is counted in learning */
} hrl_task_end;

/** What a step gives. All of it is 0 before the call. */
typedef struct hrl_task_result {
  double *rewards;    /**< [N] what the step is worth; must not depend on goals */
  double *departures; /**< [N] how far the step departs from its goal, at least 0, in units of
                           reward: training.goal_weight times as much is taken from what the
                           executor earns, and from nothing else. 0: goals are advice */
  uint8_t *ends;      /**< [N] hrl_task_end */
} hrl_task_result;

/** A task. Begin with HRL_TASK_INIT, or name the members one by one and set `size`. What is not
 *  needed is NULL or 0. */
typedef struct hrl_task {
  size_t size;         /**< sizeof(hrl_task) */
  const char *name;    /**< of the task, its models and folders; as hrl_name_sanitize leaves it */
  uint32_t version;    /**< to be changed with what observations, goals or actions mean:
                            models of another version are refused */
  size_t steps;        /**< most that an episode has, 1..HRL_TASK_STEPS_MAX */
  size_t observations; /**< numbers of an observation, 1..HRL_TASK_OBSERVATIONS_MAX */
  size_t goals;        /**< numbers of a goal, 1..HRL_TASK_GOALS_MAX */
  const hrl_task_quantity *goal;   /**< [goals] */
  size_t actions;                  /**< numbers of an action, 1..HRL_TASK_ACTIONS_MAX */
  const hrl_task_quantity *action; /**< [actions] */
  size_t state_size;   /**< bytes of a state, 1..HRL_TASK_STATE_MAX */
  void *data;          /**< passed to every function */

  /** Begins the episodes of a batch, whose states are zeros. */
  int (*reset)(void *data, const hrl_task_batch *batch);

  /** What the agents see: observations [N, observations], of the order of 1, all of them
   *  written. Where episodes end at a fixed step by HRL_TASK_TERMINATED, the time left must be
   *  part of it. Not asked about states that a step has terminated. */
  int (*observe)(void *data, const hrl_task_batch *batch, float *observations);

  /** One step by actions [N, actions] under goals [N, goals], all within their bounds. `goals`
   *  serve to tell departures; where a rule plays, they are those of choose_goals. */
  int (*step)(void *data, const hrl_task_batch *batch, const double *goals,
              const double *actions, hrl_task_result *result);

  /* ---- what a textbook would say, from which learning begins; NULL: the middle ---- */

  /** Goals [N, goals], all of them written; what lies beyond the bounds is moved there. */
  int (*choose_goals)(void *data, const hrl_task_batch *batch, double *goals);

  /** Actions [N, actions] under those goals [N, goals]; the same. */
  int (*choose_actions)(void *data, const hrl_task_batch *batch, const double *goals,
                        double *actions);

  /** What the states are roughly worth [N], of all that is still to come. Its change is added
   *  to rewards in learning, which hastens it and leaves the best policy what it is (Ng,
   *  Harada and Russell, 1999). After HRL_TASK_TERMINATED nothing is to come: what it gives
   *  then does not count. */
  int (*potential)(void *data, const hrl_task_batch *batch, double *potentials);

  /* ---- yardsticks, which no training sees ---- */

  /** Number of simple rules, of which hindsight picks the best, at most 1,000,000. */
  size_t rules;

  /** Actions [N, actions] by rule `number`, 0 for the first. */
  int (*rule)(void *data, size_t number, const hrl_task_batch *batch, double *actions);

  /** Actions [N, actions] by the best policy there is. */
  int (*optimum)(void *data, const hrl_task_batch *batch, double *actions);

  /** The expected sum of rewards of an episode by `optimum`, where that is known. */
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
 *  Errors: HRL_ERROR_ARGUMENT (a task that is no task: the message says what is amiss),
 *  HRL_ERROR_LIMIT (a size beyond what is accepted), HRL_ERROR_MISMATCH (a text of another
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

/** Asks the strategist of a task's pair. Any number of threads at once.
 *  @param count states, N.
 *  @param states [N] of state_size bytes each; not changed.
 *  @param step steps that lie behind them, below `steps`.
 *  @param goals [N, goals] receives them.
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MISMATCH (a pair of households), HRL_ERROR_TASK,
 *  HRL_ERROR_MEMORY. Since 0.2. */
HRL_API hrl_status hrl_task_choose_goals(const hrl_policy *policy, size_t count,
                                         const void *states, size_t step, double *goals,
                                         hrl_error *error);

/** Asks the executor of a task's pair. Any number of threads at once.
 *  @param goals [N, goals] what it is to follow, within their bounds.
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
 *  @param stream 0..65535: numbers of different streams have nothing to do with each other. */
HRL_API void hrl_task_draw_normals(const hrl_task_batch *batch, size_t i, uint32_t stream,
                                   double normals[4]);

/** Four independent numbers, uniform within 0..1, 1 excluded. Their streams are others than
 *  those of hrl_task_draw_normals. */
HRL_API void hrl_task_draw_uniforms(const hrl_task_batch *batch, size_t i,
                                    uint32_t stream, double uniforms[4]);

/** How a task is tried. Begin with HRL_TASK_CHECK_OPTIONS_INIT. */
typedef struct hrl_task_check_options {
  size_t size;       /**< sizeof(hrl_task_check_options) */
  uint64_t episodes; /**< to play for each question, 2..4096 */
  uint64_t seed;     /**< of their noise, and of the actions that are tried */
} hrl_task_check_options;

/** Initialiser with the defaults. */
#define HRL_TASK_CHECK_OPTIONS_INIT { sizeof(hrl_task_check_options), 64, 1 }

/** Tries a task and tells what is wrong with it. Plays episodes by goals and actions drawn
 *  within their bounds, in memory with guards around it, again and again in other ways.
 *  @param options NULL: the defaults.
 *  @param report receives a line for each thing found, ended by a line feed, "" where nothing
 *         was; freed with hrl_free, NULL on failure. A line begins with what it is about:
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
 *  Errors: HRL_ERROR_ARGUMENT, HRL_ERROR_MEMORY, HRL_ERROR_THREAD. HRL_OK where the task could
 *  be tried, whatever was found. A function that writes far away, or never returns, is beyond
 *  it. Since 0.2. */
HRL_API hrl_status hrl_task_check(const hrl_task *task,
                                  const hrl_task_check_options *options, char **report,
                                  hrl_error *error);

HRL_END_DECLS

#endif
