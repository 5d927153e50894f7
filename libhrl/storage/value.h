/* storage/value.h - a tree of plain values: what a PyTorch archive holds.
 *
 * A value owns its children, texts and tensors. Building needs one check at its end:
 * a constructor gives NULL when memory is short, adding NULL to a container (or
 * anything to NULL) marks what remains as incomplete, and hrlp_archive_write refuses an
 * incomplete tree with HRL_ERROR_MEMORY.
 *
 *     struct hrlp_value *root = hrlp_value_dict(false);
 *     struct hrlp_value *config = hrlp_value_set(root, "config", hrlp_value_dict(false));
 *     hrlp_value_set(config, "gamma", hrlp_value_float(0.99));
 *     status = hrlp_archive_write(root, "bologna_high_agent", &bytes, &length, error);
 *     hrlp_value_free(root);
 */
#ifndef HRLP_STORAGE_VALUE_H
#define HRLP_STORAGE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Bounds of a tree that is written or read; what is written can be read again. */
#define HRLP_VALUE_MAX_DEPTH 64                  /* containers inside each other */
#define HRLP_VALUE_MAX_COUNT ((size_t)1 << 18)   /* values in a tree */
#define HRLP_VALUE_MAX_KEYS 1024                 /* keys of one dict */
#define HRLP_VALUE_MAX_KEY_LENGTH 255            /* bytes of a text key */
#define HRLP_VALUE_MAX_BYTES ((size_t)256 << 20) /* texts and tensors together */
#define HRLP_TENSOR_MAX_RANK 8

enum hrlp_kind {
  HRLP_NONE,
  HRLP_BOOL,
  HRLP_INT,
  HRLP_FLOAT,
  HRLP_TEXT,
  HRLP_LIST,
  HRLP_TUPLE,
  HRLP_DICT,
  HRLP_TENSOR
};

enum hrlp_dtype { HRLP_FLOAT32, HRLP_FLOAT64, HRLP_INT64 };

/* Row-major elements of `dtype`, without gaps. */
struct hrlp_tensor {
  enum hrlp_dtype dtype;
  int rank; /* 0: a scalar, one element */
  int64_t shape[HRLP_TENSOR_MAX_RANK];
  size_t count; /* product of shape */
  void *data;   /* [count], on a 64-byte boundary */
};

struct hrlp_value;

/* One child of a container. In a list or tuple `number` is its position. */
struct hrlp_member {
  char *name; /* text key of a dict, or NULL: the key is `number` */
  int64_t number;
  struct hrlp_value *value;
};

struct hrlp_value {
  enum hrlp_kind kind;
  bool ordered;    /* dict: written as collections.OrderedDict, as state dicts are */
  bool incomplete; /* container: a child was lost because memory was short */
  union {
    bool boolean;
    int64_t integer;
    double number;
    char *text; /* UTF-8 */
    struct hrlp_tensor tensor;
    struct {
      struct hrlp_member *members; /* [count], in the order they were added */
      size_t count;
      size_t capacity;
    };
  };
  struct hrlp_value *next; /* hrlp_value_free's own */
};

/* Constructors; NULL when memory is short. */
struct hrlp_value *hrlp_value_none(void);
struct hrlp_value *hrlp_value_bool(bool boolean);
struct hrlp_value *hrlp_value_int(int64_t integer);
struct hrlp_value *hrlp_value_float(double number);
struct hrlp_value *hrlp_value_text(const char *text);
struct hrlp_value *hrlp_value_list(void);
struct hrlp_value *hrlp_value_tuple(void);
struct hrlp_value *hrlp_value_dict(bool ordered);

/* A tensor with a copy of data[product of shape], or zeros where `data` is NULL. Also
 * NULL for a rank outside 0..HRLP_TENSOR_MAX_RANK, a negative size or a product that
 * overflows. */
struct hrlp_value *hrlp_value_tensor(enum hrlp_dtype dtype, int rank,
                                     const int64_t *shape, const void *data);

/* Put `value` into a container, which owns it from then on, also on failure. A key that
 * exists keeps its place and takes the new value. Give `value` back, or NULL on failure.
 */
struct hrlp_value *hrlp_value_set(struct hrlp_value *dict, const char *name,
                                  struct hrlp_value *value);
struct hrlp_value *hrlp_value_set_at(struct hrlp_value *dict, int64_t number,
                                     struct hrlp_value *value);
struct hrlp_value *hrlp_value_append(struct hrlp_value *sequence,
                                     struct hrlp_value *value);

/* Frees a whole tree, of any depth. NULL is ignored. */
void hrlp_value_free(struct hrlp_value *value);

/* The child under a text key; under an int key or position. NULL where there is none,
 * or where the value (NULL is allowed) is no such container. */
struct hrlp_value *hrlp_value_get(const struct hrlp_value *dict, const char *name);
struct hrlp_value *hrlp_value_get_at(const struct hrlp_value *container, int64_t number);

bool hrlp_value_is_container(const struct hrlp_value *value);

/* Look up a path of keys below `root`, separated by '/': "optimizer_state_dict/state/0".
 * Digits stand for a position, an int key, or a text key, whichever there is. Failures
 * name `file` and the path and say what was expected: HRL_ERROR_KEY for a missing key,
 * HRL_ERROR_TYPE, HRL_ERROR_MISMATCH for a tensor of another dtype or shape. What is
 * found belongs to the tree. */
hrl_status hrlp_value_find(const struct hrlp_value *root, const char *path,
                           const char *file, const struct hrlp_value **value,
                           hrl_error *error);
hrl_status hrlp_value_find_bool(const struct hrlp_value *root, const char *path,
                                const char *file, bool *boolean, hrl_error *error);
hrl_status hrlp_value_find_int(const struct hrlp_value *root, const char *path,
                               const char *file, int64_t *integer, hrl_error *error);
/* An int is taken too: Python writes 1 where 1.0 is meant. */
hrl_status hrlp_value_find_float(const struct hrlp_value *root, const char *path,
                                 const char *file, double *number, hrl_error *error);
hrl_status hrlp_value_find_text(const struct hrlp_value *root, const char *path,
                                const char *file, const char **text, hrl_error *error);
/* A tensor of exactly this dtype and shape[rank]; a size of -1 accepts any. */
hrl_status hrlp_value_find_tensor(const struct hrlp_value *root, const char *path,
                                  const char *file, enum hrlp_dtype dtype, int rank,
                                  const int64_t *shape, const struct hrlp_tensor **tensor,
                                  hrl_error *error);

/* "a dict", "an integer" ... for messages. */
const char *hrlp_kind_name(enum hrlp_kind kind);

/* Bytes of one element. */
size_t hrlp_dtype_size(enum hrlp_dtype dtype);

/* "float32" ... as PyTorch says it. */
const char *hrlp_dtype_name(enum hrlp_dtype dtype);

/* Copies `count` elements of `size` bytes between memory and little-endian bytes; the
 * same operation in both directions. */
void hrlp_copy_little_endian(void *target, const void *source, size_t count, size_t size);

/* Bytes from a file, made fit for a message: cut to what fits, '?' for control codes and
 * for everything beyond ASCII. */
#define HRLP_PRINTABLE_SIZE 96
void hrlp_printable(char target[HRLP_PRINTABLE_SIZE], const char *bytes, size_t length);

#endif
