#include "agents/agents.h"

#include <math.h>

#include "scenario/family.h"

/* Streams of HRLP_RANDOM_WEIGHTS. */
enum { STRATEGIST_WEIGHTS = 1, EXECUTOR_WEIGHTS = 2 };

/* Batches after which the running scale of returns has forgotten about two thirds: the
 * first policies' returns say little about later ones. */
static const double return_scale_decay = 0.9;

struct hrlp_agents_config hrlp_agents_configure(const struct hrlp_training *training) {
  return (struct hrlp_agents_config){
      .mode = training->strategist ? HRLP_HIERARCHY : HRLP_EXECUTOR_ONLY,
      .period = training->high_period,
      .households = training->parallel_episodes,
      .hidden_low = (size_t)training->hidden_low,
      .hidden_high = (size_t)training->hidden_high,
      .gamma_low = training->gamma_low,
      .gamma_high = training->gamma_high,
      .lambda_low = training->gae_lambda_low,
      .lambda_high = training->gae_lambda_high,
      .epochs_low = (size_t)training->epochs_low,
      .epochs_high = (size_t)training->epochs_high,
      .minibatch_low = (size_t)training->batch_size,
      .minibatch_high = (size_t)training->batch_size_high,
      .rate_low = training->learning_rate_low,
      .rate_high = training->learning_rate_high,
      .rate_end = training->learning_rate_end,
      .clip = training->clip_range,
      .value_weight = training->value_weight,
      .entropy_weight = training->entropy_weight,
      .gradient_norm = training->max_gradient_norm,
      .std_low = training->exploration_low,
      .std_high = training->exploration_high,
      .std_end = training->exploration_end,
      .schedule = training->schedule_episodes,
      .goal_weight = training->goal_weight,
      .scale_decay = return_scale_decay,
      .has_context = training->context != 0};
}

hrl_status hrlp_agents_create(struct hrlp_agents *agents,
                              const struct hrlp_agents_config *config,
                              struct hrlp_task *task, uint64_t seed, hrl_error *error) {
  const struct hrlp_environment *environment = task->environment;
  size_t context = config->has_context ? environment->context_features : 0;
  *agents = (struct hrlp_agents){
      .config = *config, .task = task, .context = context, .seed = seed};
  hrl_status status = hrlp_actor_critic_create(
      &agents->strategist, environment->strategist_observations + context,
      environment->strategist_actions, config->hidden_high, HRLP_TANH,
      (float)log(config->std_high), seed, STRATEGIST_WEIGHTS, error);
  if (status == HRL_OK)
    status = hrlp_actor_critic_create(
        &agents->executor, environment->executor_observations + context,
        environment->executor_actions, config->hidden_low, HRLP_TANH,
        (float)log(config->std_low), seed, EXECUTOR_WEIGHTS, error);
  return status;
}

hrl_status hrlp_agents_create_for(struct hrlp_agents *agents,
                                  const struct hrlp_agents_config *config,
                                  const hrl_scenario *scenario, uint64_t seed,
                                  hrl_error *error) {
  struct hrlp_task *task = NULL;
  *agents = (struct hrlp_agents){0};
  struct hrl_scenario middle = hrlp_family_middle(scenario);
  hrl_status status = hrlp_task_create(&middle, &task, error);
  if (status == HRL_OK) status = hrlp_agents_create(agents, config, task, seed, error);
  if (scenario->family != NULL) agents->family = scenario;
  return status;
}

void hrlp_agents_destroy(struct hrlp_agents *agents) {
  hrlp_task_destroy(agents->task);
  agents->task = NULL;
  hrlp_actor_critic_destroy(&agents->strategist);
  hrlp_actor_critic_destroy(&agents->executor);
}
