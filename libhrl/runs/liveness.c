/* Locks of open file descriptions: they end with their holder, even after kill -9, can be
 * queried without being taken, and conflict between two descriptors of one process. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "runs/database.h"

#define LOCK_FILE "runs.lock"

static void open_lock(struct hrlp_database *database, bool create) {
  if (database->liveness >= 0) return;
  char *path = hrlp_path_join(database->folder, LOCK_FILE);
  if (path == NULL) return;
  database->liveness = create ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)
                              : open(path, O_RDONLY | O_CLOEXEC);
  free(path);
}

static struct flock byte_of(int64_t id, short type) {
  return (struct flock){
      .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)id, .l_len = 1};
}

/* Where a queue's locks lie: far behind those of all runs. */
#define CLAIMS ((int64_t)1 << 48)

static bool take(struct hrlp_database *database, int64_t place) {
  struct flock byte = byte_of(place, F_WRLCK);
  open_lock(database, true);
  return database->liveness >= 0 && fcntl(database->liveness, F_OFD_SETLK, &byte) == 0;
}

static void release(struct hrlp_database *database, int64_t place) {
  struct flock byte = byte_of(place, F_UNLCK);
  if (database->liveness >= 0) (void)fcntl(database->liveness, F_OFD_SETLK, &byte);
}

static bool is_held(int descriptor, int64_t place) {
  struct flock byte = byte_of(place, F_RDLCK);
  return fcntl(descriptor, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

/* one's own descriptor would not see one's own locks */
static int open_probe(const struct hrlp_database *database) {
  struct hrlp_database probe = {.folder = database->folder, .liveness = -1};
  open_lock(&probe, false);
  return probe.liveness;
}

bool hrlp_liveness_take(struct hrlp_database *database, int64_t id) {
  return take(database, id);
}

void hrlp_liveness_release(struct hrlp_database *database, int64_t id) {
  release(database, id);
}

bool hrlp_liveness_claim(struct hrlp_database *database, int64_t id) {
  return id > 0 && id < CLAIMS && take(database, CLAIMS + id);
}

void hrlp_liveness_unclaim(struct hrlp_database *database, int64_t id) {
  release(database, CLAIMS + id);
}

bool hrlp_liveness_held(const struct hrlp_database *database, int64_t id) {
  int probe = open_probe(database);
  if (probe < 0) return false;
  bool held = is_held(probe, id) || (id < CLAIMS && is_held(probe, CLAIMS + id));
  close(probe);
  return held;
}

bool hrlp_liveness_claimed(const struct hrlp_database *database, int64_t id) {
  int probe = open_probe(database);
  if (probe < 0) return false;
  bool claimed = id < CLAIMS && is_held(probe, CLAIMS + id);
  close(probe);
  return claimed;
}
