/* files/folder.h - the files of one folder: what is read and written is in there and
 * nowhere else.
 *
 * A name is one component: no '/', no leading '.', as hrl_name_sanitize makes them. A
 * link that leads out of the folder is not followed. A file is written whole or not at
 * all. Functions that can fail give 0 or a number of errno. Callable from any thread.
 */
#ifndef SERVE_FILES_FOLDER_H
#define SERVE_FILES_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_NAME_SIZE 256
/* The hash of a content in quotes, as HTTP has it. */
#define FILE_ETAG_SIZE 40

/* A file that was read. */
struct file {
  char *text; /* a zero, not counted, follows; freed with free */
  size_t length;
  int64_t created; /* microseconds since 1970: when the system has made it, if it knows */
  int64_t modified; /* when its content was written */
  char etag[FILE_ETAG_SIZE];
};

/* Reads a regular file of at most `limit` bytes. ENOENT, EFBIG, ENOMEM, EINVAL: it is no
 * regular file, or the name is none. */
int folder_read(const char *folder, const char *name, size_t limit, struct file *file);

/* The first bytes of a regular file, at most `size`; its tag is that of these alone. */
int folder_read_start(const char *folder, const char *name, size_t size,
                      struct file *file);

/* Writes a new file, and the folder where it is missing. EEXIST. */
int folder_create(const char *folder, const char *name, const void *data, size_t length);

/* Writes over a file that is there, or makes it. */
int folder_replace(const char *folder, const char *name, const void *data, size_t length);

/* Writes a new file in the place of one of another name. EEXIST. */
int folder_move(const char *folder, const char *from, const char *to, const void *data,
                size_t length);

int folder_remove(const char *folder, const char *name);

/* What a folder holds. */
struct entry {
  char name[FILE_NAME_SIZE];
  size_t size;
  int64_t created, modified; /* as above */
};

struct entries {
  struct entry *items; /* freed with free */
  size_t count;
};

/* The regular files whose name ends in `ending` and does not begin with a '.', the newest
 * first, then by name. A folder that does not exist holds none. */
int folder_list(const char *folder, const char *ending, struct entries *entries);

/* The same of one file. ENOENT: it is not there, or no regular file. */
int folder_look(const char *folder, const char *name, struct entry *entry);

/* Whether a file is there, of any kind. */
bool folder_has(const char *folder, const char *name);

/* The tag of a content. */
void file_etag(char etag[FILE_ETAG_SIZE], const void *data, size_t length);

/* What failed, for people: never a path. */
const char *file_reason(int number);

/* Whether a write failed for want of room. */
bool file_is_full(int number);

/* Takes a folder's path out of a message, so that only the names in it are left. */
void hide_folder(char *message, const char *folder);

/* A time as the interface has it: local ISO-8601 with microseconds. */
#define FILE_TIME_SIZE 32
void file_time_text(char text[FILE_TIME_SIZE], int64_t microseconds);

#endif
