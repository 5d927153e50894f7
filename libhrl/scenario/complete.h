/* scenario/complete.h - after the reading of a scenario: what some keys imply for others,
 * and what was written in vain. */
#ifndef HRLP_SCENARIO_COMPLETE_H
#define HRLP_SCENARIO_COMPLETE_H

#include "base/error.h"
#include "base/text.h"
#include "scenario/content.h"

/* Fills in what follows from the keys that were given (key_lines[i] is 0 where key i was
 * not), and appends to `remarks` a line for each value that has no effect. */
void hrlp_scenario_complete(struct hrl_scenario *scenario, const int *key_lines,
                            struct hrlp_text *remarks);

/* What no single key can tell: HRL_ERROR_RANGE where values do not go together, with the
 * name of the key of `environment` to mend. */
hrl_status hrlp_lifecycle_keys_check(const struct hrlp_lifecycle_config *config,
                                     const char **key, hrl_error *error);

/* What a mean or a deviation of returns implies for their type, where that was not given:
 * a mean alone means returns of that mean every month, a deviation a normal draw. */
void hrlp_scenario_imply(struct hrl_scenario *scenario);

#endif
