#include "policy/ask.h"

#include "base/memory.h"
#include "math/vector.h"

hrl_status hrlp_ask_begin(struct hrlp_ask *ask, const struct hrlp_actor_critic *agent,
                          hrl_error *error) {
  ask->x = hrlp_alloc(HRLP_ASK_ROWS * agent->observations, sizeof(float));
  ask->action = hrlp_alloc(HRLP_ASK_ROWS * agent->actions, sizeof(float));
  ask->work =
      hrlp_alloc(hrlp_mlp_workspace_size(&agent->actor, HRLP_ASK_ROWS), sizeof(float));
  if (ask->x != NULL && ask->action != NULL && ask->work != NULL) return HRL_OK;
  return hrlp_fail_memory(error, "an agent's answer");
}

void hrlp_ask_end(struct hrlp_ask *ask) {
  hrlp_free(ask->x);
  hrlp_free(ask->action);
  hrlp_free(ask->work);
}

bool hrlp_ask_run(struct hrlp_ask *ask, const struct hrlp_actor_critic *agent,
                  size_t count) {
  if (!hrlp_all_finite(ask->x, count * agent->observations) ||
      !hrlp_all_finite(ask->action, count * agent->actions))
    return false;
  const float *output =
      hrlp_mlp_forward(&agent->actor, agent->parameters, ask->x, count, ask->work);
  for (size_t i = 0; i < count * agent->actions; i++) ask->action[i] += output[i];
  return true;
}
