/* custom/check_judge.h - checks of whole episodes: scales, ends, baselines. */
#ifndef HRLP_CUSTOM_CHECK_JUDGE_H
#define HRLP_CUSTOM_CHECK_JUDGE_H

#include "environments/custom/check_trace.h"
#include "environments/custom/findings.h"
#include "scenario/definition.h"

/* Observations, rewards, departures and potentials beside each other. */
void hrlp_check_scales(const hrl_task *task, const struct hrlp_check_trace *trace,
                       struct hrlp_findings *findings);

/* Terminated or truncated. `onward` is the same episodes, where what was cut off was
 * played on. */
void hrlp_check_ends(const hrl_task *task, const struct hrlp_check_trace *trace,
                     const struct hrlp_check_trace *onward,
                     struct hrlp_findings *findings);

/* Whether some rule beats the optimum, and whether that is worth what it says. */
hrl_status hrlp_check_yardsticks(struct hrlp_definition *definition, size_t episodes,
                                 uint64_t seed, struct hrlp_findings *findings,
                                 hrl_error *error);

#endif
