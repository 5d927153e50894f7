#include "storage/example.h"

#include <math.h>
#include <string.h>

#include "agents/view.h"
#include "base/memory.h"

/* Differences that the sums of one processor and another explain. */
static const double example_tolerance = 1e-4;

static bool run_network(const struct hrlp_actor_critic *agent, const float *x, float *y) {
  float *work = hrlp_alloc(hrlp_mlp_workspace_size(&agent->actor, 1), sizeof(float));
  if (work == NULL) return false;
  const float *output = hrlp_mlp_forward(&agent->actor, agent->parameters, x, 1, work);
  memcpy(y, output, agent->actions * sizeof(float));
  hrlp_free(work);
  return true;
}

bool hrlp_example_answer(const struct hrlp_agents *agents, struct hrlp_example *example) {
  return run_network(&agents->strategist, example->strategist_x, example->strategist_y) &&
         run_network(&agents->executor, example->executor_x, example->executor_y);
}

/* The observations of a household at its start, with the textbook goal. */
static void make_observations(const struct hrlp_agents *agents,
                              struct hrlp_example *example) {
  const struct hrlp_environment *environment = &agents->outlook.environment;
  struct hrlp_state state = {.cash = environment->initial_cash,
                             .fixed = environment->fixed_expenses,
                             .variable = environment->variable_expense_mean,
                             .average_cash = environment->initial_cash};
  float offset[HRLP_STRATEGIST_ACTIONS];
  int64_t period = agents->config.period;
  hrlp_strategist_observe(&agents->outlook, &state, period, example->strategist_x,
                          offset);
  struct hrlp_goal goal = hrlp_goal_from_action(&agents->outlook, offset);
  hrlp_executor_observe(&agents->outlook, &state, &goal, period, period,
                        example->executor_x, offset);
}

bool hrlp_example_make(const struct hrlp_agents *agents, struct hrlp_example *example) {
  *example = (struct hrlp_example){0};
  make_observations(agents, example);
  return hrlp_example_answer(agents, example);
}

static bool all_near(const float *x, const float *y, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!(fabs((double)x[i] - (double)y[i]) <=
          example_tolerance * (1.0 + fabs((double)x[i]))))
      return false;
  return true;
}

bool hrlp_example_agrees(const struct hrlp_example *a, const struct hrlp_example *b) {
  return all_near(a->strategist_y, b->strategist_y, HRLP_STRATEGIST_ACTIONS) &&
         all_near(a->executor_y, b->executor_y, HRLP_EXECUTOR_ACTIONS);
}
