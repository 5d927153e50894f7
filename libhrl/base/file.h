/* base/file.h - files and folders: bounded reading, writing that survives a power cut. */
#ifndef HRLP_FILE_H
#define HRLP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Reads a whole regular file of at most `limit` bytes into malloc'ed memory; a zero
 * byte, not counted, follows the content. A folder, a pipe or a larger file is refused
 * with a message. */
hrl_status hrlp_file_read(const char *path, size_t limit, char **data, size_t *length,
                          hrl_error *error);

/* Writes a file and syncs it to disk; an existing one is overwritten in place. For new
 * files in a folder that is still under a temporary name. On failure the file is
 * removed. */
hrl_status hrlp_file_write(const char *path, const void *data, size_t length,
                           hrl_error *error);

/* The same for a file that readers may know already: written beside it, synced, renamed
 * over it, folder synced. They see the old or the new version, complete. */
hrl_status hrlp_file_replace(const char *path, const void *data, size_t length,
                             hrl_error *error);

/* Makes a folder and those above it where they are missing. */
hrl_status hrlp_folder_create(const char *path, hrl_error *error);

/* Syncs a folder's entries to disk. */
hrl_status hrlp_folder_sync(const char *path, hrl_error *error);

/* Removes a folder and the files in it (no deeper than one folder down, more is not
 * ours). A missing folder is fine. */
hrl_status hrlp_folder_remove(const char *path, hrl_error *error);

/* Names in a folder, sorted by strcmp, without "." and ".."; freed with
 * hrlp_names_free. */
struct hrlp_names {
  char **names;
  size_t count;
};
hrl_status hrlp_folder_list(const char *path, struct hrlp_names *names, hrl_error *error);
void hrlp_names_free(struct hrlp_names *names);

bool hrlp_is_folder(const char *path);
bool hrlp_is_file(const char *path);

/* "folder/name" in malloc'ed memory, NULL when memory is short. */
char *hrlp_path_join(const char *folder, const char *name);

/* An exclusive lock on a file, created if missing; it ends with its holder. Fails with
 * HRL_ERROR_LOCKED if another holder, in this process or another, has it. */
struct hrlp_lock {
  int descriptor; /* -1 while not held */
};
hrl_status hrlp_lock_take(struct hrlp_lock *lock, const char *path, hrl_error *error);
void hrlp_lock_release(struct hrlp_lock *lock);

#endif
