/* storage/pickle.h - the pickle inside a PyTorch archive: data.pkl.
 *
 * A pickle is a program for a small stack machine. Written is protocol 2 as torch.save
 * emits it; read is that subset and nothing else, so a file cannot make anything run.
 * Tensors stand in the pickle by the number of their storage; the archive holds the
 * storages beside it. */
#ifndef HRLP_PICKLE_H
#define HRLP_PICKLE_H

#include "base/text.h"
#include "storage/value.h"

/* A pickle being written. Zero-initialised is empty; freed with hrlp_pickle_free. */
struct hrlp_pickle {
  struct hrlp_text bytes;
  const struct hrlp_tensor **tensors; /* [tensor_count]: tensors[k] is storage "k" */
  size_t tensor_count;
  size_t tensor_capacity;
};

/* Writes a tree. The same tree gives the same bytes. The tensors stay the tree's.
 * Fails with HRL_ERROR_MEMORY also for a tree that is incomplete, with HRL_ERROR_LIMIT
 * where it exceeds the bounds of value.h, with HRL_ERROR_ARGUMENT for text that is not
 * UTF-8. */
hrl_status hrlp_pickle_write(const struct hrlp_value *root, struct hrlp_pickle *pickle,
                             hrl_error *error);
void hrlp_pickle_free(struct hrlp_pickle *pickle);

/* The bytes of one storage, which stay the finder's. */
struct hrlp_storage {
  const void *bytes;
  size_t length;
};

/* Finds the storage with a key; false where there is none. */
typedef bool (*hrlp_storage_fn)(const void *context, const char *key,
                                struct hrlp_storage *storage);

/* Most objects a pickle may make, and most it may keep on the stack or in the memo. */
#define HRLP_PICKLE_MAX_OBJECTS ((size_t)1 << 20)

/* Reads a pickle into a tree of its own: tensors are copied out of the storages, in
 * row-major order whatever their strides, and what the pickle shares is copied for each
 * place. `file` is for messages. On failure *root is NULL. Fails with
 *   HRL_ERROR_FORMAT   an opcode, a global or a construction that no model file has,
 *   HRL_ERROR_CORRUPT  cut short, inconsistent, a view outside its storage,
 *   HRL_ERROR_LIMIT    larger than the bounds here and in value.h. */
hrl_status hrlp_pickle_read(const char *file, const void *bytes, size_t length,
                            hrlp_storage_fn find_storage, const void *context,
                            struct hrlp_value **root, hrl_error *error);

#endif
