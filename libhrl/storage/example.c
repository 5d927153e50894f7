#include "storage/example.h"

#include <math.h>
#include <string.h>

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
  const struct hrlp_task *task = agents->task;
  const struct hrlp_environment *environment = task->environment;
  int64_t period = agents->config.period;
  float offset[HRLP_ACTIONS_MAX];
  hrl_observation now;
  if (environment->example != NULL) {
    environment->example(task, example->strategist_x, example->executor_x);
    return;
  }
  environment->start(task, &now);
  environment->strategist_advise(task, &now, NULL, period, example->strategist_x, offset);
  hrl_goal goal = environment->goal(task, offset);
  environment->executor_advise(task, &now, &goal, period, period, example->executor_x,
                               offset);
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
  /* what an agent has no action for is 0 in both */
  return all_near(a->strategist_y, b->strategist_y, HRLP_ACTIONS_MAX) &&
         all_near(a->executor_y, b->executor_y, HRLP_ACTIONS_MAX);
}
