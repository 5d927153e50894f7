#include "storage/archive_open.h"

#include <pthread.h>

/* libzip 1.7 works out what it needs of a source in the first call, without a lock.
 * Another thread that comes in between is told that its new archive is read-only: two
 * runs of one process that save for the first time in the same moment, one of which
 * failed. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

zip_t *hrlp_archive_open(zip_source_t *source, int flags, zip_error_t *reason) {
  pthread_mutex_lock(&opening);
  zip_t *zip = zip_open_from_source(source, flags, reason);
  pthread_mutex_unlock(&opening);
  return zip;
}
