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

#endif
