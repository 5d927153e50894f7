#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* Reads up to `room` bytes; fewer only at the end of the file. */
static ssize_t read_fully(int descriptor, char *target, size_t room) {
  size_t done = 0;
  while (done < room) {
    ssize_t count = read(descriptor, target + done, room - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    done += (size_t)count;
  }
  return (ssize_t)done;
}

static hrl_status read_open_file(int descriptor, const char *path, size_t limit,
                                 char **data, size_t *length, hrl_error *error) {
  struct stat info;
  if (fstat(descriptor, &info) != 0)
    return hrlp_fail_errno(error, errno, path, "cannot examine the file");
  if (S_ISDIR(info.st_mode))
    return hrlp_fail_at(error, HRL_ERROR_IO, path, 0, 0,
                        "is a folder, a file was expected");
  if (!S_ISREG(info.st_mode))
    return hrlp_fail_at(error, HRL_ERROR_IO, path, 0, 0,
                        "is not a regular file; copy its content into one");
  if (info.st_size < 0 || (unsigned long long)info.st_size > limit)
    return hrlp_fail_at(error, HRL_ERROR_LIMIT, path, 0, 0,
                        "holds %lld bytes, at most %zu are accepted",
                        (long long)info.st_size, limit);
  size_t size = (size_t)info.st_size;
  char *content = malloc(size + 1);
  if (content == NULL) return hrlp_fail_memory(error, "the content of a file");
  ssize_t count = read_fully(descriptor, content, size);
  if (count < 0) {
    int reason = errno;
    free(content);
    return hrlp_fail_errno(error, reason, path, "cannot read the file");
  }
  content[count] = '\0';
  *data = content;
  *length = (size_t)count;
  return HRL_OK;
}

hrl_status hrlp_file_read(const char *path, size_t limit, char **data, size_t *length,
                          hrl_error *error) {
  *data = NULL;
  *length = 0;
  /* O_NONBLOCK: opening a named pipe must not wait for its writer */
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return hrlp_fail_errno(error, errno, path, "cannot open the file");
  hrl_status status = read_open_file(descriptor, path, limit, data, length, error);
  close(descriptor);
  return status;
}

static int write_fully(int descriptor, const char *data, size_t length) {
  while (length > 0) {
    ssize_t count = write(descriptor, data, length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    data += count;
    length -= (size_t)count;
  }
  return 0;
}

hrl_status hrlp_file_write(const char *path, const void *data, size_t length,
                           hrl_error *error) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return hrlp_fail_errno(error, errno, path, "cannot create the file");
  int reason = write_fully(descriptor, data, length);
  if (reason == 0 && fsync(descriptor) != 0) reason = errno;
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason == 0) return HRL_OK;
  unlink(path);
  return hrlp_fail_errno(error, reason, path, "cannot write the file");
}

/* The folder part of a path in malloc'ed memory. */
static char *parent_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) return hrlp_copy_text(".");
  if (slash == path) return hrlp_copy_text("/");
  char *folder = hrlp_copy_text(path);
  if (folder != NULL) folder[slash - path] = '\0';
  return folder;
}

hrl_status hrlp_file_replace(const char *path, const void *data, size_t length,
                             hrl_error *error) {
  size_t room = strlen(path) + 8;
  char *beside = malloc(room);
  char *folder = parent_folder(path);
  hrl_status status = HRL_OK;
  if (beside == NULL || folder == NULL) {
    status = hrlp_fail_memory(error, "a file name");
  } else {
    snprintf(beside, room, "%s.tmp", path);
    status = hrlp_file_write(beside, data, length, error);
    if (status == HRL_OK && rename(beside, path) != 0) {
      status = hrlp_fail_errno(error, errno, path, "cannot rename the new file");
      unlink(beside);
    }
    if (status == HRL_OK) status = hrlp_folder_sync(folder, error);
  }
  free(folder);
  free(beside);
  return status;
}

hrl_status hrlp_folder_create(const char *path, hrl_error *error) {
  char *partial = hrlp_copy_text(path);
  if (partial == NULL) return hrlp_fail_memory(error, "a folder name");
  hrl_status status = HRL_OK;
  size_t length = strlen(partial);
  for (size_t end = 1; status == HRL_OK && end <= length; end++) {
    if (partial[end] != '/' && partial[end] != '\0') continue;
    char kept = partial[end];
    partial[end] = '\0';
    if (mkdir(partial, 0777) != 0 && errno != EEXIST)
      status = hrlp_fail_errno(error, errno, partial, "cannot create the folder");
    else if (!hrlp_is_folder(partial))
      status = hrlp_fail_at(error, HRL_ERROR_IO, partial, 0, 0,
                            "is not a folder; name another place or remove it");
    partial[end] = kept;
  }
  free(partial);
  return status;
}

hrl_status hrlp_folder_sync(const char *path, hrl_error *error) {
  int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return hrlp_fail_errno(error, errno, path, "cannot open the folder");
  /* some file systems have nothing to sync for a folder and say EINVAL */
  int reason = fsync(descriptor) != 0 && errno != EINVAL ? errno : 0;
  close(descriptor);
  return reason == 0 ? HRL_OK
                     : hrlp_fail_errno(error, reason, path, "cannot sync the folder");
}

static hrl_status remove_below(const char *path, int depth, hrl_error *error) {
  struct hrlp_names names = {0};
  hrl_status status = hrlp_folder_list(path, &names, error);
  for (size_t i = 0; status == HRL_OK && i < names.count; i++) {
    char *entry = hrlp_path_join(path, names.names[i]);
    if (entry == NULL)
      status = hrlp_fail_memory(error, "a file name");
    else if (unlink(entry) != 0 && errno != ENOENT) {
      int reason = errno;
      if (depth > 0 && hrlp_is_folder(entry))
        status = remove_below(entry, depth - 1, error);
      else
        status = hrlp_fail_errno(error, reason, entry, "cannot remove");
    }
    free(entry);
  }
  hrlp_names_free(&names);
  if (status == HRL_OK && rmdir(path) != 0 && errno != ENOENT)
    status = hrlp_fail_errno(error, errno, path, "cannot remove the folder");
  return status;
}

hrl_status hrlp_folder_remove(const char *path, hrl_error *error) {
  return hrlp_is_folder(path) ? remove_below(path, 1, error) : HRL_OK;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(struct hrlp_names *names, const char *name) {
  char **grown = hrlp_resize(names->names, names->count + 1, sizeof *grown);
  if (grown == NULL) return false;
  names->names = grown;
  grown[names->count] = hrlp_copy_text(name);
  if (grown[names->count] == NULL) return false;
  names->count++;
  return true;
}

hrl_status hrlp_folder_list(const char *path, struct hrlp_names *names,
                            hrl_error *error) {
  *names = (struct hrlp_names){0};
  DIR *folder = opendir(path);
  if (folder == NULL)
    return hrlp_fail_errno(error, errno, path, "cannot read the folder");
  hrl_status status = HRL_OK;
  struct dirent *entry;
  /* cppcheck-suppress readdirCalled ; the folder's stream is this thread's own */
  while (status == HRL_OK && (entry = readdir(folder)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (!add_name(names, entry->d_name))
      status = hrlp_fail_memory(error, "the names in a folder");
  }
  closedir(folder);
  if (status != HRL_OK) hrlp_names_free(names);
  if (names->count > 1)
    qsort(names->names, names->count, sizeof *names->names, compare_names);
  return status;
}

void hrlp_names_free(struct hrlp_names *names) {
  for (size_t i = 0; i < names->count; i++) free(names->names[i]);
  free(names->names);
  *names = (struct hrlp_names){0};
}

bool hrlp_is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool hrlp_is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

char *hrlp_path_join(const char *folder, const char *name) {
  size_t length = strlen(folder);
  const char *slash = length > 0 && folder[length - 1] != '/' ? "/" : "";
  size_t room = length + strlen(name) + 2;
  char *path = malloc(room);
  if (path != NULL) snprintf(path, room, "%s%s%s", folder, slash, name);
  return path;
}

hrl_status hrlp_lock_take(struct hrlp_lock *lock, const char *path, hrl_error *error) {
  lock->descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock->descriptor < 0)
    return hrlp_fail_errno(error, errno, path, "cannot create the lock file");
  if (flock(lock->descriptor, LOCK_EX | LOCK_NB) == 0) return HRL_OK;
  int reason = errno;
  hrlp_lock_release(lock);
  if (reason == EWOULDBLOCK)
    return hrlp_fail_at(error, HRL_ERROR_LOCKED, path, 0, 0,
                        "another run holds this lock; wait for it to end or choose "
                        "another output folder");
  return hrlp_fail_errno(error, reason, path, "cannot lock the file");
}

void hrlp_lock_release(struct hrlp_lock *lock) {
  if (lock->descriptor >= 0) close(lock->descriptor);
  lock->descriptor = -1;
}
