#include "agents/rollout.h"

#include <math.h>
#include <string.h>

#include "agents/rollout_exchange.h"
#include "base/memory.h"
#include "base/random.h"
#include "nn/gaussian.h"
#include "scenario/family.h"

/* Workspace of one thread, for `shard` episodes. Rows of living episodes are kept without
 * gaps, so that one matrix product covers all of them. */
struct workspace {
  void *batch_memory;
  struct hrlp_batch *batch; /* in it */
  size_t *rows;             /* [shard] episode of each row */
  uint8_t *finished;        /* [shard] */
  double *rewards;          /* [2, shard] the strategist's and the executor's */
  float *observations;      /* [shard, widest] */
  float *actions;           /* [shard, widest] offsets, to become actions */
  float *layers;            /* actors' activations */
  float *node_observations; /* [shard, nodes, executor's] */
  float *node_weights;      /* [shard, nodes] */
  size_t *ended;            /* [shard] episodes that ended in the month behind */
  size_t batch_bytes;
  float context[HRLP_CONTEXT_MAX]; /* of the household that is played */
  double reward_scale;             /* 1 / its unit of rewards, or 1 */
  hrl_error error;                 /* why its shard could not be played */
};

struct hrlp_rollout {
  size_t shard;
  size_t workspace_count;
  struct workspace *workspaces;
};

/* The request in hand, as threads see it. */
struct job {
  struct hrlp_rollout *rollout;
  const struct hrlp_rollout_request *request;
  size_t first; /* shard of this rank */
};

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static bool create_workspace(struct workspace *workspace,
                             const struct hrlp_agents *agents, size_t shard) {
  const struct hrlp_environment *environment = agents->task->environment;
  size_t observations =
      larger(environment->strategist_observations, environment->executor_observations) +
      agents->context;
  size_t actions = larger(environment->strategist_actions, environment->executor_actions);
  size_t layers = larger(hrlp_mlp_workspace_size(&agents->strategist.actor, shard),
                         hrlp_mlp_workspace_size(&agents->executor.actor, shard));
  workspace->batch_bytes = environment->batch_size(agents->task, shard);
  workspace->batch_memory = hrlp_alloc(1, workspace->batch_bytes);
  workspace->rows = hrlp_alloc(shard, sizeof *workspace->rows);
  workspace->finished = hrlp_alloc(shard, 1);
  workspace->rewards = hrlp_alloc(2 * shard, sizeof(double));
  workspace->observations = hrlp_alloc(shard * observations, sizeof(float));
  workspace->actions = hrlp_alloc(shard * actions, sizeof(float));
  workspace->layers = hrlp_alloc(layers, sizeof(float));
  workspace->node_observations = hrlp_alloc(
      shard * agents->task->nodes * environment->executor_observations, sizeof(float));
  workspace->node_weights = hrlp_alloc(shard * agents->task->nodes, sizeof(float));
  workspace->ended = hrlp_alloc(shard, sizeof *workspace->ended);
  return workspace->batch_memory != NULL && workspace->rows != NULL &&
         workspace->finished != NULL && workspace->rewards != NULL &&
         workspace->observations != NULL && workspace->actions != NULL &&
         workspace->layers != NULL && workspace->node_observations != NULL &&
         workspace->node_weights != NULL && workspace->ended != NULL;
}

static void destroy_workspace(struct workspace *workspace) {
  hrlp_free(workspace->batch_memory);
  hrlp_free(workspace->rows);
  hrlp_free(workspace->finished);
  hrlp_free(workspace->rewards);
  hrlp_free(workspace->observations);
  hrlp_free(workspace->actions);
  hrlp_free(workspace->layers);
  hrlp_free(workspace->node_observations);
  hrlp_free(workspace->node_weights);
  hrlp_free(workspace->ended);
}

hrl_status hrlp_rollout_create(const struct hrlp_agents *agents, size_t episodes,
                               size_t shard, struct hrlp_rollout **result,
                               hrl_error *error) {
  *result = NULL;
  struct hrlp_rollout *rollout = hrlp_alloc(1, sizeof *rollout);
  if (rollout == NULL) return hrlp_fail_memory(error, "the episodes");
  rollout->shard = shard;
  rollout->workspace_count = (episodes + shard - 1) / shard;
  rollout->workspaces = hrlp_alloc(rollout->workspace_count, sizeof *rollout->workspaces);
  bool made = rollout->workspaces != NULL;
  for (size_t i = 0; made && i < rollout->workspace_count; i++)
    made = create_workspace(&rollout->workspaces[i], agents, shard);
  if (!made) {
    hrlp_rollout_destroy(rollout);
    return hrlp_fail_memory(error, "the episodes");
  }
  *result = rollout;
  return HRL_OK;
}

void hrlp_rollout_destroy(struct hrlp_rollout *rollout) {
  if (rollout == NULL) return;
  for (size_t i = 0; rollout->workspaces != NULL && i < rollout->workspace_count; i++)
    destroy_workspace(&rollout->workspaces[i]);
  hrlp_free(rollout->workspaces);
  hrlp_free(rollout);
}

/* Rows whose random numbers are made at a time. */
#define DRAWN 16

/* Normals of decision `step` for rows [row, row + count) of the workspace; `first` is the
 * first episode of its shard. */
static void draw_normals(const struct workspace *workspace,
                         const struct hrlp_rollout_request *request,
                         enum hrlp_random_domain domain, size_t first, size_t row,
                         size_t count, size_t step,
                         double normals[DRAWN][HRLP_ACTIONS_MAX]) {
  uint64_t episodes[DRAWN];
  uint32_t steps[DRAWN];
  for (size_t i = 0; i < count; i++) {
    episodes[i] = request->first_episode + first + workspace->rows[row + i];
    steps[i] = (uint32_t)step;
  }
  hrlp_random_normal_blocks(request->seed, domain, episodes, steps, count, normals[0]);
}

/* Draws actions from the policy of `agent` for workspace->rows[0..count), or takes their
 * mean, and keeps what learning needs in `kept`. workspace->actions holds the offsets
 * before, and the actions after. */
static void act(struct workspace *workspace, const struct hrlp_rollout_request *request,
                const struct hrlp_actor_critic *agent, struct hrlp_trajectories *kept,
                enum hrlp_random_domain domain, size_t first, size_t count, size_t step) {
  size_t width = agent->observations;
  size_t actions = agent->actions;
  const float *log_std = agent->parameters + agent->log_std_offset;
  const float *output =
      hrlp_mlp_forward(&agent->actor, agent->parameters, workspace->observations, count,
                       workspace->layers);
  double drawn[DRAWN][HRLP_ACTIONS_MAX] = {{0}};
  float deviation[HRLP_ACTIONS_MAX];
  float precision[HRLP_ACTIONS_MAX];
  for (size_t j = 0; j < actions; j++) deviation[j] = expf(log_std[j]);
  hrlp_gaussian_precision(log_std, actions, precision);
  for (size_t row = 0; row < count; row++) {
    size_t episode = first + workspace->rows[row];
    float *action = workspace->actions + row * actions;
    float mean[HRLP_ACTIONS_MAX];
    if (request->explore && row % DRAWN == 0)
      draw_normals(workspace, request, domain, first, row,
                   count - row < DRAWN ? count - row : DRAWN, step, drawn);
    const double *normals = drawn[row % DRAWN];
    size_t at = kept == NULL ? 0 : episode * kept->steps + step;
    if (kept != NULL)
      memcpy(kept->offsets + at * actions, action, actions * sizeof(float));
    for (size_t j = 0; j < actions; j++) {
      mean[j] = action[j] + output[row * actions + j];
      action[j] = mean[j] + (request->explore ? deviation[j] * (float)normals[j] : 0.0f);
    }
    if (kept == NULL) continue;
    memcpy(kept->observations + at * width, workspace->observations + row * width,
           width * sizeof(float));
    memcpy(kept->actions + at * actions, action, actions * sizeof(float));
    kept->log_probabilities[at] =
        hrlp_gaussian_log_probability(action, mean, log_std, precision, actions);
    kept->rewards[at] = 0.0f;
    kept->lengths[episode] = step + 1;
  }
}

/* Lets the household's context follow each of `count` observations, `width` wide. */
static void add_context(struct workspace *workspace, size_t count, size_t width,
                        size_t context) {
  if (context == 0) return;
  float *observations = workspace->observations;
  for (size_t row = count; row-- > 0;) {
    float *target = observations + row * (width + context);
    memmove(target, observations + row * width, width * sizeof(float));
    memcpy(target + width, workspace->context, context * sizeof(float));
  }
}

/* The episodes that go on get a new goal. */
static void set_goals(struct workspace *workspace,
                      const struct hrlp_rollout_request *request, size_t first,
                      size_t count, int64_t month) {
  const struct hrlp_agents *agents = request->agents;
  const struct hrlp_environment *environment = agents->task->environment;
  environment->strategist_observe(workspace->batch, workspace->rows, count,
                                  workspace->observations, workspace->actions);
  add_context(workspace, count, environment->strategist_observations, agents->context);
  if (agents->config.mode == HRLP_HIERARCHY)
    act(workspace, request, &agents->strategist,
        request->buffer == NULL ? NULL : &request->buffer->strategist,
        HRLP_RANDOM_STRATEGIST, first, count, (size_t)(month / agents->config.period));
  environment->goals_set(workspace->batch, workspace->rows, count, workspace->actions);
}

/* What both agents get for the month behind. */
static void keep_rewards(const struct workspace *workspace,
                         const struct hrlp_rollout_request *request,
                         const struct hrlp_rewards *rewards, size_t first, size_t count,
                         int64_t month) {
  const struct hrlp_agents_config *config = &request->agents->config;
  struct hrlp_trajectories *executor = &request->buffer->executor;
  struct hrlp_trajectories *strategist = &request->buffer->strategist;
  for (size_t row = 0; row < count; row++) {
    size_t episode = first + workspace->rows[row];
    executor->rewards[episode * executor->steps + (size_t)month] =
        (float)(rewards->executor[row] * workspace->reward_scale);
    if (config->mode == HRLP_HIERARCHY)
      strategist
          ->rewards[episode * strategist->steps + (size_t)(month / config->period)] +=
          (float)(rewards->strategist[row] * workspace->reward_scale);
  }
}

/* The episodes that go on live a month. */
static void step(struct workspace *workspace, const struct hrlp_rollout_request *request,
                 size_t shard, size_t first, size_t count, int64_t month) {
  const struct hrlp_agents *agents = request->agents;
  const struct hrlp_environment *environment = agents->task->environment;
  struct hrlp_rewards rewards = {workspace->rewards, workspace->rewards + shard};
  int64_t period = agents->config.period;
  environment->executor_observe(workspace->batch, workspace->rows, count,
                                period - month % period, workspace->observations,
                                workspace->actions);
  add_context(workspace, count, environment->executor_observations, agents->context);
  act(workspace, request, &agents->executor,
      request->buffer == NULL ? NULL : &request->buffer->executor, HRLP_RANDOM_EXECUTOR,
      first, count, (size_t)month);
  environment->step(workspace->batch, workspace->rows, count, workspace->actions,
                    request->buffer == NULL ? NULL : &rewards, workspace->finished);
  if (request->buffer != NULL)
    keep_rewards(workspace, request, &rewards, first, count, month);
  for (size_t row = 0; request->observer.function != NULL && row < count; row++) {
    hrl_trajectory_month seen = {
        .size = sizeof seen,
        .episode = request->first_episode + first + workspace->rows[row]};
    environment->month(workspace->batch, workspace->rows[row], &seen);
    request->observer.function(request->observer.context, &seen);
  }
}

/* Node weights include the ratio of the units of value of the next state and this one. If
 * ruin is possible from a comfortable state, their sum can be huge in some households,
 * and value estimates shared by many households would not converge. So limit the sum of
 * the weights to 1. */
static void bound_weights(float *weights, size_t rows, size_t nodes) {
  for (size_t row = 0; row < rows; row++, weights += nodes) {
    float total = 0.0f;
    for (size_t k = 0; k < nodes; k++) total += weights[k];
    for (size_t k = 0; k < nodes && total > 1.0f; k++) weights[k] /= total;
  }
}

/* Keeps the possible next states (nodes) of month `month` for episodes rows[0..count). */
static void keep_nodes(struct workspace *workspace,
                       const struct hrlp_rollout_request *request, size_t first,
                       const size_t *rows, size_t count, int64_t month) {
  const struct hrlp_agents *agents = request->agents;
  const struct hrlp_environment *environment = agents->task->environment;
  if (request->buffer == NULL || count == 0 || request->buffer->executor.nodes == 0)
    return;
  struct hrlp_trajectories *executor = &request->buffer->executor;
  int64_t period = agents->config.period;
  /* of a family, households have fewer nodes than there is room for, or as many */
  size_t nodes = workspace->batch->task->nodes;
  size_t width = environment->executor_observations;
  environment->nodes_observe(workspace->batch, rows, count, period - (month + 1) % period,
                             workspace->node_observations, workspace->node_weights);
  if (agents->context > 0 && !environment->has_reward_unit)
    bound_weights(workspace->node_weights, count, nodes);
  for (size_t row = 0; row < count; row++) {
    size_t at = (first + rows[row]) * executor->steps + (size_t)month;
    float *kept =
        executor->node_observations + at * executor->nodes * (width + agents->context);
    float *weights = executor->node_weights + at * executor->nodes;
    const float *seen = workspace->node_observations + row * nodes * width;
    if (agents->context == 0) {
      memcpy(kept, seen, nodes * width * sizeof(float));
    } else {
      memset(kept, 0, executor->nodes * (width + agents->context) * sizeof(float));
      for (size_t k = 0; k < nodes; k++, kept += width + agents->context) {
        memcpy(kept, seen + k * width, width * sizeof(float));
        memcpy(kept + width, workspace->context, agents->context * sizeof(float));
      }
    }
    memcpy(weights, workspace->node_weights + row * nodes, nodes * sizeof(float));
    memset(weights + nodes, 0, (executor->nodes - nodes) * sizeof(float));
  }
}

/* Keeps both agents' last observations of finished episode i of a shard if it was
 * truncated. */
static void keep_last(const struct workspace *workspace,
                      const struct hrlp_rollout_request *request, size_t first,
                      size_t i) {
  const struct hrlp_agents *agents = request->agents;
  const struct hrlp_environment *environment = agents->task->environment;
  if (request->buffer == NULL || environment->truncated == NULL) return;
  struct hrlp_trajectories *high = &request->buffer->strategist;
  struct hrlp_trajectories *low = &request->buffer->executor;
  float *seen_high =
      high->last_observations + (first + i) * agents->strategist.observations;
  float *seen_low = low->last_observations + (first + i) * agents->executor.observations;
  bool cut = environment->truncated(workspace->batch, i, seen_high, seen_low);
  high->truncated[first + i] = low->truncated[first + i] = cut;
  if (!cut) return;
  size_t bytes = agents->context * sizeof(float);
  memcpy(seen_high + environment->strategist_observations, workspace->context, bytes);
  memcpy(seen_low + environment->executor_observations, workspace->context, bytes);
}

/* The household that a shard plays: the agents' own, or one drawn for it, which is to be
 * destroyed. NULL after a failure. */
static struct hrlp_task *choose_household(struct workspace *workspace,
                                          const struct hrlp_rollout_request *request,
                                          size_t first, size_t count) {
  const struct hrlp_agents *agents = request->agents;
  if (agents->family == NULL) return agents->task;
  struct hrl_scenario household = *agents->family;
  struct hrlp_task *task = NULL;
  hrl_status status =
      hrlp_family_draw(agents->family, request->seed,
                       request->explore ? HRLP_FAMILY_TRAINING : HRLP_FAMILY_EVALUATION,
                       request->first_episode + first, &household, &workspace->error);
  if (status == HRL_OK) status = hrlp_task_create(&household, &task, &workspace->error);
  if (status != HRL_OK) return NULL;
  if (task->environment->batch_size(task, count) <= workspace->batch_bytes &&
      task->nodes <= agents->task->nodes)
    return task;
  hrlp_fail(
      &workspace->error, HRL_ERROR_LIMIT,
      "a household of the family is larger than the one for which memory was allocated");
  hrlp_task_destroy(task);
  return NULL;
}

/* Returns are scaled to each household, so that households of all sizes are comparable.
 */
static void close_episode(const struct workspace *workspace,
                          const struct hrlp_rollout_request *request, size_t i,
                          struct hrlp_episode *episode) {
  request->agents->task->environment->episode(workspace->batch, i, episode);
  if (request->agents->family != NULL)
    episode->strategic_return /= workspace->batch->task->reward_unit;
}

/* Plays the episodes of one shard from the first month to the last. */
static void play_shard(void *context, size_t index) {
  const struct job *job = context;
  size_t number = job->first + index;
  const struct hrlp_rollout_request *request = job->request;
  const struct hrlp_agents *agents = request->agents;
  const struct hrlp_environment *environment = agents->task->environment;
  struct workspace *workspace = &job->rollout->workspaces[number];
  size_t shard = job->rollout->shard;
  size_t first = number * shard;
  size_t count = request->count - first < shard ? request->count - first : shard;
  workspace->error.status = HRL_OK;
  struct hrlp_task *task = choose_household(workspace, request, first, count);
  if (task == NULL) return;
  workspace->reward_scale = agents->context > 0 ? 1.0 / task->reward_unit : 1.0;
  if (agents->context > 0) environment->context(task, workspace->context);
  workspace->batch = environment->batch_lay(
      task, workspace->batch_memory, count,
      &(struct hrlp_batch_options){.seed = request->seed,
                                   .period = agents->config.period,
                                   .goal_weight = agents->config.goal_weight,
                                   .gamma_low = agents->config.gamma_low,
                                   .gamma_high = agents->config.gamma_high});
  environment->reset(workspace->batch, request->first_episode + first);
  for (size_t i = 0; i < count; i++) workspace->rows[i] = i;
  size_t alive = count;
  for (int64_t month = 0; alive > 0; month++) {
    if (month % agents->config.period == 0)
      set_goals(workspace, request, first, alive, month);
    /* under the next month's goal: at the end of a period, the new one */
    if (month > 0)
      keep_nodes(workspace, request, first, workspace->rows, alive, month - 1);
    step(workspace, request, shard, first, alive, month);
    size_t still = 0;
    size_t ended = 0;
    for (size_t row = 0; row < alive; row++) {
      size_t i = workspace->rows[row];
      if (workspace->finished[row]) {
        close_episode(workspace, request, i, &request->episodes[first + i]);
        keep_last(workspace, request, first, i);
        workspace->ended[ended++] = i;
      } else {
        workspace->rows[still++] = i;
      }
    }
    keep_nodes(workspace, request, first, workspace->ended, ended, month);
    alive = still;
  }
  const hrl_error *problem =
      environment->problem == NULL ? NULL : environment->problem(workspace->batch);
  if (problem != NULL) workspace->error = *problem;
  if (task != agents->task) hrlp_task_destroy(task);
}

hrl_status hrlp_rollout_run(struct hrlp_rollout *rollout,
                            const struct hrlp_rollout_request *request,
                            struct hrlp_pool *pool, hrl_error *error) {
  struct hrlp_group *group = hrlp_pool_group(pool);
  size_t shards = (request->count + rollout->shard - 1) / rollout->shard;
  struct hrlp_share share = hrlp_group_share(group, shards);
  struct job job = {rollout, request, share.first};
  hrlp_pool_run(pool, play_shard, &job, share.end - share.first);
  for (size_t i = share.first; i < share.end; i++) {
    const hrl_error *problem = &rollout->workspaces[i].error;
    if (problem->status == HRL_OK) continue;
    if (error != NULL && error->status == HRL_OK) *error = *problem;
    return problem->status;
  }
  if (!share.exchanged) return HRL_OK;
  return hrlp_rollout_exchange(request, rollout->shard, share, group, error);
}
