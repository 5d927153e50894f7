/* policy/policy.h - a trained pair, as the files of this folder see it. */
#ifndef HRLP_POLICY_H
#define HRLP_POLICY_H

#include <hrl/policy.h>

#include "agents/agents.h"
#include "base/text.h"

struct hrl_policy {
  struct hrl_scenario *scenario;
  struct hrlp_agents agents; /* weights; the rest is as new */
  struct hrlp_text remark;   /* what its user should know, or empty */
};

/* hrl_policy_load, of a pair that was trained on a program's own task where `definition`
 * is not NULL, which is shared. */
hrl_status hrlp_policy_load(const char *model, struct hrlp_definition *definition,
                            hrl_policy **policy, hrl_error *error);

/* Fails: the pair knows nothing of what `scenario` is of. */
hrl_status hrlp_policy_fail_other(const struct hrl_policy *policy,
                                  const struct hrl_scenario *scenario, hrl_error *error);

#endif
