/* sweep/tree.h - a YAML file as a tree of nodes, and what is wanted of them. Errors name
 * the file, the line and the column. */
#ifndef CLI_SWEEP_TREE_H
#define CLI_SWEEP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hrl/error.h>

struct tree;
typedef struct yaml_node_s tree_node;

/* Reads a file of at most 1 MiB. NULL with an error. Freed with tree_free. */
struct tree *tree_read(const char *path, hrl_error *error);
void tree_free(struct tree *tree);

/* The node of the whole file; NULL where it is empty. */
tree_node *tree_root(struct tree *tree);

/* A complaint about `node`: gives false. The first one counts. */
bool tree_complain(struct tree *tree, const tree_node *node, hrl_error *error,
                   const char *format, ...) HRL_PRINTF(4, 5);

/* Pair `index` of a mapping, item `index` of a sequence; false past the end. Others have
 * neither. */
bool tree_pair(struct tree *tree, const tree_node *node, size_t index, tree_node **key,
               tree_node **value);

/* False, and a complaint, where the key of pair `index` was that of an earlier one. */
bool tree_refuse_twice(struct tree *tree, const tree_node *node, size_t index,
                       hrl_error *error);

tree_node *tree_item(struct tree *tree, const tree_node *node, size_t index);

bool tree_is_mapping(const tree_node *node);
bool tree_is_sequence(const tree_node *node);

/* Text of a scalar; NULL of others. */
const char *tree_text(const tree_node *node);

/* Numbers, with their bounds; `what` names them in a complaint. */
bool tree_number(struct tree *tree, const tree_node *node, const char *what,
                 double *number, hrl_error *error);
bool tree_whole(struct tree *tree, const tree_node *node, const char *what,
                uint64_t minimum, uint64_t maximum, uint64_t *number, hrl_error *error);

#endif
