/* environments/environment.h - the environment interface, used by the code that learns,
 * evaluates and stores two-level tasks, and implemented by budget/, lifecycle/ and
 * custom/ (a program's own task).
 *
 * An environment is a table of functions over batches: N episodes are played side by
 * side, and every call is for many rows, so that nothing is called through a pointer in
 * an inner loop. Nothing here knows of networks, losses or files.
 *
 * An episode of at most task->months months goes:
 *
 *     reset
 *     every `period` months:  strategist_observe, (an action), goals_set
 *     every month:            executor_observe, (an action), step
 *     where it has finished:  episode
 *
 * An agent's mean action before anything is learned is its offset, the textbook advice
 * that comes with an observation: learning begins from there.
 *
 * `rows` are the indices in the batch of those that a call is for, ascending; what
 * belongs to a row lies at the row's place in `rows`, without gaps.
 *
 * An implementation does no input or output, allocates nothing but in `create` and
 * `optimum_create`, and keeps nothing outside a task and a batch. Different batches of
 * one task may be used by different threads. */
#ifndef HRLP_ENVIRONMENT_H
#define HRLP_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hrl/evaluate.h>
#include <hrl/household.h>
#include <hrl/policy.h>

#include "base/text.h"
#include "environments/episode.h"

/* The widest observation and action that an environment may have. */
#define HRLP_OBSERVATIONS_MAX 264
#define HRLP_ACTIONS_MAX 4
#define HRLP_CONTEXT_MAX 32

struct hrlp_environment;

/* An environment for one scenario, with all that can be computed in advance. Read-only
 * once made. An implementation's own struct begins with it. */
struct hrlp_task {
  const struct hrlp_environment *environment;
  int64_t first_month;   /* 1, or the one that episodes begin at */
  int64_t months;        /* of the longest episode, those before the first included */
  double initial_wealth; /* euro */
  size_t nodes;          /* states that nodes_observe gives; 0: it has none */
  double reward_unit;    /* in which rewards of households of all sizes are alike */
};

/* N episodes in the same task, laid over memory that the caller owns. An implementation's
 * own struct begins with it. */
struct hrlp_batch {
  const struct hrlp_task *task;
  size_t count; /* N */
};

struct hrlp_batch_options {
  uint64_t seed;      /* of the noise */
  int64_t period;     /* months between two goals */
  double goal_weight; /* what the executor pays for departing from its goal */
  double
      gamma_low; /* the executor's discount a month, the strategist's a decision: for */
  double gamma_high; /* those whose potentials change with them */
};

/* What a month is worth to each agent, [rows] each: rewards with the change of the
 * potential, less the noise that no action can change. */
struct hrlp_rewards {
  double *strategist;
  double *executor; /* the same less the price of departing from the goal; where the
                       environment has nodes, its expectation over them */
};

/* A way to act that was not learned: a simple rule, or the optimum. */
struct hrlp_plan {
  double parameters[4]; /* of a rule; the environment knows what they mean */
  void *optimum;        /* the solved task, or NULL */
};

/* Hears of every month that is played, from the thread that plays it. */
typedef void (*hrlp_observer_fn)(void *context, const hrl_trajectory_month *month);
struct hrlp_observer {
  hrlp_observer_fn function; /* or NULL: nobody wants to know */
  void *context;
};

/* Which episodes a plan plays, and in what. */
struct hrlp_plan_request {
  uint64_t seed, first_episode;
  size_t count;
  void *memory;                  /* of plan_size, as batch_lay wants it */
  struct hrlp_episode *episodes; /* [count] */
  struct hrlp_observer observer; /* goals are not set */
  hrl_error *error;              /* where the environment has problems */
};

struct hrlp_environment {
  const char *model; /* its name in a scenario */
  size_t strategist_observations, strategist_actions;
  size_t executor_observations, executor_actions;
  size_t context_features; /* at most HRLP_CONTEXT_MAX */
  /* Whether a task's reward_unit makes households of a family alike; where nothing that
   * is known in advance does, their advantages are rescaled, household by household. */
  bool has_reward_unit;
  double least_improvement; /* of the strategic return that training longer is worth */

  /* A task for a scenario, which is copied; *task is NULL after a failure. `destroy`
   * accepts NULL. */
  hrl_status (*create)(const hrl_scenario *scenario, struct hrlp_task **task,
                       hrl_error *error);
  void (*destroy)(struct hrlp_task *task);

  /* Bytes of a batch, and a batch in so many zeroed bytes on a 64-byte boundary. It lives
   * no longer than the memory, and needs no end. */
  size_t (*batch_size)(const struct hrlp_task *task, size_t count);
  struct hrlp_batch *(*batch_lay)(const struct hrlp_task *task, void *memory,
                                  size_t count, const struct hrlp_batch_options *options);
  /* Begins episodes first_episode ... first_episode + N - 1. Noise is a function of
   * (seed, episode, month). */
  void (*reset)(struct hrlp_batch *batch, uint64_t first_episode);
  /* A period begins: the strategist's observations [rows, strategist_observations] and
   * offsets [rows, strategist_actions]. */
  void (*strategist_observe)(struct hrlp_batch *batch, const size_t *rows, size_t count,
                             float *observations, float *offsets);
  /* The goals that actions [rows, strategist_actions] ask for. */
  void (*goals_set)(struct hrlp_batch *batch, const size_t *rows, size_t count,
                    const float *actions);
  /* The executor's observations and offsets, given the goals. */
  void (*executor_observe)(struct hrlp_batch *batch, const size_t *rows, size_t count,
                           int64_t months_to_next_goal, float *observations,
                           float *offsets);
  /* One month by actions [rows, executor_actions]; finished[r] is 1 where row r's episode
   * is over. `rewards` is NULL if not needed for learning. */
  void (*step)(struct hrlp_batch *batch, const size_t *rows, size_t count,
               const float *actions, const struct hrlp_rewards *rewards,
               uint8_t *finished);
  /* After a decision the state is known but for the month's noise, whose distribution the
   * scenario gives: the month could have led to task->nodes states, each with a weight.
   * After a step for which rewards were wanted: the executor's observations of those
   * states [rows, nodes, executor_observations] under the goals in force, and their
   * weights [rows, nodes], 0 where the episode would be over. */
  void (*nodes_observe)(struct hrlp_batch *batch, const size_t *rows, size_t count,
                        int64_t months_to_next_goal, float *observations, float *weights);
  /* Whether episode i, which has just finished, was only cut off; then both agents'
   * observations of the state that it was left in, from which what would have come is
   * estimated. NULL: beyond an end there is nothing. */
  bool (*truncated)(struct hrlp_batch *batch, size_t i, float *strategist,
                    float *executor);
  /* Why a batch could not be played to its end, or NULL; all its episodes have finished
   * then. NULL: every batch can. */
  const hrl_error *(*problem)(const struct hrlp_batch *batch);
  /* Constants of a household that agents for many households observe in addition
   * [context_features]. */
  void (*context)(const struct hrlp_task *task, float *features);
  /* The month behind of episode i; the caller fills `size` and `episode`. */
  void (*month)(const struct hrlp_batch *batch, size_t i, hrl_trajectory_month *month);
  /* The figures of episode i, which has finished. */
  void (*episode)(const struct hrlp_batch *batch, size_t i, struct hrlp_episode *episode);
  /* What a mean strategic return is worth, as a constant real euro a month; NULL where
   * the model knows no such thing. It grows with the return. */
  double (*certainty_equivalent)(const struct hrlp_task *task, double strategic_return);

  /* Both agents' observations in an ordinary state, as an example. NULL: as `start` and
   * the functions after it have them. */
  void (*example)(const struct hrlp_task *task, float *strategist, float *executor);

  /* Advice outside a batch. `start` is a household at its beginning, with expenses as
   * expected. `check` says what is wrong with an observation; `index` names it. */
  void (*start)(const struct hrlp_task *task, hrl_observation *now);
  hrl_status (*check)(const struct hrlp_task *task, const hrl_observation *now,
                      size_t index, hrl_error *error);
  /* `previous`: as it was at the last goal, or NULL. */
  void (*strategist_advise)(const struct hrlp_task *task, const hrl_observation *now,
                            const hrl_observation *previous, int64_t period,
                            float *observation, float *offset);
  hrl_goal (*goal)(const struct hrlp_task *task, const float *action);
  void (*executor_advise)(const struct hrlp_task *task, const hrl_observation *now,
                          const hrl_goal *goal, int64_t months_to_next_goal,
                          int64_t period, float *observation, float *offset);
  hrl_allocation (*allocation)(const struct hrlp_task *task, const hrl_observation *now,
                               const hrl_goal *goal, const float *action);

  /* Appends by what `other` lies outside what agents trained on `trained` know, both of
   * this environment: "a is 0.7, trained on 0.5; b ...", or nothing. */
  void (*differences)(const struct hrlp_task *trained, const struct hrlp_task *other,
                      struct hrlp_text *text);

  /* Yardsticks that no training sees: the simple rules, of which hindsight picks the
   * best, and the optimum. `value` receives its expected strategic return. */
  size_t (*rules)(const struct hrlp_task *task);
  void (*rule)(const struct hrlp_task *task, size_t number, struct hrlp_plan *plan);
  hrl_status (*optimum_create)(const struct hrlp_task *task, struct hrlp_plan *plan,
                               double *value, hrl_error *error);
  void (*optimum_destroy)(struct hrlp_plan *plan);
  /* Plays episodes first_episode ... + count - 1 by a plan, in plan_size bytes. */
  size_t (*plan_size)(const struct hrlp_task *task, size_t count);
  void (*plan_play)(const struct hrlp_task *task, const struct hrlp_plan *plan,
                    const struct hrlp_plan_request *request);
};

#endif
