#include "rl/actor_critic.h"

#include "base/memory.h"

/* A small last layer: at first the actor's mean is its offset, and the critic's value
 * near 0. */
static const float actor_last_gain = 0.01f;
static const float critic_last_gain = 0.1f;

hrl_status hrlp_actor_critic_create(struct hrlp_actor_critic *agent, size_t observations,
                                    size_t actions, size_t hidden,
                                    enum hrlp_activation activation, float log_std,
                                    uint64_t seed, uint64_t stream, hrl_error *error) {
  *agent = (struct hrlp_actor_critic){
      .actor = hrlp_mlp_make(observations, hidden, actions, activation),
      .critic = hrlp_mlp_make(observations, hidden, 1, activation),
      .observations = observations,
      .actions = actions};
  /* on a cache line, as the actor is: rows of weights that cross lines are slower to
   * read; what lies between is 0 and stays so */
  agent->critic_offset = hrlp_padded_count(hrlp_mlp_parameter_count(&agent->actor));
  agent->log_std_offset = agent->critic_offset + hrlp_mlp_parameter_count(&agent->critic);
  agent->count = agent->log_std_offset + actions;
  agent->parameters = hrlp_alloc(agent->count, sizeof(float));
  agent->moment1 = hrlp_alloc(agent->count, sizeof(float));
  agent->moment2 = hrlp_alloc(agent->count, sizeof(float));
  if (agent->parameters == NULL || agent->moment1 == NULL || agent->moment2 == NULL)
    return hrlp_fail_memory(error, "an agent's networks");
  hrlp_mlp_initialize(&agent->actor, agent->parameters, actor_last_gain, seed,
                      stream * 2);
  hrlp_mlp_initialize(&agent->critic, agent->parameters + agent->critic_offset,
                      critic_last_gain, seed, stream * 2 + 1);
  for (size_t i = 0; i < actions; i++)
    agent->parameters[agent->log_std_offset + i] = log_std;
  return HRL_OK;
}

void hrlp_actor_critic_destroy(struct hrlp_actor_critic *agent) {
  hrlp_free(agent->parameters);
  hrlp_free(agent->moment1);
  hrlp_free(agent->moment2);
  *agent = (struct hrlp_actor_critic){0};
}
