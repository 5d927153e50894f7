/* The keys of learning, which every model has; units and a few defaults are the model's
 * own. */
#include "scenario/key_rows.h"

#define TRAINING_ROWS(TIME, RANGE, GAMMA_LOW, LAMBDA_LOW, EXPLORATION_LOW,               \
                      EXPLORATION_HIGH, SCHEDULE, GOAL_WEIGHT)                           \
  INTEGER(training, training, num_episodes, DEFAULT(5000), FROM(1, 1e9), "episodes",     \
          "Number of episodes to train."),                                               \
      NUMBER(training, training, gamma_low, DEFAULT(GAMMA_LOW), ABOVE(0, 1), "1/" TIME,  \
             "The executor's discount factor."),                                         \
      NUMBER(training, training, gamma_high, DEFAULT(0.99), ABOVE(0, 1), "1/decision",   \
             "The strategist's discount factor."),                                       \
      INTEGER(training, training, high_period, DEFAULT(6), FROM(1, MOST_MONTHS),         \
              TIME "s", "Time between goals of the strategist."),                        \
      INTEGER(training, training, batch_size, DEFAULT(480), FROM(1, 1e6), TIME "s",      \
              "Size of the executor's minibatches."),                                    \
      NUMBER(training, training, learning_rate_low, DEFAULT(2.5e-3), ABOVE(0, 1), "",    \
             "The executor's learning rate."),                                           \
      NUMBER(training, training, learning_rate_high, DEFAULT(2.5e-3), ABOVE(0, 1), "",   \
             "The strategist's learning rate."),                                         \
      INTEGER(training, training, batch_size_high, DEFAULT(160), FROM(1, 1e6),           \
              "decisions", "Size of the strategist's minibatches."),                     \
      INTEGER(training, training, parallel_episodes, DEFAULT(8), FROM(1, 4096),          \
              "episodes", "Episodes played in parallel for one update."),                \
      INTEGER(training, training, epochs_low, DEFAULT(4), FROM(1, 200), "",              \
              "Epochs per update of the executor."),                                     \
      INTEGER(training, training, epochs_high, DEFAULT(4), FROM(1, 200), "",             \
              "Epochs per update of the strategist."),                                   \
      INTEGER(training, training, hidden_low, DEFAULT(32), FROM(1, 512), "",             \
              "Width of the two hidden layers of the executor's networks."),             \
      INTEGER(training, training, hidden_high, DEFAULT(32), FROM(1, 512), "",            \
              "Width of the two hidden layers of the strategist's networks."),           \
      NUMBER(training, training, gae_lambda_low, DEFAULT(LAMBDA_LOW), FROM(0, 1), "",    \
             "The executor's lambda of generalised advantage estimation."),              \
      NUMBER(training, training, gae_lambda_high, DEFAULT(0.95), FROM(0, 1), "",         \
             "The strategist's lambda of generalised advantage estimation."),            \
      NUMBER(training, training, clip_range, DEFAULT(0.2), ABOVE(0, 10), "",             \
             "Clip range of the probability ratio."),                                    \
      NUMBER(training, training, value_weight, DEFAULT(1), FROM(0, 100), "",             \
             "Weight of the critic's loss."),                                            \
      NUMBER(training, training, entropy_weight, DEFAULT(0), FROM(0, 10), "",            \
             "Weight of the policy's entropy."),                                         \
      NUMBER(training, training, max_gradient_norm, DEFAULT(0.5), ABOVE(0, 1e6), "",     \
             "Maximum norm of a gradient; larger ones are clipped."),                    \
      NUMBER(training, training, exploration_low, DEFAULT(EXPLORATION_LOW), ABOVE(0, 1), \
             RANGE, "Initial standard deviation of the executor's actions."),            \
      NUMBER(training, training, exploration_high, DEFAULT(EXPLORATION_HIGH),            \
             ABOVE(0, 1), RANGE,                                                         \
             "Initial standard deviation of the strategist's actions."),                 \
      NUMBER(training, training, exploration_end, DEFAULT(0.2), ABOVE(0, 1), "",         \
             "Share of the initial exploration that remains in the long run."),          \
      NUMBER(training, training, learning_rate_end, DEFAULT(0.05), FROM(0, 1), "",       \
             "Share of the initial learning rates that remains in the long run."),       \
      NUMBER(training, training, schedule_episodes, DEFAULT(SCHEDULE), ABOVE(0, 1e9),    \
             "episodes",                                                                 \
             "Episodes after which exploration and learning rates have made half of "    \
             "their decrease."),                                                         \
      GOAL_WEIGHT, {                                                                     \
    {"training",                                                                         \
     "strategist",                                                                       \
     NULL,                                                                               \
     HRL_KEY_CHOICE,                                                                     \
     0,                                                                                  \
     1,                                                                                  \
     0,                                                                                  \
     1,                                                                                  \
     0,                                                                                  \
     "off on",                                                                           \
     "",                                                                                 \
     "Whether a strategist sets the goals. Without one the executor always has the "     \
     "textbook goal, which shows what the strategist contributes."},                     \
        MEMBER(training.strategist)                                                      \
  }

/* Of the models of households alone. */
#define HOUSEHOLD_GOAL_WEIGHT                                                          \
  NUMBER(training, training, goal_weight, DEFAULT(0.02), FROM(0, 1000), "",            \
         "Penalty for the executor's deviation from its goal, relative to the reward " \
         "of investing the same share of income.")
#define CONTEXT_ROW                                                                    \
  {                                                                                    \
    {"training",                                                                       \
     "context",                                                                        \
     NULL,                                                                             \
     HRL_KEY_CHOICE,                                                                   \
     0,                                                                                \
     0,                                                                                \
     0,                                                                                \
     1,                                                                                \
     0,                                                                                \
     "off on",                                                                         \
     "",                                                                               \
     "Whether the agents observe the household's constants and rewards are scaled to " \
     "the household, to learn many households at once. On for a family."},             \
        MEMBER(training.context)                                                       \
  }

static const struct hrlp_key_row budget_rows[] = {
    TRAINING_ROWS("month", "of income", 0.98, 0.95, 0.1, 0.2, 150, HOUSEHOLD_GOAL_WEIGHT),
    CONTEXT_ROW};

/* Values are discounted by the household's own factor there. */
static const struct hrlp_key_row lifecycle_rows[] = {
    TRAINING_ROWS("month", "of income", 1, 0.9, 0.2, 0.05, 500, HOUSEHOLD_GOAL_WEIGHT),
    CONTEXT_ROW};

/* A program's own task, of which nothing is known (docs/tasks.md has what was measured).
 */
#define TASK_GOAL_WEIGHT                                                              \
  NUMBER(training, training, goal_weight, DEFAULT(1), FROM(0, 1000), "",              \
         "Factor of the executor's penalty for departing from its goal, as the task " \
         "defines it.")
static const struct hrlp_key_row task_rows[] = {
    TRAINING_ROWS("step", "of the range", 0.99, 0.95, 0.1, 0.2, 500, TASK_GOAL_WEIGHT)};

const struct hrlp_section hrlp_budget_training_keys = SECTION("training", budget_rows);
const struct hrlp_section hrlp_lifecycle_training_keys =
    SECTION("training", lifecycle_rows);
const struct hrlp_section hrlp_task_training_keys = SECTION("training", task_rows);
