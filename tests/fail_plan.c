#include "fail_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is to fail: of these families the n-th call, or with `onward` all from the n-th.
 */
static struct {
  int families;
  long n;
  bool onward;
  atomic_long calls;
} plan;

static bool fails(enum family family) {
  if ((plan.families & (int)family) == 0) return false;
  long call = atomic_fetch_add(&plan.calls, 1) + 1;
  return plan.onward ? call >= plan.n : call == plan.n;
}

void arm(int families, long n, bool onward) {
  plan.families = families;
  plan.n = n;
  plan.onward = onward;
  atomic_store(&plan.calls, 0);
}

bool disarm(void) {
  plan.families = 0;
  return atomic_load(&plan.calls) < plan.n;
}

#define WRAP(family, type, name, parameters, arguments, failure) \
  type __real_##name parameters;                                 \
  type __wrap_##name parameters;                                 \
  type __wrap_##name parameters {                                \
    if (fails(family)) {                                         \
      errno = (family) == MEMORY ? ENOMEM : ENOSPC;              \
      return failure;                                            \
    }                                                            \
    return __real_##name arguments;                              \
  }

WRAP(MEMORY, void *, malloc, (size_t size), (size), NULL)
WRAP(MEMORY, void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(MEMORY, void *, realloc, (void *memory, size_t size), (memory, size), NULL)
WRAP(MEMORY, void *, aligned_alloc, (size_t bound, size_t size), (bound, size), NULL)
WRAP(DISK, ssize_t, write, (int file, const void *data, size_t size), (file, data, size),
     -1)
WRAP(DISK, int, fsync, (int file), (file), -1)
WRAP(DISK, int, rename, (const char *from, const char *to), (from, to), -1)
WRAP(DISK, int, renameat2,
     (int in, const char *from, int in2, const char *to, unsigned flags),
     (in, from, in2, to, flags), -1)
WRAP(DISK, int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
WRAP(THREADS, int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *),
      void *data),
     (thread, attributes, run, data), EAGAIN)

/* open is one of the two names, whatever the width of file offsets */
#define WRAP_OPEN(name)                                              \
  int __real_##name(const char *path, int flags, ...);               \
  int __wrap_##name(const char *path, int flags, ...);               \
  int __wrap_##name(const char *path, int flags, ...) {              \
    va_list more;                                                    \
    va_start(more, flags);                                           \
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                    \
    if (fails(DISK)) {                                               \
      errno = ENOSPC;                                                \
      return -1;                                                     \
    }                                                                \
    return __real_##name(path, flags, mode);                         \
  }
WRAP_OPEN(open)
WRAP_OPEN(open64)

int pause_plan(void) {
  int families = plan.families;
  plan.families = 0;
  return families;
}

void go_on(int families) { plan.families = families; }
