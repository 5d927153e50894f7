#include "sweep/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(hrl_error *error, hrl_status status, const char *path,
                 const char *what) {
  if (error->status != HRL_OK) return false;
  error->status = status;
  snprintf(error->message, sizeof error->message, "%s: %s", path, what);
  return false;
}

static bool fail_errno(hrl_error *error, const char *path) {
  /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
  return fail(error, HRL_ERROR_IO, path, strerror(errno));
}

static char *path_of(const struct sweep *sweep, const struct sweep_run *run,
                     uint64_t episodes, const char *ending) {
  char *path = NULL;
  int length = episodes > 0
                   ? asprintf(&path, "%s/%s.%" PRIu64 "%s", sweep->folder, run->name,
                              episodes, ending)
                   : asprintf(&path, "%s/%s%s", sweep->folder, run->name, ending);
  return length < 0 ? NULL : path;
}

bool store_open(const struct sweep *sweep, hrl_error *error) {
  if (mkdir(sweep->output, 0777) != 0 && errno != EEXIST)
    return fail_errno(error, sweep->output);
  if (mkdir(sweep->folder, 0777) != 0 && errno != EEXIST)
    return fail_errno(error, sweep->folder);
  return true;
}

/* Fills `outcome` from what a file says; false where it is not of this run. */
static bool take(const json_t *file, const struct sweep_run *run,
                 struct outcome *outcome) {
  const char *digest = json_string_value(json_object_get(file, "digest"));
  const char *message = json_string_value(json_object_get(file, "error"));
  char expected[32];
  snprintf(expected, sizeof expected, "%016" PRIx64, run->digest);
  if (digest == NULL || strcmp(digest, expected) != 0) return false;
  *outcome = (struct outcome){
      .done = true,
      .failed = message != NULL,
      .worth = json_number_value(json_object_get(file, "worth")),
      .standard_error = json_number_value(json_object_get(file, "standard_error")),
      .seconds = json_number_value(json_object_get(file, "seconds"))};
  if (json_is_null(json_object_get(file, "standard_error")))
    outcome->standard_error = NAN;
  if (message != NULL) snprintf(outcome->message, sizeof outcome->message, "%s", message);
  return message != NULL || json_is_number(json_object_get(file, "worth"));
}

bool store_read(const struct sweep *sweep, const struct sweep_run *run, uint64_t episodes,
                struct outcome *outcome, hrl_error *error) {
  char *path = path_of(sweep, run, episodes, ".json");
  json_error_t problem;
  bool read = true;
  *outcome = (struct outcome){.done = false};
  if (path == NULL) return fail(error, HRL_ERROR_MEMORY, run->name, "out of memory");
  json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
  if (file != NULL && !take(file, run, outcome))
    read = fail(error, HRL_ERROR_MISMATCH, path,
                "is of another plan, scenario or version; choose another --output, or "
                "remove the file to repeat the run");
  else if (file == NULL && access(path, F_OK) == 0)
    read = fail(error, HRL_ERROR_FORMAT, path,
                "is not a result of a run; remove the file to repeat the run");
  json_decref(file);
  free(path);
  return read;
}

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

bool store_write(const struct sweep *sweep, const struct sweep_run *run,
                 uint64_t episodes, const struct outcome *outcome, hrl_error *error) {
  char *path = path_of(sweep, run, episodes, ".json");
  char *partial = path_of(sweep, run, episodes, ".part");
  char digest[32];
  snprintf(digest, sizeof digest, "%016" PRIx64, run->digest);
  json_t *file = outcome->failed
                     ? json_pack("{s:s, s:s, s:s}", "run", run->name, "digest", digest,
                                 "error", outcome->message)
                     : json_pack("{s:s, s:s, s:o, s:o, s:o}", "run", run->name, "digest",
                                 digest, "worth", number(outcome->worth),
                                 "standard_error", number(outcome->standard_error),
                                 "seconds", number(outcome->seconds));
  char *text = file == NULL ? NULL : json_dumps(file, JSON_REAL_PRECISION(17));
  bool written = false;
  if (path == NULL || partial == NULL || text == NULL) {
    fail(error, HRL_ERROR_MEMORY, run->name, "out of memory");
  } else {
    int descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    size_t length = strlen(text);
    written = descriptor >= 0 && write(descriptor, text, length) == (ssize_t)length &&
              fsync(descriptor) == 0;
    if (!written) fail_errno(error, partial);
    if (descriptor >= 0 && close(descriptor) != 0) written = fail_errno(error, partial);
    if (written && rename(partial, path) != 0) written = fail_errno(error, path);
  }
  json_decref(file);
  free(text);
  free(partial);
  free(path);
  return written;
}

int store_lock(const struct sweep *sweep, const struct sweep_run *run, bool wait,
               hrl_error *error) {
  char *path = path_of(sweep, run, 0, ".lock");
  if (path == NULL) {
    fail(error, HRL_ERROR_MEMORY, run->name, "out of memory");
    return -2;
  }
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int result = -2;
  int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    fail_errno(error, path);
  } else if (fcntl(descriptor, wait ? F_OFD_SETLKW : F_OFD_SETLK, &whole) == 0) {
    result = descriptor;
  } else {
    if (errno == EAGAIN || errno == EACCES || errno == EINTR)
      result = -1;
    else
      fail_errno(error, path);
    close(descriptor);
  }
  free(path);
  return result;
}
