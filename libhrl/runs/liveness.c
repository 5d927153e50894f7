/* Locks of open file descriptions: they die with whoever holds them, also by kill -9,
 * they can be asked for without being taken, and they hold between two descriptors of one
 * process. */
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

bool hrlp_liveness_take(struct hrlp_database *database, int64_t id) {
  struct flock byte = byte_of(id, F_WRLCK);
  open_lock(database, true);
  return database->liveness >= 0 && fcntl(database->liveness, F_OFD_SETLK, &byte) == 0;
}

void hrlp_liveness_release(struct hrlp_database *database, int64_t id) {
  struct flock byte = byte_of(id, F_UNLCK);
  if (database->liveness >= 0) (void)fcntl(database->liveness, F_OFD_SETLK, &byte);
}

bool hrlp_liveness_held(const struct hrlp_database *database, int64_t id) {
  /* one's own descriptor would not see one's own lock */
  struct hrlp_database probe = {.folder = database->folder, .liveness = -1};
  struct flock byte = byte_of(id, F_RDLCK);
  open_lock(&probe, false);
  if (probe.liveness < 0) return false;
  bool held = fcntl(probe.liveness, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
  close(probe.liveness);
  return held;
}
