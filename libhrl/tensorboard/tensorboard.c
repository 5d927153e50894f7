#include "tensorboard/tensorboard.h"

#include <errno.h>
#include <event.pb-c.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "tensorboard/record.h"

/* Files that one process makes in one second are told apart by their number. */
#define ATTEMPTS 1000
#define SCALARS_MAX 32
#define TYPE_TEXT 7
#define SESSION_BEGINS 1

struct hrlp_tensorboard {
  int descriptor;
  char *path;
};

bool hrlp_tensorboard_exists(void) { return true; }

static hrl_status fail_io(const struct hrlp_tensorboard *board, const char *what,
                          hrl_error *error) {
  return hrlp_fail_errno(error, errno, board->path, what);
}

static hrl_status append(struct hrlp_tensorboard *board, Hrlp__Board__Event *event,
                         hrl_error *error) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  event->wall_time = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
  size_t length = hrlp__board__event__get_packed_size(event);
  size_t whole = HRLP_RECORD_HEAD + length + HRLP_RECORD_TAIL;
  uint8_t *record = hrlp_alloc(1, whole);
  if (record == NULL) return hrlp_fail_memory(error, "a record for TensorBoard");
  hrlp__board__event__pack(event, record + HRLP_RECORD_HEAD);
  hrlp_record_frame(record, length);
  hrl_status status = HRL_OK;
  for (size_t done = 0; done < whole && status == HRL_OK;) {
    ssize_t written = write(board->descriptor, record + done, whole - done);
    if (written > 0)
      done += (size_t)written;
    else if (written == 0 || errno != EINTR)
      status = fail_io(board, "cannot be written", error);
  }
  hrlp_free(record);
  return status;
}

/* A new file of a name that readers look for. */
static hrl_status create_file(struct hrlp_tensorboard *board, const char *folder,
                              hrl_error *error) {
  char host[65] = "localhost";
  (void)gethostname(host, sizeof host - 1); /* any name will do */
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    char name[160];
    snprintf(name, sizeof name, "events.out.tfevents.%010lld.%s.%ld.%d",
             (long long)time(NULL), host, (long)getpid(), attempt);
    free(board->path);
    board->path = hrlp_path_join(folder, name);
    if (board->path == NULL) return hrlp_fail_memory(error, "a file name");
    board->descriptor =
        open(board->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (board->descriptor >= 0) return HRL_OK;
    if (errno != EEXIST) break;
  }
  return fail_io(board, "cannot be created", error);
}

/* What the first record says, the mark, and the configuration as Markdown. */
static hrl_status begin(struct hrlp_tensorboard *board, uint64_t episode,
                        const char *configuration, hrl_error *error) {
  Hrlp__Board__Event version = HRLP__BOARD__EVENT__INIT;
  version.what_case = HRLP__BOARD__EVENT__WHAT_FILE_VERSION;
  version.file_version = (char *)(uintptr_t) "brain.Event:2";
  hrl_status status = append(board, &version, error);
  if (status != HRL_OK) return status;
  Hrlp__Board__Session session = HRLP__BOARD__SESSION__INIT;
  session.status = SESSION_BEGINS;
  Hrlp__Board__Event mark = HRLP__BOARD__EVENT__INIT;
  mark.step = (int64_t)episode + 1;
  mark.what_case = HRLP__BOARD__EVENT__WHAT_SESSION_LOG;
  mark.session_log = &session;
  if (episode > 0) status = append(board, &mark, error);
  if (status != HRL_OK) return status;
  ProtobufCBinaryData text = {strlen(configuration), (uint8_t *)(uintptr_t)configuration};
  Hrlp__Board__Shape__Dimension one = HRLP__BOARD__SHAPE__DIMENSION__INIT;
  one.size = 1;
  Hrlp__Board__Shape__Dimension *dimensions[] = {&one};
  Hrlp__Board__Shape shape = HRLP__BOARD__SHAPE__INIT;
  shape.n_dim = 1;
  shape.dim = dimensions;
  Hrlp__Board__Tensor tensor = HRLP__BOARD__TENSOR__INIT;
  tensor.dtype = TYPE_TEXT;
  tensor.tensor_shape = &shape;
  tensor.n_string_val = 1;
  tensor.string_val = &text;
  Hrlp__Board__Plugin plugin = HRLP__BOARD__PLUGIN__INIT;
  plugin.plugin_name = (char *)(uintptr_t) "text";
  Hrlp__Board__Metadata metadata = HRLP__BOARD__METADATA__INIT;
  metadata.plugin_data = &plugin;
  Hrlp__Board__Value value = HRLP__BOARD__VALUE__INIT;
  value.tag = (char *)(uintptr_t) "configuration/text_summary";
  value.value_case = HRLP__BOARD__VALUE__VALUE_TENSOR;
  value.tensor = &tensor;
  value.metadata = &metadata;
  Hrlp__Board__Value *values[] = {&value};
  Hrlp__Board__Summary summary = HRLP__BOARD__SUMMARY__INIT;
  summary.n_value = 1;
  summary.value = values;
  Hrlp__Board__Event event = HRLP__BOARD__EVENT__INIT;
  event.step = (int64_t)episode;
  event.what_case = HRLP__BOARD__EVENT__WHAT_SUMMARY;
  event.summary = &summary;
  return append(board, &event, error);
}

hrl_status hrlp_tensorboard_create(const char *folder, uint64_t episode,
                                   const char *configuration,
                                   struct hrlp_tensorboard **result, hrl_error *error) {
  *result = NULL;
  hrl_status status = hrlp_folder_create(folder, error);
  if (status != HRL_OK) return status;
  struct hrlp_tensorboard *board = hrlp_alloc(1, sizeof *board);
  if (board == NULL) return hrlp_fail_memory(error, "event files");
  board->descriptor = -1;
  status = create_file(board, folder, error);
  if (status == HRL_OK) status = begin(board, episode, configuration, error);
  if (status != HRL_OK) {
    hrlp_tensorboard_destroy(board);
    return status;
  }
  *result = board;
  return HRL_OK;
}

hrl_status hrlp_tensorboard_write(struct hrlp_tensorboard *board, uint64_t episode,
                                  const struct hrlp_scalar *scalars, size_t count,
                                  hrl_error *error) {
  Hrlp__Board__Value values[SCALARS_MAX];
  Hrlp__Board__Value *found[SCALARS_MAX];
  Hrlp__Board__Summary summary = HRLP__BOARD__SUMMARY__INIT;
  for (size_t i = 0; i < count && summary.n_value < SCALARS_MAX; i++) {
    if (!isfinite(scalars[i].value)) continue;
    Hrlp__Board__Value *value = &values[summary.n_value];
    hrlp__board__value__init(value);
    value->tag = (char *)(uintptr_t)scalars[i].tag;
    value->value_case = HRLP__BOARD__VALUE__VALUE_SIMPLE_VALUE;
    value->simple_value = (float)scalars[i].value;
    found[summary.n_value++] = value;
  }
  summary.value = found;
  Hrlp__Board__Event event = HRLP__BOARD__EVENT__INIT;
  event.step = (int64_t)episode;
  event.what_case = HRLP__BOARD__EVENT__WHAT_SUMMARY;
  event.summary = &summary;
  return append(board, &event, error);
}

hrl_status hrlp_tensorboard_sync(struct hrlp_tensorboard *board, hrl_error *error) {
  return fsync(board->descriptor) == 0 ? HRL_OK
                                       : fail_io(board, "cannot be synced", error);
}

void hrlp_tensorboard_destroy(struct hrlp_tensorboard *board) {
  if (board == NULL) return;
  if (board->descriptor >= 0) close(board->descriptor);
  free(board->path);
  hrlp_free(board);
}
