/* sweep/settings.h - the settings of a plan: a grid, a list, random draws. */
#ifndef CLI_SWEEP_SETTINGS_H
#define CLI_SWEEP_SETTINGS_H

#include "sweep/plan_types.h"
#include "sweep/tree.h"

/* Adds to the plan what `node` asks for. */
bool settings_read(struct tree *tree, const tree_node *node, struct plan *plan,
                   hrl_error *error);

/* Adds one, of copied values. False: out of memory. */
bool settings_add(struct plan *plan, const struct assignment *values, size_t count);

void settings_free(struct setting *setting);

#endif
