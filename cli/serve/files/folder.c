#include "serve/files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define MICROSECONDS 1000000

/* Opens a file below a folder for reading. */
static int open_beneath(int folder, const char *name) {
  /* O_NONBLOCK: opening a named pipe must not wait for its writer */
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                         .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  long descriptor = syscall(SYS_openat2, folder, name, &how, sizeof how);
  if (descriptor < 0 &&
      (errno == ENOSYS || errno == EPERM)) /* an old system, a sandbox */
    return openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  return (int)descriptor;
}

static bool is_name(const char *name) {
  return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL &&
         strlen(name) < FILE_NAME_SIZE;
}

static int open_folder(const char *path) {
  return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int64_t microseconds_of(struct statx_timestamp time) {
  return (int64_t)time.tv_sec * MICROSECONDS + time.tv_nsec / 1000;
}

/* When a file was made and written: not every file system knows the former. */
static void set_times(const struct statx *info, int64_t *created, int64_t *modified) {
  *modified = microseconds_of(info->stx_mtime);
  bool known = (info->stx_mask & STATX_BTIME) != 0 && info->stx_btime.tv_sec > 0;
  *created = known ? microseconds_of(info->stx_btime) : *modified;
  if (*created > *modified) *created = *modified;
}

/* A file that is written anew keeps when the one before it was made, where the file
 * system has such attributes. */
#define CREATED_ATTRIBUTE "user.hrl.created"

static void keep_created(int descriptor, int64_t created) {
  char text[24];
  int length = snprintf(text, sizeof text, "%lld", (long long)created);
  (void)fsetxattr(descriptor, CREATED_ATTRIBUTE, text, (size_t)length, 0);
}

static void set_kept_created(int descriptor, int64_t *created) {
  char text[24];
  ssize_t length = fgetxattr(descriptor, CREATED_ATTRIBUTE, text, sizeof text - 1);
  if (length <= 0) return;
  text[length] = '\0';
  char *end;
  long long kept = strtoll(text, &end, 10);
  if (*end == '\0' && kept > 0 && kept < *created) *created = kept;
}

#define STATX_WANTED (STATX_TYPE | STATX_SIZE | STATX_MTIME | STATX_BTIME)

/* Reads what a descriptor has, up to `size` bytes. */
static int read_fully(int descriptor, char *text, size_t size, size_t *length) {
  *length = 0;
  while (*length < size) {
    ssize_t count = read(descriptor, text + *length, size - *length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) break;
    *length += (size_t)count;
  }
  text[*length] = '\0';
  return 0;
}

/* `whole`: a larger file is refused, otherwise it is cut. */
static int read_open(int descriptor, size_t limit, bool whole, struct file *file) {
  struct statx info;
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_WANTED, &info) != 0) return errno;
  if (!S_ISREG(info.stx_mode)) return EINVAL;
  if (info.stx_size > limit && whole) return EFBIG;
  size_t size = info.stx_size < limit ? (size_t)info.stx_size : limit;
  file->text = malloc(size + 1);
  if (file->text == NULL) return ENOMEM;
  set_times(&info, &file->created, &file->modified);
  set_kept_created(descriptor, &file->created);
  int reason = read_fully(descriptor, file->text, size, &file->length);
  if (reason == 0) {
    file_etag(file->etag, file->text, file->length);
  } else {
    free(file->text);
    file->text = NULL;
  }
  return reason;
}

static int read_file(const char *folder, const char *name, size_t limit, bool whole,
                     struct file *file) {
  *file = (struct file){0};
  if (!is_name(name)) return EINVAL;
  int place = open_folder(folder);
  if (place < 0) return errno;
  int descriptor = open_beneath(place, name);
  int reason = descriptor < 0 ? errno : read_open(descriptor, limit, whole, file);
  if (descriptor >= 0) close(descriptor);
  close(place);
  /* a link that leads out, or in circles, leads nowhere */
  return reason == EXDEV || reason == ELOOP ? ENOENT : reason;
}

int folder_read(const char *folder, const char *name, size_t limit, struct file *file) {
  return read_file(folder, name, limit, true, file);
}

int folder_read_start(const char *folder, const char *name, size_t size,
                      struct file *file) {
  return read_file(folder, name, size, false, file);
}

static int write_fully(int descriptor, const char *data, size_t length) {
  while (length > 0) {
    ssize_t count = write(descriptor, data, length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    data += count;
    length -= (size_t)count;
  }
  return fsync(descriptor) != 0 ? errno : 0;
}

/* When a file was made; 0: it is not there. */
static int64_t created_of(int place, const char *name) {
  struct statx info;
  int64_t created = 0, modified;
  int descriptor = open_beneath(place, name);
  if (descriptor < 0) return 0;
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_WANTED, &info) == 0) {
    set_times(&info, &created, &modified);
    set_kept_created(descriptor, &created);
  }
  close(descriptor);
  return created;
}

/* Writes a file of a name of its own, which no list shows, for one that is to have been
 * made at a time; 0: now. */
static int write_beside(int place, char beside[64], const void *data, size_t length,
                        int64_t created) {
  static atomic_uint counter;
  snprintf(beside, 64, ".hrl-%ld-%u.tmp", (long)getpid(), atomic_fetch_add(&counter, 1));
  int descriptor =
      openat(place, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) return errno;
  if (created > 0) keep_created(descriptor, created);
  int reason = write_fully(descriptor, data, length);
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0) unlinkat(place, beside, 0);
  return reason;
}

/* Opens a folder to write in; makes it, and those above, where they are missing. */
static int open_to_write(const char *path, int *place) {
  char partial[4096];
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof partial) return ENAMETOOLONG;
  *place = open_folder(path);
  if (*place >= 0 || errno != ENOENT) return *place >= 0 ? 0 : errno;
  memcpy(partial, path, length + 1);
  for (size_t end = 1; end <= length; end++) {
    if (path[end] != '/' && path[end] != '\0') continue;
    partial[end] = '\0';
    if (mkdir(partial, 0777) != 0 && errno != EEXIST) return errno;
    partial[end] = path[end];
  }
  *place = open_folder(path);
  return *place >= 0 ? 0 : errno;
}

/* Puts a file that was written beside in its place. */
static int put(int place, const char *beside, const char *name, bool over) {
  if (over) return renameat(place, beside, place, name) != 0 ? errno : 0;
  int reason = linkat(place, beside, place, name, 0) != 0 ? errno : 0;
  /* no links here; then two writers of the same instant are told apart by this alone */
  if (reason == EPERM || reason == EOPNOTSUPP)
    reason = renameat2(place, beside, place, name, RENAME_NOREPLACE) != 0 ? errno : -1;
  if (reason != -1) unlinkat(place, beside, 0);
  return reason == -1 ? 0 : reason;
}

static int write_file(const char *folder, const char *from, const char *name, bool over,
                      const void *data, size_t length) {
  char beside[64];
  int place;
  if (!is_name(name) || (from != NULL && !is_name(from))) return EINVAL;
  int reason = open_to_write(folder, &place);
  if (reason != 0) return reason;
  int64_t created = from != NULL ? created_of(place, from)
                    : over       ? created_of(place, name)
                                 : 0;
  reason = write_beside(place, beside, data, length, created);
  if (reason == 0) {
    reason = put(place, beside, name, over);
    if (reason != 0 && over) unlinkat(place, beside, 0);
  }
  if (reason == 0 && from != NULL && unlinkat(place, from, 0) != 0 && errno != ENOENT)
    reason = errno;
  if (reason == 0) (void)fsync(place); /* some file systems cannot */
  close(place);
  return reason;
}

int folder_create(const char *folder, const char *name, const void *data, size_t length) {
  return write_file(folder, NULL, name, false, data, length);
}

int folder_replace(const char *folder, const char *name, const void *data,
                   size_t length) {
  return write_file(folder, NULL, name, true, data, length);
}

int folder_move(const char *folder, const char *from, const char *to, const void *data,
                size_t length) {
  return write_file(folder, from, to, false, data, length);
}

int folder_remove(const char *folder, const char *name) {
  if (!is_name(name)) return EINVAL;
  int place = open_folder(folder);
  if (place < 0) return errno;
  int reason = unlinkat(place, name, 0) != 0 ? errno : 0;
  if (reason == 0) (void)fsync(place);
  close(place);
  return reason;
}

bool folder_has(const char *folder, const char *name) {
  if (!is_name(name)) return false;
  int place = open_folder(folder);
  if (place < 0) return false;
  struct stat info;
  bool has = fstatat(place, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  close(place);
  return has;
}

int folder_look(const char *folder, const char *name, struct entry *entry) {
  *entry = (struct entry){.size = 0};
  if (!is_name(name)) return EINVAL;
  int place = open_folder(folder);
  if (place < 0) return errno;
  struct statx info;
  int reason = statx(place, name, 0, STATX_WANTED, &info) != 0 ? errno : 0;
  close(place);
  if (reason == 0 && !S_ISREG(info.stx_mode)) reason = ENOENT;
  if (reason != 0) return reason;
  memcpy(entry->name, name, strlen(name) + 1);
  entry->size = (size_t)info.stx_size;
  set_times(&info, &entry->created, &entry->modified);
  return 0;
}

static bool ends_in(const char *name, const char *ending) {
  size_t length = strlen(name), tail = strlen(ending);
  return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* Adds a file to the entries, if it is one that can be read. */
static bool add_entry(int place, const char *name, struct entries *entries) {
  struct statx info;
  if (statx(place, name, 0, STATX_WANTED, &info) != 0 || !S_ISREG(info.stx_mode))
    return true;
  if ((entries->count & (entries->count + 1)) == 0) {
    /* room for twice as many, less one */
    size_t room = 2 * entries->count + 1;
    struct entry *grown = realloc(entries->items, room * sizeof *grown);
    if (grown == NULL) return false;
    entries->items = grown;
  }
  struct entry *entry = &entries->items[entries->count++];
  *entry = (struct entry){.size = (size_t)info.stx_size};
  memcpy(entry->name, name, strlen(name) + 1);
  set_times(&info, &entry->created, &entry->modified);
  return true;
}

static int compare(const void *a, const void *b) {
  const struct entry *one = a, *other = b;
  if (one->modified != other->modified) return one->modified > other->modified ? -1 : 1;
  return strcmp(one->name, other->name);
}

int folder_list(const char *folder, const char *ending, struct entries *entries) {
  *entries = (struct entries){0};
  DIR *open = opendir(folder);
  if (open == NULL) return errno == ENOENT ? 0 : errno;
  int reason = 0;
  const struct dirent *item;
  /* cppcheck-suppress readdirCalled ; the folder's stream is this thread's own */
  while (reason == 0 && (item = readdir(open)) != NULL)
    if (is_name(item->d_name) && ends_in(item->d_name, ending) &&
        !add_entry(dirfd(open), item->d_name, entries))
      reason = ENOMEM;
  closedir(open);
  if (reason != 0) {
    free(entries->items);
    *entries = (struct entries){0};
  }
  if (entries->count > 1)
    qsort(entries->items, entries->count, sizeof *entries->items, compare);
  return reason;
}

/* FNV-1a, 64 bits, of every byte and then of the length. */
void file_etag(char etag[FILE_ETAG_SIZE], const void *data, size_t length) {
  const unsigned char *bytes = data;
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  snprintf(etag, FILE_ETAG_SIZE, "\"%016llx-%zx\"", (unsigned long long)hash, length);
}

bool file_is_full(int number) {
  return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

const char *file_reason(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "the disk is full";
    case EACCES:
    case EPERM:
    case EROFS:
      return "the service may not write there";
    case EFBIG:
      return "it is too large";
    case ENOMEM:
      return "out of memory";
    case EINVAL:
      return "it is no regular file";
    default:
      /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
      return strerror(number);
  }
}

void hide_folder(char *message, const char *folder) {
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  for (char *at = message; length > 0 && *at != '\0';) {
    if (strncmp(at, folder, length) == 0 && at[length] == '/')
      memmove(at, at + length + 1, strlen(at + length + 1) + 1);
    else
      at++;
  }
}

void file_time_text(char text[FILE_TIME_SIZE], int64_t microseconds) {
  time_t seconds = (time_t)(microseconds / MICROSECONDS);
  struct tm date;
  /* files can have times that no calendar has */
  if (microseconds < 0 || localtime_r(&seconds, &date) == NULL) {
    seconds = microseconds = 0;
    (void)localtime_r(&seconds, &date);
  }
  size_t length = strftime(text, FILE_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &date);
  snprintf(text + length, FILE_TIME_SIZE - length, ".%06d",
           (int)(microseconds % MICROSECONDS));
}
