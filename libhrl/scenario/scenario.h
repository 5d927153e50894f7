/* scenario/scenario.h - a scenario as the library's own files see it. */
#ifndef HRLP_SCENARIO_H
#define HRLP_SCENARIO_H

#include "base/error.h"
#include "scenario/content.h"

/* A copy of its own, for whoever must outlive the caller's scenario. */
hrl_status hrlp_scenario_copy(const struct hrl_scenario *scenario,
                              struct hrl_scenario **copy, hrl_error *error);

/* A scenario of the task that a definition is of, from the text of one; the definition is
 * shared. A text of another task fails with HRL_ERROR_MISMATCH. */
hrl_status hrlp_scenario_parse_task(const char *text, struct hrlp_definition *definition,
                                    struct hrl_scenario **scenario, hrl_error *error);

/* Whether a pair that was trained on one knows how to act in the other: the same model,
 * and the same task where they are of one. */
bool hrlp_scenario_is_like(const struct hrl_scenario *a, const struct hrl_scenario *b);

#endif
