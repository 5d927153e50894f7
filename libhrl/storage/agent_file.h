/* storage/agent_file.h - one agent as a PyTorch archive.
 *
 *   policy_network_state_dict, value_network_state_dict
 *       OrderedDict: network.0.weight [hidden, observations], network.0.bias [hidden],
 *       network.2..., network.4...: Linear layers of a torch.nn.Sequential, the
 * activation between them log_std                [actions] of the policy's normal
 * distribution optimizer_state_dict   torch.optim.Adam's, parameters in the order policy,
 * value, log_std config                 a plain dict: format_version, agent,
 * observations, actions, hidden, activation, scenario, scenario_raw_name, scenario_yaml,
 * seed, library_version, run, episode, pair
 */
#ifndef HRLP_AGENT_FILE_H
#define HRLP_AGENT_FILE_H

#include <stdbool.h>

#include "agents/agents.h"
#include "storage/value.h"

#define HRLP_AGENT_FORMAT 1

enum hrlp_agent_kind { HRLP_STRATEGIST = 0, HRLP_EXECUTOR = 1 };

/* The bytes of an agent's file after `episode` episodes of training. `scenario_yaml` is
 * the effective scenario; freed by the caller with free. */
hrl_status hrlp_agent_file_write(const struct hrlp_agents *agents,
                                 enum hrlp_agent_kind kind,
                                 const struct hrl_scenario *scenario,
                                 const char *scenario_yaml, uint64_t episode,
                                 char **bytes, size_t *length, hrl_error *error);

/* What tells that two files belong together: `run` follows from scenario and seed, `pair`
 * from the parameters of both agents. */
#define HRLP_IDENTITY_SIZE 24
struct hrlp_agent_identity {
  bool known; /* false: the file carries none, as those of 0.1 */
  char run[HRLP_IDENTITY_SIZE];
  char pair[HRLP_IDENTITY_SIZE];
  int64_t seed, episode;
};
struct hrlp_agent_identity hrlp_agent_file_identity(const struct hrlp_value *root);
bool hrlp_agent_identity_equals(const struct hrlp_agent_identity *a,
                                const struct hrlp_agent_identity *b);

/* Reads an agent's file into `agent`, which is shaped as the file must be. With
 * `with_optimizer` it must hold everything that training needs; without, the policy is
 * enough, and the optimiser is not read. All or nothing. */
hrl_status hrlp_agent_file_read(const char *file, const struct hrlp_value *root,
                                enum hrlp_agent_kind kind,
                                struct hrlp_actor_critic *agent, bool with_optimizer,
                                hrl_error *error);

/* The scale of returns by which its critic was trained, as if of a few batches; none
 * where the file has none. */
struct hrlp_return_scale hrlp_agent_file_scale(const struct hrlp_value *root);

/* The width of the hidden layers of the policy in a file. */
hrl_status hrlp_agent_file_hidden(const char *file, const struct hrlp_value *root,
                                  size_t *hidden, hrl_error *error);

/* "strategist" or "executor". Static text. */
const char *hrlp_agent_kind_name(enum hrlp_agent_kind kind);

#endif
