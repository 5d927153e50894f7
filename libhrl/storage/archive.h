/* storage/archive.h - PyTorch's `.pt` file: a ZIP of one pickle and the tensors' bytes.
 *
 * torch.load opens what is written here, also with weights_only=True; what torch.save
 * writes of plain values and state dicts is read here. Files are in memory: the caller
 * chooses between hrlp_file_write and hrlp_file_replace. Whether the numbers in a tensor
 * make sense (NaN, infinity) is the caller's to check. */
#ifndef HRLP_ARCHIVE_H
#define HRLP_ARCHIVE_H

#include "storage/value.h"

/* Largest file that is read, and most entries in it. */
#define HRLP_ARCHIVE_MAX_BYTES ((size_t)256 << 20)
#define HRLP_ARCHIVE_MAX_ENTRIES 4096

/* Writes a tree to malloc'ed memory. `top` names the folder inside the archive, as
 * PyTorch does with the file's stem: not empty, none of / \ :, not "." or "..". The
 * same tree and name give the same bytes. Nothing is compressed; tensors start on
 * 64-byte boundaries, for readers that map the file. Fails as hrlp_pickle_write does. */
hrl_status hrlp_archive_write(const struct hrlp_value *root, const char *top,
                              char **bytes, size_t *length, hrl_error *error);

/* Reads an archive of any top folder into a tree; all or nothing, *root is NULL on
 * failure. `file` names it in messages. Fails with
 *   HRL_ERROR_FORMAT   not such an archive, or with content that no model file has
 *                      (compressed, encrypted, classes, code),
 *   HRL_ERROR_CORRUPT  cut short, checksums, missing or overlapping entries,
 *   HRL_ERROR_VERSION  another version of the format,
 *   HRL_ERROR_LIMIT    larger than the bounds here, in pickle.h and value.h. */
hrl_status hrlp_archive_read(const char *file, const void *bytes, size_t length,
                             struct hrlp_value **root, hrl_error *error);

/* The same from a path. */
hrl_status hrlp_archive_load(const char *path, struct hrlp_value **root,
                             hrl_error *error);

#endif
