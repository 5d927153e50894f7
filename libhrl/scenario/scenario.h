/* scenario/scenario.h - a scenario as the library's own files see it. */
#ifndef HRLP_SCENARIO_H
#define HRLP_SCENARIO_H

#include "base/error.h"
#include "scenario/content.h"

/* A copy of its own, for whoever must outlive the caller's scenario. */
hrl_status hrlp_scenario_copy(const struct hrl_scenario *scenario,
                              struct hrl_scenario **copy, hrl_error *error);

#endif
