/* The keys of learning, which every model has; units and a few defaults are the model's
 * own. */
#include "scenario/key_rows.h"

#define TRAINING_ROWS(TIME, RANGE, GAMMA_LOW, LAMBDA_LOW, EXPLORATION_LOW,               \
                      EXPLORATION_HIGH, SCHEDULE, GOAL_WEIGHT)                           \
  INTEGER(training, training, num_episodes, DEFAULT(5000), FROM(1, 1e9), "episodes",     \
          "How many episodes a training plays."),                                        \
      NUMBER(training, training, gamma_low, DEFAULT(GAMMA_LOW), ABOVE(0, 1), "1/" TIME,  \
             "The executor's discount."),                                                \
      NUMBER(training, training, gamma_high, DEFAULT(0.99), ABOVE(0, 1), "1/decision",   \
             "The strategist's discount."),                                              \
      INTEGER(training, training, high_period, DEFAULT(6), FROM(1, MOST_MONTHS),         \
              TIME "s", "Time between two goals of the strategist."),                    \
      INTEGER(training, training, batch_size, DEFAULT(480), FROM(1, 1e6), TIME "s",      \
              "Size of the executor's minibatch."),                                      \
      NUMBER(training, training, learning_rate_low, DEFAULT(2.5e-3), ABOVE(0, 1), "",    \
             "The executor's step size."),                                               \
      NUMBER(training, training, learning_rate_high, DEFAULT(2.5e-3), ABOVE(0, 1), "",   \
             "The strategist's step size."),                                             \
      INTEGER(training, training, batch_size_high, DEFAULT(160), FROM(1, 1e6),           \
              "decisions", "Size of the strategist's minibatch."),                       \
      INTEGER(training, training, parallel_episodes, DEFAULT(8), FROM(1, 4096),          \
              "episodes", "Episodes that are played side by side for one update."),      \
      INTEGER(training, training, epochs_low, DEFAULT(4), FROM(1, 200), "",              \
              "Times that an update of the executor goes through its samples."),         \
      INTEGER(training, training, epochs_high, DEFAULT(4), FROM(1, 200), "",             \
              "Times that an update of the strategist goes through its samples."),       \
      INTEGER(training, training, hidden_low, DEFAULT(32), FROM(1, 512), "",             \
              "Width of the two hidden layers of the executor's networks."),             \
      INTEGER(training, training, hidden_high, DEFAULT(32), FROM(1, 512), "",            \
              "Width of the two hidden layers of the strategist's networks."),           \
      NUMBER(training, training, gae_lambda_low, DEFAULT(LAMBDA_LOW), FROM(0, 1), "",    \
             "The executor's lambda of generalised advantage estimation."),              \
      NUMBER(training, training, gae_lambda_high, DEFAULT(0.95), FROM(0, 1), "",         \
             "The strategist's lambda of generalised advantage estimation."),            \
      NUMBER(training, training, clip_range, DEFAULT(0.2), ABOVE(0, 10), "",             \
             "How far an update may move a probability ratio from 1."),                  \
      NUMBER(training, training, value_weight, DEFAULT(1), FROM(0, 100), "",             \
             "Weight of the critic's loss."),                                            \
      NUMBER(training, training, entropy_weight, DEFAULT(0), FROM(0, 10), "",            \
             "Weight of the policy's entropy."),                                         \
      NUMBER(training, training, max_gradient_norm, DEFAULT(0.5), ABOVE(0, 1e6), "",     \
             "Greatest norm of a gradient; larger ones are scaled down to it."),         \
      NUMBER(training, training, exploration_low, DEFAULT(EXPLORATION_LOW), ABOVE(0, 1), \
             RANGE, "Standard deviation of the executor's actions at the start."),       \
      NUMBER(training, training, exploration_high, DEFAULT(EXPLORATION_HIGH),            \
             ABOVE(0, 1), RANGE,                                                         \
             "Standard deviation of the strategist's actions at the start."),            \
      NUMBER(training, training, exploration_end, DEFAULT(0.2), ABOVE(0, 1), "",         \
             "Share of the exploration that is left in the long run."),                  \
      NUMBER(training, training, learning_rate_end, DEFAULT(0.05), FROM(0, 1), "",       \
             "Share of the learning rates that is left in the long run."),               \
      NUMBER(training, training, schedule_episodes, DEFAULT(SCHEDULE), ABOVE(0, 1e9),    \
             "episodes", "Episodes after which half of those two falls is behind."),     \
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
     "Whether a strategist sets the goals; without one the executor always has the "     \
     "textbook goal (to measure what the strategist is worth)."},                        \
        MEMBER(training.strategist)                                                      \
  }

/* Of the models of households alone. */
#define HOUSEHOLD_GOAL_WEIGHT                                                      \
  NUMBER(training, training, goal_weight, DEFAULT(0.02), FROM(0, 1000), "",        \
         "What the executor pays for a deviation from its goal, in what the same " \
         "share "                                                                  \
         "of income earns when invested.")
#define CONTEXT_ROW                                                                      \
  {                                                                                      \
    {"training",                                                                         \
     "context",                                                                          \
     NULL,                                                                               \
     HRL_KEY_CHOICE,                                                                     \
     0,                                                                                  \
     0,                                                                                  \
     0,                                                                                  \
     1,                                                                                  \
     0,                                                                                  \
     "off on",                                                                           \
     "",                                                                                 \
     "Whether the agents are told what household it is, and its rewards are counted in " \
     "a unit of its own: to learn many at once. On for a family."},                      \
        MEMBER(training.context)                                                         \
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
#define TASK_GOAL_WEIGHT                                                                 \
  NUMBER(                                                                                \
      training, training, goal_weight, DEFAULT(1), FROM(0, 1000), "",                    \
      "What the executor pays for a departure from its goal, as a multiple of what the " \
      "task counts it as.")
static const struct hrlp_key_row task_rows[] = {
    TRAINING_ROWS("step", "of the range", 0.99, 0.95, 0.1, 0.2, 500, TASK_GOAL_WEIGHT)};

const struct hrlp_section hrlp_budget_training_keys = SECTION("training", budget_rows);
const struct hrlp_section hrlp_lifecycle_training_keys =
    SECTION("training", lifecycle_rows);
const struct hrlp_section hrlp_task_training_keys = SECTION("training", task_rows);
