/* 10 - A task of one's own, whose optimum is known: a store room.
 *
 * An order fills the room each month, then demand comes, by season and chance. A piece
 * left over costs 1, one short 9. Once a year the strategist plans a reserve. Best is the
 * newsvendor's order, up to what demand stays below with probability 0.9; the rules fill
 * up to the same number every month.
 *
 * Usage: 10_own_task [EPISODES] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <hrl/hrl.h>

#define ANGLE(month) (0.52359877559829887 * (double)(month)) /* 12 are a turn */

struct room {
  double stock; /* pieces; below 0: owed */
};

static double expected(size_t month) { return 100.0 + 30.0 * sin(ANGLE(month)); }

static int reset(void *data, const hrl_task_batch *batch) {
  struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++) rooms[i].stock = 50.0;
  return (void)data, 0;
}

static int observe(void *data, const hrl_task_batch *batch, float *seen) {
  const struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++, seen += 3) {
    seen[0] = (float)(rooms[i].stock / 100.0);
    seen[1] = (float)sin(ANGLE(batch->step));
    seen[2] = (float)cos(ANGLE(batch->step));
  }
  return (void)data, 0;
}

static int step(void *data, const hrl_task_batch *batch, const double *goals,
                const double *actions, hrl_task_result *result) {
  struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++) {
    double chance[4];
    double mean = expected(batch->step);
    double filled = rooms[i].stock + actions[i];
    hrl_task_draw_normals(batch, i, 0, chance);
    rooms[i].stock = filled - fmax(0.0, mean + 15.0 * chance[0]);
    result->rewards[i] = -fmax(rooms[i].stock, -9.0 * rooms[i].stock);
    result->departures[i] = 0.1 * fabs(filled - mean - goals[i]);
  } /* no end is set: business continues */
  return (void)data, 0;
}

static int fill(const hrl_task_batch *batch, double level, double *actions) {
  const struct room *rooms = batch->states;
  for (size_t i = 0; i < batch->count; i++) actions[i] = level - rooms[i].stock;
  return 0;
}

static int choose_actions(void *data, const hrl_task_batch *batch, const double *goals,
                          double *actions) {
  fill(batch, 100.0, actions); /* the textbook knows no seasons */
  for (size_t i = 0; i < batch->count; i++) actions[i] += goals[i];
  return (void)data, 0;
}

static int rule(void *data, size_t number, const hrl_task_batch *batch, double *actions) {
  return (void)data, fill(batch, (double)number, actions);
}

static int optimum(void *data, const hrl_task_batch *batch, double *actions) {
  return (void)data, fill(batch, expected(batch->step) + 1.28155 * 15.0, actions);
}

static const hrl_task_quantity plan = {"plan", 0.0, 50.0}, order = {"order", 0.0, 250.0};
/* clang-format off */
static const hrl_task task = {
    .size = sizeof task, .name = "storeroom", .version = 1, .steps = 60,
    .observations = 3, .goals = 1, .goal = &plan, .actions = 1, .action = &order,
    .state_size = sizeof(struct room), .reset = reset, .observe = observe, .step = step,
    .choose_actions = choose_actions, .rules = 200, .rule = rule, .optimum = optimum};
/* clang-format on */

int main(int argc, char **argv) {
  hrl_error error = HRL_ERROR_INIT;
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  hrl_evaluation agents = {.size = sizeof agents}, best = agents, perfect = agents;
  struct room july = {.stock = 20.0};
  hrl_scenario *scenario = NULL;
  hrl_trainer *trainer = NULL;
  hrl_policy *policy = NULL;
  double goal = 0.0, action = 0.0;
  size_t number = 0;
  options.output = "models";
  options.episodes = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000;
  const char *training = "training: {high_period: 12, exploration_low: 0.05}";
  if (hrl_task_make_scenario(&task, training, &scenario, &error) ||
      hrl_trainer_create(scenario, &options, &trainer, &error) ||
      hrl_trainer_start(trainer, &error) || hrl_trainer_wait(trainer, &error) ||
      hrl_task_load_policy(&task, "models/storeroom", &policy, &error) ||
      hrl_evaluate_policy(policy, NULL, NULL, &agents, &error) ||
      hrl_task_evaluate_best_rule(scenario, NULL, &number, &best, &error) ||
      hrl_evaluate_optimum(scenario, NULL, NULL, &perfect, &error) ||
      hrl_task_choose_goals(policy, 1, &july, 6, &goal, &error) ||
      hrl_task_choose_actions(policy, 1, &july, 6, &goal, 6, &action, &error))
    fprintf(stderr, "10_own_task: %s\n", error.message);
  else
    printf(
        "agents %.1f, always %zu pieces %.1f, optimum %.1f: skill %.3f\n"
        "with 20 pieces in July: order %.0f\n",
        agents.strategic_return, number, best.strategic_return, perfect.strategic_return,
        hrl_skill(agents.strategic_return, best.strategic_return,
                  perfect.strategic_return),
        action);
  hrl_policy_destroy(policy);
  hrl_trainer_destroy(trainer);
  hrl_scenario_destroy(scenario);
  return error.status == HRL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
