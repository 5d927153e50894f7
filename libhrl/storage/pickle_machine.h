/* storage/pickle_machine.h - what the parts of the pickle reader share.
 *
 * Reading goes in two steps. First the opcodes run and make a graph of small nodes, in
 * arrays bounded by the pickle's own length; like in Python, a node may be used in many
 * places, or inside itself. Then the graph is copied into a tree, where depth, number of
 * values and bytes are bounded. So neither deep nesting nor shared references can take
 * more stack, time or memory than the bounds say.
 *
 * pickle_machine.c keeps the arrays, pickle_read.c runs the opcodes, pickle_rebuild.c
 * makes storages and tensors, pickle_copy.c copies the graph into the tree. */
#ifndef HRLP_PICKLE_MACHINE_H
#define HRLP_PICKLE_MACHINE_H

#include "storage/pickle.h"

enum hrlp_node_kind {
  NODE_NONE,
  NODE_BOOL,
  NODE_INT,
  NODE_FLOAT,
  NODE_TEXT,
  NODE_LIST,
  NODE_TUPLE,
  NODE_DICT, /* items: key, value, key, value ... */
  NODE_ORDERED_DICT,
  NODE_GLOBAL,
  NODE_STORAGE,
  NODE_TENSOR
};

/* The globals a model file may name. */
enum hrlp_global {
  GLOBAL_ORDERED_DICT,
  GLOBAL_REBUILD_TENSOR,
  GLOBAL_FLOAT_STORAGE,
  GLOBAL_DOUBLE_STORAGE,
  GLOBAL_LONG_STORAGE,
  GLOBAL_COUNT
};

#define HRLP_NO_NODE UINT32_MAX

/* Nodes refer to each other by position. */
struct hrlp_node {
  enum hrlp_node_kind kind;
  enum hrlp_dtype dtype; /* of a storage */
  union {
    bool boolean;
    int64_t integer;
    double number;
    enum hrlp_global global;
    struct {
      const char *bytes; /* in the pickle */
      size_t length;
    } text;
    struct {
      uint32_t first; /* links, HRLP_NO_NODE where there are none */
      uint32_t last;
      uint32_t count;
    } items;
    struct {
      const void *bytes;
      int64_t count; /* elements */
    } storage;
    struct {
      uint32_t storage;
      uint32_t offset; /* an int */
      uint32_t sizes;  /* tuples of ints */
      uint32_t strides;
    } tensor;
  };
};

/* One item of a list, tuple or dict. */
struct hrlp_link {
  uint32_t node;
  uint32_t next;
};

/* A growing array of 32-bit numbers. */
struct hrlp_numbers {
  uint32_t *data;
  size_t count;
  size_t capacity;
};

struct hrlp_machine {
  const char *file;
  const unsigned char *bytes; /* the pickle */
  size_t length;
  size_t at;
  hrlp_storage_fn find_storage;
  const void *context;
  hrl_error *error;

  struct hrlp_node *nodes;
  size_t node_count;
  size_t node_capacity;
  struct hrlp_link *links;
  size_t link_count;
  size_t link_capacity;
  struct hrlp_numbers stack; /* nodes; HRLP_NO_NODE is a mark */
  struct hrlp_numbers memo;  /* nodes; HRLP_NO_NODE is an empty place */
};

/* Where the elements of a tensor lie in its storage. */
struct hrlp_view {
  enum hrlp_dtype dtype;
  int rank;
  int64_t sizes[HRLP_TENSOR_MAX_RANK];
  int64_t strides[HRLP_TENSOR_MAX_RANK];
  int64_t offset;
  int64_t count;        /* product of sizes */
  const void *elements; /* the whole storage */
};

/* Fails with "FILE: data.pkl: byte N: ...", without the byte once all opcodes have run.
 */
hrl_status hrlp_machine_fail(const struct hrlp_machine *machine, hrl_status status,
                             const char *format, ...) HRL_PRINTF(3, 4);

/* "a dict" ... for messages. */
const char *hrlp_node_name(enum hrlp_node_kind kind);

/* Append a number to the stack or memo; a node, which is pushed on the stack; an item to
 * the items of a container. All are bounded by HRLP_PICKLE_MAX_OBJECTS. */
hrl_status hrlp_machine_add(struct hrlp_machine *machine, struct hrlp_numbers *numbers,
                            uint32_t number);
hrl_status hrlp_machine_push(struct hrlp_machine *machine, struct hrlp_node node);
hrl_status hrlp_machine_link(struct hrlp_machine *machine, uint32_t container,
                             uint32_t item);

/* Frees the arrays. */
void hrlp_machine_free(struct hrlp_machine *machine);

/* Replaces a persistent id, ("storage", class, key, location, elements), by its storage.
 */
hrl_status hrlp_machine_storage(struct hrlp_machine *machine, uint32_t id,
                                struct hrlp_node *node);

/* The tensor of _rebuild_tensor_v2's arguments. Its view is checked. */
hrl_status hrlp_machine_tensor(struct hrlp_machine *machine, uint32_t arguments,
                               struct hrlp_node *node);

/* The checked view of a tensor. */
hrl_status hrlp_machine_view(const struct hrlp_machine *machine,
                             const struct hrlp_node *tensor, struct hrlp_view *view);

/* Copies the graph below `node` into a tree. */
hrl_status hrlp_machine_copy(const struct hrlp_machine *machine, uint32_t node,
                             struct hrlp_value **root);

#endif
