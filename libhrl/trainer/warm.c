#include "trainer/warm.h"

#include <math.h>
#include <string.h>

#include "policy/policy.h"
#include "scenario/definition.h"
#include "scenario/keys.h"

/* A pretrained pair needs small learning rates and little exploration; with those of an
 * untrained pair it forgets more than it learns. Not so in the model `lifecycle`, whose
 * generalist is worst for households with a high floor and has to unlearn there
 * (docs/families.md has measurements). */
static const struct {
  const char *key;
  double share; /* of the default */
} gentler[] = {{"learning_rate_low", 0.2},
               {"learning_rate_high", 0.2},
               {"exploration_low", 0.3},
               {"exploration_high", 0.3}};

/* A key whose value is the pair's. Whoever wants another one is told. */
static void put(hrl_trainer *trainer, const char *name, double value) {
  struct hrl_scenario *scenario = trainer->scenario;
  const struct hrlp_keys *model = hrlp_keys_of(scenario);
  size_t index = hrlp_key_find(model, "training", name);
  if (index == HRLP_KEY_NONE) return;
  const hrl_scenario_key *key = hrlp_keys_at(model, index);
  double given = hrlp_key_get(scenario, index);
  hrlp_key_put(scenario, index, value);
  if (given == value || given == key->default_value) return;
  char wanted[HRLP_NUMBER_SIZE];
  char taken[HRLP_NUMBER_SIZE];
  hrlp_key_show(key, given, wanted);
  hrlp_key_show(key, value, taken);
  hrlp_trainer_log(trainer,
                   "training.%s: %s has no effect; the pair that the run starts from has "
                   "%s",
                   name, wanted, taken);
}

/* PyTorch may have made wider networks than scenarios have: a checkpoint of such a run
 * could not be read. */
static hrl_status check_width(const struct hrl_scenario *scenario, const char *name,
                              size_t width, hrl_error *error) {
  const struct hrlp_keys *model = hrlp_keys_of(scenario);
  const hrl_scenario_key *key =
      hrlp_keys_at(model, hrlp_key_find(model, "training", name));
  if (hrlp_key_check(key, (double)width) == HRL_OK) return HRL_OK;
  return hrlp_fail(error, HRL_ERROR_MISMATCH,
                   "pretrained: the pair's hidden layers have a width of %zu, "
                   "training.%s is at most %.0f; use a narrower pair, or none",
                   width, name, key->maximum);
}

hrl_status hrlp_warm_prepare(hrl_trainer *trainer, const hrl_policy *pretrained,
                             hrl_error *error) {
  struct hrl_scenario *scenario = trainer->scenario;
  const struct hrlp_agents *known = &pretrained->agents;
  if (!hrlp_scenario_is_like(pretrained->scenario, scenario)) {
    char trained[HRLP_KIND_SIZE];
    char found[HRLP_KIND_SIZE];
    hrlp_scenario_kind(pretrained->scenario, trained);
    hrlp_scenario_kind(scenario, found);
    return hrlp_fail(error, HRL_ERROR_MISMATCH,
                     "pretrained: the model was trained on %s, the scenario '%s' is of "
                     "%s; use a model for that, or none",
                     trained, scenario->name, found);
  }
  const bool lifecycle = scenario->model == HRLP_MODEL_LIFECYCLE;
  for (size_t i = 0; !lifecycle && i < sizeof gentler / sizeof gentler[0]; i++) {
    const struct hrlp_keys *model = hrlp_keys_of(scenario);
    size_t key = hrlp_key_find(model, "training", gentler[i].key);
    double usual = hrlp_keys_at(model, key)->default_value;
    if (hrlp_key_get(scenario, key) == usual)
      hrlp_key_put(scenario, key, usual * gentler[i].share);
  }
  const size_t low = known->executor.actor.widths[1];
  const size_t high = known->strategist.actor.widths[1];
  hrl_status status = check_width(scenario, "hidden_low", low, error);
  if (status == HRL_OK) status = check_width(scenario, "hidden_high", high, error);
  if (status != HRL_OK) return status;
  put(trainer, "context", known->context > 0 ? 1.0 : 0.0);
  put(trainer, "hidden_low", (double)low);
  put(trainer, "hidden_high", (double)high);
  return HRL_OK;
}

/* The weights of one agent. Its exploration is that of the scenario. */
static bool copy_agent(struct hrlp_actor_critic *agent,
                       const struct hrlp_actor_critic *known, double std) {
  if (agent->count != known->count || agent->observations != known->observations)
    return false;
  memcpy(agent->parameters, known->parameters, agent->count * sizeof(float));
  for (size_t i = 0; i < agent->actions; i++)
    agent->parameters[agent->log_std_offset + i] = (float)log(std);
  return true;
}

hrl_status hrlp_warm_begin(hrl_trainer *trainer, const hrl_policy *pretrained,
                           hrl_error *error) {
  struct hrlp_agents *agents = &trainer->agents;
  const struct hrlp_agents *known = &pretrained->agents;
  if (!copy_agent(&agents->executor, &known->executor, agents->config.std_low) ||
      !copy_agent(&agents->strategist, &known->strategist, agents->config.std_high))
    return hrlp_fail(error, HRL_ERROR_MISMATCH,
                     "pretrained: the pair's networks do not fit this library's "
                     "observations of the model '%s'",
                     hrl_scenario_model(trainer->scenario));
  agents->executor_scale = known->executor_scale;
  agents->strategist_scale = known->strategist_scale;
  return HRL_OK;
}
