/* scenario/definition.h - the task that a program brought along (hrl/task.h), copied and
 * shared by the scenarios that are of it. */
#ifndef HRLP_SCENARIO_DEFINITION_H
#define HRLP_SCENARIO_DEFINITION_H

#include <stdbool.h>

#include <hrl/task.h>

#include "base/error.h"
#include "base/text.h"

/* Read-only once made, so that any number of threads may have it. */
struct hrlp_definition;

/* What is wrong with the shape of a task: sizes, bounds, names, functions. */
hrl_status hrlp_definition_check(const hrl_task *task, hrl_error *error);

/* A copy of a task whose shape is checked, to be let go with hrlp_definition_release. */
hrl_status hrlp_definition_create(const hrl_task *task,
                                  struct hrlp_definition **definition, hrl_error *error);

/* The same one for another holder, and the end of one holder's claim. NULL stays NULL. */
struct hrlp_definition *hrlp_definition_share(struct hrlp_definition *definition);
void hrlp_definition_release(struct hrlp_definition *definition);

/* The task. Valid as long as the definition. */
const hrl_task *hrlp_definition_task(const struct hrlp_definition *definition);

/* Whether models of one serve the other: the same name, version, sizes, names and bounds.
 * NULL is a household, and serves households. */
bool hrlp_definition_equals(const struct hrlp_definition *a,
                            const struct hrlp_definition *b);

/* What messages call a scenario's kind: "the model 'budget'", "the task 'inventory',
 * version 1". */
struct hrl_scenario;
#define HRLP_KIND_SIZE 256
void hrlp_scenario_kind(const struct hrl_scenario *scenario, char kind[HRLP_KIND_SIZE]);

/* Fails with HRL_ERROR_MISMATCH where a scenario is no household's, which `function` is
 * about. */
hrl_status hrlp_scenario_check_household(const struct hrl_scenario *scenario,
                                         const char *function, hrl_error *error);

#endif
